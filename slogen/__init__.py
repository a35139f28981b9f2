"""slogen compiles declarative SLO specs into Prometheus rules, alerts, dashboards and runbooks."""

__version__ = "0.1.0"

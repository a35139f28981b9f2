"""Dashboards: what is shown of a service and of all services, as data; how Grafana writes that is its target's."""

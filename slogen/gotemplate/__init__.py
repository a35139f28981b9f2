"""Go's text/template as Prometheus parses it: knows no rules."""

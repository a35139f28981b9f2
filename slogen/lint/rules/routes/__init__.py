"""Alertmanager's routes; looked at where its configuration is given."""

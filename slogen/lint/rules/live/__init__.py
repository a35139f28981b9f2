"""What a running Prometheus says of specs and rules; looked at where `--prometheus URL` names one."""

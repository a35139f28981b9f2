"""The payments incident: made up, replayed on a real Prometheus, and told minute by minute."""

"""Files of Prometheus rules, whoever wrote them: what they say, and where; knows no specs."""

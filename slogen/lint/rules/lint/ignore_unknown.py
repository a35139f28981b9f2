"""Codes: a comment that quiets a finding names a code that exists.

A misspelt code quiets nothing, and whoever reads the comment believes that it does.
"""

from slogen.findings import Severity

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/short-range this job is scraped every 5s
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short this job is scraped every 5s
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""

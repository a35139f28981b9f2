"""Reasons: a comment that quiets a finding says why.

Without a reason nobody dares to remove the comment, and it outlives the problem that it was written for.
"""

from slogen.findings import Severity

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""
GOOD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short this job is scraped every 5s
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""

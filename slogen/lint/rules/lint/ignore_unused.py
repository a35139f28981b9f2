"""Comments that are needed: a comment that quiets a finding covers one.

One that covers nothing any more would quiet the next mistake of that kind in the same place, unseen.
"""

from slogen.findings import Severity

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short this job is scraped every 5s
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""

"""Comments with a day: a comment that quiets a finding until a day is looked at again on the next.

The day was set because the risk was to be borne for a time only. From then on the finding is told again.
"""

from slogen.findings import Severity

SEVERITY = Severity.WARNING
ALSO = {"promql/range-short"}
BAD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short this job will be scraped every 5s, until 2024-03-31
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""
GOOD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short this job will be scraped every 5s, until 2099-03-31
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""

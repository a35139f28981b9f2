"""Comments for slogen: a comment that begins with `slogen:` is one that slogen knows.

A misspelt comment does nothing: the finding that it was to quiet goes on failing the build, or, where the day is wrong,
a risk that was to be looked at again never is.
"""

from slogen.findings import Severity

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short until 31.1.2027, when we scrape more often
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      # slogen:ignore promql/range-short until 2099-01-31, when we scrape more often
      - record: job:requests:rate30s
        expr: sum by (job) (rate(http_requests_total[30s]))
"""

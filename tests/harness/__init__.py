"""A real Prometheus in tests: synthetic history, staged rule evaluation, promtool.

Times are unix seconds (float) and durations are seconds unless a name says otherwise.
"""

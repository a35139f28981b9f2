"""PromQL's words that are neither functions nor names, and which of them stand where."""

from __future__ import annotations

from slogen.promql.tokens import Kind

WORD_OPERATORS = frozenset({"and", "or", "unless", "atan2"})
GROUPINGS = frozenset({"by", "without"})
MATCHINGS = frozenset({"on", "ignoring"})
SIDES = frozenset({"group_left", "group_right"})
RESERVED = MATCHINGS | SIDES | {"atan2", "bool", "smoothed", "anchored", "fill", "fill_left", "fill_right"}
MATCHER_OPERATORS = frozenset({"=", "!=", "=~", "!~"})
DURATIONS = frozenset({Kind.DURATION, Kind.NUMBER, Kind.VARIABLE})

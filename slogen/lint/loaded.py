"""Rules that a server has loaded, beside those that specs compile to."""

from __future__ import annotations

from typing import Any

from slogen.live import LiveServer
from slogen.promql.tokens import Kind, PromQLError, tokenize
from slogen.rules import Alert, Group


def groups_of(server: LiveServer, start: str) -> dict[str, dict[str, Any]]:
    """Groups that are loaded and whose names begin so, by name."""
    return {one["name"]: one for one in server.rules() if str(one.get("name", "")).startswith(start)}


def same(group: Group, loaded: dict[str, Any]) -> bool:
    """Whether a loaded group has the same rules at the same interval, however they are written."""
    there = loaded.get("rules", [])
    if len(there) != len(group.rules) or float(loaded.get("interval", 0)) != group.interval:
        return False
    for rule, one in zip(group.rules, there, strict=True):
        name = rule.name if isinstance(rule, Alert) else rule.record
        if (name, _plain(rule.expr)) != (one.get("name"), _plain(str(one.get("query", "")))):
            return False
    return True


def _plain(expr: str) -> str:
    """An expression without what a server writes otherwise: blanks, quotes, parentheses, and the order of labels."""
    try:
        tokens = [token for token in tokenize(expr) if token.kind is not Kind.COMMENT]
    except PromQLError:
        return expr
    return "\0".join(sorted(token.text.strip("\"'`").lower() for token in tokens if token.text not in set("(),{}")))

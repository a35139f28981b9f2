"""A look at the templates that teams write into annotations: Prometheus refuses a whole file for one bad template.

The functions are those of https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ and Go's own.
"""

from __future__ import annotations

from functools import lru_cache

from slogen.gotemplate.parsing import Language, check
from slogen.gotemplate.tokens import TemplateError

NEWEST = (99, 0)
VARIABLES = ("labels", "externalLabels", "externalURL", "value")
_FUNCTIONS = """
query first label value sortByLabel strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink
parseDuration stripPort stripDomain humanize humanize1024 humanizeDuration humanizePercentage
humanizeTimestamp toTime pathPrefix externalURL
and call html index slice js len not or print printf println urlquery eq ge gt le lt ne
"""
SINCE = {"toDuration": (3, 6), "now": (3, 6), "urlQueryEscape": (3, 8)}
"""Functions that Prometheus has not always had, by its changelog."""

ELSE_WITH_SINCE = (2, 55)
"""`else with` came with Go 1.23, which Prometheus is built with since 2.55."""

Version = tuple[int, int]


def template_problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a template and what to write instead, or None."""
    problem = find_problem(text)
    return (problem.message, problem.hint) if problem else None


@lru_cache(maxsize=4096)
def find_problem(text: str, version: Version = NEWEST) -> TemplateError | None:
    """The first thing that keeps Prometheus from parsing a template, and at which character, or None."""
    if "{{" not in text:
        return None
    problem = _problem(text, version)
    if problem and version != NEWEST and not _problem(text, NEWEST):
        hint = "write it without, or let rules run on a newer Prometheus"
        name = text[problem.offset :].partition(" ")[0].rstrip("})")
        needed = ".".join(map(str, SINCE.get(name, ELSE_WITH_SINCE)))
        shown = name if name in SINCE else "else with"
        return TemplateError(f"'{shown}' in a template needs Prometheus {needed}", problem.offset, hint)
    return problem


def _problem(text: str, version: Version) -> TemplateError | None:
    try:
        check(text, _language(version))
    except TemplateError as problem:
        return problem
    return None


@lru_cache(maxsize=64)
def _language(version: Version) -> Language:
    functions = {*_FUNCTIONS.split(), *(name for name, since in SINCE.items() if version >= since)}
    return Language(frozenset(functions), VARIABLES, version >= ELSE_WITH_SINCE)

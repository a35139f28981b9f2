"""A look at the templates that teams write into annotations: Prometheus refuses a whole file for one bad template.

The functions are those of https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ and Go's own.
"""

from __future__ import annotations

import re

from slogen.findings import closest

_STRING = r'"(?:[^"\\\n]|\\.)*"|`[^`]*`'
_ACTION = re.compile(rf'\{{\{{((?:{_STRING}|/\*.*?\*/|[^"`{{}}])*?)\}}\}}', re.DOTALL)
_LITERAL = re.compile(rf"{_STRING}|/\*.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"\$(\w*)(?:(?:\s*,\s*\$(\w+))?\s*:=)?")
_CALL = re.compile(r"(?<![.$\w])[A-Za-z_]\w*")
_FOREIGN = re.compile(r"[^\w\s.$()|:=,-]|-\s")
_OPENS = frozenset({"if", "with", "range", "define", "block"})

VARIABLES = frozenset({"", "labels", "value", "externalLabels", "externalURL"})
_NAMES = """
if else end range with define template block break continue nil true false
query first label value sortByLabel strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink
parseDuration stripPort stripDomain humanize humanize1024 humanizeDuration humanizePercentage
humanizeTimestamp toTime pathPrefix externalURL
and call html index slice js len not or print printf println urlquery eq ge gt le lt ne
"""
NAMES = frozenset(_NAMES.split())


def template_problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a template and what to write instead, or None."""
    bare = _ACTION.sub("", text)
    if "{{" in bare or "}}" in bare:
        return "the template's {{ and }} do not pair up", 'write {{ $value }}, or {{ "{{" }} for braces'
    declared, depth = set(VARIABLES), 0
    for action in _ACTION.findall(text):
        inner = action.removeprefix("- ").removesuffix(" -").strip()
        if inner.startswith("/*"):
            continue
        code = _LITERAL.sub(' "" ', inner).strip()
        if wrong := _action_problem(code, declared):
            return wrong
        first = code.split()[0]
        if first in {"end", "else"} and not depth:
            return f"'{first}' without an if, with or range before it", "remove it"
        depth += (first in _OPENS) - (first == "end")
    return ("an if, with or range without its end", "write {{ end }}") if depth else None


def _action_problem(code: str, declared: set[str]) -> tuple[str, str] | None:
    if not code or code.count("(") != code.count(")"):
        return "an action of the template is empty or its parentheses do not pair up", "write {{ $value }}"
    if found := _FOREIGN.search(code.replace('""', "")):
        hint = "templates do not calculate: write a query, or a function such as humanize"
        return f"templates have no operator '{found[0].strip()}'", hint
    for match in _VARIABLE.finditer(code):
        if match[0].endswith("="):
            declared |= {name for name in match.groups() if name}
        elif match[1] not in declared:
            return f"templates have no variable ${match[1]}", "write $labels, $value, $externalLabels or $externalURL"
    for name in _CALL.findall(code.replace('""', "")):
        if name not in NAMES:
            hint = f"did you mean {guess}?" if (guess := closest(name, NAMES)) else "write humanize, for example"
            return f"templates have no function '{name}'", hint
    return None

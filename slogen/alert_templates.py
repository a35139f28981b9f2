"""A look at the templates that teams write into annotations: Prometheus refuses a whole file for one bad template.

The functions are those of https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ and Go's own.
"""

from __future__ import annotations

import re

from slogen.findings import closest

_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|/\*.*?\*/', re.DOTALL)
_VARIABLE = re.compile(r"\$(\w*)(?:(?:\s*,\s*\$(\w+))?\s*:=)?")
_CALL = re.compile(r"(?<![.$\w])[A-Za-z_]\w*")

VARIABLES = frozenset({"", "labels", "value", "externalLabels", "externalURL"})
_NAMES = """
if else end range with define template block break continue nil true false
query first label value sortByLabel strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink
parseDuration parseDurationTime now stripPort stripDomain humanize humanize1024 humanizeDuration humanizePercentage
humanizeTimestamp toTime toDuration pathPrefix externalURL urlQueryEscape
and call html index slice js len not or print printf println urlquery eq ge gt le lt ne
"""
NAMES = frozenset(_NAMES.split())


def template_problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a template and what to write instead, or None."""
    bare = _ACTION.sub("", text)
    if "{{" in bare or "}}" in bare:
        return "the template's {{ and }} do not pair up", 'write {{ $value }}, or {{ "{{" }} for braces'
    declared = set(VARIABLES)
    for action in _ACTION.findall(text):
        code = _LITERAL.sub(" ", action).strip().strip("-")
        for match in _VARIABLE.finditer(code):
            if match[0].endswith("="):
                declared |= {name for name in match.groups() if name}
            elif match[1] not in declared:
                return (
                    f"templates have no variable ${match[1]}",
                    "write $labels, $value, $externalLabels or $externalURL",
                )
        for name in _CALL.findall(code):
            if name not in NAMES:
                hint = f"did you mean {guess}?" if (guess := closest(name, NAMES)) else "write humanize, for example"
                return f"templates have no function '{name}'", hint
    return None

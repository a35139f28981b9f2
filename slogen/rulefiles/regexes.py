"""Regular expressions that the parser library takes and RE2, which Prometheus uses, does not."""

from __future__ import annotations

import re

from slogen.rulefiles.gates import Gate, Version

NAMED_GROUP = Gate("a group written (?<name>...)", since=(2, 53), hint="write (?P<name>...)")
_ATOMS = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\\[xpP]\{[^}]*\}|(?P<unicode>\\[uU])|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*+\]", re.DOTALL
)
_REPEAT = r"(?:[*+?]|\{(?:\d+)(?:,\d*)?\})"
_NESTED = re.compile(rf"{_REPEAT}\??{_REPEAT}")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_FLAGS = re.compile(r"\(\?[imsU-]*[xuR]")
_NAMED = re.compile(r"\(\?<\w")
_MOST = 1000


def regex_problem(pattern: str, version: Version) -> tuple[str, str] | None:
    """Why RE2 refuses a pattern that the library takes, and what to write instead, or None."""
    for atom in _ATOMS.finditer(pattern):
        if atom["unicode"]:
            return f"RE2 has no escape {atom['unicode']}", r"write the character, or \x{00e9}"
    rest = _ATOMS.sub("x", pattern)
    if nested := _NESTED.search(rest):
        return f"RE2 does not repeat a repetition: {nested.group()}", "put the inner one into ( )"
    if any(int(count or 0) > _MOST for found in _COUNT.finditer(rest) for count in found.groups()):
        return f"RE2 repeats at most {_MOST} times", "write + or *"
    if flags := _FLAGS.search(rest):
        return f"RE2 has no flag '{flags.group()[-1]}'", "RE2 knows the flags i, m, s and U"
    if _NAMED.search(rest) and not NAMED_GROUP.passes(version):
        return NAMED_GROUP.message(), NAMED_GROUP.hint
    return None

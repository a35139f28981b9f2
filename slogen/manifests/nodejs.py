"""The heap that V8 may grow to in Node.js: --max-old-space-size in MiB, from NODE_OPTIONS and then the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from slogen.manifests.commands import Word, launch, options
from slogen.manifests.model import UNKNOWN, Container
from slogen.quantities import MI

_NODE = re.compile(r"node(?:js)?")
_HEAP = re.compile(r"--max[-_]old[-_]space[-_]size(?:=(.*))?", re.DOTALL)
_WITH_VALUE = frozenset({"-r", "--require", "--import", "-C", "--conditions", "--loader", "--experimental-loader"})


@dataclass(frozen=True, slots=True)
class OldSpace:
    """`size` in bytes, None where it cannot be told or is `wrong`; `is_read` is False behind the script's name."""

    size: Decimal | None
    word: Word
    wrong: str = ""
    is_read: bool = True


def old_spaces(container: Container) -> list[OldSpace]:
    """Every setting of the heap, in the order in which they take effect, those that nothing reads last."""
    variable = container.environment.get("NODE_OPTIONS")
    words = launch(container, _NODE).words
    number = 0
    while number < len(words) and words[number].text.startswith("-") and words[number].text != "--":
        number += 2 if words[number].text in _WITH_VALUE else 1
    read = [*(options(variable) if variable is not None else ()), *words[:number]]
    found = [_old_space(word, True) for word in read if _HEAP.fullmatch(word.text)]
    return found + [_old_space(word, False) for word in words[number:] if _HEAP.fullmatch(word.text)]


def _old_space(word: Word, is_read: bool) -> OldSpace:
    match = _HEAP.fullmatch(word.text)
    value = (match[1] if match else None) or ""
    if UNKNOWN in value:
        return OldSpace(None, word, "", is_read)
    if not re.fullmatch(r"[0-9]{1,12}", value):
        return OldSpace(None, word, f"'{value[:40]}' is not a whole number of MiB", is_read)
    return OldSpace(Decimal(value) * MI, word, "", is_read)

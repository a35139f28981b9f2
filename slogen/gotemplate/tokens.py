"""A template to tokens, one at a time: a problem further on waits until reading comes to it, as in Go.

The syntax is that of https://pkg.go.dev/text/template.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

KEYWORDS = frozenset({"if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"})
_NUMBER_HINT = "write for example 100, 0.5 or 1e3"
_MOST_DIGITS = 400
_ESCAPES = {"a", "b", "f", "n", "r", "t", "v", "\\"}
_ESCAPE = re.compile(r"\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


class TemplateError(Exception):
    """What is wrong with a template, at which of its characters, and what to write instead."""

    def __init__(self, message: str, offset: int, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


class Kind(StrEnum):
    """What sort of token it is; OPEN and CLOSE are the braces of an action."""

    OPEN = "open"
    CLOSE = "close"
    SPACE = "space"
    WORD = "word"
    KEYWORD = "keyword"
    VARIABLE = "variable"
    FIELD = "field"
    DOT = "dot"
    LITERAL = "literal"
    NIL = "nil"
    STRING = "string"
    PIPE = "pipe"
    SETS = "sets"
    LEFT = "left"
    RIGHT = "right"
    OTHER = "other"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token, and where it begins."""

    kind: Kind
    text: str
    start: int


_COMMENT = re.compile(r"\{\{(?:-[ \t\r\n])?/\*")
_CLOSER = re.compile(r"(?:[ \t\r\n]-)?\}\}")
_PIECES = re.compile(
    r"""
    (?P<space>[ \t\r\n]+?(?=[ \t\r\n]-\}\}|[^ \t\r\n]|\Z))
  | (?P<sets>:=|=(?!=))
  | (?P<pipe>\|)
  | (?P<string>"(?:[^"\\\n]|\\[^\n])*" | `[^`]*`)
  | (?P<literal>'(?:[^'\\\n]|\\[^\n])*')
  | (?P<unclosed>["'`])
  | (?P<variable>\$\w*)
  | (?P<number>(?=\.?[0-9]|[-+]))
  | (?P<field>\.\w+)
  | (?P<dot>\.)
  | (?P<word>\w+)
  | (?P<left>\()
  | (?P<right>\))
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACES = frozenset(" \t\r\n")
_STOPS = _SPACES | frozenset(".,|:)(")
_SCANNED = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?"
)
_INTEGER = re.compile(
    r"[-+]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)"
)
_FLOAT = re.compile(
    r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|0[xX](?:_?[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][-+]?[0-9]+)"
)


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of every action, spaces among them, and END; TemplateError where a token cannot be read."""
    position = 0
    while (start := text.find("{{", position)) >= 0:
        if comment := _COMMENT.match(text, start):
            position = _after_comment(text, start, comment.end())
            continue
        yield Token(Kind.OPEN, "{{", start)
        inside = start + 2
        if text[inside : inside + 1] == "-" and text[inside + 1 : inside + 2] in _SPACES:
            inside += 2
        position = yield from _action(text, start, inside)
    yield Token(Kind.END, "", len(text))


def _after_comment(text: str, start: int, inside: int) -> int:
    end = text.find("*/", inside)
    if end < 0:
        raise TemplateError("the comment that begins here has no end", start, "write {{/* ... */}}")
    closer = _CLOSER.match(text, end + 2)
    if closer is None:
        raise TemplateError("a comment stands in an action of its own", end + 2, "write }} right after */")
    return closer.end()


def _action(text: str, start: int, position: int) -> Generator[Token, None, int]:
    """The tokens up to the closing braces; returns where the text goes on."""
    opened: list[int] = []
    while True:
        if closer := _CLOSER.match(text, position):
            if opened:
                raise TemplateError("this '(' is never closed", opened[-1], "write ) where it ends")
            yield Token(Kind.CLOSE, "}}", position)
            return closer.end()
        match = _PIECES.match(text, position)
        if match is None:
            raise TemplateError("this {{ is never closed", start, 'write }} after it, or {{ "{{" }} for braces')
        kind, piece = match.lastgroup or "", match.group()
        if kind == "left":
            opened.append(position)
        elif kind == "right":
            if not opened:
                raise TemplateError("this ')' closes nothing", position, "remove it, or open it with (")
            opened.pop()
        token = _token(text, position, kind, piece)
        yield token
        position += len(token.text)


def _token(text: str, position: int, kind: str, piece: str) -> Token:
    if kind == "number":
        return Token(Kind.LITERAL, _number(text, position), position)
    if kind == "unclosed":
        raise TemplateError(f"the text that {piece} opens is never closed", position, f"close it with {piece}")
    if kind in ("string", "literal"):
        _check_escapes(piece, position)
    elif kind in ("variable", "field", "word"):
        after = position + len(piece)
        if after < len(text) and text[after] not in _STOPS and not text.startswith("}}", after):
            raise _bad_neighbour(text, position, piece, after)
        if kind == "word":
            return Token(_word_kind(piece), piece, position)
    elif kind == "other" and piece == ":":
        raise TemplateError("':' stands before '=' only", position, "write := to give a variable its value")
    elif kind == "other" and (ord(piece) > 0x7E or ord(piece) < 0x20):
        raise TemplateError(f"the character U+{ord(piece):04X} cannot stand in an action", position, "remove it")
    return Token(Kind(kind), piece, position)


def _word_kind(word: str) -> Kind:
    if word in KEYWORDS:
        return Kind.KEYWORD
    return Kind.NIL if word == "nil" else Kind.LITERAL if word in ("true", "false") else Kind.WORD


def _bad_neighbour(text: str, position: int, piece: str, after: int) -> TemplateError:
    char = text[after]
    if char in "-[" and (found := re.match(r"(\$?[\w.]*)(?:\[\"([^\"]*)\"\]|(-\w+))", text[position:])):
        name = found[2] or f"{piece.lstrip('.')}{found[3]}"
        message = f"'{char}' cannot stand in a name, and labels are not looked up by brackets"
        return TemplateError(message, after, f'write {{{{ index $labels "{name}" }}}}')
    return TemplateError(f"unexpected '{char}' right after '{piece}'", after, "write a space between them")


def _number(text: str, position: int) -> str:
    """A number such as 1, 0x1f, 1e3, 2i or 1+2i."""
    first = _scanned(text, position)
    end = position + len(first)
    if text[end : end + 1] in ("+", "-") and first:
        second = _scanned(text, end)
        if not second.endswith("i"):
            raise _no_calculation(end)
        _check_number(second[:-1], end, text)
        first, end = first + second, end + len(second)
        _check_number(first[: len(first) - len(second)], position, text)
        return first
    _check_number(first.removesuffix("i"), position, text)
    return first


def _scanned(text: str, position: int) -> str:
    match = _SCANNED.match(text, position)
    found = match.group() if match else ""
    after = text[position + len(found) : position + len(found) + 1]
    if after.isalnum() or after == "_":
        message = f"'{found}{after}' is no number"
        raise TemplateError(message, position, _NUMBER_HINT)
    return found


def _no_calculation(position: int) -> TemplateError:
    hint = "write a query, or a function such as humanize"
    return TemplateError("templates do not calculate", position, hint)


def _check_number(number: str, position: int, text: str) -> None:
    if number in ("+", "-"):
        raise _no_calculation(position)
    if len(number) > _MOST_DIGITS:
        raise TemplateError("a number of too many digits", position, _NUMBER_HINT)
    if _INTEGER.fullmatch(number):
        value = int(_go_octal(number.replace("_", "")), 0)
        if -(2**63) <= value < 2**63 or (number[0] not in "+-" and value < 2**64):
            return
        raise TemplateError(f"{number} is too large a number", position, _NUMBER_HINT)
    digits = number.replace("_", "") if number.lstrip("+-")[:2].lower() == "0x" else number
    huge = _FLOAT.fullmatch(digits) and "x" not in digits.lower() and float(digits) in (float("inf"), -float("inf"))
    if not _FLOAT.fullmatch(digits) or huge or not re.search(r"[.eEpP]", digits):
        raise TemplateError(f"'{number}' is no number", position, _NUMBER_HINT)


def _go_octal(number: str) -> str:
    return re.sub(r"^([-+]?)0(?=[0-7])", r"\g<1>0o", number)


def _check_escapes(literal: str, position: int) -> None:
    quotes = literal[0]
    if quotes == "`":
        return
    body = literal[1:-1]
    for match in _ESCAPE.finditer(body):
        code = match.group()[1:]
        value = int(code, 8) if code[0].isdigit() and len(code) == 3 else 0
        value = int(code[1:], 16) if code[0] in "uU" and len(code) > 1 else value
        most = 0x10FFFF if code[0] in "uU" else 0xFF
        known = code in _ESCAPES or code == quotes or len(code) > 1
        if not known or value > most or 0xD800 <= value <= 0xDFFF:
            hint = "double the backslash, or write the text in backticks"
            raise TemplateError(f"unknown escape '\\{code}'", position + 1 + match.start(), hint)
    if quotes == "'" and len(_ESCAPE.sub("x", body)) != 1:
        raise TemplateError(f"{literal} is not one character", position, 'texts go in double quotes: "..."')

"""PromQL text to tokens with character offsets, so that a problem can point at what a person wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from slogen.promql.quoting import quote

WINDOW = "$window"
WINDOW_HINT = f"write {WINDOW} where the range goes, e.g. rate(requests_total[{WINDOW}])"


class PromQLError(Exception):
    """What is wrong with an expression, and the characters `start` to `end` of it that say so."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


class Kind(StrEnum):
    """What sort of token it is; keywords and function names are identifiers."""

    IDENTIFIER = "identifier"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    OPERATOR = "operator"
    COMMA = "comma"
    COLON = "colon"
    OPEN = "open"
    CLOSE = "close"
    VARIABLE = "variable"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is exactly the characters from `start` up to, not including, `end`."""

    kind: Kind
    text: str
    start: int
    end: int


_SPACE = re.compile(r"[ \t\r\n]*+")
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*+)
  | (?P<template>\{\{[^}\n]*+\}{0,2})
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<string>"(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+' | `[^`]*+`)
  | (?P<unclosed>["'`])
  | (?P<duration>(?:[0-9]++(?:ms|[smhdwy]))++(?![\w.]))
  | (?P<number>(?:0[xX][0-9a-fA-F]++|(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)(?![\w.]))
  | (?P<badnumber>[0-9][\w.]*+)
  | (?P<identifier>[a-zA-Z_:][a-zA-Z0-9_:]*+)
  | (?P<variable>\$(?:\{[^}\n]*+\}?|\w*+))
  | (?P<comma>,)
  | (?P<operator>==|!=|=~|!~|<=|>=|[-+*/%^=<>@])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:[abfnrtv\\]|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CURLY_QUOTES = "‘’‚‛“”„‟«»"


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, comments included; PromQLError at the first character that fits nowhere."""
    tokens: list[Token] = []
    ranges: list[bool] = []
    position = _end_of_space(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup in ("template", "unclosed", "badnumber"):
            raise _misfit(text, position, match)
        kind, end = Kind(match.lastgroup or ""), match.end()
        if kind is Kind.IDENTIFIER and text[position] == ":" and ranges and ranges[-1]:
            kind, end = Kind.COLON, position + 1
        elif kind is Kind.OPEN:
            ranges.append(text[position] == "[")
        elif kind is Kind.CLOSE and ranges:
            ranges.pop()
        elif kind is Kind.STRING:
            _check_escapes(text, position, end)
        elif kind is Kind.VARIABLE and match.group() != WINDOW:
            raise PromQLError(f"there is no variable '{match.group()}'", position, end, WINDOW_HINT)
        tokens.append(Token(kind, text[position:end], position, end))
        position = _end_of_space(text, end)
    return tokens


def unquote(literal: str) -> str:
    """What a string literal means, whichever of the three quotes it wears."""
    body = literal[1:-1]
    if literal[0] == "`" or "\\" not in body:
        return body
    return _ESCAPE.sub(_unescape, body)


def rewritten(text: str, tokens: Sequence[Token], window: str, *, backticks: bool = False) -> str:
    """The characters that `tokens` span, with the window in and, for the library, no backticks."""
    parts: list[str] = []
    position = tokens[0].start
    for token in tokens:
        if token.kind is Kind.VARIABLE:
            new = window
        elif token.kind is Kind.STRING and token.text[0] == "`" and not backticks:
            new = quote(token.text[1:-1])
        else:
            continue
        parts += (text[position : token.start], new)
        position = token.end
    parts.append(text[position : tokens[-1].end])
    return "".join(parts)


_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _unescape(match: re.Match[str]) -> str:
    code = match.group()[1:]
    if code[0] in "xuU" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0].isdigit():
        return chr(int(code, 8))
    return _SIMPLE.get(code, code)


def _end_of_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _check_escapes(text: str, start: int, end: int) -> None:
    """Refuse what Prometheus refuses, and bytes above 7f, which parsers read as different characters."""
    quotes = text[start]
    if quotes == "`":
        return
    for match in _ESCAPE.finditer(text, start + 1, end - 1):
        code = match.group()[1:]
        if code in _SIMPLE or code in ("\\", quotes):
            continue
        if len(code) == 1:
            hint = f"write '\\\\{code}' for a backslash, or use backticks: `\\{code}`"
            raise PromQLError(f"unknown escape '\\{code}' in a string", match.start(), match.end(), hint)
        value = ord(_unescape(match)) if code[0] != "U" else int(code[1:], 16)
        if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF or (value > 0x7F and code[0] not in "uU"):
            message = f"the escape '\\{code}' is no character of its own"
            raise PromQLError(message, match.start(), match.end(), "write the character itself")


def _misfit(text: str, position: int, match: re.Match[str] | None) -> PromQLError:
    if match is not None:
        found = match.group()
        if match.lastgroup == "template":
            return PromQLError(f"'{found}' is not PromQL", position, match.end(), WINDOW_HINT)
        if match.lastgroup == "unclosed":
            return PromQLError(
                f"the string that {found} opens is never closed", position, position + 1, f"close it with {found}"
            )
        hint = "a duration is written like 5m or 1h30m, a number like 0.5 or 1e-3"
        return PromQLError(f"'{found}' is neither a number nor a duration", position, match.end(), hint)
    char = text[position]
    hint = "remove it, or put the text around it in quotes"
    if char in _CURLY_QUOTES:
        hint = 'use straight quotes: "..."'
    elif char.isspace() or unicodedata.category(char) in ("Cf", "Zs"):
        hint = "replace it by a plain space"
    elif char == "." or char.isalpha():
        hint = 'a name with other characters than letters, digits, _ and : goes in quotes: {"http.requests"}'
    elif char in "!&|":
        hint = "PromQL says 'and', 'or' and 'unless', and compares with != or !~"
    shown = f"'{char}'" if char.isprintable() else f"U+{ord(char):04X}"
    return PromQLError(f"unexpected character {shown}", position, position + 1, hint)

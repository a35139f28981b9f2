"""libyaml's syntax errors in plain words, at the place that a person has to change."""

from __future__ import annotations

import re

import yaml

from slogen.findings import Finding, error
from slogen.yamltext.text import QUOTE_IT, Text


def explain(source: Text, base: int, problem: yaml.MarkedYAMLError) -> tuple[int, Finding]:
    """Where a syntax error is, and what it means; libyaml read the text from `base` on."""
    mark, context = problem.problem_mark, problem.context_mark
    index = min(base + (mark.index if mark else 0), len(source.text))
    opener = min(base + context.index, index) if context else index
    said = f"{problem.problem} ({problem.context})" if problem.context else problem.problem or ""
    return index, (
        _tab(source, index, said)
        or _looks_like_an_expression(source, index)
        or _in_plain_words(source, index, opener, said)
    )


def _tab(source: Text, index: int, said: str) -> Finding | None:
    text = source.text
    start, line = source.line_at(index)
    if "tab character" not in said and text[index : index + 1] != "\t":
        return None
    at = text.find("\t", index if text[index : index + 1] == "\t" else start, start + len(line))
    more = len(re.findall(r"^ *+\t[ \t]*+[^\s#]", text[start + len(line) :], re.MULTILINE))
    also = f", and so are {more} more lines" if more > 1 else ", and so is 1 more line" if more else ""
    message = f"this line is indented by a tab{also}"
    return error("yaml/tab", source.place(max(at, start)), message, "indent by spaces: YAML takes nothing else")


_QUOTE = "put it in quotes if it is text"
_VALUE = re.compile(r"\s*+(?:- +)*+(?:(?:[\w.\-/]++|\"[^\"]*+\"|'[^']*+') *+:[ \t]++)?(?P<value>\S.*)")
_EXPRESSION = re.compile(r"\{\s*+[\w:.]*+\s*+(?:=~|!~|!=|=)\s*+[\"'`]")


def _looks_like_an_expression(source: Text, index: int) -> Finding | None:
    """A template or selector without quotes around it, which is what most such lines turn out to be."""
    start, line = source.line_at(index)
    match = _VALUE.fullmatch(line)
    if not match or match["value"][0] in "\"'|>#":
        return None
    place = source.place(start + match.start("value"))
    if match["value"].startswith("{{"):
        return error("yaml/syntax", place, "a value that begins with '{{' is read as a mapping, not as text", _QUOTE)
    if _EXPRESSION.search(match["value"]):
        return error("yaml/syntax", place, "an expression with braces and quotes needs quotes around it", QUOTE_IT)
    return None


_AT, _OPENER = 0, 1
_CLOSE_QUOTE = "close it with the same quote, before the next document"
_BACKSLASH = "use single quotes, in which a backslash is a backslash, or double the backslash"
_BRACKET = "add it, or quote the value if it is text"
_SYNTAX = (
    (
        "mapping values are not allowed",
        _AT,
        "this ':' would begin a value where no key can be",
        "check the indentation; quote a value that has ': ' in it",
    ),
    (
        "could not find expected ':'",
        _OPENER,
        "this line is not `key: value`",
        "put ': ' after the key; indent or quote a text that goes on over several lines",
    ),
    ("found unexpected end of stream", _OPENER, "the quote that opens here is never closed", _CLOSE_QUOTE),
    ("found unexpected document indicator", _OPENER, "the quote that opens here is never closed", _CLOSE_QUOTE),
    (
        "found unknown escape character",
        _AT,
        "this escape does not exist in a double-quoted text",
        _BACKSLASH,
    ),
    ("did not find expected hexdecimal number", _AT, "this escape needs hexadecimal digits", _BACKSLASH),
    ("invalid Unicode character escape code", _AT, "this escape stands for no character", _BACKSLASH),
    (
        "did not find expected '-' indicator",
        _AT,
        "this does not belong to the list that begins on line {line}",
        "check the indentation",
    ),
    (
        "did not find expected key",
        _AT,
        "this does not belong to the mapping that begins on line {line}",
        "check the indentation and the quotes",
    ),
    ("did not find expected ',' or ']'", _AT, "',' or ']' is missing in the list that opens on line {line}", _BRACKET),
    (
        "did not find expected ',' or '}'",
        _AT,
        "',' or '}}' is missing in the mapping that opens on line {line}",
        _BRACKET,
    ),
    (
        "did not find expected node content",
        _AT,
        "a value is missing here",
        "write one, or quote the text that this belongs to",
    ),
    (
        "did not find expected <document start>",
        _AT,
        "this does not belong to the document, which has ended",
        "begin another document with ---",
    ),
    ("block sequence entries are not allowed", _AT, "a list item cannot begin here", "put it on a line of its own"),
    ("mapping keys are not allowed", _AT, "a key cannot begin here", "check the indentation"),
    (
        "did not find expected comment or line break",
        _AT,
        "nothing but a comment can follow | or >",
        "begin the text on the next line, indented",
    ),
    ("did not find expected alphabetic or numeric character", _OPENER, "this names no anchor", "quote the value"),
    ("leading space", _AT, "the first lines of this block are indented more than the text", "indent all lines alike"),
    ("found incompatible YAML document", _AT, "this version of YAML is not supported", "leave %YAML out"),
    (
        "found unexpected ':'",
        _AT,
        "this ':' cannot stand within [ ] or {{ }} without quotes",
        "quote the text around it",
    ),
    ("scanning a directive", _OPENER, "a line that begins with % is read as a directive", "indent or quote it"),
    ("scanning a tag", _OPENER, "this tag is not supported", "quote text that begins with !"),
    ("found undefined tag handle", _AT, "this tag is not supported", "quote text that begins with !"),
)


def _in_plain_words(source: Text, index: int, opener: int, said: str) -> Finding:
    at, message, hint = _by_character(source, index, opener, said) or _by_message(source, index, opener, said)
    return error("yaml/syntax", source.place(at), message, hint)


def _by_character(source: Text, index: int, opener: int, said: str) -> tuple[int, str, str] | None:
    """Where the character in the way says more than libyaml does."""
    text = source.text
    char = text[index : index + 1]
    before = text[source.line_at(index)[0] : index].rstrip()
    told: tuple[int, str, str] | None = None
    if "cannot start any token" in said:
        told = index, f"a value cannot begin with '{char}'", "quote the value"
    elif "did not find expected ','" in said and not text[index:].strip():
        told = opener, f"'{text[opener]}' is never closed", "close it, or quote the value if it is text"
    elif "did not find expected" in said and char and char in "]}" and "','" not in said:
        told = index, f"'{char}' closes nothing", "quote the value if it is text"
    elif "did not find expected key" in said and char == ":":
        told = index, "there is no key before this ':'", "write one, or quote the text that the ':' belongs to"
    elif "did not find expected key" in said and before.endswith(('"', "'")) and char.strip():
        told = index, "the value has ended at the quote before this", QUOTE_IT
    return told


def _by_message(source: Text, index: int, opener: int, said: str) -> tuple[int, str, str]:
    for words, where, message, hint in _SYNTAX:
        if words in said:
            return opener if where is _OPENER else index, message.format(line=source.place(opener).line), hint
    return index, f"this is not YAML: {said}", _QUOTE

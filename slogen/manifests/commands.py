"""What a container starts: the words that follow `java` or `node`, wherever the command hides them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slogen.findings import Place
from slogen.manifests.environment import substitute
from slogen.manifests.model import UNKNOWN, Container, Value

_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|a|k|z)?sh")
_SHELL_OPTION = re.compile(r"-[a-z]*c")
_SHELL_VARIABLE = re.compile(
    r"\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?::?-(?P<default>[^{}$]*))?\}|\([^()]*\)|\{[^{}]*\})|`[^`]*`"
)
_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|\\\r?\n)|(?P<stop>\n|;|&&?|\|\|?)"
    r"|(?P<word>(?:\\.|\"(?:\\.|[^\"\\])*\"?|'[^']*'?|[^\s;&|\"'\\])+)",
    re.DOTALL,
)
_PLAIN_TOKEN = re.compile(r"(?P<word>(?:\"[^\"]*\"?|'[^']*'?|[^\s\"'])+)")
_QUOTING = re.compile(r"\\(.)|\"((?:\\.|[^\"\\])*)\"?|'([^']*)'?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """One argument of a program; `start` is where in the value it begins."""

    text: str
    value: Value
    start: int = 0

    @property
    def place(self) -> Place:
        """Where it was written."""
        return self.value.place(self.start)


@dataclass(frozen=True, slots=True)
class Launch:
    """Words that follow a program; `is_named` says that the manifest starts it, and not a script or the image."""

    words: tuple[Word, ...]
    is_named: bool


def launch(container: Container, program: re.Pattern[str]) -> Launch:
    """What the container hands to a program, if it starts it."""
    values = (*container.command, *container.args)
    if container.command and (script := _script(container.command, container.args)) is not None:
        for words in _commands(_with_variables(script, container)):
            if (found := _after(words, program)) is not None:
                return Launch(tuple(found), True)
        return Launch((), False)
    words = [Word(value.text, value) for value in values]
    found = _after(words, program)
    if found is not None:
        return Launch(tuple(found), True)
    return Launch(tuple(Word(value.text, value) for value in container.args), False)


def _after(words: Sequence[Word], program: re.Pattern[str]) -> Sequence[Word] | None:
    """Words behind the first that is the program, whatever starts it (exec, tini, env)."""
    for number, word in enumerate(words):
        if program.fullmatch(word.text.rpartition("/")[2]):
            return words[number + 1 :]
    return None


def _script(command: Sequence[Value], args: Sequence[Value]) -> Value | None:
    """The text of `sh -c TEXT`."""
    if not _SHELLS.fullmatch(command[0].text):
        return None
    rest = [*command[1:], *args]
    for number, value in enumerate(rest[:-1]):
        if _SHELL_OPTION.fullmatch(value.text):
            return rest[number + 1]
    return None


def _with_variables(script: Value, container: Container) -> Value:
    """A script with the variables that it reads filled in; what it works out itself cannot be told."""

    def into(match: re.Match[str]) -> Value | str:
        name = match["name"] or match["braced"]
        if name is None:
            return Value(UNKNOWN, script.spot, (0,), "what the script works out")
        if name in container.environment:
            return container.environment[name]
        if container.hidden:
            return container.hidden[0]
        return match["default"] or ""

    return substitute(script, _SHELL_VARIABLE, into)


def _commands(script: Value) -> Iterator[list[Word]]:
    words: list[Word] = []
    for match in _TOKEN.finditer(script.text):
        if match["word"]:
            words.append(Word(_unquoted(match["word"]), script, match.start()))
        elif match["stop"]:
            yield words
            words = []
    yield words


def _unquoted(text: str) -> str:
    return _QUOTING.sub(lambda match: match[1] or match[2] or match[3] or "", text)


def options(value: Value) -> list[Word]:
    """A variable's words, which blanks part and quotes keep together."""
    found = _PLAIN_TOKEN.finditer(value.text)
    return [Word(match["word"].replace('"', "").replace("'", ""), value, match.start()) for match in found]

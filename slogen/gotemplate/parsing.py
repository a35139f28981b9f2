"""A walk over a template's tokens that stops where Go's parser would; nothing is built and nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from slogen.findings import closest
from slogen.gotemplate.tokens import Kind, TemplateError, Token, tokenize

MAX_DEPTH = 100
_OPERANDS = frozenset({Kind.WORD, Kind.VARIABLE, Kind.FIELD, Kind.DOT, Kind.LITERAL, Kind.NIL, Kind.STRING, Kind.LEFT})
_NOT_CALLED = frozenset({Kind.LITERAL, Kind.STRING, Kind.NIL, Kind.DOT})
_NO_OPERATORS = frozenset("*/%<>!&^=+-?")
_VALUE_HINT = "write {{ $value }}, for example"
_CLOSED_HINT = "write {{ end }}"


@dataclass(frozen=True, slots=True)
class Language:
    """What may be called, which variables there are from the beginning, and whether `else with` is known (Go 1.23)."""

    functions: frozenset[str]
    variables: tuple[str, ...]
    else_with: bool = True


def check(text: str, language: Language) -> None:
    """Raise TemplateError at the first thing that Go's parser would refuse."""
    _Parser(tokenize(text), text, language).run()


class _Parser:
    def __init__(self, tokens: Iterator[Token], text: str, language: Language) -> None:
        self.tokens = tokens
        self.text = text
        self.language = language
        self.ahead: list[Token] = []
        self.variables = ["$", *language.variables]
        self.ranges = 0
        self.closed = 0
        """Where the action that was read last ends."""
        self.depth = 0
        self.defined: set[str] = set()
        self.controls: dict[str, Callable[[Token], None]] = {
            "if": self._control,
            "with": self._control,
            "range": self._control,
            "block": self._block,
            "template": self._template,
            "break": self._leave,
            "continue": self._leave,
        }

    def run(self) -> None:
        while (token := self._next()).kind is not Kind.END:
            opener = token
            following = self._peek(skip=True)
            if following.kind is Kind.KEYWORD and following.text == "define":
                self._next()
                self._define(opener)
            elif stop := self._action():
                hint = "remove it, or write the {{ if }} that it belongs to"
                raise TemplateError(f"'{stop.text}' without an if, with or range before it", stop.start, hint)

    def _next(self, skip: bool = False) -> Token:
        while True:
            token = self.ahead.pop() if self.ahead else next(self.tokens)
            if token.kind is Kind.CLOSE:
                self.closed = self.text.find("}}", token.start) + 2
            if not skip or token.kind is not Kind.SPACE:
                return token

    def _peek(self, skip: bool = False) -> Token:
        token = self._next(skip)
        self.ahead.append(token)
        return token

    def _action(self) -> Token | None:
        """One action after its `{{`; the `end` or `else`, read as far as its word, that belongs to what is around."""
        token = self._next(skip=True)
        if token.kind is Kind.KEYWORD and token.text in self.controls:
            self.controls[token.text](token)
            return None
        if token.kind is Kind.KEYWORD and token.text == "end":
            self._close("end")
            return token
        if token.kind is Kind.KEYWORD and token.text == "else":
            following = self._peek(skip=True)
            goes_on = ("if", "with") if self.language.else_with else ("if",)
            if not (following.kind is Kind.KEYWORD and following.text in goes_on):
                self._close("else")
            return token
        self.ahead.append(token)
        self._pipeline("an action", Kind.CLOSE)
        return None

    def _close(self, after: str) -> None:
        token = self._next(skip=True)
        if token.kind is not Kind.CLOSE:
            raise TemplateError(f"unexpected {_shown(token)} after '{after}'", token.start, f"write {{{{ {after} }}}}")

    def _list(self, opener: Token) -> Token:
        """Actions up to the `end` or `else` that belongs to `opener`."""
        while (token := self._next()).kind is not Kind.END:
            if token.kind is not Kind.OPEN:
                raise _unexpected(token)
            if stop := self._action():
                return stop
        raise TemplateError(f"this '{opener.text}' has no end", opener.start, _CLOSED_HINT)

    def _control(self, opener: Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TemplateError(f"more than {MAX_DEPTH} blocks inside each other", opener.start, "write less")
        known = len(self.variables)
        self._pipeline(opener.text, Kind.CLOSE)
        self.ranges += opener.text == "range"
        stop = self._list(opener)
        self.ranges -= opener.text == "range"
        if stop.text == "else":
            self._else(opener, stop)
        del self.variables[known:]
        self.depth -= 1

    def _else(self, opener: Token, stop: Token) -> None:
        following = self._peek()
        if following.kind is Kind.KEYWORD:
            if following.text != opener.text or opener.text == "range":
                message = f"'else {following.text}' cannot follow '{opener.text}'"
                raise TemplateError(message, following.start, "write {{ else }} and another block in it")
            self._control(self._next())
            return
        last = self._list(opener)
        if last.text == "else":
            raise TemplateError("a second 'else'", last.start, f"the first is in this block already: {_CLOSED_HINT}")

    def _separate(self, keyword: str, opener: Token, name: Token) -> None:
        """The body of a named template: it sees no variable but `$`."""
        variables, self.variables = self.variables, ["$"]
        ranges, self.ranges = self.ranges, 0
        start = self.closed
        stop = self._list(Token(Kind.KEYWORD, keyword, opener.start))
        if stop.text != "end":
            raise TemplateError(f"'else' in a {keyword}", stop.start, _CLOSED_HINT)
        self.variables, self.ranges = variables, ranges
        if not self.text[start : self.text.rfind("{{", start, stop.start)].strip():
            return  # one without a body does not count
        if name.text[1:-1] in self.defined:
            raise TemplateError(f"the template {name.text} is defined twice", name.start, "give one another name")
        self.defined.add(name.text[1:-1])

    def _define(self, opener: Token) -> None:
        name = self._name("define")
        self._close("define")
        self._separate("define", opener, name)

    def _block(self, opener: Token) -> None:
        name = self._name("block")
        self._pipeline("block", Kind.CLOSE)
        self._separate("block", opener, name)

    def _name(self, keyword: str) -> Token:
        token = self._next(skip=True)
        if token.kind is not Kind.STRING:
            hint = f'write {{{{ {keyword} "name" ... }}}}'
            raise TemplateError(f"{_shown(token)} where '{keyword}' wants a name in quotes", token.start, hint)
        return token

    def _template(self, _: Token) -> None:
        self._name("template")
        if self._peek(skip=True).kind is Kind.CLOSE:
            self._next(skip=True)
        else:
            self._pipeline("template", Kind.CLOSE)

    def _leave(self, keyword: Token) -> None:
        self._close(keyword.text)
        if not self.ranges:
            raise TemplateError(f"'{keyword.text}' outside of a range", keyword.start, "remove it")

    def _pipeline(self, context: str, end: Kind) -> None:
        first = self._peek(skip=True)
        self._declarations(context)
        heads: list[Token] = []
        while (token := self._next(skip=True)).kind is not end:
            if token.kind not in _OPERANDS:
                raise _unexpected(token)
            self.ahead.append(token)
            self._command()
            heads.append(token)
        if not heads:
            what = "this action is empty" if first.kind is Kind.CLOSE else f"a value is missing in {context}"
            raise TemplateError(what, first.start, _VALUE_HINT)
        for head in heads[1:]:
            if head.kind in _NOT_CALLED:
                hint = "after | comes a function: {{ $value | humanize }}"
                raise TemplateError(f"nothing can be piped into {_shown(head)}", head.start, hint)

    def _declarations(self, context: str) -> None:
        for count in (1, 2):
            variable = self._peek(skip=True)
            if variable.kind is not Kind.VARIABLE:
                return
            self._next(skip=True)
            after = self._next()
            following = self._next(skip=True) if after.kind is Kind.SPACE else after
            if following.kind is Kind.SETS:
                self.variables.append(variable.text[1:])
                return
            if following.text == ",":
                self.variables.append(variable.text[1:])
                beside = self._peek(skip=True)
                if context == "range" and count == 1 and beside.kind is Kind.VARIABLE:
                    continue
                raise TemplateError("too many variables before :=", following.start, "write one; a range takes two")
            self.ahead += [following, after] if following is not after else [after]
            self.ahead.append(variable)
            return

    def _command(self) -> None:
        while True:
            self._operand()
            token = self._next()
            if token.kind is Kind.PIPE:
                return
            if token.kind in (Kind.CLOSE, Kind.RIGHT):
                self.ahead.append(token)
                return
            if token.kind is not Kind.SPACE:
                raise _unexpected(token)

    def _operand(self) -> None:
        token = self._next(skip=True)
        if token.kind not in _OPERANDS:
            self.ahead.append(token)
            return
        if token.kind is Kind.WORD and token.text not in self.language.functions:
            raise TemplateError(f"templates have no function '{token.text}'", token.start, self._guess(token.text))
        if token.kind is Kind.VARIABLE and token.text not in self._names():
            hint = "write $labels, $value, $externalLabels or $externalURL; a variable ends with the block that sets it"
            raise TemplateError(f"templates have no variable {token.text} here", token.start, hint)
        if token.kind is Kind.LEFT:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise TemplateError(f"more than {MAX_DEPTH} parentheses inside each other", token.start, "write less")
            self._pipeline("the parentheses", Kind.RIGHT)
            self.depth -= 1
        if self._peek().kind is Kind.FIELD and token.kind in _NOT_CALLED:
            field = self._peek()
            raise TemplateError(f"{_shown(token)} has no fields", field.start, "write for example .Labels.job")
        while self._peek().kind is Kind.FIELD:
            self._next()

    def _names(self) -> Iterable[str]:
        return ("$" if name == "$" else f"${name}" for name in self.variables)

    def _guess(self, name: str) -> str:
        guess = closest(name, self.language.functions)
        return f"did you mean {guess}?" if guess else "write humanize, for example"


def _unexpected(token: Token) -> TemplateError:
    if token.text in _NO_OPERATORS:
        hint = "write a query, a function such as humanize, or eq, ne, lt, le, gt, ge, and, or, not before its operands"
        return TemplateError(f"templates have no operator '{token.text}'", token.start, hint)
    hint = "remove it, or write a space, a function or a | before it"
    if token.text in "{}":
        hint = 'write braces as text: {{ "{" }}'
    elif token.kind is Kind.LEFT:
        hint = "arguments go after a space: {{ humanize $value }}"
    return TemplateError(f"unexpected {_shown(token)}", token.start, hint)


def _shown(token: Token) -> str:
    return token.text if token.kind is Kind.STRING else f"'{token.text or 'the end'}'"

"""Templates of a team's own, which extend slogen's or stand in their place.

A template is found by its name: first in the team's folder, then among slogen's. `slogen/NAME` is always slogen's own,
so `<% extends "slogen/runbook.md.j2" %>` keeps what it does not change. Where none of a team's takes part, slogen's are
rendered here and fast; where one does, in a child process that bounds what it can do (`sandbox`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slogen.findings import Finding, Place, closest, error, listed, warning
from slogen.model import Setting
from slogen.promql.templating import SYNTAX
from slogen.sandbox import Quoting, Task, rendered

if TYPE_CHECKING:
    from jinja2 import Environment, Template

OURS = "slogen/"
"""How a template names one of slogen's own."""

OPEN = ("runbook.md.j2", "grafana/*.j2")
"""Which of slogen's templates teams may extend or replace, by their names below `targets/`."""

AT_ONCE = 64
"""Texts that one child renders."""

_TARGETS = Path(__file__).parent / "targets"

Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders templates of a folder of slogen's, with those of the team in place."""

    folder: str
    quoting: Quoting
    own_folder: str
    own: Texts

    def __call__(self, name: str, **values: Any) -> str:
        """One text. Raises SpecError where a template of the team's fails."""
        return self.many(name, [values])[0]

    def many(self, name: str, every: Iterable[Mapping[str, Any]]) -> list[str]:
        """Several texts, each from values of its own. Raises SpecError where a template of the team's fails."""
        if not self.is_own(name):
            template = self.template(name)
            return [template.render(values) for values in every]
        texts, files = _all(self.folder, self.own), {one: f"{self.own_folder}/{one}" for one, _ in self.own}
        found, left = list[str](), iter(every)
        while some := tuple(islice(left, AT_ONCE)):
            found += rendered(Task(name, texts, files, self.quoting, some))
        return found

    def is_own(self, name: str) -> bool:
        """Whether a template of the team's takes part in this one."""
        return bool(self.own) and _takes_part(self.folder, self.own, name)

    def template(self, name: str) -> Template:
        """One of slogen's own, to be rendered here."""
        return _environment(self.folder, self.quoting).get_template(name)


def renderer(setting: Setting, folder: str, quoting: Quoting) -> Renderer:
    """A renderer for a target whose templates lie in `folder`."""
    return Renderer(folder, quoting, setting.template_folder, tuple(setting.templates.items()))


@lru_cache(maxsize=16)
def template_problems(folder: str, own: Texts) -> tuple[Finding, ...]:
    """What is wrong with a team's templates, as far as it shows without rendering them."""
    return tuple(_problems(folder, own))


def _problems(folder: str, own: Texts) -> Iterator[Finding]:
    names, used = [name for name, _ in own], set[str]()
    open_names = [name for name in _ours(str(_TARGETS)) if any(fnmatchcase(name, one) for one in OPEN)]
    sound = True
    for name, text in own:
        references, wrong = _references(text)
        used |= references
        if wrong is not None:
            sound = False
            hint = "see docs/runbooks.md for how templates are written"
            yield error("template/syntax", Place(f"{folder}/{name}", wrong[0]), wrong[1], hint)
    for name in names:
        place = Place(f"{folder}/{name}")
        if name.startswith(OURS):
            yield error("template/name", place, "templates below slogen/ are slogen's own", "choose another folder")
        elif sound and name not in open_names and not used & {name, _ANY}:
            close = closest(name, open_names)
            hint = f"did you mean {close}?" if close else f"replace one of {listed(open_names)}, or include this one"
            yield warning("template/unused", place, "nothing uses this template", hint)


_ANY = "*"


@lru_cache(maxsize=256)
def _references(text: str) -> tuple[frozenset[str], tuple[int, str] | None]:
    """Names of the templates that one extends, includes or imports (`*`: computed), and where it cannot be read."""
    from jinja2 import Environment, TemplateSyntaxError  # noqa: PLC0415  # see templating
    from jinja2.meta import find_referenced_templates  # noqa: PLC0415

    try:
        tree = Environment(**SYNTAX, autoescape=False).parse(text)  # noqa: S701  # nothing is rendered
        return frozenset(name or _ANY for name in find_referenced_templates(tree)), None
    except TemplateSyntaxError as failure:
        return frozenset(), (failure.lineno, str(failure.message))
    except RecursionError:
        return frozenset(), (1, "this is nested too deeply")


@cache
def _ours(folder: str) -> dict[str, str]:
    """Slogen's own templates, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(Path(folder).rglob("*.j2"))
    }


@lru_cache(maxsize=16)
def _all(folder: str, own: Texts) -> dict[str, str]:
    ours = _ours(folder)
    return {**ours, **dict(own), **{OURS + name: text for name, text in ours.items()}}


@lru_cache(maxsize=256)
def _takes_part(folder: str, own: Texts, name: str) -> bool:
    texts, names = _all(folder, own), {name for name, _ in own}
    seen, left = set[str](), {name}
    while left:
        one = left.pop()
        if one in names or one == _ANY:
            return True
        if one not in seen and one in texts:
            seen.add(one)
            left |= _references(texts[one])[0]
    return False


@lru_cache(maxsize=16)
def _environment(folder: str, quoting: Quoting) -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined  # noqa: PLC0415  # see templating

    made = Environment(
        loader=DictLoader(_all(folder, ())),
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=quoting.printed,
        autoescape=False,  # noqa: S701  # the quoting is the target's
        **SYNTAX,
    )
    made.filters |= dict(quoting.filters)
    return made

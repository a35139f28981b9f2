"""Any text is shown as it is, and a team's notes stay inside their place, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from slogen.runbooks.markdown import code, inline, link, tick
from slogen.runbooks.notes import safe_notes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PIECES = [
    "\n", "\n\n", "```", "````", "~~~", "    ", "\t", "  ", " ", "# a", "###### b", "===", "---", "<!-- ", "-->",
    "<div>", "<script>", "</pre>", "<https://x.y>", "- ", "1. ", "> ", "`", "``", "\\", "\\`", "a", "b c", "[x]: /y",
    "[x](z)", "|", "| a |\n|---|", "***", "&lt;", "<a id=\"x\">", "![", "]", "<?", "<![CDATA[", "sh", "é",
    "\u2028", "\x00", "\r",
]  # fmt: skip
NOTES = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
OURS = '<a id="ours"></a>\n\n### Ours\n\n**Bold.** Text.\n\n- item\n'


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def flat(found: list[Token]) -> list[tuple[str, str, str]]:
    return [(one.type, one.tag, one.content) for one in found]


def words(text: str) -> str:
    """What prints of a text, on one line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def shown(found: Token) -> str:
    parts = [one.content for one in found.children or () if one.type in {"text", "text_special", "code_inline"}]
    return "".join(parts)


@given(TEXT)
@example("# a")
@example("1. a")
@example("- a")
@example("a_b_ _c_ **d** <b> &amp; `x` [y](z) ~~s~~ a|b \\")
@settings(deadline=None)
def test_any_text_is_shown_as_it_is(text: str) -> None:
    found = parsed(f"{inline(text)}\n")
    if not words(text):
        assert found == []
        return
    assert [one.type for one in found] == ["paragraph_open", "inline", "paragraph_close"]
    assert words(shown(found[1])) == words(text)


@given(TEXT)
@settings(deadline=None)
def test_any_text_is_code_within_a_line(text: str) -> None:
    found = parsed(f"x {tick(text)} y")
    assert shown(found[1]).replace("\\|", "|") == f"x {words(text).replace('|', '|')} y".replace("\\|", "|")


@given(TEXT)
@settings(deadline=None)
def test_any_text_is_a_block_of_code(text: str) -> None:
    (found,) = parsed(code(text, "sh"))
    assert found.type == "fence"
    assert found.content == "".join(char if char.isprintable() or char == "\n" else " " for char in text) + "\n"


@given(TEXT.filter(lambda text: text.strip() != ""))
@settings(deadline=None)
def test_any_address_stays_inside_its_link(text: str) -> None:
    found = parsed(f"[x](https://x.example/{link(text)}) y")
    assert [one.type for one in found[1].children or ()] == ["link_open", "text", "link_close", "text"]


@given(NOTES)
@example("- ```\n  x\n  ```\n# h")
@example("- a\n\n    ```\n  ```\n<!-- x")
@example("1. a\n   ```\n<!-- x")
@example("- a\n   ```\n      ```\n<script>")
@example("a ` b\n`<script>` c")
@example("<div>\n```\n\n# h")
@example("> a\n> ===")
@example("a\n===")
@example("a\n---")
@example("> ```\n<script>")
@example("- > ~~~\n<!--")
@example("\\`<script>`")
@settings(deadline=None, max_examples=400)
def test_notes_stay_in_their_place(notes: str) -> None:
    """What follows is read as if nothing had stood before it; no heading is above theirs; no HTML is let through."""
    safe = safe_notes(notes, 3)
    before, found = parsed(safe), parsed(f"{safe}\n\n{OURS}")
    ours = parsed(OURS)
    assert flat(found[len(found) - len(ours) :]) == flat(ours)
    assert len(before) <= len(found) - len(ours)
    for one in before:
        assert one.type != "html_block"
        assert all(child.type != "html_inline" for child in one.children or ())
        if one.type == "heading_open":
            assert int(one.tag[1]) > 3


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("# A\n\ntext `a <b>` and <https://x.y>", "#### A\n\ntext `a <b>` and <https://x.y>"),
        ("```sh\n# no heading\ncat <x\n```", "```sh\n# no heading\ncat <x\n```"),
        ("- a\n  - b\n\n1. c", "- a\n  - b\n\n1. c"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("[a](https://b.c) **d** _e_", "[a](https://b.c) **d** _e_"),
        ("a  \nb", "a  \nb"),
    ],
)
def test_what_is_harmless_stays_as_it_is(written: str, told: str) -> None:
    assert safe_notes(written, 3) == told

import os
import re
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slogen.source import Document, parse_documents, read_files
from slogen.specfiles import find_spec_files

READABLE = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff", include_characters="\t\n\x85"
)


def read(text: str) -> Document:
    documents, findings = parse_documents(text, "f.yaml")
    assert not findings, "\n".join(map(str, findings))
    (document,) = documents
    return document


def said(text: str) -> list[tuple[str, str]]:
    """Code and line:column of every finding."""
    findings = parse_documents(text, "f.yaml")[1]
    return [(finding.code, f"{finding.place.line}:{finding.place.column}") for finding in findings]


def where(document: Document, path: list[str | int], key: bool = False) -> str:
    place = document.place(path, key)
    return f"{place.line}:{place.column}"


def char_at(text: str, document: Document, path: list[str | int], offset: int) -> str:
    """What stands in the text where `place_in` points, up to the end of its line."""
    place = document.place_in(path, offset)
    return re.split(r"\r\n|\r|\n", text)[place.line - 1][place.column - 1 :]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, text) for text in ("no", "on", "yes", "Off", "0755", "22:22", "2020-01-01", "1_000", "0b1", "+", "x")),
        *((text, text) for text in (".inf", "-.INF", ".nan", "1e9999", "9" * 101, "=", "--x")),
        *((text, None) for text in ("", "~", "null", "NULL")),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("99.95", Decimal("99.95")),
        ("0.10", Decimal("0.10")),
        ("1e3", Decimal("1e3")),
        ("!!str 12", "12"),
        ("'true'", "true"),
        ('"12"', "12"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    data = read(f"k: {written}\n").data
    assert data == {"k": value}
    assert isinstance(data, dict)
    assert type(data["k"]) is type(value)
    assert str(data["k"]) == str(value)


def test_places() -> None:
    document = read("a: 1\nb:\n  - x\n  - c: 'é'\n    d:\n  - *k\ne: &k\n  f: g\n".replace("  - *k\n", ""))
    assert where(document, []) == "1:1"
    assert where(document, ["a"]) == "1:4"
    assert where(document, ["a"], key=True) == "1:1"
    assert where(document, ["b", 1]) == "4:5"
    assert where(document, ["b", 1], key=True) == "4:5"
    assert where(document, ["b", 1, "c"]) == "4:8"
    assert where(document, ["b", 1, "d"]) == "5:5"
    assert where(document, ["b", 1, "missing"]) == "4:5"
    assert where(document, ["b", 7]) == "2:1"
    assert where(document, ["e", "missing", "deeper"]) == "6:1"
    assert where(document, ["missing"]) == "1:1"


def test_aliases_stand_where_they_are_written() -> None:
    document = read("a: &x\n  b: [1]\nc: *x\n")
    assert document.data == {"a": {"b": [1]}, "c": {"b": [1]}}
    assert where(document, ["c"]) == "3:4"
    assert where(document, ["c", "b", 0]) == "2:7"


def test_documents_of_a_file() -> None:
    text = "\ufeff# first\r\n---\r\na: 1\r\n---\r\n---\r\nb:\r\n  c: 2\r\n"
    documents, findings = parse_documents(text, "slos/f.yaml")
    assert not findings
    assert [(document.index, document.data) for document in documents] == [(0, {"a": 1}), (1, {"b": {"c": 2}})]
    assert str(documents[1].place(["b", "c"])) == "slos/f.yaml:7:6"


SYNTAX, TAB = "yaml/syntax", "yaml/tab"


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("a: {{ x }}", [(SYNTAX, "1:4")]),
        ("b: 1\na: {{ x }}/y\n", [(SYNTAX, "2:4")]),
        ('a: {job="x"}', [(SYNTAX, "1:4")]),
        ('a: up{job="x"}: y', [(SYNTAX, "1:4")]),
        ('- a: sum(up{job="x"}) # y: z\n  b: c: d', [(SYNTAX, "2:7")]),
        ("a:\n\tb: c", [(TAB, "2:1")]),
        ("a:\n  b: c\n \td: e", [(TAB, "3:2")]),
        ('a: "b', [(SYNTAX, "1:4")]),
        ("a: [b\n", [(SYNTAX, "1:4")]),
        ("a: [b, c]]", [(SYNTAX, "1:10")]),
        ("a: 'it's'", [(SYNTAX, "1:8")]),
        ("a: b\n c: d", [(SYNTAX, "2:3")]),
        ("a: b\nfoo\nc: d", [(SYNTAX, "2:1")]),
        ("a: @b", [(SYNTAX, "1:4")]),
        ("a: b\n%c\n", [(SYNTAX, "2:1")]),
        ("a: {b: [::]}\n", [(SYNTAX, "1:9")]),
        ('a: "\\d"', [(SYNTAX, "1:5")]),
        (": a", [(SYNTAX, "1:1")]),
        ("é: 1\nb: 2\né: 3\nb: 4", [("yaml/duplicate-key", "3:1"), ("yaml/duplicate-key", "4:1")]),
        ("a: &x {b: c}\nd:\n  <<: *x", [("yaml/merge-key", "3:3")]),
        ("a: !x b\nc: !!python/object:os.system d", [("yaml/tag", "1:4"), ("yaml/tag", "2:4")]),
        ("1: a\ntrue: b\n~: c\n[d]: e", [("yaml/key-type", f"{line}:1") for line in range(1, 5)]),
        ("a: *b\nc: &d [*d]\n*e : f", [("yaml/alias", "1:4"), ("yaml/alias", "2:8"), ("yaml/alias", "3:1")]),
        ("a: b\x07\nc: \u200bd\ue000\x85e\x9b", [("yaml/control-character", "1:5"), ("yaml/control-character", "2:9")]),
        ("", [("yaml/empty", "1:1")]),
        ("# nothing\n---\n", [("yaml/empty", "1:1")]),
        ("a: " + "[" * 64, [("yaml/too-deep", "1:67")]),
        ("a: b\n---\nc: @\n---\nd: e: f", [(SYNTAX, "3:4"), (SYNTAX, "5:5")]),
        (" " * (1024 * 1024 + 1), [("yaml/too-large", "1:1")]),
    ],
)
def test_says_what_is_wrong_and_where(text: str, findings: list[tuple[str, str]]) -> None:
    assert said(text) == findings


def test_duplicate_key_names_both_places_and_the_first_counts() -> None:
    documents, (finding,) = parse_documents("a:\n  b: 1\n  b: 2", "f.yaml")
    assert str(finding.place) == "f.yaml:3:3"
    assert "first on line 2, column 3" in finding.message
    assert [document.data for document in documents] == [{"a": {"b": 1}}]


def test_reading_goes_on_after_a_broken_document() -> None:
    documents, findings = parse_documents("a: 'b\n---\nc: d\n", "f.yaml")
    assert [(document.index, document.data) for document in documents] == [(1, {"c": "d"})]
    assert where(documents[0], ["c"]) == "3:4"
    assert [finding.place.line for finding in findings] == [1]


TORTURE = {
    "flow": "[" * 1_000_000,
    "block": "- " * 500_000,
    "pairs": "[{" * 500_000,
    "keys": "? " * 500_000,
    "stairs": "\n".join(" " * depth + "a:" for depth in range(1400)),
    "items": "- a\n" * 250_000,
    "documents": "--- a\n" * 150_000,
    "broken documents": "---\n@\n" * 150_000,
    "bomb": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1},' * 9}]\n" for i in range(1, 60)),
    "ladder": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 9000)),
    "merge bomb": "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{<<: [{f'*a{i - 1},' * 9}]}}\n" for i in range(1, 12)),
    "unclosed": '"' + "a" * 1_000_000,
    "tabs": "\ta\n" * 300_000,
    "control characters": "\x01" * 1_000_000,
    "braces": "a: " + "{{" * 500_000,
    "expression": "a: b: " + "x{" * 500_000,
    "surrogates": "\ud800" * 1000,
}


@pytest.mark.parametrize("text", TORTURE.values(), ids=TORTURE)
def test_torture_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    assert said(text)
    assert time.process_time() - started < 5


@given(
    st.binary() | st.text(st.sampled_from("a:-?[]{},#&*!|>'\"%@`~<= \t\n\r\\x0\ufeff\x85\u2028é\x00")).map(str.encode)
)
@example(b"--- \xff")
@example(b"\xef\xbb\xbfa: \xe2\x80\xa8")
def test_any_bytes_give_documents_or_findings(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    documents, findings = parse_documents(text, "f")
    assert documents or findings
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    for finding in findings:
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1]) + 1
    for document in documents:
        every_place(document)


def every_place(document: Document) -> None:
    todo: list[tuple[list[str | int], object]] = [([], document.data)]
    while todo:
        path, value = todo.pop()
        document.place(path, key=True)
        for offset in range(len(value) + 1 if isinstance(value, str) else 1):
            document.place_in(path, offset)
        if isinstance(value, dict):
            todo += [([*path, key], below) for key, below in value.items()]
        elif isinstance(value, list):
            todo += [([*path, index], below) for index, below in enumerate(value)]


DOUBLE = {
    "\n": "\\n",
    "\t": "\\t",
    "\\": "\\\\",
    '"': '\\"',
    "\x85": "\\N",
    "é": "\\u00e9",
    "\U0001f600": "\\U0001F600",
}


@given(st.text(READABLE))
@example('a"b\\c\né\U0001f600\x85')
def test_double_quoted_text_comes_out_the_same(value: str) -> None:
    pieces = [DOUBLE.get(char, char) for char in value]
    text = f'k: "{"".join(pieces)}"'
    document = read(text)
    assert document.data == {"k": value}
    column = 5
    for offset, piece in enumerate([*pieces, '"']):
        assert document.place_in(["k"], offset).column == column
        column += len(piece)


@given(st.text(READABLE.filter(lambda char: char != "\n")))
@example("it's ''")
def test_single_quoted_text_comes_out_the_same(value: str) -> None:
    document = read(f"é: '{value.replace(chr(39), chr(39) * 2)}'")
    assert document.data == {"é": value}
    for offset in range(len(value) + 1):
        assert document.place_in(["é"], offset).column == 5 + offset + value[:offset].count("'")


@given(st.text(READABLE), st.sampled_from(["", "\n", "\n\n"]))
@example("  indented\nless\n\n\ttab\n   ", "\n")
@example("a\u2028b\x85c", "")
def test_literal_text_comes_out_the_same(body: str, ending: str) -> None:
    value = (body if body.strip(" \n") else f"{body}x").rstrip("\n") + ending
    chomping = "-" if not ending else "+" if ending == "\n\n" else ""
    text = f"- k: |2{chomping} # why\n" + "".join(f"    {line}\n" for line in value.removesuffix("\n").split("\n"))
    document = read(text)
    assert document.data == [{"k": value}]
    for offset, char in enumerate(value):
        place = document.place_in([0, "k"], offset)
        before = value[:offset].split("\n")
        assert (place.line, place.column) == (1 + len(before), 5 + len(before[-1])), (char, value)


WORDS = st.lists(st.sampled_from(["a", "bc", "{é}", 'q"', "😀", "$w"]), min_size=1, max_size=3).map(" ".join)
LINES = st.lists(st.sampled_from(["", "  ", " \t"]) | WORDS | WORDS.map("  ".__add__), max_size=7)


def check_alignment(text: str, document: Document, start: int) -> None:
    """Every visible character is found in the text, in order, and none is found twice or left out."""
    assert isinstance(document.data, dict)
    value = document.data["k"]
    assert isinstance(value, str)
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    places = [document.place_in(["k"], offset) for offset in range(len(value))]
    indexes = [starts[place.line - 1] + place.column - 1 for place in places]
    assert indexes == sorted(set(indexes))
    visible = [(index, char) for index, char in zip(indexes, value, strict=True) if not char.isspace()]
    end = text.index("\nz:") if "\nz:" in text else len(text)
    assert visible == [(i, text[i]) for i in range(start, end) if not text[i].isspace()]
    for index, char in zip(indexes, value, strict=True):
        if char == "\n":
            assert text[index] in "\r\n"
        elif char.isspace():
            assert text[index].isspace()


@given(WORDS, LINES, st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", ">2", "|2-"]), st.sampled_from(["\n", "\r\n"]))
@example("a", ["b", "", "  c", "", "d", ""], ">+", "\n")
def test_block_text_is_aligned(first: str, lines: list[str], header: str, end: str) -> None:
    head = f"k: {header} # why{end}"
    text = head + end.join(["", *(f"  {line}" for line in [first, *lines]), "z: 1"])
    check_alignment(text, read(text), len(head))


@given(WORDS, LINES, st.sampled_from(["", '"', "'"]), st.sampled_from(["\n", "\r\n"]))
@example("a", ["", "  bc", " \t", "", "d"], "'", "\r\n")
def test_text_over_several_lines_is_aligned(first: str, lines: list[str], quotes: str, end: str) -> None:
    body = end.join([first, *(f"  {line}" for line in lines), f"  {first}"]).replace('"', "" if quotes == '"' else '"')
    if not quotes:
        body = "x" + body
    text = f"k: &a !!str {quotes}{body}{quotes}{end}z: 1"
    document = read(text)
    start = 12 + len(quotes)
    if quotes:
        text = text.replace(f"{quotes}{end}z:", f" {end}z:")
    check_alignment(text, document, start)


def test_escaped_breaks_join_lines() -> None:
    text = 'k: "ab\\\n    \\  cd\\x41 \\\n\n  e"\n'
    document = read(text)
    value = "ab  cdA \ne"
    assert document.data == {"k": value}
    found = [char_at(text, document, ["k"], offset) for offset in range(len(value))]
    assert [rest[:1] for rest in found] == ["a", "b", "\\", " ", "c", "d", "\\", " ", "", "e"]


def test_place_in_what_is_not_text() -> None:
    document = read("a: 99.95\nb: [c]\nd:\ne: &x 'fg'\nh: *x\n")
    assert str(document.place_in(["a"], 3)) == "f.yaml:1:7"
    assert str(document.place_in(["a"], 99)) == "f.yaml:1:9"
    assert str(document.place_in(["b"], 3)) == "f.yaml:2:4"
    assert str(document.place_in(["d"], 3)) == "f.yaml:3:1"
    assert str(document.place_in(["h"], 1)) == "f.yaml:4:9"
    assert str(document.place_in(["nowhere"], 1)) == "f.yaml:1:1"


def test_files_are_found_sorted_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b/c.yml", "a.yaml", "b/a.yaml", ".git/x.yaml", "b/.x.yaml", "b/readme.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("a: 1")
    found = find_spec_files([tmp_path, tmp_path / "b/readme.md", tmp_path / "b", tmp_path / "missing"])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["a.yaml", "b/a.yaml", "b/c.yml", "b/readme.md", "missing"]


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n\xc3\xa9: \xe9")
    (tmp_path / "utf16.yaml").write_bytes("a: 1".encode("utf-16"))
    (tmp_path / "good.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    with (tmp_path / "huge.yaml").open("wb") as stream:
        stream.truncate(5_000_000_000)
    os.mkfifo(tmp_path / "pipe.yaml")
    names = ["bytes.yaml", "utf16.yaml", "good.yaml", "huge.yaml", "pipe.yaml", "missing.yaml", "."]
    documents, findings = read_files([tmp_path / name for name in names], tmp_path.parent)
    assert [(document.file, document.data) for document in documents] == [(f"{tmp_path.name}/good.yaml", {"a": 1})]
    assert [(f"{finding.code} {finding.place}").replace(f"{tmp_path.name}", "t") for finding in findings] == [
        "yaml/not-utf8 t/bytes.yaml:2:4",
        "yaml/not-utf8 t/utf16.yaml:1:1",
        "yaml/too-large t/huge.yaml:1:1",
        "yaml/unreadable t/pipe.yaml:1:1",
        "yaml/unreadable t/missing.yaml:1:1",
        "yaml/unreadable t:1:1",
    ]

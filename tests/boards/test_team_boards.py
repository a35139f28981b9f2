"""Teams' templates of dashboards: they keep what they do not change, and cannot make what Grafana could not read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from compile import repository, service

from slogen.findings import SpecError
from slogen.pipeline import compile_specs, render

BOARD = "templates/grafana/board.json.j2"


def built(template: str, path: str = BOARD) -> str:
    with repository(service(), {"templates": "templates"}):
        if template:
            Path(path).parent.mkdir(parents=True)
            Path(path).write_text(template, encoding="utf-8")
        else:
            Path("templates").mkdir()
        (text,) = (file.text for file in render(compile_specs([]).plan, ["grafana"]) if file.source)
        return text


def test_a_block_is_replaced_and_the_rest_is_kept() -> None:
    block = '<% block links %>  "links": [<< {"title": board.title} >>],\n<% endblock %>'
    own = f'<% extends "slogen/grafana/board.json.j2" %>{block}'
    before, after = json.loads(built("")), json.loads(built(own))
    assert after.pop("links") == [{"title": "shop SLOs"}]
    before.pop("links")
    assert after == before


def test_the_panels_of_a_kind_are_replaced() -> None:
    own = '<% extends "slogen/grafana/stat.json.j2" %><% block options %>        "mine": true\n<% endblock %>'
    before, after = (json.loads(built(one, "templates/grafana/stat.json.j2"))["panels"] for one in ("", own))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert new == ({**old, "options": {"mine": True}} if old["type"] == "stat" else old)


@pytest.mark.parametrize(
    ("own", "code"),
    [('{"description": << description >>,', "template/json"), ('{"uid": << board.uid >>}', "template/header")],
)
def test_what_grafana_could_not_read_is_refused(own: str, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        built(own)
    (finding,) = raised.value.findings
    assert finding.code == code
    assert finding.place.file == BOARD

"""How Grafana finds the dashboards: its provisioning file, and ConfigMaps that Kubernetes takes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from compile import repository, service, service_of
from hypothesis import given, settings
from hypothesis import strategies as st
from made import HARD, HOSTILE, LONG, files_of

from slogen import naming
from slogen.findings import SpecError
from slogen.model import BoardSetting, Setting
from slogen.pipeline import compile_specs
from slogen.rules import Artefact, Plan
from slogen.specfiles import find_spec_files, spec_folders
from slogen.targets import _provisioning
from slogen.targets._provisioning import config_maps, provisioning

MAPS = {
    "dashboards": {"configMap": {"namespace": "monitoring", "labels": {"grafana_dashboard": "1", "a.example/b": ""}}}
}
NAME = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def provider(folder: str) -> dict[str, Any]:
    text = provisioning(Plan(Setting(boards=BoardSetting(folder=folder)), ())).text
    (found,) = yaml.safe_load(text)["providers"]
    assert isinstance(found, dict)
    return found


def test_grafana_is_told_of_the_folder_of_the_configuration() -> None:
    files = files_of(service(), {"dashboards": {"folder": "On call"}})
    text = files[naming.PROVISIONING].text
    assert yaml.safe_load(text) == {
        "apiVersion": 1,
        "providers": [
            {
                "name": "slogen",
                "type": "file",
                "folder": "On call",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": "/var/lib/grafana/dashboards/slogen"},
            }
        ],
    }
    assert files[naming.PROVISIONING].source == ""


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@settings(max_examples=200)
def test_any_folder_is_the_same_text_to_grafana(folder: str) -> None:
    """Grafana fills in environment variables, `$NAME`; `$$` is a dollar to it."""
    told = provider(folder)["folder"]
    assert "$" not in told.replace("$$", "")
    assert told.replace("$$", "$") == folder


def test_without_the_option_there_are_no_config_maps() -> None:
    assert not [path for path in files_of(service()) if "configmap" in path]


def test_each_dashboard_is_in_a_config_map_of_its_own() -> None:
    files = files_of([service(), service(LONG)], MAPS)
    boards = {path: one for path, one in files.items() if path.startswith("grafana/dashboards/")}
    maps = {path: one for path, one in files.items() if path.startswith("grafana/configmaps/")}
    assert len(maps) == len(boards) == 3
    names = set()
    for path, one in maps.items():
        made = yaml.safe_load(one.text)
        assert made["apiVersion"] == "v1" and made["kind"] == "ConfigMap"
        metadata = made["metadata"]
        assert metadata["labels"] == {"grafana_dashboard": "1", "a.example/b": ""}
        assert metadata["annotations"] == {"k8s-sidecar-target-directory": "SLOs"}
        assert metadata["namespace"] == "monitoring"
        assert re.fullmatch(NAME, metadata["name"]) and len(metadata["name"]) <= 253
        names.add(metadata["name"])
        ((key, text),) = made["data"].items()
        assert re.fullmatch(r"[-._a-zA-Z0-9]+", key)
        board = boards[path.replace("configmaps", "dashboards").replace(naming.CONFIG_MAP_SUFFIX, ".json")]
        assert json.loads(text) == json.loads(board.text)
        assert key == board.path.rsplit("/", 1)[1]
        assert one.source == board.source
        assert "|-\n" in one.text, "readable in a pull request"
    assert len(names) == 3


def test_a_namespace_is_left_out_where_none_is_named_and_any_text_is_kept() -> None:
    files = files_of(HARD["hostile text"], {"dashboards": {"configMap": {}, "folder": HOSTILE}})
    made = yaml.safe_load(files[naming.config_map_file("", "shop")].text)
    assert made["metadata"].keys() == {"name", "labels", "annotations"}
    assert made["metadata"]["annotations"]["k8s-sidecar-target-directory"] == HOSTILE
    board = json.loads(files[naming.dashboard_file("", "shop")].text)
    assert json.loads(made["data"]["shop.json"]) == board
    assert HOSTILE in {panel["title"] for panel in board["panels"]}


def test_every_dashboard_too_large_for_a_config_map_is_a_finding() -> None:
    with repository([service(), service("other"), service("small")], MAPS):
        plan = compile_specs([]).plan
        boards = [
            Artefact(naming.dashboard_file("", name), text, "slos/spec.yaml")
            for name, text in (("shop", "é" * 600_000), ("other", "x" * 1_048_577), ("small", "x" * 1_048_576))
        ]
        found = list[Artefact]()
        with pytest.raises(SpecError) as refused:
            found.extend(config_maps(plan, boards))
    assert [one.path for one in config_maps(Plan(plan.setting, plan.services[2:]), boards[2:])]
    told = [(one.code, one.place.file, one.message) for one in refused.value.findings]
    assert [code for code, _, _ in told] == ["grafana/too-large"] * 2
    assert {file for _, file, _ in told} == {"slos/spec.yaml"}
    assert "shop.json" in told[0][2] and "other.json" in told[1][2]


def test_the_finding_reaches_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_provisioning, "LARGEST", 1000)
    with pytest.raises(SpecError) as refused:
        files_of(service_of(*service()["spec"]["slos"]), MAPS)
    assert {one.code for one in refused.value.findings} == {"grafana/too-large"}


@pytest.mark.parametrize(
    "labels", [{"a b": "1"}, {"a": "x y"}, {"a": "-x"}, {"/a": "1"}, {"a": "x" * 64}, {"": "x"}, {"A.b/c": "1"}]
)
def test_labels_are_those_that_kubernetes_takes(labels: dict[str, str]) -> None:
    with pytest.raises(SpecError) as refused:
        files_of(service(), {"dashboards": {"configMap": {"labels": labels}}})
    assert "config/kubernetes-label" in {one.code for one in refused.value.findings}


def test_what_is_written_is_not_read_as_a_spec() -> None:
    with repository(service(), MAPS) as folder:
        for one in files_of(service(), MAPS).values():
            path = folder / "slos" / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.text, encoding="utf-8")
        assert len(find_spec_files([folder / "slos"])) > 3
        assert [path.rsplit("/", 1)[1] for path in spec_folders([folder / "slos"])] == ["spec.yaml"]

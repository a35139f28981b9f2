"""Manifests as they come: many in a text, in lists, as JSON, with anchors, half rendered, or hostile."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from manifests import TODAY, codes, deployment, files, found, memory, outcome_of, place_of

from slogen.manifest_check import Request, check_manifests
from slogen.source import parse_documents
from slogen.yamltext.dialect import FOREIGN

RENDERED = """\
---
# Source: shop/templates/empty.yaml
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels: {on: yes, 8080: x, app.kubernetes.io/version: 1.10}
spec:
  template:
    spec:
      initContainers:
        - name: migrate
          image: shop:1
      containers:
        - &main
          name: web
          image: shop:1
          resources: &small
            limits: {memory: 512MB}
        - <<: *main
          name: side
          resources:
            <<: [*small]
            requests: {memory: 1Gi}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: job
              image: !!str shop:1
"""


def test_rendered_charts_are_read_with_all_that_yaml_has() -> None:
    outcome = outcome_of(RENDERED)
    assert (outcome.workloads, outcome.containers) == (2, 4)
    told = [(one.code, one.message.split("'")[1], one.place.line) for one in outcome.findings if "hpa" not in one.code]
    lines = RENDERED.splitlines()
    units = lines.index("            limits: {memory: 512MB}") + 1
    assert told == [
        ("manifest/memory-limit", "migrate", lines.index("        - name: migrate") + 1),
        ("manifest/quantity", "side", units),
        ("manifest/quantity", "web", units),
        ("manifest/memory-limit", "job", lines.index("            - name: job") + 1),
        ("manifest/memory-request", "job", lines.index("            - name: job") + 1),
    ]


WHOLE = json.loads(deployment())
LIST = {"apiVersion": "v1", "kind": "List", "items": [WHOLE]}
BARE = {key: value for key, value in WHOLE.items() if key in {"metadata", "spec"}}
LISTS = {
    "list": LIST,
    "list of lists": {**LIST, "items": [LIST]},
    "typed list": {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [BARE]},
}


@pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS)
def test_lists_and_json(listed: object) -> None:
    text = json.dumps(listed, indent="\t")
    (finding,) = found(text, "memory-limit", name="k8s/list.json")
    line = text.splitlines()[finding.place.line - 1]
    assert line[finding.place.column - 1 :] == "{"


def test_a_variable_is_followed_into_a_config_map() -> None:
    maps = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "jvm", "namespace": space},
            "data": {"HEAP": size},
        }
        for space, size in (("shop", "3g"), ("other", "1g"))
    ]
    own = {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx$(J_HEAP)"}
    text = deployment(envFrom=[{"prefix": "J_", "configMapRef": {"name": "jvm"}}], env=[own], resources=memory("2Gi"))
    assert "jvm-heap" in codes(found("\n---\n".join([text, *map(json.dumps, maps)])))
    assert "heap-unknown" in codes(found(text))
    assert "heap-unknown" in codes(found("\n---\n".join([text, *map(json.dumps, [*maps, maps[0]])])))


def test_a_sidecar_runs_on_and_an_init_container_does_not() -> None:
    pod = {"containers": [{"name": "main", "image": "a", "resources": memory("1Gi")}]}
    first = {"name": "first", "image": "a"}
    for policy, told in (({}, {"memory-limit"}), ({"restartPolicy": "Always"}, {"memory-limit", "memory-request"})):
        spec = {**pod, "initContainers": [{**first, **policy}]}
        text = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})
        assert codes(found(text)) == told


TEMPLATES = [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n",
    "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\n{{- end }}\n",
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "{{ include \\"shop.name\\" . }}"}\nspec: {}\n',
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  labels:\n{{ toYaml .Values.labels | indent 4 }}\n",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_gets_one_finding_that_says_what_to_do(text: str) -> None:
    outcome = outcome_of(text)
    (finding,) = outcome.findings
    assert finding.code == "manifest/not-rendered"
    assert "helm template" in finding.hint
    assert outcome.is_unusable


def test_templates_inside_other_objects_are_their_own_business() -> None:
    rules = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "{{ .Values.x }}", "b": "{{ $labels.pod }}"}}
    assert found(json.dumps(rules)) == []


def test_patches_of_kustomize_are_no_manifests() -> None:
    patch = deployment(image="")
    overlay = "resources: [../base]\npatches:\n  - path: more.yaml\n"
    texts = {"k8s/base/app.yaml": deployment(), "k8s/prod/kustomization.yaml": overlay, "k8s/prod/more.yaml": patch}
    with files(texts):
        outcome = check_manifests(Request([Path("k8s")]), TODAY)
    assert outcome.workloads == 1
    (finding,) = (one for one in outcome.findings if one.place.file != "k8s/base/app.yaml")
    assert str(finding.place) == "k8s/prod/kustomization.yaml:2:1"
    assert "kubectl kustomize k8s/prod |" in finding.hint


def test_a_part_of_a_manifest_is_told_and_not_judged() -> None:
    text = deployment(image="")
    assert codes(found(text)) - {"hpa-missing"} == {"shape"}


def test_what_is_not_of_kubernetes_is_passed_over() -> None:
    texts = {
        "k8s/app.yaml": deployment(),
        "k8s/values.yaml": "image: {tag: 1}\n",
        "k8s/crd.yaml": "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: {}\n",
        "k8s/.hidden.yaml": "{",
        "k8s/notes.md": "{",
    }
    with files(texts):
        outcome = check_manifests(Request([Path("k8s")]), TODAY)
    assert {one.place.file for one in outcome.findings} == {"k8s/app.yaml"}


def test_nothing_to_check_is_told() -> None:
    outcome = outcome_of("# nothing\n")
    assert [one.code for one in outcome.findings] == ["manifest/none"]
    assert outcome.is_unusable


def test_a_broken_document_is_told_and_the_others_are_checked() -> None:
    text = f"{deployment()}\n---\nkind: [\n---\n{deployment(name='other')}\n"
    findings = found(text)
    assert {one.code for one in findings} >= {"yaml/syntax", "manifest/memory-limit"}
    assert len([one for one in findings if one.code == "manifest/memory-limit"]) == 2


HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
STEPS = list(pairwise("abcdefghijklmnopqrstu"))
ALIASES = "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in STEPS)
MERGES = "".join(f"{b}: &{b} {{<<: [*{a}, *{a}], {b}: {{<<: *{a}}}}}\n" for a, b in STEPS)
REPEATED = [{"name": b, "value": f"$({a})" * 99} for a, b in STEPS]
VARIABLES = [{"name": "a", "value": "x" * 99}, *REPEATED, {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx$(u)"}]
OPENED = "java " + "${" * 50_000 + "$(" * 50_000 + "`" * 9_999 + "\"'" * 9_999
BOMBS = {
    "aliases": (f"{HEAD}a: &a [x, x]\n{ALIASES}", "yaml/too-many-nodes"),
    "merge keys": (f"{HEAD}a: &a {{k: x, l: x}}\n{MERGES}", "yaml/too-many-nodes"),
    "variables": (deployment(env=VARIABLES, resources=memory("1Gi")), "manifest/heap-unknown"),
    "depth": (f"{HEAD}a: {'[' * 100_000}", "yaml/too-deep"),
    "brackets in a script": (deployment(command=["sh", "-c", OPENED]), "manifest/memory-limit"),
    "long words": (deployment(image="a-" * 200_000, command=["java", "-Xmx" + "9" * 100_000]), "manifest/jvm-option"),
    "many findings": (deployment(args=["-Xmx1gb"] * 5_000), "manifest/jvm-option"),
}


@pytest.mark.parametrize(("text", "code"), BOMBS.values(), ids=BOMBS)
def test_hostile_manifests_are_told_and_not_followed(text: str, code: str) -> None:
    findings = found(text)
    assert code in {one.code for one in findings}
    assert len(findings) < 50


def test_merged_keys_keep_their_place_and_their_order() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {z: 5, <<: [*a, *b]}\n"
    ((document,), findings) = parse_documents(text, "f", FOREIGN)
    assert findings == []
    assert isinstance(document.data, dict)
    assert document.data["c"] == {"z": 5, "x": 1, "y": 2}
    place = document.place(("c", "y"))
    assert (place.line, place.column) == place_of(text, "2}")

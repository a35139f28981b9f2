"""What a person writes of memory and saturation: what it means, and what is said of mistakes, at their place.

In a spec of a mistake, ▶ stands before each character that a finding must point at.
"""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from compile import compiled, plan_of, rules_text

from slogen import naming
from slogen.findings import SpecError
from slogen.rules import Alert, ResourcePlan

MARK = "▶"
HEAD = "apiVersion: slogen/v1\nkind: Service\nmetadata: {name: shop, owner: team}\nspec:\n"
WORKLOADS = "  workloads:\n    - {kind: Deployment, namespace: shop, name: checkout}\n"
SIGN = "lines: [1h], ahead: 1h, above: 5, uptime: 1h"
QUANTITY = "write it as Kubernetes does: 512Mi, 2Gi or 2G"
POLICY = "---\napiVersion: slogen/v1\nkind: AlertPolicy\nmetadata: {name: mine}\nspec:\n  extends: default\n"


def spec(*entries: str, workloads: str = WORKLOADS, kind: str = "memory") -> str:
    return f"{HEAD}{workloads}  {kind}:\n" + "".join(f"    - {entry}\n" for entry in entries)


def workload(fields: str) -> str:
    return spec("type: container", workloads=f"  workloads:\n    - {{{fields}}}\n")


def policy(section: str) -> str:
    return f"{spec('type: container')}{POLICY}  {section}\n"


Told = list[tuple[str, str, str]]
"""Code, part of the message and hint of each finding."""

NAMED = "give one of them a name: of its own"
KUBERNETES = "use a-z, 0-9, - and ., as Kubernetes does"

CASES: dict[str, tuple[str, Told]] = {
    "one type twice": (
        spec("type: container", "▶type: container"),
        [("spec/duplicate-name", "two entries of this service are named 'container', the other at ", NAMED)],
    ),
    "a name that is another's type": (
        spec("{type: jvm, name: go}", "▶{type: go}"),
        [("spec/duplicate-name", "are named 'go'", NAMED)],
    ),
    "one name in both lists": (
        spec("{type: container, name: cpu}") + "  saturation:\n    - ▶type: cpu\n",
        [("spec/duplicate-name", "are named 'cpu'", NAMED)],
    ),
    "containers of nothing": (
        spec("▶type: container", workloads=""),
        [
            (
                "resource/workloads",
                "the service names no workloads",
                "write workloads: [{kind: Deployment, namespace: shop, name: checkout}] beside it",
            )
        ],
    ),
    "autoscaler and CPU of nothing": (
        spec("▶type: autoscaler", "▶{type: cpu}", workloads="", kind="saturation"),
        [("resource/workloads", "names no workloads", "write workloads: [{kind")] * 2,
    ),
    "processes of nothing": (
        spec("▶{type: process, limit: 2Gi}", "▶{type: go}", "▶{type: jvm}", workloads=""),
        [
            (
                "resource/workloads",
                "neither workloads nor a selector say which series are meant",
                "write workloads: [...] beside it, or selector: '{job=\"checkout\"}' here",
            )
        ]
        * 3,
    ),
    "no limit to be had": (
        spec("▶{type: process, selector: '{job=\"a\"}'}", "▶{type: go, selector: '{job=\"a\"}'}", workloads=""),
        [("resource/limit", "without workloads the limit cannot be told", "write limit: 2Gi, or workloads: [...]")] * 2,
    ),
    "no quantity": (
        spec("{type: process, limit: ▶12XB}"),
        [("spec/quantity", "'12XB' is no amount of memory", QUANTITY)],
    ),
    "nothing": (
        spec("{type: container, limit: ▶0}"),
        [("spec/quantity", "a limit of nothing lets nothing run", QUANTITY)],
    ),
    "less than nothing": (
        spec("{type: container, limit: ▶-5}"),
        [("spec/quantity", "'-5' is no amount of memory", QUANTITY)],
    ),
    "a limit without its unit": (
        spec("{type: container, limit: ▶512}"),
        [("spec/quantity", "a limit of 512 bytes is not meant", QUANTITY)],
    ),
    "a sign of one sample": (
        policy("memoryExhaustion: {signs: {a: {lines: [1h, ▶1m], ahead: 1h, above: 70, uptime: 1h}}}"),
        [("policy/sign", "so few samples make no line", "write 5m or more")],
    ),
    "half a byte": (spec("{type: go, limit: ▶0.5}"), [("spec/quantity", "a limit of nothing", QUANTITY)]),
    "beyond all memory": (
        spec("{type: go, limit: ▶1e999999999}"),
        [("spec/quantity", "'1e999999999' is no amount of memory", QUANTITY)],
    ),
    "true": (
        spec("{type: container, limit: ▶true}"),
        [("spec/quantity", "an amount of memory is wanted, not true or false", QUANTITY)],
    ),
    "a list": (spec("{type: go, limit: ▶[2Gi]}"), [("spec/quantity", "an amount of memory is wanted", QUANTITY)]),
    "a limit of a node": (
        spec("{type: node, ▶limit: 2Gi}"),
        [("spec/unknown-key", "unknown key 'limit'", "known here: alerting, name, runbook, selector, type")],
    ),
    "no matchers": (
        spec("{type: process, selector: ▶up}"),
        [("promql/matchers-wanted", "label matchers in braces are wanted", "write '{")],
    ),
    "of the other list": (
        spec("{type: ▶cpu}"),
        [("resource/type", "unknown type of memory 'cpu'", "write container or go or jvm or node or process")],
    ),
    "no type": (spec("▶{name: a}"), [("resource/type", "'type' is missing", "write type: container or go or jvm")]),
    "behind an entry that cannot be understood": (
        spec("{type: ▶cpu}", "▶12", "type: node", "▶type: node"),
        [
            ("resource/type", "unknown type of memory 'cpu'", "write"),
            ("spec/type", "", ""),
            ("spec/duplicate-name", "are named 'node', the other at slos/spec.yaml:10:7", NAMED),
        ],
    ),
    "a sign that is told by another alert": (
        policy("memoryExhaustion: {signs: {leak: ▶{lines: [1h], ahead: 1h, above: 5, uptime: 1h}}}"),
        [("policy/sign", "the sign 'leak' is that of memoryLeak", "choose another name")],
    ),
    "no such kind": (
        workload("kind: ▶ReplicaSet, namespace: shop, name: checkout"),
        [("spec/literal-error", "'ReplicaSet' is not allowed here", "write 'Deployment', 'StatefulSet'")],
    ),
    "names that Kubernetes has not": (
        workload("kind: Deployment, namespace: ▶Shop, name: ▶-checkout, container: ▶a_b"),
        [("spec/name", "cannot be the name of anything in Kubernetes", KUBERNETES)] * 3,
    ),
    "a name as a number": (
        workload("kind: Deployment, namespace: shop, name: ▶7"),
        [("spec/name", "a name is wanted, not the number 7", "quote it if it looks like a number")],
    ),
    "a name that is a pattern": (
        workload("kind: Deployment, namespace: shop, name: ▶'.*'"),
        [("spec/name", "cannot be the name", KUBERNETES)],
    ),
    "nothing to do": (HEAD + WORKLOADS, [("spec/empty", "no SLO and watches nothing", "write slos:, or memory:")]),
    "no such policy": (
        spec("{type: container, alerting: {policy: ▶defualt}}"),
        [("policy/unknown", "no policy is named 'defualt'", "did you mean 'default'?")],
    ),
    "labels that slogen sets": (
        spec("{type: container, alerting: {labels: {▶service: a}, page: {labels: {▶severity: b, ▶owner: c}}}}"),
        [("spec/identity-label", f"the label '{name}'", "") for name in ("service", "severity", "owner")],
    ),
    "labels that tell its alerts apart": (
        spec(
            "{type: container, alerting: {labels: {▶container: a}, page: {labels: {▶namespace: b}}}}",
            "{type: process, selector: '{}', limit: 1Gi, alerting: {labels: {▶job: c, namespace: d}}}",
            "{type: jvm, alerting: {labels: {▶resource: e, container: f, pod: g}}}",
        ).replace("owner: team", "owner: team, labels: {▶namespace: h}"),
        [
            ("spec/identity-label", f"the label '{name}' tells alerts apart", "choose another name")
            for name in ("namespace", "container", "namespace", "job", "resource")
        ],
    ),
    "a template": (
        spec("{type: container, alerting: {ticket: {annotations: {a: ▶'{{ $label.pod }}'}}}}"),
        [("spec/annotation", "templates have no variable $label", "write $labels")],
    ),
    "a fit of all": (
        policy(f"memoryExhaustion: {{signs: {{a: {{{SIGN}, fit: {{over: 1h, least: ▶1}}}}}}}}"),
        [("spec/fit", "a number between 0 and 1 is wanted, not 1", "write 0.8")],
    ),
    "an unknown key of a sign": (
        policy("memoryExhaustion: {signs: {a: {lines: [1h], ▶ahad: 1h, above: 5, uptime: 1h}}}"),
        [("spec/unknown-key", "unknown key 'ahad'", "did you mean 'ahead'?")],
    ),
    "a sign without lines": (
        policy(
            "memoryExhaustion: {signs: {a: ▶{lines: [], ahead: 1h, above: 5, uptime: 1h}, b: ▶{above: 5, uptime: 1h}}}"
        ),
        [("policy/sign", "looks at what is in use only", "write lines: and ahead:, or risen:")] * 2,
    ),
    "lines to nowhere and a time without lines": (
        policy(
            "memoryExhaustion: {signs: {a: ▶{lines: [1h], above: 5, uptime: 1h},"
            " b: ▶{risen: 5, ahead: 1h, above: 5, uptime: 1h}}}"
        ),
        [("policy/sign", "lines and ahead belong together", "write lines: [1h, 3h] and ahead: 2h")] * 2,
    ),
    "a sign of too many lines": (
        policy("memoryExhaustion: {signs: {a: {lines: ▶[5m, 1h, 2h, 3h, 4h], ahead: 1h, above: 5, uptime: 1h}}}"),
        [("spec/limit", "5 entries, and 4 are the most", "leave some out")],
    ),
    "no signs": (policy("memoryExhaustion: {signs: ▶{}}"), [("spec/limit", "", "")]),
    "a share as a ratio": (
        policy("heapLimit: {above: ▶0.8}"),
        [("spec/percent", "0.8 is less than one percent", "write 80 if that is meant")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("marked", "told"), CASES.values(), ids=CASES)
def test_mistakes_are_told_at_their_place(marked: str, told: Told) -> None:
    with pytest.raises(SpecError) as failure:
        compiled(marked.replace(MARK, ""))
    found = failure.value.findings
    if MARK in marked:
        assert [str(one.place) for one in found] == places(marked)
    assert [one.code for one in found] == [code for code, _, _ in told]
    for one, (_, message, hint) in zip(found, told, strict=True):
        assert message in one.message
        assert one.hint.startswith(hint)
        assert one.hint


def places(marked: str) -> list[str]:
    return [
        f"slos/spec.yaml:{number}:{at - earlier + 1}"
        for number, line in enumerate(marked.splitlines(), 1)
        for earlier, at in enumerate(found.start() for found in re.finditer(MARK, line))
    ]


def test_workloads_are_enough_or_a_selector_is() -> None:
    """What a limit is read from may be a workload, the spec, or the heap itself."""
    for entry in (
        "{type: process, selector: '{job=\"a\"}', limit: 2Gi}",
        "{type: jvm, selector: '{job=\"a\"}'}",
        "type: node",
    ):
        assert plan_of(spec(entry, workloads="")).services[0].resources
    for entry in ("type: container", "type: process", "type: go", "type: jvm", "{type: go, selector: '{job=\"a\"}'}"):
        assert plan_of(spec(entry)).services[0].resources


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("512Mi", 512 * 1024**2),
        ("'2G'", 2 * 10**9),
        ("2097152", 2 * 1024**2),
        ("1e9", 10**9),
        ("1.5e9", 1_500_000_000),
        ("0.5Gi", 2**29),
    ],
)
def test_a_limit_as_it_may_be_written(written: str, size: int) -> None:
    for kind in ("container", "process", "go"):
        (resource,) = plan_of(spec(f"{{type: {kind}, limit: {written}}}")).services[0].resources
        (used,) = (one.expr for one in resource.resource.figures if one.record == naming.UTILISATION)
        assert f"/ {size}\n" in used
        assert "kube_pod_container_resource_limits" not in used


def resource_of(text: str) -> ResourcePlan:
    (resource,) = plan_of(text).services[0].resources
    return resource


def alerts_of(text: str) -> dict[str, Alert]:
    return {alert.name: alert for alert in resource_of(text).alerts()}


def test_a_severity_is_left_out() -> None:
    every = alerts_of(spec("type: container"))
    assert {alert.severity for alert in every.values()} == {"page", "ticket"}
    for severity in ("page", "ticket"):
        left = alerts_of(spec(f"{{type: container, alerting: {{{severity}: {{disabled: true}}}}}}"))
        assert set(left) == {name for name, alert in every.items() if alert.severity != severity}
    both = spec("{type: container, alerting: {page: {disabled: true}, ticket: {disabled: true}}}")
    assert not alerts_of(both)
    assert naming.UTILISATION in rules_text(both)


def test_labels_and_annotations_of_an_entry_and_of_a_severity() -> None:
    alerting = (
        "{labels: {team: a, area: '{{ x'}, annotations: {note: mine, summary: '{{ $value }} of them'},"
        " page: {labels: {team: b}, annotations: {note: now}}}"
    )
    text = spec(f"{{type: container, alerting: {alerting}}}", "{type: jvm}").replace(
        "owner: team}", "labels: {tier: gold}}"
    )
    first, second = plan_of(text).services[0].resources
    for alert in first.alerts():
        paged = alert.severity == "page"
        labels, annotations = dict(alert.labels), dict(alert.annotations)
        assert labels["team"] == ("b" if paged else "a")
        assert labels["area"] == '{{ "{{" }} x'
        assert labels["tier"] == "gold"
        assert (labels["service"], labels["resource"], labels["severity"]) == ("shop", "container", alert.severity)
        assert annotations["note"] == ("now" if paged else "mine")
        assert annotations["summary"] == "{{ $value }} of them"
        assert annotations["description"]
    for alert in second.alerts():
        assert {name for name, _ in alert.labels} == {"service", "resource", "severity", "tier"}


def test_each_entry_has_a_policy_of_its_own() -> None:
    entries = ("{type: container, alerting: {policy: mine}}", "{type: jvm, alerting: {policy: none}}", "type: go")
    text = f"{spec(*entries)}{POLICY}  oomKilled: {{severity: page, hold: 2h}}\n  memoryLeak: off\n"
    first, second, third = plan_of(text).services[0].resources
    mine = {alert.name: alert for alert in first.alerts()}
    assert (mine["MemoryOOMKilled"].severity, mine["MemoryOOMKilled"].hold) == ("page", 7200)
    assert "MemoryLeak" not in mine
    assert not list(second.alerts())
    assert {"MemoryLeak", "MemoryExhaustion", "MemoryUnwatched"} == {alert.name for alert in third.alerts()}


def test_signs_of_a_policy_are_instead_of_the_usual_ones() -> None:
    near = "{lines: [30m], ahead: 1h, above: 60, uptime: 10m, fit: {over: 3h, least: 0.9}, lasting: 5m}"
    far = "{risen: 5, above: 80, uptime: 26h, beyondYesterday: true}"
    text = spec("{type: container, alerting: {policy: mine}}")
    text += f"{POLICY}  memoryExhaustion: {{signs: {{near: {near}, far: {far}}}}}\n"
    params = resource_of(text).resource.policy.resource_sections["memory_exhaustion"]
    assert set(params.signs) == {"near", "far"}
    one, other = params.signs["near"], params.signs["far"]
    assert (one.lines, one.ahead, one.uptime, one.lasting) == ((1800,), 3600, 600, 300)
    assert (one.above, one.fit.over, one.fit.least) == (Decimal("0.6"), 10800, Decimal("0.9"))
    assert (one.risen, one.beyond_yesterday) == (None, False)
    assert (other.lines, other.ahead, other.fit, other.lasting) == ((), None, None, 0)
    assert (other.above, other.risen, other.beyond_yesterday) == (Decimal("0.8"), Decimal("0.05"), True)
    assert set(re.findall(r'sign: "(\w+)"', rules_text(text))) == {"near", "far", "leak"}


def test_an_entry_has_a_group_for_each_rhythm_and_nothing_is_recorded_twice() -> None:
    """What takes days is looked at each four minutes, where there is memory that grows."""
    kinds = ("container", "jvm", "process", "go", "node", "{type: jvm, name: heap}")
    text = spec(*(kind if kind.startswith("{") else f"type: {kind}" for kind in kinds))
    text += "  saturation: [{type: autoscaler}, {type: cpu}]\n"
    groups = yaml.safe_load(rules_text(text))["groups"]
    names = [*kinds[:-1], "heap", "autoscaler", "cpu"]
    parts = {"resource": "1m", "resource-4m": "4m"}
    saturation = ("autoscaler", "cpu")
    assert [(group["name"], group["interval"]) for group in groups] == [
        (f"shop/{name}/{part}", interval)
        for name in names
        for part, interval in parts.items()
        if part == "resource" or name not in saturation
    ]
    slow = [rule for group in groups if group["interval"] == "4m" for rule in group["rules"]]
    assert {rule.get("record", rule.get("alert")) for rule in slow} == {naming.FLOOR, naming.AT_RISK, "MemoryLeak"}
    recorded = [
        (rule["record"], tuple(sorted(rule["labels"].items())))
        for group in groups
        for rule in group["rules"]
        if "record" in rule
    ]
    assert len(recorded) == len(set(recorded))
    for group in groups:
        own = ("shop", group["name"].split("/")[1])
        assert {(rule["labels"]["service"], rule["labels"]["resource"]) for rule in group["rules"]} == {own}


NEW_TYPE = '''
from typing import Literal
from slogen.model import Figure
from slogen.resource_fields import ResourceFields

KIND = "saturation"

class Resource(ResourceFields):
    """Watches disks."""
    type: Literal["disk"]

    def by(self, workloads):
        return ("instance", "device")

    def figures(self, workloads, own):
        return (Figure("disk:used:ratio", "disk_used / disk_size"),)

    def sentence(self):
        return "how full disks are"
'''
NEW_POLICY = '''
from slogen.fields import Duration, Strict
from slogen.model import Severity
from slogen.resource_policies._alerting import counted
from slogen.rules import ResourceDraft

class Params(Strict):
    """An alert when a disk is full."""
    wait: Duration = 60

def alerts(resource, params):
    if resource.has("disk:used:ratio"):
        full = f"{resource.series('disk:used:ratio')} > 0.9"
        yield ResourceDraft("DiskFull", Severity.TICKET, counted(resource, full), "Full.", "Full.", wait=params.wait)
'''
DISKS = f"""\
{HEAD}  saturation:
    - {{type: disk, alerting: {{policy: disks}}}}
---
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {{name: disks}}
spec:
  diskFull: {{wait: 7m}}
"""


def test_a_new_type_and_a_new_policy_are_one_file_each(tmp_path: Path) -> None:
    for folder, name, text in (("types", "disk", NEW_TYPE), ("rules", "disk_full", NEW_POLICY), ("slos", "a", DISKS)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.{'yaml' if folder == 'slos' else 'py'}").write_text(text, encoding="utf-8")
    script = (
        "import slogen.resources, slogen.resource_policies;"
        "slogen.resources.__path__.append('types'); slogen.resource_policies.__path__.append('rules');"
        "from slogen.cli import main; main(['build', '--stdout'])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "disk_used / disk_size" in run.stdout
    assert "alert: DiskFull" in run.stdout
    assert "for: 7m" in run.stdout
    assert 'disk:used:ratio{service="shop", resource="disk"} > 0.9' in run.stdout

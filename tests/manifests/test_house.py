"""What a repository sets for itself: severities, exemptions; and what its specs say of workloads."""

from __future__ import annotations

from typing import Any

import pytest
from compile import EVENTS, service_of
from manifests import codes, deployment, found, memory, outcome_of

from slogen.findings import Finding, Severity, SpecError

SLO = {"name": "availability", "objective": 99.9, "sli": EVENTS}
JVM: dict[str, Any] = {"env": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx2g"}], "resources": memory("2Gi")}


def exempt(until: str = "2026-06-01", **fields: Any) -> dict[str, Any]:
    """A configuration with one exemption."""
    whole = {"rule": "jvm-heap", "workload": "Deployment/shop/app", "reason": "it is known", "until": until, **fields}
    return {"manifests": {"exemptions": [whole]}}


def told(config: dict[str, Any], text: str = "") -> list[Finding]:
    findings = found(text or deployment(**JVM), config=config)
    return [one for one in findings if one.code.split("/")[1] in {"jvm-heap", "exemption-unused", "exemption-expired"}]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"rule": "*"},
        {"workload": "*/*/a*"},
        {"workload": "Deployment/sho?/*"},
        {"container": "main"},
    ],
    ids=str,
)
def test_an_exemption_holds_through_its_last_day(fields: dict[str, Any]) -> None:
    assert told(exempt(**fields)) == []
    assert outcome_of(deployment(**JVM), config=exempt(**fields)).exempt >= 1


@pytest.mark.parametrize(
    "fields",
    [{"rule": "node-heap"}, {"workload": "Deployment/other/*"}, {"workload": "Job/*/*"}, {"container": "side"}],
    ids=str,
)
def test_an_exemption_of_something_else_is_unused(fields: dict[str, Any]) -> None:
    heap, unused = sorted(told(exempt(**fields)), key=lambda one: one.severity)
    assert (heap.code, unused.code) == ("manifest/jvm-heap", "manifest/exemption-unused")
    assert (unused.severity, unused.place.file) == (Severity.WARNING, "slogen.yaml")


def test_an_exemption_that_is_over_exempts_nothing_and_is_told_at_its_line() -> None:
    expired, heap = sorted(told(exempt(until="2026-05-31")), key=lambda one: one.code)
    assert heap.code == "manifest/jvm-heap"
    assert expired.code == "manifest/exemption-expired"
    assert (expired.place.file, expired.place.line) == ("slogen.yaml", 6)
    assert "ended on 2026-05-31: it is known" in expired.message


def test_an_unknown_namespace_may_be_the_exempted_one() -> None:
    text = deployment(namespace=None, **JVM)
    assert told(exempt(), text) == []
    assert "jvm-heap" in codes(found(text, config=exempt(), namespace="other"))


def test_severities_are_the_house_s() -> None:
    off = {"manifests": {"rules": {"jvm-heap": "off", "hpa-missing": "info"}}}
    findings = {one.code: one.severity for one in found(deployment(**JVM), config=off)}
    assert "manifest/jvm-heap" not in findings
    assert findings["manifest/hpa-missing"] is Severity.INFO


@pytest.mark.parametrize(
    ("manifests", "message"),
    [
        ({"rules": {"jvm-heep": "off"}}, "there is no rule 'jvm-heep' for manifests"),
        ({"rules": {"jvm-heap": "loud"}}, "loud"),
        ({"exemptions": [{"rule": "jvm-heap", "workload": "a/b/c", "until": "2027-01-01"}]}, "reason"),
        (
            {"exemptions": [{"rule": "quantity", "workload": "a", "reason": "r", "until": "2027-01-01"}]},
            "kind/namespace",
        ),
        ({"exemptions": [{"rule": "jvm-heap", "workload": "A/b/c", "reason": "r", "until": "2027-02-30"}]}, "a day"),
        ({"exemptions": [{"rule": "no", "workload": "A/b/c", "reason": "", "until": "soon"}]}, "there is no rule 'no'"),
        ({"limits": {"headRoom": "2GB"}}, "there is no unit 'GB'"),
        ({"limits": {"maxHeapShare": 0.8}}, "less than one percent"),
    ],
)
def test_mistakes_in_the_configuration_are_told_at_their_line(manifests: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as failure:
        found(deployment(), config={"manifests": manifests})
    assert all(one.place.file == "slogen.yaml" and one.place.line > 3 for one in failure.value.findings)
    assert any(message in one.message for one in failure.value.findings)


def runs_as(**workload: Any) -> dict[str, Any]:
    """A service that runs as one workload."""
    return service_of(SLO, workloads=[{"kind": "Deployment", "namespace": "shop", "name": "app", **workload}])


SPEC_RULES = {"spec-workload", "spec-container", "workload-spec"}


@pytest.mark.parametrize(
    ("spec", "namespace", "told"),
    [
        (service_of(SLO), "shop", set()),
        (runs_as(), "shop", set()),
        (runs_as(), None, set()),
        (runs_as(container="main"), "shop", set()),
        (runs_as(container="side"), "shop", {"spec-container"}),
        (runs_as(name="api"), "shop", {"spec-workload", "workload-spec"}),
        (runs_as(kind="StatefulSet"), "shop", {"spec-workload", "workload-spec"}),
        (runs_as(namespace="prod"), "shop", {"spec-workload", "workload-spec"}),
    ],
)
def test_specs_and_manifests_name_each_other(spec: dict[str, Any], namespace: str | None, told: set[str]) -> None:
    findings = found(deployment(namespace=namespace), spec=spec)
    assert codes(findings) & SPEC_RULES == told
    for finding in findings:
        assert finding.place.file == ("slos/spec.yaml" if finding.code.startswith("manifest/spec-") else "k8s/app.yaml")


def test_a_namespace_that_is_not_written_is_the_one_that_is_given() -> None:
    text = deployment(namespace=None)
    assert codes(found(text, spec=runs_as(), namespace="shop")) & SPEC_RULES == set()
    assert codes(found(text, spec=runs_as(), namespace="prod")) & SPEC_RULES == {"spec-workload", "workload-spec"}


def test_an_autoscaler_of_another_namespace_is_not_the_workload_s() -> None:
    scaler = (
        "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: app, namespace: %s}\n"
        "spec: {minReplicas: 2, maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: app}}\n"
    )
    hpa_rules = {"hpa-missing", "hpa-orphan"}
    assert codes(found(f"{deployment()}\n---\n{scaler % 'shop'}")) & hpa_rules == set()
    assert codes(found(f"{deployment()}\n---\n{scaler % 'prod'}")) & hpa_rules == hpa_rules

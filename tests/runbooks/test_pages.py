"""Every alert has its section, where its link leads; what is said there comes from the plan and can be run as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from compile import METRIC, compiled, plan_of, policy, service, service_of
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from slogen import naming
from slogen.discovery import plugins
from slogen.output import html_header, source_of
from slogen.own_templates import renderer
from slogen.pipeline import compile_specs, render
from slogen.policies import policy_plugins
from slogen.promql.parsing import parse
from slogen.resource_policies import resource_policy_plugins
from slogen.rules import Alert, Plan
from slogen.runbooks.markdown import QUOTING
from slogen.runbooks.pages import page_of
from slogen.targets import runbooks

ROOT = Path(__file__).parents[2]
ROOMS = ("slogen.indicators", "slogen.policies", "slogen.resources", "slogen.resource_policies")
WORDS = ("What it means for users", "Likely causes", "How to roll back", "Whom to call", "What ends it")
LINKS = {"links": {"runbook": "https://runbooks.example.com/{folder}/{service}.md#{anchor}"}}


def pages(plan: Plan) -> dict[str, str]:
    """The pages of a plan, by the name of their service."""
    return {Path(file.path).stem: file.text for file in render(plan, ["runbooks"])}


def page(spec: Any, config: Any = None) -> str:
    (text,) = pages(plan_of(spec, config)).values()
    return text


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def section(text: str, anchor: str) -> str:
    """What lies between an anchor and the next one."""
    _, _, rest = text.partition(f'<a id="{anchor}"></a>')
    assert rest, f"no {anchor}"
    return rest.split('<a id="', 1)[0]


@pytest.fixture(scope="module")
def own() -> Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return compile_specs([]).plan


def examples() -> Iterator[Any]:
    for room in ROOMS:
        for name in plugins(room):
            yield pytest.param(import_module(f"{room}.{name}").EXAMPLE, id=f"{room.split('.')[1]}-{name}")


def check(plan: Plan) -> None:
    """Each alert's link leads to a section that names it, and each query parses."""
    texts = pages(plan)
    for planned in plan.services:
        text = texts[planned.service.name]
        anchors = re.findall(r'<a id="([^"]*)"></a>', text)
        assert len(anchors) == len(set(anchors))
        alerts = [rule for rule in planned.rules() if isinstance(rule, Alert)]
        for alert in alerts:
            link = dict(alert.annotations)["runbook_url"]
            found = section(text, unquote(link.split("#")[1]))
            assert re.search(rf"^### {alert.name} ", found, re.MULTILINE)
            assert f"**A {alert.severity}:**" in found
            assert found.count("```promql\n") >= 1, f"{alert.name} has no query"
            for words in WORDS:
                assert f"**{words}.**" in found, f"{alert.name}: nothing on {words}"
        queries = re.findall(r"^```promql\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
        for query in queries:
            parse(query)
        assert text.count("```promql") == len(queries)
        headings = [token.tag for token in tokens(text) if token.type == "heading_open"]
        assert headings.count("h1") == 1
        assert headings[0] == "h1"


def test_each_alert_of_the_project_has_its_section(own: Plan) -> None:
    check(own)


@pytest.mark.parametrize("spec", [*examples()])
def test_each_alert_of_a_plug_in_has_its_section(spec: str) -> None:
    check(plan_of(spec, LINKS))


def test_every_plug_in_has_words_for_runbooks() -> None:
    for found in (policy_plugins(), resource_policy_plugins()):
        for name, plugin in found.items():
            assert plugin.runbook.meaning and plugin.runbook.resets, name
    for name, module in plugins("slogen.indicators").items():
        assert module.Indicator.causes, name


def test_the_fast_way_prints_what_the_template_does(own: Plan) -> None:
    """Parts that are alike are rendered once; the template alone has the last word."""
    folder = str(Path(runbooks.__file__).parent)
    template = renderer(own.setting, folder, QUOTING).template(runbooks.TEMPLATE)
    for planned, text in zip(own.services, pages(own).values(), strict=True):
        whole = template.render(page=page_of(planned, own.setting)).strip()
        assert text.split("\n\n", 1)[1] == f"{whole}\n"


def test_parts_that_differ_a_little_are_not_mixed_up() -> None:
    """SLOs that are alike but for one thing, each of which shows on the page."""
    quiet = policy("quiet", gaps={}, groupLimit={}, noData={})
    alike: list[dict[str, Any]] = [
        {},
        {"window": "28d"},
        {"window": {"calendar": "month"}},
        {"objective": 99.8},
        {"by": ["region"]},
        {"by": {"labels": ["region"], "maxGroups": 7}},
        {"by": {"labels": ["tenant"], "maxGroups": 7}},
        {"by": {"labels": ["tenant"], "maxGroups": 7}, "overrides": [{"match": {"tenant": "a.*"}, "objective": 90}]},
        {"description": "Words."},
        {"runbook": "Notes."},
        {"sli": {**SLI, "breakdown": ["route"]}},
        {"alerting": {"policy": "default"}},
        {"alerting": {"policy": "default"}, "sli": {**SLI, "breakdown": ["route"]}},
        {"alerting": {"policy": "default"}, "sli": {**SLI, "breakdown": ["code"]}},
        {"alerting": {"policy": "default"}, "sli": {**SLI, "target": "off"}},
        {"alerting": {"policy": "default"}, "sli": {"type": "threshold", "gauge": 'x{job="shop"}', "above": 1}},
        {"alerting": {"policy": "default"}, "sli": {"type": "threshold", "gauge": 'x{job="shop"}', "above": 2}},
    ]
    base = {"sli": SLI, "objective": 99.9, "alerting": {"policy": "quiet"}}
    plan = plan_of([service_of(*({"name": f"slo-{n}", **base, **one} for n, one in enumerate(alike))), quiet])
    template = renderer(plan.setting, str(Path(runbooks.__file__).parent), QUOTING).template(runbooks.TEMPLATE)
    (text,) = pages(plan).values()
    assert text.split("\n\n", 1)[1] == template.render(page=page_of(plan.services[0], plan.setting)).strip() + "\n"


def test_links_and_the_header_lead_where_they_say(own: Plan) -> None:
    paths = {file.path for file in render(own)}
    for file in render(own, ["runbooks"]):
        assert source_of(file.text) == file.source
        anchors = set(re.findall(r'<a id="([^"]*)"></a>', file.text))
        for address in re.findall(r"\]\(([^)\s]*)\)", file.text):
            if address.startswith("#"):
                assert address[1:] in anchors
            elif "://" not in address:
                assert (Path("/", file.path).parent / address).resolve().as_posix()[1:] in paths


def test_figures_are_those_of_the_formulas() -> None:
    text = section(page(service()), "slobudgetburnpage-availability")
    assert "| 1h / 5m | 14.4 | 1.44% | after 52s | after 8m38s | after 17m17s | 2% |" in text
    assert "2% of the budget × 30d / 1h = 14.4." in text
    assert "5m × (1 - 1.44% / e) later it does too; that is 4m56s after a total outage" in text
    assert "At least 2 bad events must be behind it." in text
    assert "says nothing of [SLOBudgetBurnTicket](#slobudgetburnticket-availability)" in text


def test_what_fitting_changed_is_told() -> None:
    text = section(page(service(objective=90)), "slobudgetburnpage-availability")
    assert "could not fire reliably" in text


def test_whom_to_call() -> None:
    owners = {"owners": {"team": {"channel": "#t*am", "escalation": "The boss.", "link": "https://x.example/a(b)"}}}
    told = section(page(service(), owners), "slobudgetburnpage-availability")
    assert "**team**: #t\\*am, [their page](https://x.example/a%28b%29). If nobody answers: The boss.\n" in told
    unknown = section(page(service()), "slobudgetburnpage-availability")
    assert "**team**. How to reach them is not known" in unknown
    nobody = service()
    del nobody["metadata"]["owner"]
    assert "Write `owner:` under `metadata` in `slos/spec.yaml`" in page(nobody)


def test_how_to_roll_back() -> None:
    kinds = ("Deployment", "StatefulSet", "CronJob")
    workloads = [{"kind": kind, "namespace": "shop", "name": f"a-{kind.lower()}"} for kind in kinds]
    text = section(
        page(service_of(service()["spec"]["slos"][0], workloads=workloads)), "slobudgetburnpage-availability"
    )
    assert "kubectl -n shop rollout undo deployment/a-deployment\n" in text
    assert "kubectl -n shop rollout undo statefulset/a-statefulset\n" in text
    assert "cronjob" not in text
    assert "With `workloads:` in the spec" in page(service())


def test_who_is_hurt_is_the_first_query() -> None:
    text = section(page(service(sli={**SLI, "breakdown": ["route"]})), "slobudgetburnpage-availability")
    first = re.findall(r"```promql\n(.*?)\n```", text, re.DOTALL)[0]
    assert first.startswith("topk(10, (")
    assert "sum by (route)" in first and "[1h]" in first
    assert "bad events of the last 1h by route" in text
    assert "sum by (route)" not in page(service())


SLI = {"type": "events", "bad": f'{METRIC}{{job="shop", code=~"5.."}}', "total": f'{METRIC}{{job="shop"}}'}


def test_notes_stand_where_they_belong() -> None:
    slo = {**service()["spec"]["slos"][0], "runbook": "# Of the SLO\n\n<!-- no end"}
    text = page(service_of(slo, runbook="# Of the service\n\n```sh\nrm x"))
    assert "### Of the service\n\n```sh\nrm x\n```\n" in text
    assert "#### Of the SLO\n\n&lt;!-- no end\n" in text
    assert "[Notes of the team](#slo-availability)" in section(text, "slobudgetburnpage-availability")


def test_texts_of_a_spec_are_no_markup() -> None:
    nasty = "a | b <script>x</script> [x](y) `c` *d* <<name>> ```"
    spec = service(description=nasty)
    spec["metadata"]["description"] = nasty
    text = page(spec)
    prose = MarkdownIt("commonmark").enable("table").render(text)
    assert "<script>" not in prose
    assert prose.count("a | b &lt;script&gt;x&lt;/script&gt; [x](y) `c` *d* &lt;&lt;name&gt;&gt; ```") >= 3


def test_marks_in_queries_stay_what_they_are() -> None:
    """A selector that looks like one of the marks, or like the end of a block, is neither."""
    for job in ("<<name>>", "```", "<<hurt 0 0 3600>>"):
        sli = {"type": "events", "bad": f'x{{job="{job}", code="5"}}', "total": f'x{{job="{job}"}}', "breakdown": ["a"]}
        text = section(page(service(sli=sli)), "slotargetdown-availability")
        (query,) = (one.content for one in tokens(text) if one.type == "fence" and "== 0" in one.content)
        assert query == f'up{{job="{job}"}} == 0\n'


def test_groups_are_ranked() -> None:
    text = page(service(by=["region"], alerting={"page": {"scope": "both"}}))
    found = section(text, "slobudgetburnpage-availability")
    assert 'topk(10, slo_group:burn_rate:window{service="shop", slo="availability"})' in found
    assert 'slo:burn_rate:window{service="shop", slo="availability"}' in found
    assert "It fires for each region by itself" in found


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("slos/--><script>.yaml")
@example("slos/&gt;&amp;amp;.yaml")
def test_no_path_ends_the_header(path: str) -> None:
    first = html_header(path)
    assert source_of(f"{first}\n\n# x") == "".join(char if char.isprintable() else "?" for char in path)
    assert first.index(">") == len(first) - 1


def test_an_owner_that_nobody_knows_is_a_finding() -> None:
    config = {"owners": {"teem": {"channel": "#x"}}}
    (warning,) = compiled(service(), config).warnings
    assert warning.code == "spec/owner"
    assert "teem" in warning.hint


def test_names_of_files_are_those_that_links_mean(own: Plan) -> None:
    for planned in own.services:
        path = naming.runbook_file(planned.service.folder, planned.service.name)
        assert path in {file.path for file in render(own, ["runbooks"])}

"""A build by its receipt gives what a build without one gives: the same files, findings and exit code, to the byte."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from slogen.cli import main

SLOS = Path("slos")
CONFIG = Path("slogen.yaml")
POLICY = Path("slos/policy.yml")
OUTPUT = Path("generated")
FILES = ("a", "b", "team/c")


def service(name: str, objective: str, policy: str) -> str:
    return f"""apiVersion: slogen/v1
kind: Service
metadata: {{name: {name}}}
spec:
  slos:
    - name: availability
      objective: {objective}
      sli: {{type: events, bad: 'x_total{{code="500"}}', total: x_total}}
      alerting: {{policy: {policy}}}
"""


def policy(extends: str) -> str:
    return f"apiVersion: slogen/v1\nkind: AlertPolicy\nmetadata: {{name: own}}\nspec: {{extends: {extends}}}\n"


def config(spec: str) -> str:
    return f"apiVersion: slogen/v1\nkind: Config\nspec: {spec}\n"


services = st.builds(
    service, st.sampled_from(["x", "y", "z"]), st.sampled_from(["99", "99.9", "100"]), st.sampled_from(["none", "own"])
)
policies = st.builds(policy, st.sampled_from(["none", "tickets-only", "missing"]))
specs = ["{}", "{target: {retention: 7d}}", "{defaults: {policy: own}}", "{severities: {page: now}}"]
configs = st.builds(config, st.sampled_from(specs))
texts = st.one_of(
    services,
    policies,
    st.builds("{}---\n{}".format, services, st.one_of(services, policies, configs)),
    st.just("kind: ["),
)
outputs = st.integers(0, 20)
edits = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(FILES), texts),
    st.tuples(st.just("delete"), st.sampled_from(FILES)),
    st.tuples(st.just("rename"), st.sampled_from(FILES), st.sampled_from(FILES)),
    st.tuples(st.just("config"), st.one_of(st.none(), configs)),
    st.tuples(st.just("policy"), st.one_of(st.none(), policies)),
    st.tuples(st.sampled_from(["edit output", "delete output", "copy output"]), outputs),
    st.tuples(st.just("truncate receipt"), outputs),
    st.tuples(st.just("delete receipt"), outputs),
)


@contextlib.contextmanager
def repository() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("slos/team").mkdir(parents=True)
        for name, path in zip("xyz", FILES, strict=True):
            (SLOS / f"{path}.yaml").write_text(service(name, "99.9", "own"))
        POLICY.write_text(policy("tickets-only"))
        yield Path(folder)


def carry_out(edit: tuple[object, ...], cache: Path) -> None:
    kind, *what = edit
    paths = [SLOS / f"{name}.yaml" for name in what if name in FILES]
    made = sorted(path for path in OUTPUT.rglob("*.yml"))
    receipts = sorted(cache.rglob("*.json"))
    chosen = what[0] if isinstance(what[0], int) else 0
    if kind == "write":
        paths[0].write_text(str(what[1]))
    elif kind == "delete":
        paths[0].unlink(missing_ok=True)
    elif kind == "rename" and paths[0].exists():
        paths[0].rename(paths[1])
    elif kind in {"config", "policy"}:
        path = CONFIG if kind == "config" else POLICY
        path.unlink(missing_ok=True) if what[0] is None else path.write_text(str(what[0]))
    elif kind == "truncate receipt":
        for receipt in receipts:
            receipt.write_bytes(receipt.read_bytes()[: 50 * chosen])
    elif kind == "delete receipt":
        for receipt in receipts:
            receipt.unlink()
    elif made:
        path = made[chosen % len(made)]
        if kind == "edit output":
            path.write_text(f"{path.read_text()}# mine\n")
        elif kind == "delete output":
            path.unlink()
        elif kind == "copy output":
            shutil.copy(path, path.with_name("copy.yml"))


def built(output: Path, cache: str, *options: str) -> tuple[int, list[str], dict[str, bytes]]:
    """Exit code, findings, and files."""
    os.environ["SLOGEN_CACHE"] = cache
    result = CliRunner().invoke(main, ["build", "-o", str(output), *options], catch_exceptions=False)
    said = [line for line in result.stderr.splitlines() if not line.endswith("changed.")]
    return result.exit_code, said, {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*.yml")}


SEVERAL = service("x", "99", "own") + "---\n" + policy("none")
ESCAPED = 'apiVersion: slogen/v1\nkind: "Alert\\x50olicy"\nmetadata: {name: own}\nspec: {extends: none}\n'


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example([("policy", None)])
@example([("policy", None), ("write", "a", SEVERAL), ("write", "a", service("x", "99", "own"))])
@example([("policy", None), ("write", "a", ESCAPED)])
@example([("policy", policy("none")), ("policy", policy("missing")), ("policy", policy("tickets-only"))])
@example([("edit output", 0), ("delete output", 1), ("copy output", 2), ("delete", "a")])
@example([("write", "a", service("y", "99", "none")), ("rename", "b", "team/c")])
@given(st.lists(edits, min_size=1, max_size=6))
def test_any_edits(steps: list[tuple[object, ...]]) -> None:
    before = os.environ.get("SLOGEN_CACHE")
    try:
        with repository() as folder:
            cache = folder / "cache"
            built(OUTPUT, str(cache))
            for step in steps:
                carry_out(step, cache)
                at = {str(path.relative_to(OUTPUT)): path.read_bytes() for path in OUTPUT.rglob("*.yml")}
                found, again = built(OUTPUT, str(cache)), built(OUTPUT, str(cache))
                shutil.rmtree("fresh", ignore_errors=True)
                fresh = built(Path("fresh"), "off")
                assert found[:2] == again[:2] == fresh[:2]
                assert found[2] == again[2] == (fresh[2] if fresh[0] == 0 else at)
                assert built(OUTPUT, "off", "--check")[0] == fresh[0]
                assert built(OUTPUT, "off", "--check", "--diff")[0] == fresh[0]
    finally:
        os.environ.pop("SLOGEN_CACHE")
        if before is not None:
            os.environ["SLOGEN_CACHE"] = before

"""`slogen diff`: from two sides to what is printed, and what happens when one of them is unusable."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from commands import files, run

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
SPEC = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop, owner: team}
spec:
  slos:
    - name: availability
      description: Works.
      objective: 99.9
      sli: {type: events, bad: 'errors_total{job="shop"}', total: 'all_total{job="shop"}'}
"""
LOOSER = SPEC.replace("99.9", "99.5")
SAID = "availability: objective 99.9% -> 99.5%: the budget grows from 43 to 216 minutes a month"


def git(*command: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(message: str = "change") -> None:
    git("add", "-A")
    git("commit", "-q", "-m", message)


def write(text: str, name: str = "slos/shop.yaml") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """On `main`, one commit with one spec."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    write(SPEC)
    commit("first")
    return tmp_path


def test_the_working_tree_is_compared_with_where_it_left_main() -> None:
    git("checkout", "-q", "-b", "work")
    git("checkout", "-q", "main")
    write(SPEC.replace("99.9", "99"))
    commit("main went on")
    git("checkout", "-q", "work")
    write(LOOSER)
    before = files(Path("slos"))
    result = run("diff")
    assert (result.code, result.err) == (0, "")
    assert SAID in result.out
    assert "main -> the working tree" in result.out
    assert files(Path("slos")) == before
    assert sorted(path.name for path in Path().iterdir()) == [".git", "slos"]


@pytest.mark.parametrize("range_", ["main..work", "main...work"])
def test_two_revisions_are_compared_whatever_the_working_tree_holds(range_: str) -> None:
    git("checkout", "-q", "-b", "work")
    write(LOOSER)
    commit()
    write("broken: [")
    result = run("diff", range_)
    assert result.code == 0
    assert SAID in result.out


def test_folders_need_no_git(tmp_path: Path) -> None:
    for name, text in (("old", SPEC), ("new", LOOSER)):
        write(text, f"{name}/slos/shop.yaml")
        write(text, f"{name}-specs/shop.yaml")
    for old, new in (("old", "new"), ("old-specs", "new-specs")):
        result = run("diff", "--from", old, "--to", new)
        assert result.code == 0
        assert SAID in result.out
    assert SAID in run("diff", "--from", "old", "--to", "new", "slos/shop.yaml").out
    assert "the working tree" in run("diff", "--from", "new").out
    write(SPEC.replace("name: shop", "name: store"), "new/slos/store.yaml")
    assert "the service is new" in run("diff", "--from", "old", "--to", "new", "slos/store.yaml").out


def test_it_works_below_the_top_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SPEC, "team/slos/shop.yaml")
    write("apiVersion: slogen/v1\nkind: Config\nspec: {severities: {page: urgent}}\n", "team/slogen.yaml")
    commit()
    monkeypatch.chdir(tmp_path / "team")
    assert "Nothing changed." in run("diff", "HEAD").out
    write(LOOSER)
    assert SAID in run("diff", "HEAD").out


def test_the_exit_code_tells_whether_more_than_words_changed() -> None:
    assert run("diff", "HEAD", "--exit-code").code == 0
    write(SPEC.replace("Works.", "Does not fail.").replace("spec:", "spec: # all of it"))
    result = run("diff", "HEAD", "--exit-code")
    assert result.code == 0
    assert "Only words or comments changed" in result.out
    write(SPEC + "# the end\n")
    assert "Only words or comments changed" in run("diff", "HEAD").out
    write(LOOSER)
    assert run("diff", "HEAD").code == 0
    assert run("diff", "HEAD", "--exit-code").code == 1


def test_files_that_come_and_go_are_services_that_do() -> None:
    write(SPEC.replace("name: shop", "name: store"), "slos/store.yaml")
    result = run("diff", "HEAD", "slos/store.yaml")
    assert "the service is new" in result.out
    assert result.code == 0
    write(SPEC + "# reworded\n")
    assert "Nothing changed" in run("diff", "--from", ".", "--to", ".", "slos/shop.yaml").out
    assert "Only words" not in run("diff", "HEAD", "slos/store.yaml").out
    write(SPEC)
    commit()
    Path("slos/store.yaml").unlink()
    assert "the service is removed" in run("diff", "HEAD").out
    assert "the service is removed" in run("diff", "HEAD", "slos/store.yaml").out
    Path("slos/shop.yaml").unlink()
    Path("slos").rmdir()
    assert run("diff", "HEAD").out.count("the service is removed") == 2


def test_programs_read_the_same() -> None:
    write(LOOSER.replace("errors_total", "failures_total"))
    found = json.loads(run("diff", "HEAD", "--format", "json").out)
    assert found["meaning"] is True
    assert [change["kind"] for change in found["changes"]][:2] == ["budget loosened", "alert later"]
    first = found["changes"][0]
    assert (first["service"], first["slo"], first["before"], first["after"]) == (
        "shop",
        "availability",
        "99.9%",
        "99.5%",
    )
    (sli,) = (change for change in found["changes"] if change["kind"] == "sli changed")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", sli["mixedUntil"])
    assert found["outputs"]["prometheus"] == ["prometheus/shop.prometheus.rules.yml"]
    assert found["cost"]["before"] == found["cost"]["after"]
    assert found["cost"]["before"]["rules"] > found["cost"]["before"]["alerts"] > 0


def test_markdown_carries_no_markup_of_a_spec() -> None:
    text = SPEC.replace("{name: shop, owner: team}", '{name: shop, owner: "@everyone <b>*x*</b> [a](b) `c` \\e[1m"}')
    write(text)
    result = run("diff", "HEAD", "--format", "markdown").out
    assert "@<!-- -->everyone \\<b>\\*x\\*\\</b> \\[a\\](b) \\`c\\` \ufffd\\[1m" in result
    assert "\x1b" not in result + run("diff", "HEAD").out


def test_a_comment_is_never_too_long() -> None:
    slo = SPEC[SPEC.index("    - name") :]
    many = SPEC.replace(slo, "".join(slo.replace("availability", f"slo-{number}") for number in range(150)))
    for number in range(3):
        write(many.replace("name: shop", f"name: shop-{number}"), f"slos/{number}.yaml")
    commit()
    for number in range(3):
        write(many.replace("name: shop", f"name: shop-{number}").replace("99.9", "99.5"), f"slos/{number}.yaml")
    found = run("diff", "HEAD", "--format", "markdown").out
    left = int((re.search(r"(\d+) more are left out", found) or ["", "0"])[1])
    assert 50_000 < len(found) < 65_536
    assert found.count("\n- ") + left == 3 * 150 * 3
    assert "#### shop-0" in found


WRONG = SPEC.replace("99.9", "ninety")


def test_each_problem_says_on_which_side_it_is() -> None:
    write(WRONG)
    commit("wrong")
    write(SPEC.replace("type: events", "type: event"))
    result = run("diff", "HEAD")
    assert (result.code, result.out) == (2, "")
    assert "HEAD:slos/shop.yaml:8:18: error: on the side of HEAD: " in result.err
    assert "\nslos/shop.yaml:9:19: error: on the side of the working tree: " in result.err
    write(SPEC)
    assert "the working tree" not in run("diff", "HEAD").err
    write(WRONG, "old/slos/shop.yaml")
    result = run("diff", "--from", "old")
    assert result.code == 2
    assert "old/slos/shop.yaml:8:18: error: on the side of old: " in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "git knows no revision 'nothing'"),
        (("main..nothing",), "git knows no revision 'nothing'"),
        (("--", "--output=x"), "'--output=x' is no revision"),
        (("slos/shop.yaml",), "a path comes after a revision, as in slogen diff main slos/shop.yaml"),
        (("HEAD", "../elsewhere"), "outside of the current folder"),
        (("HEAD", "nowhere.yaml"), "there is no spec here on either side"),
        (("HEAD", "--config", "none.yaml"), "there is no such file or folder"),
        (("--from", "empty"), "on the side of empty: no service is specified here"),
        (("--from", "missing"), "does not exist"),
        (("--to", "slos"), "--to wants --from"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_arguments_are_told_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    Path("empty").mkdir()
    result = run("diff", *arguments)
    assert result.code == 2
    assert result.out == ""
    assert said in " ".join(result.err.split())
    assert "Traceback" not in result.err


def test_without_git_or_a_main_branch_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("branch", "-m", "trunk")
    assert "no branch origin/main or main" in " ".join(run("diff").err.split())
    bare = tmp_path / "elsewhere"
    bare.mkdir()
    monkeypatch.chdir(bare)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    result = run("diff")
    assert result.code == 2
    assert "not a git repository" in result.err
    monkeypatch.setenv("PATH", str(bare))
    assert "git cannot be run" in run("diff").err


def test_links_of_a_revision_lead_nowhere_but_to_its_own_files(tmp_path: Path) -> None:
    write(SPEC.replace("name: shop", "name: linked"), "shared/linked.yaml")
    Path("slos/linked.yaml").symlink_to("../shared/linked.yaml")
    commit("a link inside")
    assert "Nothing changed." in run("diff", "HEAD").out
    secret = tmp_path.parent / "secret.yaml"
    secret.write_text(SPEC, encoding="utf-8")
    for target, said in (
        (str(secret), "leads out of the folder"),
        ("../../secret.yaml", "leads out of the folder"),
        ("nothing.yaml", "leads to a file that does not exist"),
        ("link.yaml", "leads to no file"),
    ):
        Path("slos/link.yaml").unlink(missing_ok=True)
        Path("slos/link.yaml").symlink_to(target)
        commit("a bad link")
        Path("slos/link.yaml").unlink()
        result = run("diff", "HEAD")
        assert result.code == 2
        assert "HEAD:slos/link.yaml:1:1: error: on the side of HEAD: this link " + said in result.err


def test_a_tree_cannot_write_elsewhere_and_a_hook_is_not_run(tmp_path: Path) -> None:
    """A tree that no git client would make: it names a file `..`, as one who wants to break out does."""
    blob = git("hash-object", "-w", "slos/shop.yaml")
    entry = b"100644 evil.yaml\0" + bytes.fromhex(blob)
    inner = _tree(tmp_path, entry)
    top = _tree(tmp_path, b"40000 ..\0" + bytes.fromhex(inner), b"40000 slos\0" + bytes.fromhex(inner))
    bad = git("commit-tree", top, "-m", "bad")
    for name in ("post-checkout", "fsmonitor"):
        hook = Path(".git/hooks") / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", encoding="utf-8")
        hook.chmod(0o755)
    git("config", "core.fsmonitor", str(Path(".git/hooks/fsmonitor").resolve()))
    result = run("diff", bad)
    assert result.code == 0
    assert "Only words or comments changed" in result.out or "Nothing changed" in result.out
    assert not (tmp_path / "ran").exists()
    assert not list(tmp_path.parent.glob("evil.yaml"))


def _tree(folder: Path, *entries: bytes) -> str:
    content = folder / ".git" / "content"
    content.write_bytes(b"".join(entries))
    return git("hash-object", "-w", "-t", "tree", "--literally", str(content))


def test_what_is_too_large_to_be_a_spec_is_not_read() -> None:
    write(SPEC + "#" * (1 << 20), "slos/large.yaml")
    commit()
    Path("slos/large.yaml").unlink()
    result = run("diff", "HEAD")
    assert result.code == 2
    assert "HEAD:slos/large.yaml:1:1: error: on the side of HEAD: the file is larger than 1024 KiB" in result.err


def test_the_page_shows_what_is_printed() -> None:
    """The edits of docs/diff.md, made to the project's own specs."""
    for path in (*(ROOT / "slos").rglob("*.yaml"), *(ROOT / "slos").rglob("*.md")):
        write(path.read_text(encoding="utf-8"), f"slos/{path.relative_to(ROOT / 'slos').as_posix()}")
    write((ROOT / "slogen.yaml").read_text(encoding="utf-8"), "slogen.yaml")
    Path("slos/shop.yaml").unlink()
    commit()
    (edits,) = re.findall(r"```diff\n(.*?)```", DOCS, re.DOTALL)
    text = Path("slos/checkout.yaml").read_text(encoding="utf-8")
    for old, new in re.findall(r"^-(.*)\n\+(.*)$", edits, re.MULTILINE):
        assert text.count(f"\n{old}\n") == 1, old
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    write(text, "slos/checkout.yaml")
    shown = re.findall(r"```text\n(.*?)```", DOCS, re.DOTALL)[0]
    assert _undated(run("diff", "main").out) == _undated(shown)


def _undated(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "DAY", text)


def test_notes_and_templates_of_a_revision_are_there() -> None:
    write("Call *us*.\n", "docs/notes.md")
    write("<# nothing #>", "ours/other.j2")
    write("apiVersion: slogen/v1\nkind: Config\nspec: {templates: ours}\n", "slogen.yaml")
    write(SPEC.replace("spec:\n", "spec:\n  runbook: {file: ../docs/notes.md}\n"))
    commit("notes")
    write("Call *them*.\n", "docs/notes.md")
    assert run("diff", "HEAD").code == 0

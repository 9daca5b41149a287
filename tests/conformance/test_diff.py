"""Two runs of one target: what got better, worse, and was not tested any more."""

import json
from pathlib import Path

import pytest
from sessionproof.conformance.report.diff import apart, changes, headline, markdown
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.verdict import Verdict

from .command import sessionproof
from .logs import finding, flow, footer, header, trouble


def run(*middle: Event, **more: object) -> Results:
    return Results.of([{**header("core"), **more}, *middle, footer()])


def kinds(old: Results, new: Results) -> dict[str, str]:
    return {change.id: change.kind for change in changes(old, new)}


KNOWN = {"AS-22": {"reason": "ticket", "until": "2026-12-31", "expired": False}}
PASSED, FAILED, UNTESTED = (flow("AS-22"),), (finding("AS-22"),), ()


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (PASSED, FAILED, "worse"),
        (UNTESTED, FAILED, "worse"),
        (FAILED, PASSED, "better"),
        (PASSED, UNTESTED, "newly untested"),
        (FAILED, UNTESTED, "newly untested"),
        (UNTESTED, PASSED, "newly tested"),
        (UNTESTED, (trouble("gone"),), "other"),
    ],
)
def test_what_changed(old: tuple[Event, ...], new: tuple[Event, ...], kind: str) -> None:
    assert kinds(run(*old), run(*new))["AS-22"] == kind


def test_what_is_known_is_better_than_a_failure_and_worse_than_none() -> None:
    known = run(*FAILED, known=KNOWN)
    assert kinds(run(*FAILED), known)["AS-22"] == "better"
    assert kinds(run(*PASSED), known)["AS-22"] == "worse"


def test_equal_runs_differ_in_nothing() -> None:
    assert changes(run(*FAILED), run(*FAILED)) == []
    assert headline(run(*FAILED), run(*FAILED)) == "fail -> fail: no verdict changed"


def test_the_worst_comes_first() -> None:
    old = run(flow("AS-22"), finding("AS-23"), flow("APP-01"))
    new = run(finding("AS-22"), flow("AS-23"))
    assert [change.kind for change in changes(old, new)] == ["worse", "better", "newly untested"]
    assert headline(old, new) == "fail -> fail: 1 got worse, 1 got better, 1 not tested any more"


def test_other_profiles_are_said_and_are_no_deterioration() -> None:
    old = Results.of([header("core"), flow("AS-22"), footer()])
    new = Results.of([header("sso"), footer()])
    assert "profiles: core before, sso now" in apart(old, new)
    assert kinds(old, new)["AS-22"] == "newly untested"
    assert changes(old, new)[0].new is None


def test_a_run_that_was_cut_off_is_said_so() -> None:
    assert apart(run(), Results.of([header("core")])) == ["the newer run was cut off: its log has no footer"]


def test_markdown_holds_nothing_that_a_target_could_inject() -> None:
    text = markdown(run(*PASSED), run(finding("AS-22", actual="page <script>|`x`\n\n# heading")))
    assert "<script>" not in text
    assert "\n# heading" not in text
    assert text.count("\n| got worse | AS-22 | MUST | pass | fail | ") == 1


def write(path: Path, *events: Event) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return path


def test_the_command(tmp_path: Path) -> None:
    old = write(tmp_path / "old", header("core"), *PASSED, footer())
    new = write(tmp_path / "new", header("core"), *FAILED, footer())
    done = sessionproof("diff", old, new, "--json", "d.json", "--markdown", "d.md", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("inconclusive -> fail: 1 got worse\n")
    assert "got worse\n  AS-22   MUST    pass -> fail\n" in done.out
    content = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert content["verdicts"] == ["inconclusive", "fail"]
    assert content["changes"][0]["id"] == "AS-22"
    assert content["changes"][0]["new"] == Verdict.FAIL
    assert "AS-22" in (tmp_path / "d.md").read_text(encoding="utf-8")
    assert sessionproof("diff", new, old).code == 0
    assert sessionproof("diff", new, new).out == "fail -> fail: no verdict changed\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent", "old"), "cannot read the run log absent"),
        (("old", "torn"), "torn, line 2"),
        (("old", "empty"), "empty is empty"),
        (("old", "old", "--json", "absent/x"), "cannot write --json absent/x"),
    ],
)
def test_usage(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    write(tmp_path / "old", header("core"), footer())
    (tmp_path / "torn").write_text(json.dumps(header("core")) + '\n{"event":"fl', encoding="utf-8")
    (tmp_path / "empty").touch()
    done = sessionproof("diff", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert said in done.err

"""What pipelines need: budgets, choices, parts and workers, SARIF, annotations, and the files to start from."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml  # type: ignore[import-untyped]
from pydantic_sarif.model import (  # type: ignore[import-untyped]
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif,
)
from sessionproof.conformance.merging import merge_logs
from sessionproof.conformance.mutants.server import CodesAreNeverUsedUp
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.report.github import annotations
from sessionproof.conformance.report.sarif import sarif
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.storezero.accounts import Account
from sessionproof.conformance.storezero.parameters import Parameters
from sessionproof.conformance.verdict import Verdict

from .command import CANARIES, PROGRAM, events, sessionproof
from .fake import FakeAdapter, Lie, with_facet
from .leaks import assert_no_leak
from .logs import finding, flow, footer, header
from .running import of, run
from .serving import serving, target_file
from .test_runner_faults import ANSWERED, LOGIN_PAGE, REFUSED

ROOT = Path(__file__).parents[2]
RULES = ("run", "--cover", "rules", "--search", "0")


# Budgets and choices


def test_a_budget_of_requests_stops_a_run() -> None:
    adapter = FakeAdapter()
    plan = Plan(("silent",), cover="transitions", search=0, requests=30)
    found = run(adapter, plan)
    assert found[-1]["stopped"].startswith("the budget of 30 requests was used up before: ")
    assert 30 <= found[-1]["requests"] <= 31


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (("90s",), {"seconds": 90.0}),
        (("1.5m",), {"seconds": 90.0}),
        (("5m", "40req"), {"seconds": 300, "requests": 40}),
    ],
)
def test_budgets_have_units(tmp_path: Path, budget: tuple[str, ...], expected: dict[str, Any]) -> None:
    options = [word for each in budget for word in ("--budget", each)]
    sessionproof(*RULES, "--profile", "silent", *options, "--log", tmp_path / "log")
    assert {name: events(tmp_path / "log")[0][name] for name in expected} == expected


def test_only_some_requirements_count_and_only_their_scopes_are_played(tmp_path: Path) -> None:
    options = ("--profile", "core", "--profile", "silent", "--only", "as-1[34]", "--log", tmp_path / "log")
    done = sessionproof(*RULES, *options)
    assert (done.code, done.err) == (0, "")
    assert "profiles core, silent: 2 pass" in done.out
    log = events(tmp_path / "log")
    assert log[0]["only"] == log[0]["selected"] == ["AS-13", "AS-14"]
    toured = {event["scope"] for event in of(log, "flow") if event["generator"] == "rules cover"}
    assert toured
    assert "core: ID token" not in toured


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--budget", "60"), "--budget 60: a number with a unit is expected, such as 90s, 5m or 500req"),
        (("--budget", "0s"), "--budget 0s: a number with a unit"),
        (("--only", "AS-99"), "--only AS-99: no requirement is called so; did you mean AS-"),
        (("--only", "XYZ-*"), "--only XYZ-*: no requirement is called so"),
        (("--shard", "3/2"), "--shard 3/2: a part and their number are expected"),
        (("--shard", "two"), "--shard two: a part"),
        (("-j", "2", "--shard", "1/2"), "-j cannot be used together with --shard"),
        (("--sarif", "absent/x"), "cannot write --sarif absent/x"),
    ],
    ids=" ".join,
)
def test_usage(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = sessionproof("run", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert said in done.err


# Parts


def liar() -> FakeAdapter:
    profiles = ("silent", "sso", "core")
    return FakeAdapter(profiles, lies=[Lie(REFUSED, LOGIN_PAGE), Lie(ANSWERED, with_facet("b1/as", "mallory"))])


def part(number: int, parts: int, path: Path) -> Path:
    plan = Plan(("silent", "sso", "core"), cover="rules", search=7, seed=2, shard=(number, parts))
    path.write_text("".join(json.dumps(event) + "\n" for event in run(liar(), plan, whole=True)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("parts")
    return [part(number, 3, folder / f"{number}.jsonl") for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def whole() -> list[Event]:
    return run(liar(), Plan(("silent", "sso", "core"), cover="rules", search=7, seed=2), whole=True)


def test_parts_put_together_have_the_verdicts_of_the_whole(parts: list[Path], whole: list[Event]) -> None:
    merged = merge_logs(parts)
    one, other = Results.of(merged), Results.of(whole)
    assert {line.requirement.id: line.verdict for line in one.lines()} == {
        line.requirement.id: line.verdict for line in other.lines()
    }
    assert one.verdict() is other.verdict() is Verdict.FAIL
    assert sorted(f["requirement"] for f in one.findings) == sorted(f["requirement"] for f in other.findings)
    coverage = [{kind: set(scopes) for kind, scopes in r.footer["coverage"].items()} for r in (one, other)]
    assert coverage[0] == coverage[1]  # how much: each part looks for itself what nobody has exercised yet
    (fired, rules), (fired_by_whole, rules_of_whole) = one.footer["rules"], other.footer["rules"]
    assert rules == rules_of_whole
    assert fired >= fired_by_whole > 50  # for the same reason parts may see more
    assert one.footer["states"].keys() == other.footer["states"].keys()
    assert one.footer["flows"] == len(of(merged, "flow"))
    assert merged[0] == {**whole[0], "selected": merged[0]["selected"]}


def test_each_scope_is_in_one_part_and_drawn_flows_are_divided_too(parts: list[Path], whole: list[Event]) -> None:
    toured = [
        {event["scope"] for event in of(events(path), "flow") if event["generator"] == "rules cover"} for path in parts
    ]
    assert all(toured)
    assert sum(map(len, toured)) == len(set.union(*toured))
    drawn = [event for path in parts for event in of(events(path), "flow") if event["generator"] == "search"]
    assert len(drawn) == len([event for event in of(whole, "flow") if event["generator"] == "search"]) == 7


def test_a_part_alone_is_no_answer(tmp_path: Path) -> None:
    options = ("--profile", "silent", "--profile", "sso", "--shard", "2/2", "--log", tmp_path / "2")
    done = sessionproof(*RULES, *options)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("\nPART 2 OF 2: NOTHING WRONG SO FAR: storezero")
    assert "CONFORMS" not in done.out


def test_the_whole_can_be_a_certificate_and_a_part_cannot(tmp_path: Path) -> None:
    for number in ("1", "2"):
        options = ("--profile", "core", "--profile", "sso", "--shard", f"{number}/2", "--log", tmp_path / number)
        assert sessionproof(*RULES, *options).code == 0
    assert sessionproof("merge", tmp_path / "1", tmp_path / "2", "--log", tmp_path / "all").code == 0
    assert sessionproof("bundle", tmp_path / "all", "--out", tmp_path / "all.zip").code == 0
    assert sessionproof("verify", tmp_path / "all.zip").code == 0
    assert "it is part 1 of 2 of a run" in sessionproof("bundle", tmp_path / "1", "--out", tmp_path / "1.zip").out
    assert sessionproof("verify", tmp_path / "1.zip").code == 2


def test_merge_gives_the_answer(tmp_path: Path, parts: list[Path]) -> None:
    done = sessionproof("merge", *parts, "--log", tmp_path / "all", "--junit", tmp_path / "xml")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("\nDOES NOT CONFORM: fake (model)")
    assert events(tmp_path / "all")[-1]["event"] == "footer"
    assert (tmp_path / "xml").exists()


def test_what_is_not_the_parts_of_one_run_is_refused(tmp_path: Path, parts: list[Path]) -> None:
    torn, other, all_of_it = (tmp_path / name for name in ("torn", "other", "all"))
    torn.write_bytes(b"".join(parts[2].read_bytes().splitlines(keepends=True)[:-1]))
    changed = events(parts[1])
    other.write_text(json.dumps({**changed[0], "seed": 9}) + "\n" + json.dumps(changed[-1]) + "\n", encoding="utf-8")
    all_of_it.write_text(json.dumps(header("core")) + "\n" + json.dumps(footer()) + "\n", encoding="utf-8")
    for logs, said in (
        (parts[:2], "part 3 of 3 is missing"),
        ([*parts, parts[0]], "are both part 1 of 3"),
        ([*parts[:2], torn], "torn has no footer: that part was cut off"),
        ([parts[0], other, parts[2]], "is of another run than"),
        ([all_of_it], "is of a whole run, not of a part of one"),
    ):
        done = sessionproof("merge", *logs)
        assert (done.code, done.out) == (3, "")
        assert said in done.err


# Workers


WORKERS = """
[[workers]]
alice = { username = "carol", password = "env:SESSIONPROOF_ALICE_PASSWORD" }
bob = { username = "dave", password = "env:SESSIONPROOF_BOB_PASSWORD" }
"""


class Noting(CodesAreNeverUsedUp):
    """Notes who logs in."""

    names: ClassVar[set[str]] = set()

    def authenticate(self, form: Parameters) -> Account | None:
        account = super().authenticate(form)
        if account is not None:
            self.names.add(str(form.get("username")))
        return account


def test_workers_with_accounts_of_their_own_come_to_the_verdicts_of_one(tmp_path: Path) -> None:
    more = {"carol": CANARIES["SESSIONPROOF_ALICE_PASSWORD"], "dave": CANARIES["SESSIONPROOF_BOB_PASSWORD"]}
    with serving(decisions=Noting, more_users=more) as server:
        file = target_file(tmp_path, server.issuer, {'["core"]': '["core", "silent"]'}, more=WORKERS)
        one = sessionproof(*RULES, file, "--log", tmp_path / "one")
        two = sessionproof(*RULES, file, "-j", "2", "--log", tmp_path / "two")
    assert (one.code, two.code, two.err) == (1, 1, "")
    first, second = (Results.of(events(tmp_path / name)) for name in ("one", "two"))
    assert {line.requirement.id: line.verdict for line in first.lines()} == {
        line.requirement.id: line.verdict for line in second.lines()
    }
    assert [f["requirement"] for f in second.findings] == ["AS-22"]
    assert Noting.names >= {"alice", "bob", "carol", "dave"}
    assert_no_leak(two, tmp_path / "two")


def test_workers_need_accounts(tmp_path: Path) -> None:
    file = target_file(tmp_path, "http://127.0.0.1:1", more=WORKERS)
    done = sessionproof("run", file, "-j", "3")
    assert (done.code, done.out) == (3, "")
    assert "has 1 sections [[workers]] with the users of [users], and 2 are needed" in done.err


def test_workers_whose_target_is_not_there_are_no_verdict(tmp_path: Path) -> None:
    done = sessionproof("run", target_file(tmp_path, "http://127.0.0.1:1", more=WORKERS), "-j", "2")
    assert (done.code, done.out) == (5, "")
    assert "No connection to http://127.0.0.1:1" in done.err


def test_an_application_has_one_provider_and_so_one_worker(tmp_path: Path) -> None:
    file = ROOT / "examples" / "pytest" / "starlette" / "target.toml"
    done = sessionproof("run", file, "-j", "2", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "plays a party at one address" in done.err


# SARIF and annotations


def problems(**more: Any) -> Results:
    known = {
        "AS-23": {"reason": "ticket 7", "until": "2026-12-31", "expired": False},
        "AS-24": {"reason": "", "until": "2020-01-01", "expired": True},
    }
    start = {**header("core"), "known": known, **more}
    hostile = "page <script>\n::error::forged\r\x1b[31m"
    return Results.of(
        [
            start, flow("AS-20"), finding("AS-22", actual=hostile), finding("AS-23"), finding("APP-18"),
            finding("APP-07", doubt="seen once"), footer("the budget was used up"),
        ]
    )  # fmt: skip


def test_sarif_is_valid_and_says_everything() -> None:
    text = sarif(problems(), "conformance/target.toml")
    parsed = Sarif.model_validate_json(text)
    [ran] = parsed.runs
    rules = [rule.id for rule in ran.tool.driver.rules or ()]
    found = {(r.ruleId, r.level.value if r.level else ""): r for r in ran.results or ()}
    assert set(found) == {("AS-22", "error"), ("AS-23", "error"), ("APP-18", "warning"), ("AS-24", "error")}
    for result in found.values():
        at = result.ruleIndex
        assert result.ruleId == (rules[at] if at is not None and at >= 0 else "AS-24"), "of another profile"
    content = json.loads(text)["runs"][0]
    by_id = {result["ruleId"]: result for result in content["results"]}
    place = by_id["AS-22"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "conformance/target.toml"
    assert by_id["AS-23"]["suppressions"][0]["justification"] == "ticket 7 (until 2026-12-31)"
    assert "suppressions" not in by_id["AS-22"]
    assert "\n" not in by_id["AS-22"]["message"]["text"]
    assert "\x1b" not in text
    steps = by_id["AS-22"]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert steps[0]["location"]["message"]["text"] == "visit orders at shop (browser 1)"
    told = [each["message"]["text"] for each in content["invocations"][0]["toolExecutionNotifications"]]
    assert any(text.startswith("APP-07 (MUST) is inconclusive: seen once") for text in told)
    assert content["invocations"][0]["executionSuccessful"] is True


def test_sarif_of_a_run_that_was_cut_off_says_so() -> None:
    content = json.loads(sarif(Results.of([header("core")]), ""))["runs"][0]
    assert content["invocations"][0]["executionSuccessful"] is False
    assert content["results"] == []


def test_annotations_cannot_be_forged_by_a_target() -> None:
    lines = list(annotations(problems(), "target.toml"))
    assert all(line.startswith("::") and line.isprintable() for line in lines)
    [error] = [line for line in lines if "title=AS-22 (MUST)::" in line]
    assert error.startswith("::error file=target.toml,title=AS-22 (MUST)::")
    assert "%0A" in error
    assert "\\n::error::forged" in error
    assert any(line.startswith("::notice file=target.toml,title=AS-23 (MUST)::") for line in lines)
    assert any(line.startswith("::warning file=target.toml,title=APP-18 (SHOULD)::") for line in lines)
    assert any("::error file=target.toml,title=known deviation AS-24::" in line for line in lines)


def test_an_inconclusive_run_is_an_error_to_a_workflow() -> None:
    lines = list(annotations(Results.of([header("core"), footer("gone", 5)]), ""))
    assert lines[-1] == "::error title=INCONCLUSIVE%3A target (model)::gone"


# The files to start from


@pytest.fixture
def workflow(tmp_path: Path) -> dict[str, str]:
    """What a GitHub runner gives to a step, with the program where the action installs it."""
    tools = tmp_path / "temp" / "sessionproof" / "bin"
    tools.mkdir(parents=True)
    (tools / "sessionproof").symlink_to(PROGRAM)
    return {
        **os.environ, **CANARIES, "RUNNER_TEMP": str(tmp_path / "temp"), "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "COLUMNS": "200",
    }  # fmt: skip


def step(name: str) -> dict[str, Any]:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    return next(each for each in steps if each.get("name") == name)


def test_the_action_runs_and_hands_everything_over(tmp_path: Path, workflow: dict[str, str]) -> None:
    certify = step("Certify")
    with serving(decisions=CodesAreNeverUsedUp) as server:
        target_file(tmp_path, server.issuer)
        given = {"TARGET": "target.toml", "KNOWN": "", "BUDGET": "2m", "SHARD": "1/1"}
        given["ARGUMENTS"] = "--cover rules --search 0"
        assert certify["env"].keys() == given.keys()
        ran = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", certify["run"]],
            cwd=tmp_path, env=workflow | given, capture_output=True, text=True,
        )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert "::error file=target.toml,title=AS-22 (MUST)::" in ran.stdout
    assert (tmp_path / "output").read_text(encoding="utf-8") == "exit-code=1\n"
    assert "AS-22" in (tmp_path / "summary").read_text(encoding="utf-8")
    results = tmp_path / "temp" / "sessionproof-results"
    assert {path.name for path in results.iterdir()} == {"run.jsonl", "run.xml", "run.sarif"}
    Sarif.model_validate_json((results / "run.sarif").read_text(encoding="utf-8"))


def test_no_input_of_the_action_is_run_as_a_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for each in action["runs"]["steps"]:
        assert "${{" not in each.get("run", ""), f"{each.get('name')}: inputs go through `env`"
    options = sessionproof("run", "--help").out
    for word in step("Certify")["run"].split():
        if word.lstrip("(").startswith("--"):
            assert word.strip("()") in options


def test_the_template_for_gitlab_uses_what_there_is() -> None:
    _, content = yaml.safe_load_all((ROOT / "templates" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    jobs = {name: job for name, job in content.items() if not name.startswith(".")}
    assert set(jobs) == {"sessionproof", "sessionproof-merge"}
    for job in jobs.values():
        for line in [*job["script"], *job.get("after_script", ())]:
            words = line.split()
            if words[0] == "sessionproof":
                options = sessionproof(words[1], "--help").out
                assert all(word in options for word in words if word.startswith("--"))


def test_the_lock_file_that_the_action_installs_is_there() -> None:
    assert "requirements.lock" in step("Install sessionproof")["run"]
    assert (ROOT / "requirements.lock").exists()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "sessionproof"

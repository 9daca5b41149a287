"""A run that was cut off loses no finished flow, and goes on to the verdicts that it would have come to anyway."""

import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sessionproof.conformance import terrains
from sessionproof.conformance.certify import certify
from sessionproof.conformance.commands.workers import part_log
from sessionproof.conformance.errors import UsageProblem
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.resume import read_cut
from sessionproof.conformance.runlog import Event, read_log
from sessionproof.model.explore import Graph, explore
from sessionproof.model.network import Network

from .command import CANARIES, PROGRAM, events, sessionproof
from .fake import FakeAdapter, Lie, with_facet
from .test_runner_faults import ANSWERED, LOGIN_PAGE, REFUSED

PLAN = Plan((), cover="rules", search=6, seed=3)
RUN = ("run", "--profile", "core", "--profile", "silent", "--cover", "rules", "--search", "40", "-j", "1")
TIMES = {"spent", "seconds", "requests", "exchanges", "date"}
"""What depends on how long something took, and on what was asked before it was cut off."""

known: dict[tuple[str, frozenset[str]], Graph] = {}


def explored(network: Network) -> Graph:
    """The graph of a scope, which is the same in every run."""
    key = (network.scope.name, network.features)
    if key not in known:
        known[key] = explore(network)
    return known[key]


Make = Callable[[], FakeAdapter]


def same(log: Path) -> list[Event]:
    return [{key: value for key, value in event.items() if key not in TIMES} for event in read_log(log)]


def liar() -> FakeAdapter:
    return FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE), Lie(ANSWERED, with_facet("b1/as", "mallory"))])


def troubled() -> FakeAdapter:
    return FakeAdapter(trouble={4}, trouble_at_reset={5})


def run(adapter: FakeAdapter, log: Path, plan: Plan = PLAN, resume: bool = False) -> Results:
    return certify(adapter, plan, ("silent",), log=log, cut=read_cut(log) if resume else None)


@pytest.fixture(autouse=True)
def _explored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terrains, "explore", explored)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.mark.parametrize("make", [FakeAdapter, liar, troubled])
def test_wherever_it_was_cut_off_the_rest_makes_it_whole(log: Path, make: Make) -> None:
    whole = run(make(), log)
    lines, expected = log.read_bytes().splitlines(keepends=True), same(log)
    assert len(lines) > 8
    behind = 7 if make is troubled else 0  # the target's trouble is over then
    for number in range(behind, len(lines)):
        log.write_bytes(b"".join(lines[:number]))
        rest = run(FakeAdapter(lies=make().lies), log, resume=True)
        assert same(log) == expected
        assert rest.lines() == whole.lines()


def test_what_the_log_tells_is_not_asked_of_the_target_again(log: Path) -> None:
    run(liar(), log)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    adapter = liar()
    run(adapter, log, resume=True)
    assert adapter.steps == 0, "only the footer was missing"


@pytest.mark.parametrize("cut", [1, 2, 200])
def test_a_line_that_was_cut_off_is_played_again(log: Path, cut: int) -> None:
    whole = run(liar(), log)
    expected, lines = same(log), log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:6])[:-cut])
    assert read_cut(log).torn == 6
    assert run(liar(), log, resume=True).lines() == whole.lines()
    assert same(log) == expected


def test_a_tail_that_never_reached_the_disk_is_cut_off(log: Path) -> None:
    run(FakeAdapter(), log)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:4]) + b"\0" * 700)
    assert (read_cut(log).torn, read_cut(log).size) == (5, sum(map(len, lines[:4])))


@pytest.mark.parametrize("content", [None, b"", b'{"event":"head'])
def test_where_there_is_nothing_to_go_on_with_a_new_run_begins(log: Path, content: bytes | None) -> None:
    if content is not None:
        log.write_bytes(content)
    assert read_cut(log).events == []
    run(FakeAdapter(), log, resume=True)
    assert events(log)[-1]["event"] == "footer"


def test_the_budget_of_time_goes_on_where_it_was(log: Path) -> None:
    adapter = liar()
    plan = Plan((), cover="transitions", search=0, seconds=1000)
    run(adapter, log, plan)
    lines = log.read_bytes().splitlines(keepends=True)
    spent: list[Any] = [json.loads(line) for line in lines[:5]]
    spent[-1]["spent"]["seconds"]["total"] = 1001.0
    log.write_text("".join(json.dumps(event) + "\n" for event in spent), encoding="utf-8")
    rest = run(liar(), log, plan, resume=True)
    assert rest.footer["stopped"].startswith("the budget of 1000 seconds was used up")
    assert rest.footer["seconds"]["total"] >= 1001
    assert len(events(log)) == 6


def test_a_target_that_was_gone_is_asked_again(log: Path) -> None:
    gone = FakeAdapter(trouble=range(20, 1000))
    assert run(gone, log).footer["exit_code"] == 5
    assert events(log)[-2]["event"] == "problem"
    rest = run(FakeAdapter(), log, resume=True)
    whole = run(FakeAdapter(), log.with_name("whole"))
    assert rest.lines() == whole.lines()
    assert same(log) == same(log.with_name("whole"))


def test_a_run_that_had_come_to_its_end_is_told_again(tmp_path: Path) -> None:
    arguments = ("run", "--cover", "rules", "--search", "0", "--profile", "core", "--log", tmp_path / "log")
    done = sessionproof(*arguments)
    again = sessionproof(*arguments, "--resume")
    assert (again.code, again.out) == (done.code, done.out)
    assert "it had come to its end" in again.err


# What cannot be resumed


def test_another_plan_is_refused_and_the_log_is_left_alone(log: Path) -> None:
    run(liar(), log)
    content = b"".join(log.read_bytes().splitlines(keepends=True)[:4]) + b'{"event"'
    log.write_bytes(content)
    with pytest.raises(UsageProblem, match=r'cover was "rules", and is now "pairs"'):
        run(liar(), log, Plan((), cover="pairs", search=6, seed=3), resume=True)
    with pytest.raises(UsageProblem, match="target features was "):
        run(FakeAdapter(features=frozenset({"switch user"})), log, resume=True)
    assert log.read_bytes() == content


def test_a_log_that_tells_another_story_is_refused(log: Path) -> None:
    run(FakeAdapter(), log)
    content = events(log)[:-1]
    content[3]["steps"][0]["do"][0] = "visit checkout"
    log.write_text("".join(json.dumps(event) + "\n" for event in content), encoding="utf-8")
    with pytest.raises(UsageProblem, match=r"line 4: the run does not go as this log says \(now: step 1 of a flow"):
        run(FakeAdapter(), log, resume=True)


def test_broken_in_the_middle_is_refused(log: Path) -> None:
    run(FakeAdapter(), log)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + b"broken\n" + b"".join(lines[2:]))
    with pytest.raises(UsageProblem, match="line 2: no JSON, in the middle of the file"):
        read_cut(log)


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, ("--resume",), "--resume needs the log of the run to go on with: --log FILE"),
        ("my diary\nof 2026\n", ("--log", "log", "--resume"), "log, line 1: no JSON"),
        ('{"event": "flow"}\n', ("--log", "log", "--resume"), "no run log of version 1; --resume would overwrite it"),
        (
            '{"event": "header", "version": 1, "cover": "pairs"}\n{"event": "footer", "exit_code": 0}\n',
            ("--log", "log", "--resume"),
            "came to its end, with cover pairs, and not transitions",
        ),
    ],
)
def test_usage(tmp_path: Path, content: str | None, arguments: tuple[str, ...], said: str) -> None:
    if content is not None:
        (tmp_path / "log").write_text(content, encoding="utf-8")
    done = sessionproof("run", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert said in done.err
    assert content is None or (tmp_path / "log").read_text(encoding="utf-8") == content


@pytest.mark.parametrize("command", ["compare", "replay", "diff"])
def test_logs_that_were_cut_off_are_recognised(tmp_path: Path, log: Path, command: str) -> None:
    run(liar(), log)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:5])[:-7])
    done = sessionproof(command, log, *([log] if command == "diff" else []), cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "line 5: cut off or no JSON: the run did not end well" in done.err
    assert "--resume" in done.err


def test_a_log_without_a_footer_is_said_to_be_cut_off(log: Path) -> None:
    run(liar(), log)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    assert "run was cut off" in sessionproof("compare", log).err
    assert "run was cut off" in sessionproof("diff", log, log).out


# Real processes


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = tmp_path_factory.mktemp("whole") / "log"
    assert sessionproof(*RUN, "--log", log).code == 0
    return log


@pytest.mark.parametrize("seed", range(2))
def test_kills_at_random_moments_lose_nothing(log: Path, uninterrupted: Path, seed: int) -> None:
    draw, lines, kills = random.Random(seed), 0, 0
    total = len(events(uninterrupted))
    environ = {**os.environ, **CANARIES}
    while True:
        until = lines + draw.randrange(1, total // 3)
        late = draw.random() * 0.05
        command = [str(PROGRAM), *RUN, "--log", str(log), "--resume"]
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while process.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < until):
                time.sleep(0.005)
            time.sleep(late)
            process.kill()
            _, err = process.communicate()
        before, lines = lines, log.read_bytes().count(b"\n")
        assert b"Traceback" not in err
        assert lines >= before, "nothing that was finished is lost"
        kills += process.returncode == -9
        assert process.returncode in (0, -9)
        if read_cut(log).ended:  # it may have been killed even then
            break
    assert kills >= 2
    assert sessionproof(*RUN, "--log", log, "--resume").code == 0
    assert Results.of(read_log(log)).lines() == Results.of(read_log(uninterrupted)).lines()
    assert same(log) == same(uninterrupted)


def test_a_full_disk_loses_nothing(log: Path, uninterrupted: Path) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    environ = {**os.environ, **CANARIES}
    ran = subprocess.run([PROGRAM, *RUN, "--log", log], env=environ, preexec_fn=small_disk, capture_output=True)
    assert ran.returncode == 2
    assert b"this computer could not go on, and that is no verdict on the target" in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert log.stat().st_size == 60_000
    done = sessionproof(*RUN, "--log", log, "--resume")
    assert done.code == 0
    assert "cut off; that flow is played again" in done.err
    assert same(log) == same(uninterrupted)


def test_a_disk_that_is_full_from_the_beginning_is_said_to_be(tmp_path: Path) -> None:
    done = sessionproof(*RUN, "--log", "/dev/full", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "this computer could not go on, and that is no verdict on the target: No space left on device" in done.err


def test_workers_that_were_killed_go_on_from_their_own_logs(tmp_path: Path) -> None:
    run = (*RUN[: RUN.index("-j")], "-j", "2")
    whole, log = tmp_path / "whole", tmp_path / "log"
    assert sessionproof(*run, "--log", whole).code == 0
    parts = [part_log(log, number) for number in (1, 2)]
    command = [str(PROGRAM), *run, "--log", str(log)]
    with subprocess.Popen(
        command, env={**os.environ, **CANARIES}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, process_group=0
    ) as process:
        while process.poll() is None and not all(p.exists() and p.read_bytes().count(b"\n") > 3 for p in parts):
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    told = [part.read_bytes().splitlines() for part in parts]
    assert not log.exists()
    done = sessionproof(*run, "--log", log, "--resume")
    assert done.code == 0
    assert all(f"{part}: goes on after" in done.err for part in parts)
    assert same(log) == same(whole)
    lines = set(log.read_bytes().splitlines())
    assert all(line in lines for part in told for line in part[1:-1]), "what was played before is kept as it was"
    assert not any(part.exists() for part in parts), "the parts are in the one log now"

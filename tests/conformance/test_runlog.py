"""The run log: what is written is read again, only its owner can read it, and a log that was cut off says so."""

import json
import os
import stat
from pathlib import Path

import pytest
from sessionproof.conformance.errors import UsageProblem
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import VERSION, Event, RunLog, read_log
from sessionproof.conformance.verdict import Verdict

from .fake import FakeAdapter
from .running import run

HEADER: Event = {"event": "header", "version": VERSION}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def written(path: Path, *events: Event) -> Path:
    log = RunLog(path)
    for event in events:
        log.write(event)
    log.close()
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UsageProblem) as raised:
        list(read_log(path))
    assert str(path) in str(raised.value)
    return str(raised.value)


def test_what_is_written_is_read_again(path: Path) -> None:
    events = [
        HEADER,
        {"event": "flow", "steps": [{"facets": {"sub": 'ünï"code\n\u2028'}}], "seconds": 0.1, "none": None},
    ]
    assert list(read_log(written(path, *events))) == events
    assert len(path.read_bytes().splitlines()) == 2


def test_a_run_read_from_its_log_has_the_same_results(path: Path) -> None:
    events = run(FakeAdapter())
    again = Results.of(read_log(written(path, *events)))
    assert again == Results.of(events)
    assert again.lines() == Results.of(events).lines()


def test_a_lone_surrogate_from_a_target_does_not_break_the_run(path: Path) -> None:
    event = {"event": "flow", "trace": ["error \ud800"]}
    assert list(read_log(written(path, HEADER, event))) == [HEADER, event]


def test_every_event_is_there_at_once(path: Path) -> None:
    log = RunLog(path)
    log.write(HEADER)
    assert list(read_log(path)) == [HEADER]
    log.close()


def test_only_the_owner_can_read_it(path: Path) -> None:
    mask = os.umask(0)
    try:
        assert stat.S_IMODE(written(path, HEADER).stat().st_mode) == 0o600
        path.chmod(0o644)
        assert stat.S_IMODE(written(path, HEADER).stat().st_mode) == 0o600
    finally:
        os.umask(mask)


def test_a_former_log_is_gone(path: Path) -> None:
    written(path, HEADER, {"event": "footer"}, {"event": "footer"})
    assert list(read_log(written(path, HEADER))) == [HEADER]


def test_no_path_writes_nothing(tmp_path: Path) -> None:
    log = RunLog(None)
    log.write(HEADER)
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"cannot write the run log .*missing.*: No such file or directory"):
        RunLog(tmp_path / "missing" / "run.jsonl")


def test_a_line_that_was_cut_off_is_named(path: Path) -> None:
    written(path, HEADER, {"event": "flow", "steps": []})
    path.write_bytes(path.read_bytes()[:-5])
    events = read_log(path)
    assert next(events) == HEADER
    with pytest.raises(UsageProblem, match="line 2: cut off or no JSON: the run did not end well"):
        next(events)


def test_a_log_without_a_footer_is_of_a_run_that_was_cut_off(path: Path) -> None:
    events = run(FakeAdapter())
    assert events[-1]["event"] == "footer"
    assert Results.of(read_log(written(path, *events[:-1]))).verdict() is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]\n",
        b"7\n",
        b'{"event": "flow"}\n',
        json.dumps({**HEADER, "version": VERSION + 1}).encode(),
    ],
    ids=["empty", "list", "number", "no header", "version"],
)
def test_what_is_no_log_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert f"no run log of version {VERSION}" in refusal(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"%PDF-1.7", b"\n"], ids=["no text", "PDF", "empty line"])
def test_what_is_no_json_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "line 1: cut off or no JSON" in refusal(path)


def test_what_cannot_be_read_is_named(path: Path) -> None:
    assert "No such file or directory" in refusal(path)

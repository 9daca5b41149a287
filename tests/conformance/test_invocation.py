"""How a run was started stands in its log, without a secret, and can be started so again."""

import json
import shlex
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sessionproof.conformance.invocation import command, now, started

from .command import sessionproof

MOMENT = datetime(2026, 11, 24, 19, 0, 5, tzinfo=timezone(timedelta(hours=2)))


def test_the_date_is_utc_and_only_the_name_of_the_file_is_told() -> None:
    told = started(Path("/private/place/shop.toml"), trust=True, fail_fast=False, now=MOMENT)
    assert told == {"date": "2026-11-24T17:00:05Z", "file": "shop.toml", "trust": True}


def test_a_run_of_the_reference_has_no_file() -> None:
    assert started(None, trust=False, fail_fast=True, now=MOMENT) == {"date": "2026-11-24T17:00:05Z", "fail_fast": True}


def test_the_moment_can_be_given() -> None:
    assert now({"SOURCE_DATE_EPOCH": "1700000000"}) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert abs(now({}) - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(now({"SOURCE_DATE_EPOCH": "soon"}) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            {"target": {"role": "application"}, "profiles": ["core"], "cover": "rules", "seed": 7, "seconds": 60.0},
            "sessionproof run target.toml --profile core --cover rules --seed 7 --seconds 60",
        ),
        ({"target": {"role": "reference"}, "steps": None}, "sessionproof run"),
        (
            {"target": {"role": "whole"}, "file": "my shop.toml", "trust": True, "fail_fast": True},
            "sessionproof run 'my shop.toml' --trust --fail-fast",
        ),
        (
            {"target": {"role": "whole"}, "file": "x.toml; rm -rf ~", "profiles": ["`id`"]},
            "sessionproof run 'x.toml; rm -rf ~' --profile '`id`'",
        ),
    ],
)
def test_the_command_that_plays_the_run_again(header: dict[str, object], words: str) -> None:
    assert command(header) == words


def test_equal_runs_begun_at_the_same_moment_have_equal_headers_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    options = ["--profile", "silent", "--cover", "rules", "--search", "0", "--steps", "5"]
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    sessionproof("run", *options, "--log", str(first))
    header = json.loads(first.read_text().splitlines()[0])
    assert header["date"] == "2023-11-14T22:13:20Z"
    sessionproof(*shlex.split(command(header))[1:], "--log", str(second))
    without_time = [[json.loads(line) for line in path.read_text().splitlines()] for path in (first, second)]
    for log in without_time:
        log[-1].pop("seconds")
        for event in log:
            event.pop("spent", None)
    assert without_time[0] == without_time[1]

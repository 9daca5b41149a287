"""Known deviations: accepted with a reason for a while, reported as such, and never forgotten in their file."""

import json
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sessionproof.conformance.certificate import shortcomings
from sessionproof.conformance.known import known_json, load_known
from sessionproof.conformance.mutants.server import CodesAreNeverUsedUp
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.report.junit import junit_xml
from sessionproof.conformance.report.markdown import markdown
from sessionproof.conformance.report.page import html
from sessionproof.conformance.report.run import read_run
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.verdict import Verdict

from .command import events, sessionproof
from .fake import FakeAdapter, Lie, with_facet
from .logs import finding, flow, footer, header
from .running import of, run
from .serving import serving, target_file
from .test_runner_faults import ANSWERED, LOGIN_PAGE, REFUSED

TODAY = date(2026, 6, 1)
RUN = ("run", "--cover", "rules", "--search", "0")


def entry(reason: str = "ticket 7", days: int = 30) -> str:
    return f'reason = "{reason}"\nuntil = {(date.today() + timedelta(days)).isoformat()}\n'


def results(*middle: Event, known: str = "AS-22", expired: bool = False) -> Results:
    accepted = {known: {"reason": "ticket 7", "until": "2026-12-31", "expired": expired}}
    return Results.of([{**header("core"), "known": accepted}, *middle, footer()])


def verdict_of(found: Results, identifier: str) -> Verdict:
    return next(line.verdict for line in found.lines() if line.requirement.id == identifier)


# What the results make of it


def test_a_known_deviation_is_told_and_does_not_fail() -> None:
    found = results(flow("AS-22"), finding("AS-22", actual="token accepted"))
    assert verdict_of(found, "AS-22") is Verdict.KNOWN
    assert found.verdict() is not Verdict.FAIL
    [line] = [line for line in found.lines() if line.requirement.id == "AS-22"]
    assert line.reason == "accepted until 2026-12-31: ticket 7; seen: token accepted"
    assert found.stale() == []


def test_other_deviations_still_fail() -> None:
    found = results(finding("AS-22"), finding("AS-23"))
    assert verdict_of(found, "AS-23") is Verdict.FAIL
    assert found.verdict() is Verdict.FAIL


def test_one_that_does_not_occur_any_more_fails() -> None:
    found = results(flow("AS-22"), flow("AS-22"))
    assert verdict_of(found, "AS-22") is Verdict.PASS
    assert found.verdict() is Verdict.FAIL
    [(name, why)] = found.stale()
    assert name == "AS-22"
    assert why == ("does not occur any more (the requirement was exercised 2 times, and kept): remove the entry")


def test_one_that_was_not_exercised_proves_nothing() -> None:
    assert results().stale() == []
    assert results().verdict() is Verdict.INCONCLUSIVE
    assert results(flow("IDP-01"), known="IDP-01").stale() == [], "of a profile that was not chosen"


def test_a_run_that_was_cut_off_does_not_say_that_one_is_gone() -> None:
    accepted = {"AS-22": {"reason": "", "until": "2026-12-31", "expired": False}}
    start = {**header("core"), "known": accepted}
    assert Results.of([start, flow("AS-22")]).stale() == []
    assert Results.of([start, flow("AS-22"), footer("gone", 5)]).stale() == []
    assert Results.of([{**start, "shard": [1, 2]}, flow("AS-22"), footer()]).stale() == []


@pytest.mark.parametrize("middle", [(), (finding("AS-22"),)], ids=["not seen", "seen"])
def test_one_whose_date_has_passed_fails(middle: tuple[Event, ...]) -> None:
    found = results(*middle, expired=True)
    assert found.verdict() is Verdict.FAIL
    [(_, why)] = found.stale()
    assert why == "was accepted until 2026-12-31, which has passed: mend it, or decide anew"


def test_a_doubtful_finding_stays_inconclusive() -> None:
    assert verdict_of(results(finding("AS-22", doubt="flickers")), "AS-22") is Verdict.INCONCLUSIVE


def test_junit_skips_what_is_known_and_fails_what_is_stale() -> None:
    suite = ET.fromstring(junit_xml(results(finding("AS-22"))))
    [case] = [case for case in suite if case.get("name") == "AS-22"]
    skipped = case.find("skipped")
    assert skipped is not None
    assert "known deviation: accepted until 2026-12-31: ticket 7" in str(skipped.get("message"))
    assert suite.get("failures") == "0"
    suite = ET.fromstring(junit_xml(results(flow("AS-22"))))
    [case] = [case for case in suite if case.find("failure") is not None]
    assert (case.get("classname"), case.get("name")) == ("sessionproof.known", "AS-22")
    assert suite.get("failures") == "1"
    assert suite.get("tests") == str(len(list(suite)))


def test_what_is_known_does_not_stop_a_run_that_stops_at_the_first_failure() -> None:
    lies = [Lie(REFUSED, LOGIN_PAGE), Lie(ANSWERED, with_facet("b1/as", "mallory"))]
    plan = Plan(("silent",), cover="rules", search=0, fail_fast=True, accepted=frozenset({"AS-14"}))
    found = of(run(FakeAdapter(lies=lies), plan), "finding")
    assert found[-1]["requirement"] == "AS-13"


# The file


def test_until_counts_its_last_day() -> None:
    path_entry = {"AS-22": type("Entry", (), {"reason": "x", "until": TODAY})}
    assert known_json(path_entry, TODAY)["AS-22"]["expired"] is False  # type: ignore[arg-type]
    assert known_json(path_entry, TODAY + timedelta(1))["AS-22"]["expired"] is True  # type: ignore[arg-type]


def test_no_file_accepts_nothing() -> None:
    assert load_known(None) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[AS-99]\n" + entry(), "AS-99: no such requirement; did you mean AS-"),
        ("[XYZ]\n" + entry(), "XYZ: no such requirement; SPEC.md lists them"),
        ("[APP-17]\n" + entry(), "APP-17: it leaves a choice (MAY)"),
        ("[AS-22]\nuntil = 2026-01-01\n", "AS-22.reason: missing; add it"),
        ("[AS-22]\nreason = ' '\nuntil = 2026-01-01\n", "AS-22.reason: expected a reason"),
        ("[AS-22]\nreason = 7\nuntil = 2026-01-01\n", "AS-22.reason: expected text"),
        ("[AS-22]\nreason = 'x'\n", "AS-22.until: missing; add it"),
        ("[AS-22]\nreason = 'x'\nuntil = 'soon'\n", "AS-22.until: expected a date without quotes"),
        ("[AS-22]\nreason = 'x'\nuntil = '2026-01-01'\n", "AS-22.until: expected a date without quotes"),
        (
            "[AS-22]\nreason = 'x'\nuntil = 2026-01-01\nwho = 'me'\n",
            "AS-22.who: unknown key; known are reason",
        ),
        ("AS-22 = 'later'\n", "AS-22: expected a table: [AS-22]"),
        ("[AS-22]\nreason = 'x'\nuntil = 2026-02-30\n", "is not TOML"),
        ("[AS-22]\n" + entry() + "[AS-22]\n" + entry(), "is not TOML"),
    ],
    ids=range(13),
)
def test_a_wrong_file_is_a_usage_error_before_anything_starts(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "known.toml").write_text(text, encoding="utf-8")
    done = sessionproof("run", "--known", "known.toml", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "--known known.toml" in done.err
    assert said in done.err


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    done = sessionproof("run", "--known", "absent.toml", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "cannot read --known absent.toml" in done.err


# The whole way


def test_a_run_with_known_deviations(tmp_path: Path) -> None:
    known, log = tmp_path / "known.toml", tmp_path / "log"
    known.write_text("[AS-22]\n" + entry(), encoding="utf-8")
    with serving(decisions=CodesAreNeverUsedUp) as server:
        done = sessionproof(*RUN, target_file(tmp_path, server.issuer), "--known", known, "--log", log)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("\nCONFORMS, but for known deviations: Storezero Login")
    assert "known deviation: AS-22 (MUST)" in done.out
    assert "ticket 7" in done.out
    assert json.loads(json.dumps(events(log)[0]["known"]["AS-22"]["reason"])) == "ticket 7"


def test_a_run_that_keeps_what_is_known_to_be_broken(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text("[AS-22]\n" + entry() + "[AS-23]\n" + entry(days=-1), encoding="utf-8")
    done = sessionproof(*RUN, "--profile", "core", "--known", known)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("\nKNOWN DEVIATIONS OUT OF DATE: storezero")
    assert "known deviation AS-22 does not occur any more" in done.out
    assert "known deviation AS-23" in done.out


def test_every_report_tells_what_is_known_and_it_is_no_certificate(tmp_path: Path) -> None:
    known, log = tmp_path / "known.toml", tmp_path / "log"
    known.write_text("[AS-22]\n" + entry() + "[AS-23]\n" + entry(days=-1), encoding="utf-8")
    with serving(decisions=CodesAreNeverUsedUp) as server:
        sessionproof(*RUN, target_file(tmp_path, server.issuer), "--known", known, "--log", log)
    run = read_run(log)
    for text in (html(run), markdown(run)):
        assert "known deviation" in text
        assert "does not occur any more" in text, "of AS-23"
        assert "out of date" in text.lower()
    assert "the target deviates, which a file accepts for a while: AS-22" in shortcomings(run)
    assert any(line.startswith("known deviation AS-23") for line in shortcomings(run))

"""Certificates: a bundle that fits is one, and whatever was changed, left out or skipped is noticed."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sessionproof.conformance import certificate, verify
from sessionproof.conformance.bundle import LOG, MANIFEST, REPORT, STATEMENT, make_bundle
from sessionproof.conformance.errors import UsageProblem
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.verify import Verification

from .command import sessionproof
from .report.samples import conforming, failing, write_log

Contents = dict[str, bytes]


def packed(folder: Path, events: tuple[Event, ...] | list[Event]) -> Path:
    bundle = folder / "bundle.zip"
    make_bundle(write_log(folder / "log.jsonl", events), bundle)
    return bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return packed(tmp_path, conforming())


def changed(bundle: Path, change: Callable[[Contents], None], *, rehash: bool = True) -> Verification:
    """What verifying says after a change by somebody who also makes the hashes fit."""
    with zipfile.ZipFile(bundle) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    if rehash:
        manifest = json.loads(contents[MANIFEST])
        for name, entry in manifest["files"].items():
            entry["sha256"] = hashlib.sha256(contents.get(name, b"")).hexdigest()
        contents[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return verify.verify(bundle)


def edit_log(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Contents], None]:
    def edit(contents: Contents) -> None:
        events = [json.loads(line) for line in contents[LOG].splitlines()]
        change(events)
        contents[LOG] = "".join(f"{json.dumps(event)}\n" for event in events).encode()

    return edit


def flows(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == "flow"]


def test_a_run_that_conforms_and_skipped_nothing_is_a_certificate(bundle: Path) -> None:
    found = verify.verify(bundle)
    assert (found.wrong, found.unsure, found.missing) == ([], [], [])
    assert found.exit_code == 0
    done = sessionproof("verify", bundle)
    assert done.code == 0
    assert "is a certificate: fake (model) conforms\nprofiles silent, sso: " in done.out
    assert f"cover reached: {found.manifest['cover']}\n" in done.out


def test_it_holds_statement_log_report_versions_and_hashes(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert sorted(archive.namelist()) == sorted([LOG, MANIFEST, REPORT, STATEMENT])
        manifest = json.loads(archive.read(MANIFEST))
        for name, entry in manifest["files"].items():
            content = archive.read(name)
            assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        assert json.loads(archive.read(STATEMENT))["target"]["name"] == "fake"
    assert manifest["certificate"] is True
    assert manifest["versions"]["bundled with"]


def test_equal_logs_give_equal_bundles(tmp_path: Path) -> None:
    one = packed(tmp_path, conforming()).read_bytes()
    assert packed(tmp_path, conforming()).read_bytes() == one


@pytest.mark.parametrize("name", [LOG, REPORT, STATEMENT, MANIFEST])
def test_a_file_that_is_missing_is_noticed(bundle: Path, name: str) -> None:
    def change(contents: Contents) -> None:
        del contents[name]

    found = changed(bundle, change, rehash=False)
    assert found.exit_code == 1
    assert found.wrong == [f"{name} is missing"]


@pytest.mark.parametrize("name", [LOG, REPORT, STATEMENT])
def test_a_file_that_was_changed_is_noticed_by_its_hash(bundle: Path, name: str) -> None:
    def change(contents: Contents) -> None:
        contents[name] += b" "

    found = changed(bundle, change, rehash=False)
    assert found.exit_code == 1
    assert f"{name} is not the file that the manifest tells (SHA-256)" in found.wrong


def test_a_report_that_was_changed_is_noticed_without_its_hash(bundle: Path) -> None:
    def change(contents: Contents) -> None:
        contents[REPORT] = contents[REPORT].replace(b"Conforms", b"Conforms splendidly")

    assert changed(bundle, change).wrong == ["the report is not the one that the log gives"]


def test_a_statement_that_was_changed_is_noticed(bundle: Path) -> None:
    def change(contents: Contents) -> None:
        contents[STATEMENT] = contents[STATEMENT].replace(b"fake", b"real")

    assert "the statement is not the one that the log begins with" in changed(bundle, change).wrong


def test_a_cover_that_was_not_reached_is_noticed(bundle: Path) -> None:
    def change(contents: Contents) -> None:
        contents[MANIFEST] = json.dumps(json.loads(contents[MANIFEST]) | {"cover": "transitions, all"}).encode()

    assert changed(bundle, change).wrong == ["the cover in the manifest is not the one that the log tells"]


def drop_step(events: list[dict[str, Any]]) -> None:
    flows(events)[1]["steps"].pop()


def drop_flow(events: list[dict[str, Any]]) -> None:
    events.remove(flows(events)[1])


def change_observation(events: list[dict[str, Any]]) -> None:
    flows(events)[0]["steps"][0]["trace"] = ["page login"]


def add_witness(events: list[dict[str, Any]]) -> None:
    flows(events)[0]["steps"][0]["witnessed"].append("AS-53")


def change_choice(events: list[dict[str, Any]]) -> None:
    events[-1]["choices"][0][2] += 1


def add_event(events: list[dict[str, Any]]) -> None:
    events.append(flows(events)[0])


def change_flow(events: list[dict[str, Any]]) -> None:
    flows(events)[0]["steps"][0]["do"][1] = "outlet"


@pytest.mark.parametrize(
    "change", [drop_step, drop_flow, change_observation, add_witness, change_choice, add_event, change_flow]
)
def test_a_log_that_was_changed_is_noticed_without_its_hash(
    bundle: Path, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    found = changed(bundle, edit_log(change))
    assert found.exit_code == 1
    about_log = [w for w in found.wrong if "report" not in w and "manifest" not in w]
    assert about_log, found.wrong


def test_a_finding_that_was_taken_out_is_noticed(tmp_path: Path) -> None:
    def change(events: list[dict[str, Any]]) -> None:
        events[:] = [event for event in events if event["event"] != "finding"]
        events[-1]["findings"] = []

    found = changed(packed(tmp_path, failing()), edit_log(change))
    assert found.exit_code == 1
    assert "flows deviate from AS-14, AS-19, but there is no such finding" in found.wrong


def test_a_manifest_that_says_more_than_the_log_is_noticed(tmp_path: Path) -> None:
    def change(contents: Contents) -> None:
        manifest = json.loads(contents[MANIFEST])
        manifest |= {"verdict": "pass", "certificate": True, "shortcomings": []}
        manifest["requirements"] = dict.fromkeys(manifest["requirements"], "pass")
        contents[MANIFEST] = json.dumps(manifest).encode()

    found = changed(packed(tmp_path, failing()), change)
    assert "the verdicts in the manifest are not those that the log gives" in found.wrong
    assert found.exit_code == 1


def test_a_target_that_does_not_conform_gets_a_bundle_and_no_certificate(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", failing())
    done = sessionproof("bundle", log, "--out", tmp_path / "bundle.zip")
    assert done.code == 1
    assert "fits together, but is no certificate\n  the target does not conform: AS-14, AS-19\n" in done.out


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda e: e.update(stopped="the budget was used up"), "the run stopped early: the budget was used up"),
        (lambda e: e.clear(), "the run was cut off: its log has no footer"),
    ],
    ids=["stopped", "cut off"],
)
def test_a_run_that_skipped_anything_is_no_certificate(
    tmp_path: Path, change: Callable[[Event], None], why: str
) -> None:
    footer = dict(conforming()[-1])
    change(footer)
    found = verify.verify(packed(tmp_path, [*conforming()[:-1], *([footer] if footer else [])]))
    assert (found.wrong, found.exit_code) == ([], 2)
    assert why in found.missing


def test_what_was_not_tested_or_not_observed_is_named(tmp_path: Path) -> None:
    start = conforming()[0] | {"profiles": ["silent", "sso", "hygiene"]}
    found = verify.verify(packed(tmp_path, [start, *conforming()[1:]]))
    assert found.exit_code == 2
    assert any(why.startswith("not tested: ") and "AS-32" in why for why in found.missing)


def test_another_version_cannot_judge_it(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "fingerprint", lambda: "another")
    found = verify.verify(bundle)
    assert found.exit_code == 2
    assert found.unsure[0].startswith("another version of sessionproof made it")
    assert changed(bundle, lambda contents: contents.update({REPORT: b"x"}), rehash=False).exit_code == 1


def test_the_fingerprint_knows_every_file_that_judges() -> None:
    names = {path.name for path in certificate._sources()}
    assert {"judge.py", "local_app.py", "report.html", "report.css", "results.py", "application.svg"} <= names


def test_a_log_that_does_not_fit_together_is_not_packed(tmp_path: Path) -> None:
    events = [json.loads(json.dumps(event)) for event in conforming()]
    change_observation(events)
    with pytest.raises(UsageProblem, match="does not fit together; run the suite again"):
        packed(tmp_path, events)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "empty archive"]
)
def test_what_is_no_bundle_is_a_usage_problem_or_incomplete(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    assert sessionproof("verify", file).code == (1 if content[:2] == b"PK" else 3)


def test_an_archive_with_other_files_is_no_bundle(tmp_path: Path, bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("../evil", b"x")
    done = sessionproof("verify", bundle)
    assert done.code == 3
    assert not (tmp_path.parent / "evil").exists()
    assert sessionproof("verify", tmp_path / "missing.zip").code == 3


@pytest.mark.parametrize("hostile", [b"[]", b"{}", b'{"files": 1}', b"[" * 100_000, b"\xff"])
def test_a_hostile_manifest_is_no_defect(bundle: Path, hostile: bytes) -> None:
    def change(contents: Contents) -> None:
        contents[MANIFEST] = hostile

    assert changed(bundle, change, rehash=False).exit_code == 1


@pytest.mark.parametrize("line", [b"[]", b'{"event": "flow"}', b'{"event": "finding", "requirement": 1}', b"{", b"7"])
def test_a_hostile_log_is_no_defect(bundle: Path, line: bytes) -> None:
    def change(contents: Contents) -> None:
        first, *_ = contents[LOG].splitlines(keepends=True)
        contents[LOG] = first + line + b"\n"

    assert changed(bundle, change).exit_code == 1

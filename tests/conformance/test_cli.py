"""The command line as another process: what each command answers, where it prints it, and how it ends."""

import json
import os
import re
import signal
import stat
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sessionproof.conformance.mutants.server import CodesAreNeverUsedUp

from .command import CANARIES, PROGRAM, events, findings, sessionproof
from .json_schema import complaints
from .leaks import assert_no_leak
from .serving import serving, target_file

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "targets").glob("*.toml"))
QUICK = ("run", "--cover", "rules", "--search", "0", "-j", "1")
VOLATILE = re.compile(r"(127\.0\.0\.1(?::|%3A)|(?:state|nonce|code_challenge)=|/interaction/)[\w.-]+")
"""What differs from run to run: the port of the target, what our applications draw, and the server's own addresses."""


def same_but_for_chance(event: dict[str, Any]) -> dict[str, Any]:
    """An event without what no seed decides: how long it took, and what is drawn afresh for each login."""
    event = {
        name: value for name, value in event.items() if name not in ("spent", "seconds") or event["event"] == "header"
    }
    for exchange in event.get("exchanges", ()):
        for name in ("request", "curl"):
            exchange[name] = VOLATILE.sub(r"\1*", exchange[name])
    return event


class Clean:
    """One run on the bundled reference, which several tests look at."""

    def __init__(self, folder: Path) -> None:
        self.log, self.junit = folder / "run.jsonl", folder / "run.xml"
        self.log.touch(mode=0o644)
        self.arguments = ("--profile", "core", "--profile", "sso", "--log", self.log, "--junit", self.junit)
        self.done = sessionproof(*QUICK, *self.arguments)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    return Clean(tmp_path_factory.mktemp("clean"))


# run


def test_reference_conforms(clean: Clean) -> None:
    assert clean.done.code == 0
    assert clean.done.out.startswith("\nCONFORMS: storezero (reference)\nprofiles core, sso: ")
    assert clean.done.err == ""


def test_each_profile_that_is_certified_can_be_passed_alone() -> None:
    done = sessionproof(*QUICK, "--profile", "core")
    assert (done.code, done.err) == (0, "")
    assert "untested" not in done.out


def test_log_has_header_flows_and_footer(clean: Clean) -> None:
    header, *flows, footer = events(clean.log)
    assert (header["event"], footer["event"]) == ("header", "footer")
    assert header["profiles"] == ["core", "sso"]
    assert (header["cover"], header["search"], header["seed"]) == ("rules", 0, 0)
    assert {event["event"] for event in flows} == {"flow"}
    assert {event["verdict"] for event in flows} == {"pass"}
    assert footer["steps"] == sum(len(event["steps"]) for event in flows)
    assert footer["flows"] == len(flows)


def test_log_is_for_its_owner_only_even_where_the_file_was_there_before(clean: Clean) -> None:
    assert stat.S_IMODE(clean.log.stat().st_mode) == 0o600


def test_junit_has_a_case_for_each_requirement(clean: Clean) -> None:
    suite = ET.parse(clean.junit).getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert suite.get("tests") == str(len(cases))
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("0", "0", "0")
    assert {case.get("classname") for case in cases.values()} == {"sessionproof.core", "sessionproof.sso"}
    assert "AS-08" in cases


def test_stronger_cover_covers_more(tmp_path: Path) -> None:
    def covered(cover: str) -> dict[str, Any]:
        log = tmp_path / f"{cover}.jsonl"
        assert sessionproof("run", "--cover", cover, "--profile", "sso", "--search", "0", "--log", log).code == 0
        return {strength: counts for strength, counts in events(log)[-1]["coverage"].items() if counts}

    assert list(covered("rules")) == ["rules"]
    pairs = covered("pairs")
    assert list(pairs) == ["rules", "transitions", "pairs"]
    assert pairs["pairs"]["sso"][0] > pairs["rules"]["sso"][0]


def test_budget_stops_a_run_without_a_verdict(tmp_path: Path) -> None:
    done = sessionproof(*QUICK, "--profile", "core", "--steps", "5", "--log", tmp_path / "log")
    assert done.code == 2
    assert done.out.startswith("\nINCONCLUSIVE")
    assert "the budget of 5 steps was used up before: " in done.out
    assert events(tmp_path / "log")[-1]["stopped"]


def test_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    logs = []
    for number in ("1", "2"):  # also the order of sets must not matter
        log = tmp_path / number
        arguments = ("--profile", "core", "--search", "12", "--seed", "7", "--cover", "rules", "--log", log)
        environ = {"PYTHONHASHSEED": number, "SOURCE_DATE_EPOCH": "1700000000"}
        assert sessionproof("run", *arguments, environ=environ).code == 0
        logs.append([same_but_for_chance(event) for event in events(log)])
    assert logs[0] == logs[1]
    assert any(event.get("generator") == "search" for event in logs[0][1:-1]), "nothing was drawn"


def test_secrets_come_from_the_environment_alone(tmp_path: Path) -> None:
    with serving() as server:
        file = target_file(tmp_path, server.issuer)
        done = sessionproof(*QUICK, file, "--profile", "sso", "--log", tmp_path / "log", "--junit", tmp_path / "xml")
    assert done.code == 0
    assert_no_leak(done, tmp_path / "log", tmp_path / "xml")


# A target with a fault: finding it, and playing it again


class Faulty:
    """Two runs, stopped at the first failure, on a server that lets codes be used again, and replays of the first."""

    def __init__(self, folder: Path) -> None:
        self.logs, self.junit = (folder / "1.jsonl", folder / "2.jsonl"), folder / "1.xml"
        with serving(decisions=CodesAreNeverUsedUp) as server:
            file = target_file(folder, server.issuer)
            self.first = sessionproof(*QUICK, file, "--fail-fast", "--log", self.logs[0], "--junit", self.junit)
            self.replayed = sessionproof("replay", self.logs[0], file)
        with serving(decisions=CodesAreNeverUsedUp) as server:
            file = target_file(folder, server.issuer)
            sessionproof(*QUICK, file, "--fail-fast", "--log", self.logs[1])
        with serving() as server:
            flow = folder / "flow.json"
            flow.write_text(json.dumps(findings(self.logs[0])[0]["flow"]), encoding="utf-8")
            self.replayed_when_mended = sessionproof("replay", flow, target_file(folder, server.issuer))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return Faulty(tmp_path_factory.mktemp("faulty"))


def test_failure_is_reported_with_the_shortest_flow(faulty: Faulty) -> None:
    done = faulty.first
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("\nDOES NOT CONFORM: Storezero Login")
    assert "fail: AS-22 (MUST)" in done.out
    assert "    3. redeem again at shop   <- here\n" in done.out
    assert "expected token refused" in done.out
    assert "curl -i" in done.out
    assert "stopped at the first failure, of AS-22" in done.out
    assert_no_leak(done, *faulty.logs, faulty.junit)


def test_failure_is_a_failure_in_junit(faulty: Faulty) -> None:
    suite = ET.parse(faulty.junit).getroot()
    [failed] = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failed.get("name") == "AS-22"


def test_same_seed_finds_the_same(faulty: Faulty) -> None:
    one, other = ([same_but_for_chance(event) for event in findings(log)] for log in faulty.logs)
    assert len(one) == 1
    for event in (*one, *other):  # whole seconds decide whether it could be seen that a login was a new one
        for step in event["steps"]:
            step["facets"].pop("auth_time", None)
            del step["witnessed"]
    assert one == other


def test_log_is_played_again(faulty: Faulty) -> None:
    assert (faulty.replayed.code, faulty.replayed.err) == (1, "")
    assert "  3. redeem again at shop\n     token accepted\n" in faulty.replayed.out
    assert "fail: AS-22 (MUST)" in faulty.replayed.out


def test_fault_that_is_mended_is_gone_when_its_flow_is_played_again(faulty: Faulty) -> None:
    done = faulty.replayed_when_mended
    assert (done.code, done.err) == (0, "")
    assert "     token refused\n" in done.out


def test_flow_file_is_played_on_the_reference(tmp_path: Path) -> None:
    flow = {
        "scope": "core",
        "steps": [{"action": "visit orders", "app": "shop"}, {"action": "credentials", "arg": "alice"}],
    }
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(flow), encoding="utf-8")
    done = sessionproof("replay", file)
    assert (done.code, done.err) == (0, "")
    assert "  1. visit orders at shop\n     authorize -> page login\n" in done.out
    assert "b1/shop alice" in done.out


# Other commands


def test_help_of_every_command() -> None:
    main = sessionproof("--help")
    assert main.code == 0
    commands = re.findall(r"^  (\w+)  ", main.out.partition("Commands:\n")[2], re.MULTILINE)
    assert {"run", "replay", "explore", "mutants", "diagrams", "schema", "storezero"} <= set(commands)
    for command in commands:
        done = sessionproof(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert f"Usage: sessionproof {command}" in done.out


def test_explore_one_scope() -> None:
    done = sessionproof("explore", "--scope", "core")
    assert (done.code, done.err) == (0, "")
    assert "every reachable state" in done.out
    assert "FAILS" not in done.out


def test_generated_files_are_up_to_date() -> None:
    done = sessionproof("diagrams", "--check", cwd=ROOT)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_one_mutant() -> None:
    done = sessionproof("mutants", "code-never-used-up")
    assert (done.code, done.err) == (0, "")
    assert "AS-22" in done.out


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    done = sessionproof("schema")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_examples_fit_the_schema(schema: dict[str, Any], file: Path) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(complaints(schema, tomllib.loads(file.read_text(encoding="utf-8")))) == []


def test_schema_refuses_what_the_loader_refuses(schema: dict[str, Any]) -> None:
    example = tomllib.loads((ROOT / "examples" / "targets" / "node-oidc-provider.toml").read_text(encoding="utf-8"))
    for wrong in (
        {**example, "issuers": []},
        {**example, "role": "server"},
        {**example, "profiles": ["all"]},
        {name: value for name, value in example.items() if name != "issuer"},
        {**example, "users": {"alice": {"username": "alice", "password": "alice-password"}}},
    ):
        assert list(complaints(schema, wrong))


# Mistakes and accidents: never a verdict, never a traceback


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), ("Usage: sessionproof", "Commands:")),
        (("certify",), ("No such command 'certify'", "Try 'sessionproof --help'")),
        (("run", "--covr", "rules"), ("No such option: --covr", "--cover")),
        (("run", "--cover", "all"), ("--cover all: no such cover", "expected one of: rules, transitions, pairs")),
        (("run", "--profile", "sos"), ("--profile sos: no such profile", "expected one of: core,")),
        (("run", "--search", "many"), ("Invalid value for '--search'", "integer")),
        (("run", "--search", "-1"), ("Invalid value for '--search'", "greater than or equal to 0")),
        (("run", "--seconds", "0"), ("Invalid value for '--seconds'", "greater than or equal to 1")),
        (("run", "--log", "absent/log"), ("cannot write --log absent/log", "choose another file")),
        (("run", "--log", "folder"), ("cannot write --log folder: Is a directory", "choose another file")),
        (("run", "--junit", "absent/xml"), ("cannot write --junit absent/xml", "choose another file")),
        (("run", "absent.toml"), ("absent.toml cannot be used", "give the path of a TOML file")),
        (("run", "one.toml", "two.toml"), ("unexpected extra argument", "two.toml")),
        (("replay",), ("Missing argument 'file'",)),
        (("replay", "absent.json"), ("cannot read absent.json", "give a flow file or a run log")),
        (("replay", "flow.json"), ("flow.json: unknown scope 'everything'", "expected one of: core,")),
        (("replay", "log"), ("log is a run log without findings",)),
        (("explore", "--scope", "cor"), ("--scope 'cor': no such scope", "expected one of: core,")),
        (("mutants", "nobody"), ("no mutant is called 'nobody'", "code-never-used-up")),
        (("schema", "extra"), ("unexpected extra argument",)),
    ],
    ids=" ".join,
)
def test_usage_errors(tmp_path: Path, arguments: tuple[str, ...], said: tuple[str, ...]) -> None:
    flow = {"scope": "everything", "steps": [{"action": "visit orders", "app": "shop"}]}
    (tmp_path / "flow.json").write_text(json.dumps(flow), encoding="utf-8")
    (tmp_path / "log").write_text('{"event":"header","version":1}\n{"event":"footer"}\n', encoding="utf-8")
    (tmp_path / "folder").mkdir()
    done = sessionproof(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    for piece in said:
        assert piece in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--cover", "all"),
        ("run", "--profile", "sos"),
        ("run", "--log", "absent/log"),
        ("run", "--junit", "absent/xml"),
        ("replay", "absent.json"),
    ],
    ids=" ".join,
)
def test_usage_errors_are_said_before_the_target_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A target that does not answer would end with 5, and one that is started would leave its mark."""
    start = f'[start]\ncommand = ["touch", "{tmp_path / "started"}"]\nready = "never"\n'
    file = target_file(tmp_path, "http://127.0.0.1:1", more=start)
    done = sessionproof(*arguments, file, "--trust", cwd=tmp_path)
    assert done.code == 3
    assert not (tmp_path / "started").exists()


def test_finding_out_whether_a_file_can_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("a run of yesterday", encoding="utf-8")
    done = sessionproof("run", "absent.toml", "--log", "old", "--junit", "new", cwd=tmp_path)
    assert done.code == 3
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [
        ("old", "a run of yesterday")
    ]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a long run on the reference; ends it if the test did not."""
    processes: list[subprocess.Popen[str]] = []

    def start(**options: Any) -> subprocess.Popen[str]:
        command = [str(PROGRAM), "run", "-j", "1", "--log", str(tmp_path / "log")]
        environ = {**os.environ, **CANARIES, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True, **options)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for_flows(log: Path) -> None:
    deadline = time.monotonic() + 30
    while not log.exists() or log.read_text(encoding="utf-8").count("\n") < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_interrupted_run_has_no_verdict(tmp_path: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started(stdout=subprocess.PIPE)
    wait_for_flows(tmp_path / "log")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert "CONFORM" not in out + err
    assert events(tmp_path / "log")[-1]["event"] != "footer", "a run that was cut off is recognised by that"


def test_reader_that_goes_away_is_no_verdict() -> None:
    with subprocess.Popen(
        [str(PROGRAM), *QUICK, "--profile", "sso"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        assert process.wait(timeout=60) == 2
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is needed")
def test_full_disk_is_no_verdict() -> None:
    done = sessionproof(*QUICK, "--profile", "sso", "--log", "/dev/full")
    assert (done.code, done.out) == (2, "")
    assert "No space left on device" in done.err

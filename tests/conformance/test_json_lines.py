"""Adapters in any language: the same verdicts as in Python, and whatever such a program does wrong is no verdict."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter
from sessionproof.conformance.adapter import Effort, Statement
from sessionproof.conformance.adapters import json_messages
from sessionproof.conformance.adapters.json_messages import adapter_schema
from sessionproof.conformance.certify import certify
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import read_log
from sessionproof.model.explore import explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

from .command import Done, events, sessionproof
from .json_schema import complaints

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "adapters" / "node"
NODE = shutil.which("node")
FAULTS = ("", "none-shows-login", "logout-is-global", "asks-every-application")
needs_node = pytest.mark.skipif(not NODE, reason="needs Node.js: python3 dev.py test brings it")

STATEMENT = {
    "protocol": 1, "name": "x", "layers": ["AS"], "features": [], "profiles": ["silent"], "status": True,
}  # fmt: skip
OBEYS = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    number = request["number"]
    def say(**answer): print(json.dumps({"number": number, **answer}), flush=True)
    match request["command"]:
        case "declare": say(ok=STATEMENT)
        case "perform": PERFORM
        case "exchanges": say(ok={"exchanges": []})
        case _: say(ok={})
"""


# The example


class OverHttp:
    """The example's target, driven by Python over HTTP; written without a look at the adapter in JavaScript."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base)
        self._sids: dict[tuple[int, str], str] = {}
        self._waiting: dict[int, str] = {}
        self._scope: Scope

    def call(self, method: str, *arguments: object) -> Any:
        return self._client.post(f"/{method}", json=arguments).json()

    def declare(self) -> Statement:
        features = {
            "application under test", "client at the server", "local logout", "rp_initiated_logout",
            "server under test", "silent check", "switch user",
        }  # fmt: skip
        layers = frozenset({"APP", "AS", "SYS"})
        return Statement("python", "adapter", layers, frozenset(features), ("sso", "silent"), status=True)

    def reset(self, scope: Scope) -> None:
        self._scope = scope
        self._sids.clear()
        self.call("reset", scope.browsers)

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        del distinct
        here, app = stimulus.browser, stimulus.app
        match stimulus.action:
            case "visit orders" | "switch user" | "silent check":
                prompt = {"switch user": "login", "silent check": "none"}.get(stimulus.action, "")
                seen = self.call("open", here, app, prompt)
                trace = ["authorize"] if seen.get("asked") else []
            case "ask none and login":
                seen, trace = self.call("open", here, app, "none login"), []
            case "visit checkout":
                seen, trace = self.call("openPublic", here, app), []
            case "credentials":
                app = self._waiting[here]
                seen, trace = self.call("logIn", here, stimulus.arg), []
            case "log out here":
                seen, trace = self.call("logOut", here, app), []
            case "log out everywhere":
                seen, trace = self.call("logOutEverywhere", here, app), ["end session", "return"]
            case action:
                raise AssertionError(action)
        if seen["page"] == "login":
            self._waiting[here] = app
        facets: dict[str, str] = {}
        if error := seen.get("error"):
            trace.append(f"error {error}")
        if token := seen.get("token"):
            trace.append("answer")
            former = self._sids.get((here, app))
            facets |= {"sub": token["sub"], "auth_time": "now" if token["fresh"] else "before"}
            facets |= {"sid": "same" if former == token["sid"] else "new"} if former else {}
            self._sids[here, app] = token["sid"]
        if user := seen.get("user"):
            facets["shown"] = user
        for browser in range(self._scope.browsers):
            sessions = self.call("sessions", browser)
            names = {**{app: app for app in self._scope.apps}, "as": "server"}
            facets |= {f"b{browser + 1}/{name}": sessions[key] or "absent" for name, key in names.items()}
        return Observation((*trace, f"page {seen['page']}"), facets)

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        return ()

    def effort(self) -> Effort:
        return Effort()

    def close(self) -> None:
        self._client.close()


@contextmanager
def target_over_http(fault: str) -> Iterator[OverHttp]:
    command, env = [str(NODE), "server.mjs"], {**os.environ, "FAULT": fault}
    with subprocess.Popen(command, cwd=EXAMPLE, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            adapter = OverHttp(process.stdout.readline().split()[1])
            yield adapter
            adapter.close()
        finally:
            process.terminate()


def told(results: Results) -> dict[str, tuple[str, int]]:
    return {line.requirement.id: (str(line.verdict), line.witnessed) for line in results.lines()}


@needs_node
@pytest.mark.parametrize("fault", FAULTS)
def test_the_example_has_the_same_verdicts_as_an_adapter_in_python(tmp_path: Path, fault: str) -> None:
    log = tmp_path / "log"
    arguments = ("--trust", "--cover", "rules", "--search", "0", "--log", log)
    done = sessionproof("run", EXAMPLE / "target.toml", *arguments, environ={"FAULT": fault})
    assert (done.code, done.err) == (1 if fault else 0, "")
    with target_over_http(fault) as adapter:
        other = certify(adapter, Plan((), cover="rules", search=0))
    mine = Results.of(read_log(log))
    assert told(mine) == told(other)
    assert [f["requirement"] for f in mine.findings] == [f["requirement"] for f in other.findings]
    assert bool(mine.findings) is bool(fault)


@needs_node
def test_check_says_what_the_adapter_declares() -> None:
    done = sessionproof("check", EXAMPLE / "target.toml", "--trust")
    assert done.code == 0
    assert "`node adapter.mjs` speaks version 1 of the protocol" in done.out
    assert "silent check" in done.out


# The schema


def test_the_schema_is_committed_and_printed() -> None:
    done = sessionproof("schema", "--adapter")
    assert done.code == 0
    assert json.loads(done.out) == adapter_schema()
    committed = (ROOT / "docs" / "adapter.schema.json").read_text(encoding="utf-8")
    assert committed == done.out, "sessionproof schema --adapter > docs/adapter.schema.json"


@needs_node
def test_what_goes_over_the_line_is_what_the_schema_says() -> None:
    schema = adapter_schema()
    scope = json_messages.Scope(
        name="sso", actions=[], apps=["shop"], users=["alice"], provider_users=[], browsers=1, tabs=1, lifetimes={},
        notifies="",
    )  # fmt: skip
    visit = json_messages.Stimulus(action="visit orders", app="shop", arg="", browser=0, tab=0)
    requests = [
        json_messages.Declare(number=1),
        json_messages.Reset(number=2, scope=scope),
        json_messages.Perform(number=3, stimulus=visit, distinct=False),
        json_messages.AskExchanges(number=4),
        json_messages.AskEffort(number=5),
        json_messages.Close(number=6),
    ]
    lines = [request.model_dump_json() for request in requests]
    ran = subprocess.run(
        [str(NODE), "adapter.mjs"], cwd=EXAMPLE, input="\n".join(lines) + "\n", capture_output=True, text=True
    )
    answers = ran.stdout.splitlines()
    assert len(answers) == len(lines)
    for kind, texts in (("Request", lines), ("Answer", answers)):
        for text in texts:
            part = {**schema["$defs"][kind], "$defs": schema["$defs"]}
            assert list(complaints(part, json.loads(text))) == [], text


def test_everything_that_the_model_can_see_can_be_said() -> None:
    words = {
        word
        for scope in SCOPES[:3] + SCOPES[-6:]
        for edge in explore(Network(scope, FEATURES)).edges()
        for expected in edge.outcome.trace
        for word in expected.allowed
    }
    assert len(words) > 20
    seen: TypeAdapter[Any] = TypeAdapter(json_messages.Observation)
    for word in words:
        example = word.replace("page *", "page server").replace("*", "something")
        seen.validate_python({"trace": [example], "facets": {}})


# Programs that do it wrong


WRONG_NUMBER = f"import json; print(json.dumps({{'number': 2, 'ok': {STATEMENT}}}), flush=True); input()"


def file(folder: Path, script: str, more: str = "", name: str = "broken.py") -> Path:
    (folder / name).write_text(script, encoding="utf-8")
    command = json.dumps([sys.executable, name])
    path = folder / "target.toml"
    path.write_text(f'role = "adapter"\nname = "mine"\ncommand = {command}\n{more}', encoding="utf-8")
    return path


def obeys(perform: str, statement: dict[str, Any] = STATEMENT) -> str:
    return OBEYS.replace("STATEMENT", repr(statement)).replace("PERFORM", perform)


def no_verdict(done: Done) -> None:
    assert "CONFORM" not in done.out + done.err
    assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("print('hello', flush=True); import time; time.sleep(9)", 2, "Invalid JSON"),
        ("print('{}', flush=True); import time; time.sleep(9)", 2, "at number: Field required"),
        ("import sys; sys.exit('no database')", 2, "exit code 1 instead of answering. Its last words: no database"),
        ("import sys, time; sys.stdout.close(); time.sleep(1)", 2, "instead of answering"),
        ("import time; time.sleep(60)", 5, "did not answer within 3 seconds"),
        (WRONG_NUMBER, 2, "answered request 2; the request was 1"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", 2, "a line of more than"),
        (obeys("pass", {**STATEMENT, "protocol": 2}), 2, "at ok.protocol: Input should be 1"),
        (obeys("pass", {**STATEMENT, "layers": ["XX"]}), 2, "at ok.layers.0: Input should be 'APP'"),
        (obeys("pass", {**STATEMENT, "extra": 1}), 2, "at ok.extra: Extra inputs are not permitted"),
    ],
    ids=["no JSON", "no number", "ends", "closes", "hangs", "number", "endless", "version", "layer", "unknown key"],
)  # fmt: skip
def test_a_program_that_cannot_even_declare(tmp_path: Path, script: str, code: int, said: str) -> None:
    done = sessionproof("run", file(tmp_path, script, "timeout = 3\n"), "--trust", timeout=60)
    assert done.code == code, done.err
    assert said in done.err
    no_verdict(done)


@pytest.mark.parametrize(
    ("perform", "said"),
    [
        ("say(problem={'cause': 'the lift is broken', 'hint': 'Take the stairs.'})", "the lift is broken"),
        ("say(ok={'trace': ['page accunt'], 'facets': {}})", "at ok.trace.0: String should match pattern"),
        ("say(ok={'trace': [], 'facets': {'auth_time': 'later'}})", "facet auth_time: one of now, before"),
        ("say(ok={'trace': []})", "at ok.facets: Field required"),
        ("sys.exit('crashed')", "ended with exit code 1 instead of answering. Its last words: crashed"),
        ("import time; time.sleep(60)", "did not answer within 3 seconds"),
    ],
    ids=["says so", "page", "facet", "missing", "crashes", "hangs"],
)
def test_a_step_that_goes_wrong_is_inconclusive(tmp_path: Path, perform: str, said: str) -> None:
    target = file(tmp_path, obeys(perform), "timeout = 3\n")
    done = sessionproof("run", target, "--trust", "--log", tmp_path / "log", timeout=60)
    assert done.code in (2, 5)
    assert done.out.startswith("\nINCONCLUSIVE: mine (adapter)")
    lost = [event for event in events(tmp_path / "log") if event["event"] == "flow"]
    assert {event["verdict"] for event in lost} == {"inconclusive"}
    assert all(said in event["cause"] for event in lost)
    assert len(lost) == 3, "it was started anew for each flow, and given up then"


def test_it_runs_only_if_it_is_trusted(tmp_path: Path) -> None:
    target = file(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')")
    done = sessionproof("run", target)
    assert done.code == 3
    assert "wants to run a program" in done.err
    assert "--trust" in done.err
    assert not (tmp_path / "ran").exists()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('role = "adapter"\nname = "x"\ncommand = ["./absent"]\n', encoding="utf-8")
    done = sessionproof("run", tmp_path / "t.toml", "--trust")
    assert done.code == 5
    assert "`./absent` cannot be run" in done.err


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_what_it_started_is_stopped_with_it(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('child', 'w').write(str(child.pid))\n" + obeys("say(problem={'cause': 'x'})")
    )
    sessionproof("run", file(tmp_path, script), "--trust", timeout=60)
    pid = int((tmp_path / "child").read_text(encoding="utf-8"))
    with suppress(FileNotFoundError):
        assert Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z", (
            "ended, if nobody asked about it"
        )

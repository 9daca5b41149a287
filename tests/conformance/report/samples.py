"""Logs as the tests of the reports want them: a target with faults, a hostile one, and where to write them."""

from functools import cache
from pathlib import Path
from typing import Any

from sessionproof.conformance.plan import Plan
from sessionproof.conformance.report.run import Run, read_run
from sessionproof.conformance.runlog import Event, RunLog
from sessionproof.model.network import SERVER
from sessionproof.model.vocabulary import Stimulus

from ..fake import FakeAdapter, Lie, rule, showing
from ..logs import finding, footer, header
from ..running import run

SSO = Plan(("silent", "sso"), cover="rules", search=0)
HINT = rule(SERVER, "logged in", "authorize prompt=none hint")

HOSTILE = (
    '<script>document.title = "owned"; fetch("https://evil.example/")</script>'
    "<img src=https://evil.example/x.png onerror=\"document.title='owned'\">"
    "\"'><svg onload=alert(1)> javascript:alert(1) {{ 7*7 }} ${7*7} </style></pre></textarea> `` | \\ @everyone #1"
    "\u202eabc\u2066 \x1b[31m \x00 \ud800 line\nfeed"
)
"""Markup, quotes, template syntax, direction and control characters, a lone surrogate, Markdown."""


@cache
def conforming() -> tuple[Event, ...]:
    """A whole run on a target that conforms."""
    return tuple(run(FakeAdapter(profiles=("silent", "sso")), SSO, whole=True))


@cache
def failing() -> tuple[Event, ...]:
    """A run on a target with two faults: a code for the wrong user, and a page where no page may be shown."""
    lies = [
        Lie(HINT, showing("answer", "page error")),
        Lie(rule(SERVER, "absent", "authorize prompt=none login"), showing("page login")),
    ]
    return tuple(run(FakeAdapter(profiles=("silent",), lies=lies)))


def hostile() -> list[Event]:
    """A log in which everything that a target has a hand in is hostile."""
    steps = [_step("visit orders", "shop", ["authorize", HOSTILE]), _step("credentials", "", [f"error {HOSTILE}"])]
    mismatch = {"requirement": "AS-08", "rule": HOSTILE, "place": "trace 1", "expected": "answer", "actual": HOSTILE}
    exchange = {"step": 2, "curl": f"curl '{HOSTILE}'", "request": f"GET {HOSTILE}", "status": 200}
    shown = finding("AS-08", actual=HOSTILE, exchanges=[exchange], mismatch=mismatch, steps=steps)
    shown["steps"][-1]["mismatches"] = [mismatch]
    doubtful = finding("APP-14", doubt=HOSTILE, actual=HOSTILE)
    trouble = {"event": "problem", "cause": HOSTILE, "hint": HOSTILE, "exit_code": 5}
    start = header("sso", "silent", name=HOSTILE)
    start["target"] |= {"role": HOSTILE, "version": HOSTILE, "features": [HOSTILE]}
    end = footer(HOSTILE, choices=[[HOSTILE, HOSTILE, 1, 0]], unfired=[[HOSTILE, HOSTILE]], coverage={}, states={})
    return [start, shown, doubtful, trouble, end]


def _step(action: str, app: str, trace: list[str]) -> dict[str, Any]:
    facets = {"b1/shop": HOSTILE, "b1/as": HOSTILE, "state": HOSTILE}
    user = "alice" if action == "credentials" else ""
    stimulus = list(Stimulus(action, app, user))
    return {"do": stimulus, "trace": trace, "facets": facets, "verdict": "pass", "witnessed": []}


def write_log(path: Path, events: tuple[Event, ...] | list[Event]) -> Path:
    """Write the events as a run would."""
    log = RunLog(path)
    for event in events:
        log.write(event)
    log.close()
    return path


def read(path: Path, events: tuple[Event, ...] | list[Event]) -> Run:
    """The run of these events, through a file."""
    return read_run(write_log(path, events))

"""Faults in the middle of a run: no verdict comes of them, and what passes by itself costs none."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sessionproof.conformance.adapter import Statement
from sessionproof.conformance.adapters.again import Again
from sessionproof.conformance.adapters.discretion import WAITS, Discretion
from sessionproof.conformance.adapters.problems import (
    FlowBroken,
    RateLimited,
    TargetFailed,
    TargetHungUp,
    TargetTimeout,
    TargetUnavailable,
)
from sessionproof.conformance.errors import HarnessProblem
from sessionproof.conformance.opening import open_target
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Observation, Stimulus
from starlette.types import ASGIApp, Receive, Scope, Send

from .command import CANARIES
from .faults import Choose, Fault, Faulty, answer, drip, hang, lost, now_and_then, reset
from .running import never_passed_unseen, of
from .serving import Served, serving, target_file
from .test_identity_provider import ENVIRON, SERVER_AT_PROVIDER
from .test_identity_provider import TARGET as PROVIDER

CORE = next(scope for scope in SCOPES if scope.name == "core")
FLOW = (
    Stimulus("visit orders", "shop"),
    Stimulus("wrong credentials", "", "alice"),
    Stimulus("credentials", "", "alice"),
    Stimulus("visit orders", "shop"),
)
UNKNOWN_TYPE = Stimulus("ask unknown response type", "shop")
TIMEOUT = 0.4


@dataclass
class Bench:
    """A server before which faults can be put, the adapter for it, and the seconds that this has waited."""

    adapter: Again
    server: Served
    before: Faulty
    statement: Statement
    waited: list[float]

    def meets(self, choose: Choose) -> None:
        """Put faults before the server from now on; `choose` counts the requests from here."""
        self.before.requests, self.before.choose = 0, choose

    def play(self, *flow: Stimulus) -> list[Observation]:
        self.adapter.reset(CORE)
        return [self.adapter.perform(stimulus) for stimulus in flow]

    def run(self, choose: Choose, steps: int = 20) -> list[Event]:
        """The events of a run that meets these faults."""
        self.meets(choose)
        events: list[Event] = []
        Runner(self.adapter, Plan(("core",), cover="rules", search=0, steps=steps), events.append).run()
        return events


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    befores: list[Faulty] = []

    def around(app: ASGIApp) -> Faulty:
        befores.append(Faulty(app, never))
        return befores[0]

    with ExitStack() as stack:
        server = stack.enter_context(serving(around=around))
        more = f"[pace]\ntimeout = {TIMEOUT}\n"
        file = target_file(tmp_path_factory.mktemp("target"), server.issuer, more=more)
        adapter = stack.enter_context(open_target(file, CANARIES))
        assert isinstance(adapter, Again)
        yield Bench(adapter, server, befores[0], adapter.declare(), [])


@pytest.fixture
def bench(target: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The same for each test; it knows the server already, and waiting takes no time."""
    target.waited.clear()
    target.adapter.troubles.clear()
    inner = target.adapter._adapter
    monkeypatch.setattr(inner, "discretion", Discretion(inner.network, target.waited.append))
    monkeypatch.setattr(inner, "declare", lambda: target.statement)
    yield target
    target.meets(never)


def never(_scope: Scope, _number: int) -> Fault | None:
    return None


def at(first: int, fault: Fault, last: int | None = None) -> Choose:
    """The fault at one request, or from the first to the last of several."""
    return lambda _scope, number: fault if first <= number <= (last or first) else None


def always(fault: Fault) -> Choose:
    return lambda _scope, _number: fault


def verdict(events: list[Event]) -> Verdict:
    never_passed_unseen(events)
    return Results.of(events).verdict()


# Once


@pytest.mark.parametrize(
    "fault",
    [reset, lost, answer(503), answer(504), answer(429), answer(500, b"<title>Oops</title>"), hang, drip(0.1)],
    ids=lambda fault: fault.__name__,
)
def test_a_fault_at_any_request_of_a_flow_changes_nothing_that_is_seen(bench: Bench, fault: Fault) -> None:
    undisturbed = bench.play(*FLOW)
    requests = range(1, 1000) if fault.__name__ not in ("hang", "drip") else range(2, 1000, 5)
    for number in requests:
        bench.meets(at(number, fault))
        for seen, expected in zip(bench.play(*FLOW), undisturbed, strict=True):
            assert seen.trace == expected.trace
            assert seen.facets.items() <= expected.facets.items(), "a probe that got no answer tells nothing"
        if bench.before.requests < number:
            break
    assert len(bench.waited) == len(bench.adapter.troubles) > 1


def test_what_the_server_remembers_makes_a_flow_that_was_cut_off_inconclusive(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consent was heard and its answer lost: nobody is asked for it again, so the flow cannot be repeated."""
    page = bench.play(Stimulus("visit orders", "outlet"), Stimulus("credentials", "", "bob"))[-1].trace[-1]
    assert page == "page consent"
    bench.meets(at(1, lost))
    monkeypatch.setattr(bench.server.provider.decisions, "consent_is_remembered", lambda *_: True)
    with pytest.raises(FlowBroken, match="step 2 of it showed something else") as raised:
        bench.adapter.perform(Stimulus("allow"))
    assert "closed the connection before its answer was complete" in raised.value.cause


# A server error


def test_a_server_error_that_comes_each_time_is_the_answer(bench: Bench) -> None:
    def crashes(scope: Scope, _number: int) -> Fault | None:
        return answer(500, b"<title>Oops</title>") if b"response_type=nonsense" in scope["query_string"] else None

    bench.meets(crashes)
    assert bench.play(*FLOW, UNKNOWN_TYPE)[-1].trace == ("page server",)
    assert bench.waited == list(WAITS[:2])
    assert bench.play(UNKNOWN_TYPE)[-1].trace == ("page server",)
    assert bench.waited == list(WAITS[:2]), "it is known now"
    events = bench.run(crashes, steps=60)
    assert {finding["requirement"] for finding in of(events, "finding") if finding["confirmed"]} == {"AS-58"}
    assert verdict(events) is Verdict.FAIL


def test_a_server_error_is_none_while_nothing_else_is_answered_either(bench: Bench) -> None:
    bench.meets(always(answer(500, b"<title>No database</title>")))
    with pytest.raises(TargetFailed, match=r"answered with status 500\. It was tried 5 times") as raised:
        bench.play(FLOW[0])
    assert not raised.value.lasting


# A run


BUSY = answer(503, b"", (b"retry-after", b"2"))


@pytest.mark.parametrize("fault", [BUSY, answer(429), answer(500), reset], ids=lambda fault: fault.__name__)
def test_a_burst_costs_no_verdict(bench: Bench, fault: Fault) -> None:
    """Some of it meets the flow when it is played again."""
    events = bench.run(at(40, fault, 42))
    assert {event["verdict"] for event in of(events, "flow")} == {"pass"}
    never_passed_unseen(events)
    assert bench.adapter.troubles


def test_a_server_that_loses_its_sessions_in_a_restart_is_asked_again(bench: Bench) -> None:
    async def restart(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        bench.server.provider.reset()
        await answer(503)(app, scope, receive, send)

    events = bench.run(lambda _scope, number: restart if number in (30, 60, 90) else None, 40)
    assert {event["verdict"] for event in of(events, "flow")} == {"pass"}
    assert len(bench.adapter.troubles) == 3


def test_a_server_that_loses_its_sessions_unseen_has_not_failed(bench: Bench) -> None:
    async def restart(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        bench.server.provider.reset()
        await app(scope, receive, send)

    posts = count(1)
    events = bench.run(lambda scope, _: restart if "/interaction" in scope["path"] and next(posts) == 2 else None)
    findings = of(events, "finding")
    assert findings
    assert not any(finding["confirmed"] for finding in findings)
    assert all(finding["doubt"] for finding in findings)
    assert verdict(events) is Verdict.INCONCLUSIVE


def test_what_never_works_is_left_out_with_its_cause_and_the_rest_goes_on(bench: Bench) -> None:
    events = bench.run(lambda scope, _: reset if b"response_type=nonsense" in scope["query_string"] else None, 60)
    [cut] = [event for event in of(events, "flow") if "cause" in event]
    assert cut["lasting"]
    assert "closed the connection" in cut["cause"]
    later = [step["do"][0] for event in of(events, "flow") for step in event["steps"]]
    assert "visit checkout" in later
    assert "ask unknown response type" not in later
    assert events[-1]["steps"] > 20
    assert events[-1]["stopped"] == ""
    assert any("closed the connection" in why for _, why in events[-1]["unfired"])
    assert of(events, "finding") == of(events, "problem") == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [(reset, TargetHungUp), (hang, TargetTimeout), (answer(503), TargetUnavailable), (answer(429), RateLimited)],
    ids=lambda value: value.__name__,
)
def test_a_target_that_is_gone_stops_the_run_and_is_not_waited_for_at_each_flow(
    bench: Bench, fault: Fault, problem: type[HarnessProblem]
) -> None:
    events = bench.run(at(40, fault, 10_000))
    assert verdict(events) is Verdict.INCONCLUSIVE
    assert events[-1]["exit_code"] == problem.exit_code
    assert events[-1]["stopped"].startswith("3 problems in a row")
    assert of(events, "finding") == []
    assert sum(bench.waited) <= sum(WAITS)


@pytest.mark.parametrize("seed", range(3))
def test_random_faults_at_one_request_in_fifty_cost_no_verdict(bench: Bench, seed: int) -> None:
    events = bench.run(now_and_then(seed, 50, TIMEOUT))
    assert bench.before.met
    assert verdict(events) in (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert {event["verdict"] for event in of(events, "flow")} <= {"pass", "inconclusive"}
    assert all(event["cause"] for event in of(events, "flow") if event["verdict"] == "inconclusive")
    assert not any(finding["confirmed"] for finding in of(events, "finding"))


def test_nor_do_they_in_the_role_identity_provider(tmp_path: Path) -> None:
    befores: list[Faulty] = []

    def around(app: ASGIApp) -> Faulty:
        befores.append(Faulty(app, now_and_then(4, 30, TIMEOUT)))
        return befores[0]

    events: list[Event] = []
    with serving(around=around, clients=(SERVER_AT_PROVIDER,)) as server:
        file = tmp_path / "target.toml"
        file.write_text(PROVIDER.format(issuer=server.issuer) + f"[pace]\ntimeout = {TIMEOUT}\n", encoding="utf-8")
        with open_target(file, ENVIRON) as adapter:
            Runner(adapter, Plan(("federation",), cover="rules", search=0, steps=20), events.append).run()
    assert sum(befores[0].met.values()) > 2
    assert {event["verdict"] for event in of(events, "flow")} <= {"pass", "inconclusive"}
    assert of(events, "finding") == []

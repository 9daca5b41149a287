"""The runner on a target that deviates: one fault is one finding with its shortest flow, and the run goes on."""

from collections.abc import Callable
from itertools import groupby

import pytest
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.context import Outcome
from sessionproof.model.network import LOCAL, SERVER
from sessionproof.model.requirements import BY_ID
from sessionproof.model.vocabulary import Observation

from .fake import FakeAdapter, Lie, network, rule, showing, with_facet
from .running import never_passed_unseen, of, run, verdicts

ANSWERED = rule(SERVER, "logged in", "authorize prompt=none")
REFUSED = rule(SERVER, "absent", "authorize prompt=none login")
FIRST_LOGIN = rule(SERVER, "absent+login", "credentials")
LOGIN_PAGE = showing("page login")
"""What nobody may show who is asked with `prompt=none login`."""


def shortest(adapter: FakeAdapter, scope: str, rule: str) -> int:
    """The length of a shortest flow in which the rule fires on this target."""
    model = network(scope, adapter.features)
    length = {model.scope.start(): 0}
    for world in (todo := [model.scope.start()]):
        for stimulus in model.enabled(world):
            outcome = adapter.choose(model.step(world, stimulus))
            if any(fired.key == rule for fired in outcome.rules):
                return length[world] + 1
            if outcome.after not in length:
                length[outcome.after] = length[world] + 1
                todo.append(outcome.after)
    raise AssertionError("the rule does not fire")


def test_a_lie_is_one_finding_with_its_shortest_flow_and_the_run_goes_on() -> None:
    adapter = FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE)])
    events = run(adapter)
    [finding] = of(events, "finding")
    assert (finding["requirement"], finding["confirmed"], finding["doubt"]) == ("AS-14", True, "")
    steps = finding["flow"]["steps"]
    assert [step["action"] for step in steps] == ["ask none and login"]
    assert len(steps) == shortest(adapter, "silent", REFUSED) == len(finding["steps"])
    assert finding["steps"][-1]["verdict"] == "fail"
    assert finding["exchanges"]
    assert {exchange["step"] for exchange in finding["exchanges"]} == set(range(1, len(steps) + 1))
    after = events[events.index(finding) :]
    assert {event["verdict"] for event in of(after, "flow")} == {"pass"}
    assert Results.of(events).verdict() is Verdict.FAIL
    assert {i for i, v in verdicts(events).items() if v is Verdict.FAIL} == {"AS-14"}
    assert verdicts(events)["AS-13"] is Verdict.PASS
    never_passed_unseen(events)


def test_a_lie_deep_inside_is_shown_by_the_shortest_flow() -> None:
    adapter = FakeAdapter(lies=[Lie(ANSWERED, with_facet("auth_time", "now"))])
    [finding] = of(run(adapter, Plan(("silent", "reauth"), cover="rules", search=0)), "finding")
    assert finding["confirmed"]
    assert finding["requirement"] == "AS-18"
    assert {exchange["step"] for exchange in finding["exchanges"]} == {1, 2, 3}
    assert len(finding["flow"]["steps"]) == shortest(adapter, "silent", ANSWERED) == 3


def test_a_finding_is_confirmed_by_playing_its_shortest_flow_again_and_again() -> None:
    adapter = FakeAdapter(lies=[Lie(ANSWERED, with_facet("b1/as", "mallory"))])
    [finding] = of(run(adapter, Plan(("silent",), cover="rules", search=0, fail_fast=True)), "finding")
    shown = [step["do"] for step in finding["steps"]]
    played = [[list(stimulus) for stimulus in flow] for flow in adapter.played]
    in_a_row = max(len(list(same)) for flow, same in groupby(played) if flow == shown)
    assert in_a_row >= 3  # twice to be sure, once for the record


def test_two_faults_are_two_findings() -> None:
    adapter = FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE), Lie(ANSWERED, with_facet("b1/as", "mallory"))])
    events = run(adapter)
    assert {finding["requirement"]: finding["confirmed"] for finding in of(events, "finding")} == {
        "AS-14": True, "AS-13": True,
    }  # fmt: skip


def test_what_deviated_is_not_asked_for_again() -> None:
    adapter = FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE)])
    events = run(adapter, Plan(("silent",), cover="transitions", search=0))
    [found_at] = [at for at, event in enumerate(events) if event["event"] == "finding"]
    later = {step["do"][0] for event in of(events[found_at:], "flow") for step in event["steps"]}
    assert "ask none and login" not in later
    assert "switch user" in later
    assert events[-1]["findings"] == [["AS-14", 1, True]]


def test_nor_is_it_in_scopes_that_come_later() -> None:
    lies = [Lie(rule(LOCAL, "absent", "replayed answer"), showing("page login"))]
    adapter = FakeAdapter(("core",), lies=lies)
    events = run(adapter, Plan(("core",), cover="rules", search=0), whole=True)
    [finding] = of(events, "finding")
    assert (finding["requirement"], finding["confirmed"]) == ("APP-07", True)
    later = of(events[events.index(finding) :], "flow")
    assert {"core", "core: ID token"} <= {event["scope"] for event in later}
    assert "replay callback" not in {step["do"][0] for event in later for step in event["steps"]}


def test_a_broken_should_is_a_warning_and_the_flow_goes_on() -> None:
    login = "application: absent+pending|anonymous+pending / answer [token right]"
    adapter = FakeAdapter(lies=[Lie(login, with_facet("landed", "page home"))])
    events = run(adapter, Plan(("silent", "core"), cover="rules", search=0))
    [finding] = of(events, "finding")
    assert (finding["requirement"], finding["confirmed"]) == ("APP-18", True)
    assert verdicts(events)["APP-18"] is Verdict.WARNING
    assert {event["verdict"] for event in of(events, "flow")} == {"pass"}
    assert Verdict.FAIL not in verdicts(events).values()


def test_a_deviation_outside_the_profiles_is_no_finding() -> None:
    adapter = FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE)], layers=frozenset({"APP"}))
    events = run(adapter)
    assert of(events, "finding") == []
    assert Results.of(events).outside["AS-14"] > 0
    assert verdicts(events)["AS-14"] is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("times", range(1, 5))
def test_a_flickering_lie_is_inconclusive(times: int) -> None:
    """Seen once, seen when replayed, while shrinking, when confirmed: but not five times, as often as it must be."""
    adapter = FakeAdapter(lies=[Lie(REFUSED, LOGIN_PAGE, times=times)])
    events = run(adapter)
    [finding] = of(events, "finding")
    assert not finding["confirmed"]
    assert finding["doubt"]
    assert verdicts(events)["AS-14"] is Verdict.INCONCLUSIVE
    assert Results.of(events).verdict() is Verdict.INCONCLUSIVE


def test_fail_fast_stops_at_the_first_confirmed_failure() -> None:
    lies = [Lie(REFUSED, LOGIN_PAGE), Lie(ANSWERED, with_facet("b1/as", "mallory"))]
    events = run(FakeAdapter(lies=lies), Plan(("silent",), cover="rules", search=0, fail_fast=True))
    assert [event["event"] for event in events[-2:]] == ["finding", "footer"]
    assert len(of(events, "finding")) == 1
    assert events[-1]["stopped"].startswith("stopped at the first failure, of AS-1")
    assert events[-1]["exit_code"] == 0
    assert Results.of(events).verdict() is Verdict.FAIL


def test_fail_fast_does_not_stop_at_what_is_not_confirmed() -> None:
    lie = Lie(REFUSED, LOGIN_PAGE, times=1)
    events = run(FakeAdapter(lies=[lie]), Plan(("silent",), cover="rules", search=0, fail_fast=True))
    assert events[-1]["stopped"] == ""


@pytest.mark.parametrize("seconds", [None, 20.0])
def test_a_flow_is_not_made_shorter_once_the_time_is_used_up(seconds: float | None) -> None:
    """Each step takes a second here. What is confirmed late is as good a finding, and says that it is not shortest."""
    adapter = FakeAdapter(lies=[Lie(ANSWERED, with_facet("b1/as", "mallory"))])
    plan = Plan(("silent",), cover="transitions", search=0, seconds=seconds)
    events = run(adapter, plan, now=lambda: float(adapter.steps))
    [finding] = of(events, "finding")
    assert finding["confirmed"]
    assert finding["cut"] is (seconds is not None)
    if seconds is not None:
        replays = 5 * len(finding["flow"]["steps"])
        assert adapter.steps <= max(seconds, finding["found_after"]) + replays


def test_a_wrong_claim_does_not_end_a_flow() -> None:
    adapter = FakeAdapter(lies=[Lie(FIRST_LOGIN, with_facet("state", "altered"))])
    events = run(adapter, Plan(("core",), cover="rules", search=0), whole=True)
    assert {finding["requirement"] for finding in of(events, "finding")} == {"AS-05"}
    lying = [flow["steps"] for flow in of(events, "flow") if "fail" in {step["verdict"] for step in flow["steps"]}]
    assert any(steps[-1]["verdict"] == "pass" for steps in lying)
    assert {i for i, v in verdicts(events).items() if v is Verdict.UNTESTED and BY_ID[i].level == "MUST"} == set()
    never_passed_unseen(events)


def test_an_answer_that_depends_on_what_was_is_left_out_only_there() -> None:
    """Each second login ends at an error page."""
    lie = Late(FIRST_LOGIN, showing("page server"), 2)
    events = run(FakeAdapter(lies=[lie]), Plan(("core",), cover="rules", search=0), whole=True)
    assert lie.told > 1
    assert {finding["requirement"] for finding in of(events, "finding")} == {"AS-03"}
    assert {i for i, v in verdicts(events).items() if v is Verdict.UNTESTED and BY_ID[i].level == "MUST"} == set()


class Late(Lie):
    """The same in each second such step, from the given one on."""

    def __init__(self, rule: str, change: Callable[[Observation], Observation], begin: int) -> None:
        super().__init__(rule, change)
        self.begin, self.seen = begin, 0

    def __call__(self, outcome: Outcome, seen: Observation) -> Observation:
        if any(rule.key == self.rule for rule in outcome.rules):
            self.seen += 1
            if self.seen >= self.begin and self.seen % 2 == 0:
                self.told += 1
                return self.change(seen)
        return seen

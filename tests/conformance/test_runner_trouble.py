"""The runner in trouble: what the harness could not do is no verdict, and a run ends when its budget is used up."""

from itertools import count

from sessionproof.conformance.adapters.problems import Unobservable
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import PROBLEMS
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.network import SERVER
from sessionproof.model.vocabulary import Observation, Stimulus

from .fake import FakeAdapter, Lie, rule, showing
from .running import never_passed_unseen, of, run, verdicts

REFUSED = rule(SERVER, "absent", "authorize prompt=none login")


def test_a_problem_makes_its_flow_inconclusive_and_the_run_goes_on() -> None:
    events = run(FakeAdapter(trouble={7}), whole=True)
    [bad] = [event for event in of(events, "flow") if event["verdict"] == "inconclusive"]
    assert (bad["cause"], bad["hint"]) == ("The target did not answer.", "Start it.")
    assert bad is not of(events, "flow")[-1]
    assert of(events, "problem") == of(events, "finding") == []
    assert Results.of(events).verdict() is Verdict.PASS  # everything was seen in another flow


def test_a_problem_at_reset_is_no_verdict_either() -> None:
    events = run(FakeAdapter(trouble_at_reset={2}))
    assert [event["verdict"] for event in of(events, "flow")].count("inconclusive") == 1
    assert of(events, "flow")[1]["steps"] == []


def test_three_in_a_row_stop_the_run_with_the_problems_exit_code() -> None:
    events = run(FakeAdapter(trouble=range(5, 10_000)))
    assert [event["event"] for event in events[-2:]] == ["problem", "footer"]
    [problem] = of(events, "problem")
    assert problem["cause"] == "The target did not answer."
    assert events[-1]["exit_code"] == 5
    assert "The target did not answer." in events[-1]["stopped"]
    assert [event["verdict"] for event in of(events, "flow")] == ["pass", *["inconclusive"] * PROBLEMS]
    results = Results.of(events)
    assert results.verdict() is Verdict.INCONCLUSIVE
    assert not {Verdict.FAIL, Verdict.WARNING} & {line.verdict for line in results.lines()}
    never_passed_unseen(events)


def test_a_target_that_is_never_there_gets_no_verdict() -> None:
    events = run(FakeAdapter(trouble=range(1, 10_000)))
    assert Results.of(events).verdict() is Verdict.INCONCLUSIVE
    assert Verdict.PASS not in verdicts(events).values()
    assert events[-1]["exit_code"] == 5


def test_a_target_that_is_gone_at_the_end_does_not_conform_by_what_was_seen_before() -> None:
    plan = Plan(("silent",), cover="transitions", search=0)
    passes = run(FakeAdapter(), plan, whole=True)
    assert Results.of(passes).verdict() is Verdict.PASS
    last = passes[-1]["steps"] - 20
    events = run(FakeAdapter(trouble=range(last, last + 1_000)), plan, whole=True)
    assert all(line.verdict is Verdict.PASS for line in Results.of(events).lines())
    assert events[-1]["exit_code"] == 5
    assert Results.of(events).verdict() is Verdict.INCONCLUSIVE


def test_problems_that_are_not_in_a_row_do_not_stop_the_run() -> None:
    events = run(FakeAdapter(trouble_at_reset=range(1, 1_000, 2)), whole=True)
    assert sum(event["verdict"] == "inconclusive" for event in of(events, "flow")) > PROBLEMS
    assert of(events, "problem") == []


def test_a_failure_that_cannot_be_replayed_is_not_confirmed() -> None:
    lie = Lie(REFUSED, showing("page login"))
    honest = run(FakeAdapter(lies=[lie]))
    until = honest[: honest.index(of(honest, "finding")[0])]
    steps_before = sum(len(flow["steps"]) for flow in of(until, "flow"))
    events = run(FakeAdapter(lies=[Lie(REFUSED, showing("page login"))], trouble={steps_before + 1}))
    [finding] = of(events, "finding")
    assert not finding["confirmed"]
    assert finding["doubt"] == "could not be replayed: The target did not answer."
    assert verdicts(events)["AS-14"] is Verdict.INCONCLUSIVE


def test_what_can_never_be_observed_is_left_out_and_hides_nothing_else() -> None:
    class Blind(FakeAdapter):
        def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
            if stimulus.action == "ask none and login":
                raise Unobservable("Nobody can tell.", "Live with it.")
            return super().perform(stimulus, distinct=distinct)

    events = run(Blind())
    assert sum("cause" in event for event in of(events, "flow")) == 1
    line = next(line for line in Results.of(events).lines() if line.requirement.id == "AS-14")
    assert line.verdict is Verdict.INCONCLUSIVE
    assert "Nobody can tell." in line.reason
    seeing = verdicts(run(FakeAdapter()))
    assert verdicts(events) == {**seeing, "AS-14": Verdict.INCONCLUSIVE}
    assert events[-1]["exit_code"] == 0


# Budgets


def test_a_budget_of_steps_ends_the_run_and_says_what_was_left() -> None:
    events = run(FakeAdapter(), Plan(("silent",), cover="transitions", search=0, steps=30))
    footer = events[-1]
    assert footer["steps"] == 30
    assert footer["stopped"] == "the budget of 30 steps was used up before: fault-directed flows of silent"
    assert footer["exit_code"] == 0
    assert Results.of(events).verdict() is Verdict.INCONCLUSIVE
    untested = [line for line in Results.of(events).lines() if line.verdict is Verdict.UNTESTED]
    assert footer["stopped"] in {line.reason for line in untested}


def test_a_budget_of_seconds_ends_the_run() -> None:
    clock = count()
    plan = Plan(("silent",), cover="transitions", search=0).within(25)
    events = run(FakeAdapter(), plan, now=lambda: float(next(clock)))
    assert events[-1]["stopped"].startswith("the budget of 25 seconds was used up before: ")
    assert 0 < events[-1]["steps"] < 100
    assert events[-1]["seconds"]["total"] > 25


def test_a_budget_that_suffices_is_not_mentioned() -> None:
    steps = run(FakeAdapter())[-1]["steps"]
    assert run(FakeAdapter(), Plan(("silent",), cover="rules", search=0, steps=steps))[-1]["stopped"] == ""

"""Property-based search: plays flows of the model that hypothesis draws, the same ones for the same seed."""

from collections import Counter

import pytest
from sessionproof.conformance.generate.search import STEPS, search
from sessionproof.conformance.generate.terrain import Terrain
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Verdict

from .fake import FakeAdapter, choosing, network, scope_named

EXAMPLES = 12


def drawn(seed: int, adapter: FakeAdapter | None = None, examples: int = EXAMPLES, **plan: int) -> list[Event]:
    """The events of a search in the scope `silent`."""
    events: list[Event] = []
    runner = Runner(adapter or FakeAdapter(), Plan(("silent",), steps=plan.get("steps")), events.append)
    search(runner, scope_named("silent"), examples, seed)
    for event in events:
        event.pop("spent", None)  # what it cost depends on the machine
    return events


def test_flows_are_played_and_judged() -> None:
    adapter = FakeAdapter()
    events = drawn(0, adapter)
    assert len(events) == EXAMPLES
    assert Counter((e["event"], e["generator"], e["scope"], e["verdict"]) for e in events) == {
        ("flow", "search", "silent", str(Verdict.PASS)): EXAMPLES
    }
    assert sum(len(e["steps"]) for e in events) == adapter.steps > EXAMPLES


def test_flows_reach_deep_states_of_the_model() -> None:
    events = drawn(0, FakeAdapter(choose=choosing("asks for consent")), examples=80)
    done = {step["do"][0] for event in events for step in event["steps"]}
    assert done == {stimulus.action for stimulus in network("silent").stimuli}
    assert max(len(event["steps"]) for event in events) > STEPS


def test_the_same_seed_draws_the_same_flows() -> None:
    assert drawn(1) == drawn(1)


def test_another_seed_draws_other_flows() -> None:
    assert {e["id"] for e in drawn(1)} != {e["id"] for e in drawn(2)}


def test_what_is_learnt_meanwhile_does_not_disturb_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = FakeAdapter()
    monkeypatch.setattr(Terrain, "usable", lambda _, edge: (edge.number + adapter.steps) % 3 > 0)
    assert len(drawn(0, adapter, examples=60)) >= 60


@pytest.mark.parametrize("examples", [0, -1])
def test_none_are_drawn_if_none_are_wanted(examples: int) -> None:
    assert drawn(0, examples=examples) == []


def test_nothing_more_is_played_when_the_budget_is_used_up() -> None:
    events = drawn(0, steps=5)
    assert 0 < len(events) < EXAMPLES
    assert sum(len(e["steps"]) for e in events[:-1]) < 5

"""What a step is worth: each requirement the same, families once, and choices as often as they were made."""

import pytest
from sessionproof.conformance.generate.expectations import Expectation, expectations
from sessionproof.conformance.generate.fault_table import FaultTable, Later, fault_table
from sessionproof.conformance.generate.worth import AGAIN, CHANCES, Worth
from sessionproof.model.explore import explore
from sessionproof.model.network import FEATURES, LOCAL, Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus

OUT = next(rule.key for rule in LOCAL.compiled if rule.key.startswith("application: authenticated / log out here"))
NOBODY_OUT = next(rule.key for rule in LOCAL.compiled if rule.key.startswith("application: absent|anonymous / log out"))


def table() -> FaultTable:
    """Kind `a` shows a fault and an expectation, `b` the same expectation, `c` a fault of the same family."""
    return FaultTable(
        digest="",
        edges={},
        steps={},
        rules=(OUT, NOBODY_OUT, OUT),
        changes=("stays where it was", "stays where it was", "does not forget"),
        expectations=(Expectation("APP-12", "log out here: at shop nobody"), Expectation("APP-31", "elsewhere")),
        shows={"a": (0,), "c": (1,)},
        expects={"a": (0,), "b": (0,), "d": (1,)},
        later=(Later("silent", (Stimulus("wait"),), (2,)),),
        equivalent=(),
        unseen=(),
    )


def test_everything_about_a_requirement_is_worth_one() -> None:
    worth = Worth(table(), {"APP-12"})
    assert worth.of["a"] + worth.of_faults([2]) == pytest.approx(1)
    assert worth.of["b"] == pytest.approx(2 / 3)
    assert worth.of["c"] == pytest.approx(1 / 6)


def test_what_no_chosen_requirement_states_is_worth_next_to_nothing() -> None:
    worth = Worth(table(), {"APP-31"})
    assert worth.of["d"] == pytest.approx(2 / 3)
    assert 0 < worth.of["c"] < 0.01
    assert worth.of["b"] == 0


def test_what_was_tried_is_worth_nothing_and_others_of_its_family_little() -> None:
    worth = Worth(table(), {"APP-12"})
    before = dict(worth.of)
    worth.tried("a")
    assert worth.of["a"] == pytest.approx(0)
    assert worth.of["b"] == pytest.approx(before["b"] * AGAIN)
    assert worth.of["c"] == pytest.approx(before["c"] * AGAIN)
    after = dict(worth.of)
    worth.tried("a")
    assert dict(worth.of) == after


def test_a_fault_that_shows_later_is_worth_something_until_its_flow_was_played() -> None:
    worth = Worth(table(), {"APP-12"})
    assert worth.of_faults([2]) > 0
    worth.shown([2])
    assert worth.of_faults([2]) == 0


def test_a_choice_is_as_likely_as_it_was_made_and_given_up_when_it_never_was() -> None:
    worth = Worth(table(), {"APP-12"})
    assert worth.likely(OUT) == 0.5
    for _ in range(CHANCES):
        worth.learn([OUT, NOBODY_OUT], [NOBODY_OUT])
    assert worth.likely(OUT) == 0
    assert worth.likely(NOBODY_OUT) == 0.8
    worth.learn([OUT], [OUT])
    assert 0 < worth.likely(OUT) < 0.5


def test_the_real_table_has_every_requirement_that_is_seen_at_equal_worth() -> None:
    real = fault_table()
    for identifier in ("APP-12", "AS-28", "IDP-05"):
        alone = Worth(real, {identifier})
        best = max(alone.of.values())
        assert 1 / 3 < best <= 1, BY_ID[identifier]


def test_expectations_are_of_an_action_and_tell_whose_session_there_is_elsewhere() -> None:
    scope = next(s for s in SCOPES if s.name == "isolation: two browsers")
    graph = explore(Network(scope, FEATURES))
    seen = {x for edge in graph.edges() for x in expectations(scope, graph.states[edge.source], edge)}
    assert Expectation("APP-12", "log out here: at shop nobody") in seen
    assert Expectation("SYS-05", "log out here: at shop the same user elsewhere") in seen
    assert Expectation("SYS-05", "log out here: at shop another user elsewhere") in seen
    assert not any("alice" in x.seen or "bob" in x.seen for x in seen)


def test_what_is_wrong_in_a_request_made_by_hand_is_told_apart() -> None:
    scope = next(s for s in SCOPES if s.name == "core")
    graph = explore(Network(scope, FEATURES))
    seen = {x.seen for edge in graph.edges() for x in expectations(scope, graph.states[edge.source], edge)}
    assert {"wrong token nonce: at shop nobody", "wrong token iss: at shop nobody"} <= seen

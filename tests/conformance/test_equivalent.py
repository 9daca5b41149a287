"""Alterations of the tables that make no difference: tried in every step, and told apart from those that make one."""

from functools import cache

import pytest
from sessionproof.conformance.generate import equivalent
from sessionproof.conformance.generate.equivalent import differing
from sessionproof.conformance.generate.fault_table import fault_table
from sessionproof.conformance.generate.faults import faults
from sessionproof.model.explore import Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.symmetry import Alike
from sessionproof.model.vocabulary import Stimulus

SOME = ("silent", "reauth: max_age", "core: no backend")


@cache
def graph(name: str) -> Graph:
    return explore(Network(next(scope for scope in SCOPES if scope.name == name), FEATURES))


def named(numbers: tuple[int, ...]) -> set[str]:
    table = fault_table()
    return {f"{table.rules[number]}: {table.changes[number]}" for number in numbers}


@pytest.mark.parametrize("scope", SOME)
def test_what_the_table_calls_equivalent_makes_no_difference(scope: str) -> None:
    assert len(fault_table().equivalent) > 500
    assert differing(graph(scope), named(fault_table().equivalent)) == set()


@pytest.mark.parametrize("scope", SOME)
def test_what_a_step_shows_makes_a_difference(scope: str) -> None:
    found = faults(graph(scope))
    shown = {name for names in found.shows.values() for name in names}
    assert len(shown) > 50
    assert differing(graph(scope), shown) == shown


def test_what_spoils_something_hidden_makes_a_difference() -> None:
    hidden = set(faults(graph("silent")).hidden)
    assert hidden
    assert differing(graph("silent"), hidden) == hidden


def test_a_condition_that_always_holds_can_go_but_not_be_turned_round() -> None:
    """No token is wrong where nobody makes one wrong; and an answer that nobody takes is a difference."""
    rule = "application: absent+pending|anonymous+pending / answer [token right]"
    without, turned = f"{rule}: whether or not: token right", f"{rule}: only if not: token right"
    stuck = "application: absent+pending / error [silent]: only if not: silent"
    assert differing(graph("silent"), {without, turned, stuck}) == {turned, stuck}


def test_one_of_two_users_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = named(tuple(range(len(fault_table().rules))))
    once = differing(graph("silent"), everything)

    class Names(Alike):
        def one(self, state: int, stimulus: Stimulus) -> tuple[int, Stimulus]:
            return state, stimulus

    monkeypatch.setattr(equivalent, "Alike", Names)
    assert differing(graph("silent"), everything) == once

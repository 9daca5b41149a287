"""The `transitions` executor reads the tables as the compiled ones are read: same rule, same state, same everything."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sessionproof.model.context import Context, Outcome
from sessionproof.model.executable import Executable
from sessionproof.model.explore import Graph
from sessionproof.model.network import FEATURES, MACHINES, Network, fire
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, Tab, World
from sessionproof.model.table import SAME, Machine
from sessionproof.model.vocabulary import Stimulus

ENGINES = {machine.name: Executable(machine) for machine in MACHINES}
SMALL = [scope for scope in SCOPES if scope.name in ("core", "silent", "federation")]
LARGE = [scope for scope in SCOPES if scope not in SMALL]


def name_of(scope: Scope) -> str:
    return scope.name


class Executed(Network):
    """The network whose machines are run by `transitions`, rule by rule."""

    def _send(self, context: Context, machine: Machine, message: str) -> Iterator[Outcome]:
        allowed = {rule.key for rule in machine.compiled if self._exists(rule)}
        while True:
            branch = context.branch()
            rule = ENGINES[machine.name].fire(branch, message, frozenset(allowed))
            if rule is None:
                return
            allowed.remove(rule.key)
            branch.rules = (*branch.rules, rule)
            yield from self._reply(branch, rule)


def told(outcomes: tuple[Outcome, ...]) -> list[tuple[Any, ...]]:
    return [(o.after, o.trace, o.facets, [rule.key for rule in o.rules], o.app) for o in outcomes]


@pytest.mark.parametrize("scope", SMALL, ids=name_of)
def test_every_step_of_every_state_is_the_same(scope: Scope, graph: Callable[[str], Graph]) -> None:
    explored, executed = graph(scope.name), Executed(scope, FEATURES)
    for world in explored.states:
        for stimulus in explored.network.enabled(world):
            assert told(executed.step(world, stimulus)) == told(explored.network.step(world, stimulus))


@settings(max_examples=10, deadline=None)
@given(st.data())
@pytest.mark.parametrize("scope", LARGE, ids=name_of)
def test_random_walks_are_the_same(scope: Scope, graph: Callable[[str], Graph], data: st.DataObject) -> None:
    compiled, executed = graph(scope.name).network, Executed(scope, FEATURES)
    world = data.draw(st.sampled_from(graph(scope.name).states), "start")
    for _ in range(4):
        stimulus = data.draw(st.sampled_from(compiled.enabled(world)), "stimulus")
        outcomes = compiled.step(world, stimulus)
        assert told(executed.step(world, stimulus)) == told(outcomes)
        world = data.draw(st.sampled_from([outcome.after for outcome in outcomes]), "outcome")


def contexts(scope: Scope, world: World) -> Iterator[Context]:
    """The circumstances that a guard may look at: which user, what is wrong, what is asked, what is under way."""
    for user, action, arg in (
        ("alice", "visit orders", ""),
        ("bob@idp", "silent check", ""),
        ("alice", "wrong token", "nonce"),
    ):
        context = Context(scope, world, Stimulus(action, scope.apps[0], arg))
        context.user, context.error = user, "login_required"
        yield context
        context = context.branch()
        context.tab = Tab("provider" if arg else "asked", scope.apps[0])
        if all(machine.read(context) in machine.states for machine in MACHINES):
            yield context


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope.name in ("expiry", "federation")], ids=name_of)
def test_every_message_in_every_state_fires_the_same_rules(scope: Scope, graph: Callable[[str], Graph]) -> None:
    fired: set[str] = set()
    refused: set[tuple[str, str, str]] = set()
    for world in graph(scope.name).states:
        for context in contexts(scope, world):
            for machine in MACHINES:
                state = machine.read(context)
                for message in dict.fromkeys(rule.message for rule in machine.rules):
                    if (state, message) in machine.by_message:
                        fired.update(compare(machine, context, message))
                    elif (machine.name, state, message) not in refused:
                        assert ENGINES[machine.name].fire(context.branch(), message) is None
                        refused.add((machine.name, state, message))
    assert len(fired) > 100
    assert len(refused) > 100


def compare(machine: Machine, context: Context, message: str) -> Iterator[str]:
    """Give the message to both; the keys of the rules that fit it."""
    engine, state = ENGINES[machine.name], machine.read(context)
    fitting = [
        rule
        for rule in machine.by_message.get((state, message), ())
        if all(guard(context) is wanted for wanted, guard in rule.guards)
    ]
    if not fitting:
        assert engine.fire(context.branch(), message) is None
    for rule in fitting:
        one, other = context.branch(), context.branch()
        fire(machine, rule, one)
        allowed = None if rule is fitting[0] else frozenset({rule.key})
        assert engine.fire(other, message, allowed) is rule
        assert engine.state == (state if rule.rule.to == SAME else rule.rule.to)
        other.rules = one.rules
        assert vars(one) == vars(other)
        yield rule.key


def test_what_no_machine_knows_fires_nothing() -> None:
    scope = SCOPES[0]
    context = Context(scope, scope.start(), Stimulus("visit orders", scope.apps[0]))
    before = dict(vars(context))
    for engine in ENGINES.values():
        assert engine.fire(context, "knock") is None
        assert engine.fire(context, "visit orders", frozenset()) is None
    assert vars(context) == before

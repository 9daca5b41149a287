"""Two browsers as a product: nothing is lost against plain exploration, and single steps are those of the network."""

import random
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionproof.model.explore import explore
from sessionproof.model.network import FEATURES, LOCAL, Network
from sessionproof.model.possible import ADMINISTRATION
from sessionproof.model.product import Dependent, Product
from sessionproof.model.product_steps import Steps
from sessionproof.model.properties import prove
from sessionproof.model.scopes import LOGIN, SCOPES, profile_of
from sessionproof.model.seeded import without_effects
from sessionproof.model.state import Scope, World
from sessionproof.model.sweep import Sweep, Words, transposed
from sessionproof.model.wide import wide

from .altered import alter

LOGS_OUT = "application: authenticated / log out here"
ENDS = "a logout ends what it is documented to end, and nothing else"
each_scope = pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)


@cache
def product(scope: Scope) -> Product:
    return Product(scope, FEATURES)


def small(name: str, actions: tuple[str, ...], **bounds: Any) -> Scope:
    scope = next(scope for scope in SCOPES if scope.name == name)
    return scope._replace(actions=actions, browsers=2, **bounds)


WITH_STEPS_OF_BOTH = (
    small("expiry", (*LOGIN, "wait"), local_idle=1, local_absolute=1, server_idle=1, server_absolute=1),
    small("admin", (*LOGIN, *ADMINISTRATION)),
    small("consent: after a logout", ("visit orders", "credentials", "allow", "deny")),
    small("logout-backchannel: logout token", (*LOGIN, "logout token", "log out here"), apps=("outlet",)),
)
"""What both browsers share changes in these, and steps act in both."""


def assert_nothing_is_lost(scope: Scope) -> None:
    swept = Sweep(product(scope))
    found = swept.run()
    graph = explore(Network(scope._replace(browsers=2), FEATURES))
    parts, shared = range(len(product(scope).parts)), range(len(product(scope).shared))
    visited = {
        product(scope).world(s, one, other) for s in shared for one in parts for other in parts
        if swept.contains(s, one, other)
    }  # fmt: skip
    assert visited == set(graph.states)
    assert (found.states, found.edges) == (len(graph.states), len(list(graph.edges())))
    assert found.levels == len(graph.path(len(graph.states) - 1))
    failing = {r.property.name for r in prove(graph) if not r.holds and r.property.kind != "from everywhere"}
    assert {*found.broken, *found.missing} == failing


SMALL = [scope for scope in SCOPES if scope.browsers == 2 or scope.name == "hygiene: the provider"]


@pytest.mark.parametrize("scope", [*SMALL, *WITH_STEPS_OF_BOTH], ids=lambda scope: scope.name)
def test_every_state_and_every_edge_of_plain_exploration_is_there(scope: Scope) -> None:
    assert_nothing_is_lost(scope)


def from_the_network(network: Network, world: World) -> Counter[tuple[str, World]]:
    """Where every stimulus leads, in both browsers."""
    return Counter(
        (stimulus.action if stimulus.action == "wait" else f"browser {stimulus.browser}", outcome.after)
        for stimulus in network.enabled(world)
        for outcome in network.step(world, stimulus)
    )


@pytest.mark.parametrize(
    "scope",
    [*SCOPES[::3], *WITH_STEPS_OF_BOTH, *(scope for scope in SCOPES if profile_of(scope) == "admin")],
    ids=lambda scope: scope.name,
)
def test_single_steps_are_those_of_the_network(scope: Scope) -> None:
    compiled, draw = product(scope), random.Random(0)
    network, steps = Network(compiled.scope, FEATURES), Steps(compiled)
    for _ in range(2):
        state = (0, 0, 0)
        for _ in range(12):  # a walk at random: any state on it is reachable
            world = compiled.world(*state)
            found = list(steps.of(state))
            mine: Counter[tuple[str, World]] = Counter()
            for step in found:
                kind = "wait" if step.stimulus.action == "wait" else f"browser {step.stimulus.browser}"
                mine[kind, compiled.world(*step.target)] += step.times
            assert mine == from_the_network(network, world)
            state = draw.choice([step.target for step in found if step.target != state] or [state])


def test_a_seeded_fault_breaks_the_same_property_on_a_way_of_the_same_length() -> None:
    scope = next(scope for scope in SCOPES if scope.name == "logout-rp: two browsers")
    with without_effects(LOGS_OUT):
        compiled = Product(scope, FEATURES)
        graph = explore(Network(scope, FEATURES))
        plain = next(r.edge for r in prove(graph) if r.property.name == ENDS)
    assert plain is not None
    assert Sweep(compiled).run().broken == {ENDS: 2}
    way = Steps(compiled).breaking(ENDS)
    assert len(way) == len(graph.path(plain.source)) + 1 == 3
    assert way[-1].stimulus.action == "log out here"
    assert not Sweep(product(scope)).run().broken


def test_a_rule_that_is_not_there_cannot_be_seeded() -> None:
    with pytest.raises(KeyError), without_effects("application: absent / nothing"):
        pass


def test_a_step_that_acts_on_another_browser_unawares_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = next(scope for scope in SCOPES if scope.name == "isolation: two browsers")
    assert alter(
        monkeypatch, LOCAL,
        lambda rule: rule._replace(effects="forget user") if rule.message == "log out here" else rule,
    )  # fmt: skip
    with pytest.raises(Dependent, match="'log out here' depends on another browser or acts on it"):
        Product(scope, FEATURES)


@each_scope
def test_each_profile_has_a_wide_scope_with_two_of_everything(scope: Scope) -> None:
    bounds = wide(profile_of(scope))
    assert (bounds.browsers, len(bounds.apps), len(bounds.users) + len(bounds.provider_users)) == (2, 2, 2)


@given(st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_a_square_of_bits_is_mirrored(words: int, seed: int) -> None:
    square: Words = np.random.default_rng(seed).integers(0, 2**64, (64 * words, words), np.uint64)
    bits = np.unpackbits(square.view(np.uint8), axis=1, bitorder="little")
    mirrored = np.unpackbits(transposed(square).view(np.uint8), axis=1, bitorder="little")
    assert (mirrored == bits.T).all()

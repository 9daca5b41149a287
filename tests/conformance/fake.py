"""A target made of the model itself: it answers as a conforming target would, unless it is told to lie or to fail."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sessionproof.conformance.adapter import Effort, Statement
from sessionproof.conformance.errors import HarnessProblem
from sessionproof.model.context import Outcome
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, World
from sessionproof.model.table import Machine
from sessionproof.model.vocabulary import Expected, Observation, Stimulus

Choose = Callable[[Sequence[Outcome]], Outcome]
EVERYTHING = frozenset({"APP", "AS", "IDP", "SYS"})


def scope_named(name: str) -> Scope:
    return next(scope for scope in SCOPES if scope.name == name)


@cache
def network(name: str, features: frozenset[str] = FEATURES) -> Network:
    """The model of a scope; shared, since it only remembers outcomes."""
    return Network(scope_named(name), features)


def rule(machine: Machine, state: str, message: str) -> str:
    """The key of the row that a machine's table names first for a message in a state."""
    return machine.by_message[state, message][0].key


def first(outcomes: Sequence[Outcome]) -> Outcome:
    """Choose what the tables name first."""
    return outcomes[0]


def choosing(*variants: str) -> Choose:
    """Choose what shows most of these variants, and of that what the tables name first."""
    return lambda outcomes: max(outcomes, key=lambda o: sum(variant in variants for variant, _ in o.choices))


def perfect(outcome: Outcome) -> Observation:
    """What an adapter sees that misses nothing."""
    return Observation(tuple(map(_seen, outcome.trace)), {name: _seen(e) for name, e in outcome.facets.items()})


def _seen(expected: Expected) -> str:
    value = expected.allowed[0]
    return f"{value[:-1]}of some kind" if value.endswith("*") else value


class Gone(HarnessProblem):
    """The target does not answer any more."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__("The target did not answer.", "Start it.")


@dataclass
class Lie:
    """Changes what is seen of each step in which `rule` fires; only the first `times` of them, if that is given."""

    rule: str
    change: Callable[[Observation], Observation]
    times: int | None = None
    told: int = 0

    def __call__(self, outcome: Outcome, seen: Observation) -> Observation:
        if all(rule.key != self.rule for rule in outcome.rules) or self.told == self.times:
            return seen
        self.told += 1
        return self.change(seen)


def with_facet(name: str, value: str) -> Callable[[Observation], Observation]:
    """Another value of one facet."""
    return lambda seen: seen._replace(facets={**seen.facets, name: value})


def showing(*trace: str) -> Callable[[Observation], Observation]:
    """Other messages and pages."""
    return lambda seen: seen._replace(trace=trace)


@dataclass
class FakeAdapter:
    """Keeps the state that it is in. `choose` makes its choices (MAY).

    `trouble`: numbers of the steps, counted from 1 over the whole run, in which the harness fails; `trouble_at_reset`:
    likewise of the resets.
    """

    profiles: tuple[str, ...] = ("silent",)
    features: frozenset[str] = FEATURES
    layers: frozenset[str] = EVERYTHING
    choose: Choose = first
    lies: Sequence[Lie] = ()
    trouble: Collection[int] = ()
    trouble_at_reset: Collection[int] = ()
    played: list[list[Stimulus]] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    visited: dict[str, set[World]] = field(default_factory=dict)
    steps: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        self._network: Network
        self._world: World

    def declare(self) -> Statement:
        apps = frozenset(app for scope in SCOPES for app in scope.apps)
        return Statement("fake", "model", self.layers, self.features, self.profiles, status=True, apps=apps)

    def reset(self, scope: Scope) -> None:
        self._network, self._world = network(scope.name, self.features), scope.start()
        self.played.append([])
        self.visited.setdefault(scope.name, set()).add(self._world)
        if len(self.played) in self.trouble_at_reset:
            raise Gone

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        del distinct
        self.steps += 1
        if self.steps in self.trouble:
            raise Gone
        assert stimulus in self._network.enabled(self._world), f"{stimulus} is not possible here"
        outcome = self.choose(self._network.step(self._world, stimulus))
        self._world = outcome.after
        self.visited[self._network.scope.name].add(self._world)
        self.played[-1].append(stimulus)
        self.fired.update(rule.key for rule in outcome.rules)
        seen = perfect(outcome)
        for lie in self.lies:
            seen = lie(outcome, seen)
        return seen

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        return ({"curl": f"curl {self.steps}"},)

    def effort(self) -> Effort:
        return Effort(self.steps, self.steps / 100)

    def close(self) -> None:
        self.closed = True

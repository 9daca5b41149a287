"""Walks every reachable state of a scope: how many there are, whether the tables have holes, and how to get anywhere.

Breadth first, so the path to a state is a shortest one.
"""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from .context import Outcome
from .network import Network
from .state import World
from .vocabulary import Stimulus


class Edge(NamedTuple):
    """One legal outcome of one stimulus, between two states given by their numbers; `number` is the edge's own."""

    source: int
    stimulus: Stimulus
    outcome: Outcome
    target: int
    number: int

    @property
    def rules(self) -> tuple[str, ...]:
        """Keys of the rules that fire."""
        return tuple(rule.key for rule in self.outcome.rules)


@dataclass
class Graph:
    """All reachable states. `out[i]` are the edges from state `i`; `first[i]` is how it was reached first."""

    network: Network
    states: list[World] = field(default_factory=list)
    number: dict[World, int] = field(default_factory=dict)
    out: list[list[Edge]] = field(default_factory=list)
    first: list[Edge | None] = field(default_factory=list)
    holes: list[tuple[World, Stimulus]] = field(default_factory=list)

    def path(self, state: int) -> list[Edge]:
        """A shortest path from the start to `state`."""
        edges: list[Edge] = []
        while edge := self.first[state]:
            edges.append(edge)
            state = edge.source
        return edges[::-1]

    def edges(self) -> Iterable[Edge]:
        """Every edge, breadth first."""
        return (edge for edges in self.out for edge in edges)

    def route(self, start: Iterable[int], wanted: Callable[[Edge], bool], usable: Callable[[Edge], bool]) -> list[Edge]:
        """A shortest path of usable edges from any of `start` whose last edge is wanted; empty when there is none."""
        came: dict[int, Edge | None] = dict.fromkeys(start)
        todo = deque(came)
        while todo:
            state = todo.popleft()
            for edge in self.out[state]:
                if not usable(edge):
                    continue
                if wanted(edge):
                    path, back = [edge], came[state]
                    while back is not None:
                        path.append(back)
                        back = came[back.source]
                    return path[::-1]
                if edge.target not in came:
                    came[edge.target] = edge
                    todo.append(edge.target)
        return []

    def reaching(self, wanted: Callable[[World], bool]) -> set[int]:
        """The numbers of all states from which a wanted state can be reached."""
        back: list[list[int]] = [[] for _ in self.states]
        for edge in self.edges():
            back[edge.target].append(edge.source)
        found = {i for i, world in enumerate(self.states) if wanted(world)}
        todo = list(found)
        while todo:
            for source in back[todo.pop()]:
                if source not in found:
                    found.add(source)
                    todo.append(source)
        return found

    def never_fired(self) -> list[str]:
        """Keys of the rules that exist for this target and fire nowhere in this scope."""
        fired = {rule.key for edge in self.edges() for rule in edge.outcome.rules}
        return [rule.key for rule in self.network.rules() if rule.key not in fired]


def explore(network: Network, progress: Callable[[int], None] = lambda _states: None) -> Graph:
    """Visit every reachable state; `progress` is told the number of states now and then."""
    with uncollected():
        return _explore(network, progress)


@contextmanager
def uncollected() -> Iterator[None]:
    """The graph only grows and holds no cycles: the collector would walk it again and again, in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _explore(network: Network, progress: Callable[[int], None]) -> Graph:
    graph = Graph(network)
    _add(graph, network.scope.start(), None)
    at = edges = 0
    while at < len(graph.states):
        world = graph.states[at]
        for stimulus in network.enabled(world):
            outcomes = network.step(world, stimulus)
            if not outcomes:
                graph.holes.append((world, stimulus))
            for outcome in outcomes:
                target = graph.number.get(outcome.after, len(graph.states))
                edge = Edge(at, stimulus, outcome, target, edges)
                edges += 1
                graph.out[at].append(edge)
                if target == len(graph.states):
                    _add(graph, outcome.after, edge)
        at += 1
        if at % 256 == 0:
            progress(len(graph.states))
    return graph


def _add(graph: Graph, world: World, first: Edge | None) -> None:
    graph.number[world] = len(graph.states)
    graph.states.append(world)
    graph.out.append([])
    graph.first.append(first)

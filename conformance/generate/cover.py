"""Covers: tours through the model that reach every item of a kind, planned while the target answers.

One planner serves all three strengths; they differ only in what an edge of the model's graph is worth. From where the
target really is, the nearest edge with an item that is not covered yet is taken: long runs, few resets. An item behind
a choice that the target does not make (MAY) is given up after a few tries and reported as such.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Literal

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

Strength = Literal["rules", "pairs", "transitions"]
STRENGTHS: tuple[Strength, ...] = ("rules", "pairs", "transitions")
TRIES = 3
"""How often a choice of the target is waited for before its items are given up."""

Items = Callable[[Edge, str], Collection[Hashable]]


def _rules(edge: Edge, last: str) -> Collection[Hashable]:
    del last
    return [rule.key for rule in edge.outcome.rules]


def _pairs(edge: Edge, last: str) -> Collection[Hashable]:
    keys = [*([last] if last else []), *(rule.key for rule in edge.outcome.rules)]
    return list(zip(keys, keys[1:], strict=False))


def _transitions(edge: Edge, last: str) -> Collection[Hashable]:
    del last
    return [(edge.source, edge.stimulus)]


ITEMS: dict[Strength, Items] = {"rules": _rules, "pairs": _pairs, "transitions": _transitions}
"""What an edge covers, given the last rule that fired before it."""


def _last_rule(edge: Edge) -> str:
    return edge.outcome.rules[-1].key if edge.outcome.rules else ""


def all_items(graph: Graph, strength: Strength) -> set[Hashable]:
    """Everything that a cover of this strength wants in `graph`."""
    items, found = ITEMS[strength], set[Hashable]()
    ends: list[set[str]] = [set() for _ in graph.states]
    ends[0].add("")
    for edge in graph.edges():
        ends[edge.target].add(_last_rule(edge))
    for edge in graph.edges():
        for last in ends[edge.source] if strength == "pairs" else {""}:
            found.update(items(edge, last))
    return found


class Tour:
    """Plans one cover over one graph. Ask `next`, play it, tell `took`; `blocked` edges are routed around."""

    def __init__(self, graph: Graph, strength: Strength, covered: set[Hashable], blocked: Callable[[Edge], bool]) -> None:
        """`covered` is shared: it may hold items from elsewhere, and learns what this tour covers."""
        self.graph = graph
        self.strength = strength
        self.covered = covered
        self.wanted = all_items(graph, strength)
        self.given_up: set[Hashable] = set()
        self._blocked = blocked
        self._items = ITEMS[strength]
        self._tries: dict[Hashable, int] = {}
        self._path: list[Edge] = []
        self._last = ""

    @property
    def name(self) -> str:
        """What made a flow, for the log."""
        return f"{self.strength} cover"

    def next(self, worlds: Iterable[World], fresh: bool) -> Stimulus | None:
        """The next stimulus from where the target is; None when nothing more can be covered without a reset (or at all)."""
        here = [self.graph.number[w] for w in worlds if w in self.graph.number]
        if fresh:
            self._last = ""
        if self._path and self._path[0].source in here and not self._blocked(self._path[0]):
            return self._path[0].stimulus
        while True:
            self._path = self._nearest(here)
            if not self._path:
                return None
            aims = [i for i in self._items(self._path[-1], self._before(self._path)) if self._open(i)]
            for item in aims:
                self._tries[item] = self._tries.get(item, 0) + 1
                if self._tries[item] > TRIES:
                    self.given_up.add(item)
            if any(self._open(item) for item in aims):
                return self._path[0].stimulus

    def took(self, before: Iterable[World], stimulus: Stimulus, rules: tuple[str, ...], after: Iterable[World]) -> None:
        """Learn from what happened: which states it led between, and which rules fired."""
        goals = {self.graph.number.get(w) for w in after}
        if self._path and (self._path[0].stimulus != stimulus or self._path[0].target not in goals):
            self._path = []
        self._path = self._path[1:]
        self.cover(before, stimulus, self._last, rules)
        self._last = rules[-1] if rules else ""

    def cover(self, before: Iterable[World], stimulus: Stimulus, last: str, rules: tuple[str, ...]) -> None:
        """Mark what a step covered."""
        match self.strength:
            case "rules":
                self.covered.update(rules)
            case "pairs":
                keys = [*([last] if last else []), *rules]
                self.covered.update(zip(keys, keys[1:], strict=False))
            case "transitions":
                self.covered.update((self.graph.number[w], stimulus) for w in before if w in self.graph.number)

    def missing(self) -> set[Hashable]:
        """What is not covered."""
        return self.wanted - self.covered

    def _open(self, item: Hashable) -> bool:
        return item not in self.covered and item not in self.given_up

    def _before(self, path: list[Edge]) -> str:
        return _last_rule(path[-2]) if len(path) > 1 else self._last

    def _nearest(self, here: list[int]) -> list[Edge]:
        """Breadth first over (state, last rule); the last rule matters for pairs only."""
        pairs = self.strength == "pairs"
        start: list[tuple[int, str]] = [(state, self._last if pairs else "") for state in here]
        came: dict[tuple[int, str], tuple[tuple[int, str], Edge] | None] = dict.fromkeys(start)
        todo = list(start)
        for node in todo:
            for edge in self.graph.out[node[0]]:
                if self._blocked(edge):
                    continue
                if any(self._open(item) for item in self._items(edge, node[1])):
                    path, back = [edge], came[node]
                    while back is not None:
                        path.append(back[1])
                        back = came[back[0]]
                    return path[::-1]
                goal = (edge.target, _last_rule(edge) if pairs else "")
                if goal not in came:
                    came[goal] = (node, edge)
                    todo.append(goal)
        return []

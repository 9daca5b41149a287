"""The most valuable step next: tours that show as many faults of the tables as they can in as few steps as they can.

What a step is worth is looked up in the table of faults. From where the target is, the way whose faults are worth most
for each step is taken; another scope has its turn as soon as it has a better way from its start.
"""

from collections.abc import Collection, Iterable

from sessionproof.model.explore import Edge
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .fault_table import FaultTable
from .terrain import Terrain

AHEAD = 6
"""Steps of the longest way that is looked at."""
TRIES = 3
"""How often the target may choose otherwise before what stands behind an edge is given up."""


class Way:
    """Steps ahead: the edges, and what they are worth for each step."""

    __slots__ = ("edges", "worth")

    def __init__(self, edges: list[Edge], worth: float) -> None:
        """`worth`: for each step."""
        self.edges = edges
        self.worth = worth


NO_WAY = Way([], 0.0)


class Valuable:
    """Plans such flows over one terrain. `open` is shared by all terrains: worth of each fault not shown so far."""

    def __init__(self, terrain: Terrain, table: FaultTable, open_: dict[int, float]) -> None:
        """Nothing is planned yet."""
        self._terrain = terrain
        self._open = open_
        self._shows = [table.shown(terrain.graph, edge) for edge in terrain.edges]
        self._tries: dict[int, int] = {}
        self._way: list[Edge] = []

    def best(self, worlds: Iterable[World]) -> Way:
        """The best way from any of these states."""
        best = NO_WAY
        for start in self._terrain.numbers(worlds):
            way = self._from(start)
            if way.worth > best.worth:
                best = way
        return best

    def next(self, worlds: Iterable[World], least: float) -> Stimulus | None:
        """The next step on the way that was begun, or on the best one if it is worth at least so much; else None."""
        here = self._terrain.numbers(worlds)
        if not (self._way and self._way[0].source in here and self._terrain.usable(self._way[0])):
            way = self.best(worlds)
            if way.worth < least or not way.edges:
                return None
            self._way = way.edges
        return self._way[0].stimulus

    def took(self, before: Iterable[World], stimulus: Stimulus, rules: Collection[str], after: Iterable[World]) -> None:
        """Learn from what happened: which faults this step would have shown."""
        after = tuple(after)
        sources = self._terrain.took(before, stimulus, rules, after)
        targets = set(self._terrain.numbers(after))
        for source in sources:
            for edge in self._terrain.graph.out[source]:
                if edge.stimulus == stimulus and edge.target in targets and set(edge.rules) <= set(rules):
                    for fault in self._shows[edge.number]:
                        self._open.pop(fault, None)
        if self._way and (self._way[0].stimulus != stimulus or self._way[0].target not in targets):
            self._tries[self._way[0].number] = self._tries.get(self._way[0].number, 0) + 1
            self._way = []
        self._way = self._way[1:]

    def _worth(self, edge: Edge, shown: frozenset[int]) -> float:
        open_ = self._open
        return sum(open_[fault] for fault in self._shows[edge.number] if fault in open_ and fault not in shown)

    def _from(self, start: int) -> Way:
        """Breadth first, each state by the first way to it; faults shown on the way count once."""
        best, end = 0.0, None
        came: dict[int, tuple[Edge | None, float, frozenset[int]]] = {start: (None, 0.0, frozenset())}
        level = [start]
        for depth in range(1, AHEAD + 1):
            ahead = []
            for state in level:
                _, sofar, shown = came[state]
                for edge in self._terrain.graph.out[state]:
                    if not self._terrain.usable(edge) or self._tries.get(edge.number, 0) >= TRIES:
                        continue
                    worth = sofar + self._worth(edge, shown)
                    if worth / depth > best:
                        best, end = worth / depth, edge
                    if edge.target not in came:
                        came[edge.target] = (edge, worth, shown.union(self._shows[edge.number]))
                        ahead.append(edge.target)
            level = ahead
        edges: list[Edge] = []
        while end is not None:
            edges.append(end)
            end = came[end.source][0]
        return Way(edges[::-1], best)

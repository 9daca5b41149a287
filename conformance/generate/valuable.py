"""The most valuable step next: tours that show as many faults of the tables as they can in as few steps as they can.

What a step is worth is looked up in the table of faults. From where the target is, the way whose faults are worth most
for each step is taken; another scope has its turn as soon as it has a better way from its start.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sessionproof.model.explore import Edge
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .fault_table import FaultTable, kind_of, name_of
from .terrain import Terrain

AHEAD = 6
"""Steps of the longest way that is looked at."""
TRIES = 3
"""How often the target may choose otherwise before what stands behind an edge is given up."""


class Way(NamedTuple):
    """Steps ahead, and what they are worth for each step."""

    edges: tuple[Edge, ...]
    worth: float


NO_WAY = Way((), 0.0)


class Worth:
    """What each kind of step is worth: the sum of the faults that it shows and that nothing has shown so far."""

    def __init__(self, table: FaultTable, selected: Collection[str]) -> None:
        """`selected`: the requirements that count."""
        self.table = table
        self._faults = table.worth(selected)
        self._kinds: dict[int, list[str]] = {fault: [] for fault in self._faults}
        for kind, faults in table.shows.items():
            for fault in faults:
                self._kinds[fault].append(kind)
        self.of = {kind: sum(self._faults[fault] for fault in faults) for kind, faults in table.shows.items()}

    def is_open(self, faults: Iterable[int]) -> bool:
        """Whether nothing has shown one of these faults yet."""
        return any(fault in self._faults for fault in faults)

    def shown(self, faults: Iterable[int]) -> None:
        """These are worth nothing any more."""
        for fault in faults:
            worth = self._faults.pop(fault, 0.0)
            for kind in self._kinds[fault] if worth else ():
                self.of[kind] -= worth


class Valuable:
    """Plans such flows over one terrain. What a step is worth is shared by all terrains of a run."""

    def __init__(self, terrain: Terrain, worth: Worth) -> None:
        """Nothing is planned yet."""
        self._terrain = terrain
        self._worth = worth
        names = (name_of(kind_of(terrain.graph.states[edge.source], edge)) for edge in terrain.edges)
        self._kinds = [name if name in worth.of else "" for name in names]
        self._tries: Counter[int] = Counter()
        self._way: tuple[Edge, ...] = ()

    def best(self, worlds: Iterable[World]) -> Way:
        """The best way from any of these states."""
        return max(map(self._from, self._terrain.numbers(worlds)), key=lambda way: way.worth, default=NO_WAY)

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
        targets = self._terrain.numbers(after)
        for source in self._terrain.took(before, stimulus, rules, after):
            for edge in self._terrain.graph.out[source]:
                if edge.stimulus == stimulus and edge.target in targets and set(edge.rules) <= set(rules):
                    self._worth.shown(self._worth.table.shows.get(self._kinds[edge.number], ()))
        if self._way and (self._way[0].stimulus != stimulus or self._way[0].target not in targets):
            self._tries[self._way[0].number] += 1
            self._way = ()
        self._way = self._way[1:]

    def _from(self, start: int) -> Way:
        """Breadth first, each state by the first way to it; a kind of step counts once on each way."""
        worth_of, kinds, usable = self._worth.of, self._kinds, self._terrain.usable
        best, end = 0.0, None
        came: dict[int, tuple[Edge | None, float, tuple[str, ...]]] = {start: (None, 0.0, ())}
        level = [start]
        for depth in range(1, AHEAD + 1):
            ahead = []
            for state in level:
                _, sofar, met = came[state]
                for edge in self._terrain.graph.out[state]:
                    if not usable(edge) or self._tries[edge.number] >= TRIES:
                        continue
                    kind = kinds[edge.number]
                    worth = sofar if kind in met else sofar + worth_of.get(kind, 0.0)
                    if worth / depth > best:
                        best, end = worth / depth, edge
                    if edge.target not in came:
                        came[edge.target] = edge, worth, (*met, kind)
                        ahead.append(edge.target)
            level = ahead
        edges: list[Edge] = []
        while end is not None:
            edges.append(end)
            end = came[end.source][0]
        return Way(tuple(edges[::-1]), best)

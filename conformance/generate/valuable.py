"""The most valuable step next: tours that show as much of a target as they can in as few steps as they can.

From where the target is, the way that is worth most for each step is taken; another scope has its turn as soon as it
has a better way from its start.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from sessionproof.model.explore import Edge
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .fault_table import kind_of, name_of
from .terrain import Terrain
from .worth import Worth

AHEAD = 6
"""Steps of the longest way that is looked at."""
TRIES = 3
"""How often the target may choose otherwise before what stands behind an edge is given up."""


class Way(NamedTuple):
    """Steps ahead, and what they are worth for each step."""

    edges: tuple[Edge, ...]
    worth: float


NO_WAY = Way((), 0.0)


class Valuable:
    """Plans such flows over one terrain. What a step is worth is shared by all terrains of a run."""

    def __init__(self, terrain: Terrain, worth: Worth) -> None:
        """Nothing is planned yet."""
        self._terrain = terrain
        self._worth = worth
        scope, states = terrain.graph.network.scope, terrain.graph.states
        self._kinds = [name_of(kind_of(scope, states[edge.source], edge)) for edge in terrain.edges]
        self._chosen = [tuple(rule.key for rule in edge.outcome.rules if rule.variants) for edge in terrain.edges]
        self._tries: Counter[int] = Counter()
        self._way: tuple[Edge, ...] = ()

    def best(self, worlds: Iterable[World]) -> Way:
        """The best way from any of these states."""
        return max(map(self._from, self._terrain.numbers(worlds)), key=lambda way: way.worth, default=NO_WAY)

    def next(self, worlds: Iterable[World], enough: Callable[[float], bool]) -> Stimulus | None:
        """The next step on the way that was begun, or on the best one if its worth is enough; else None."""
        here = self._terrain.numbers(worlds)
        if not (self._way and self._way[0].source in here and self._terrain.usable(self._way[0])):
            way = self.best(worlds)
            if not (way.edges and enough(way.worth)):
                return None
            self._way = way.edges
        return self._way[0].stimulus

    def passable(self, worlds: Iterable[World], stimulus: Stimulus) -> bool:
        """Whether this step leads anywhere from one of these states, as far as the target is known."""
        edges = (edge for state in self._terrain.numbers(worlds) for edge in self._terrain.graph.out[state])
        return any(edge.stimulus == stimulus and self._terrain.usable(edge) for edge in edges)

    def took(self, before: Iterable[World], stimulus: Stimulus, rules: Collection[str], after: Iterable[World]) -> None:
        """Learn from what happened: which faults this step would have shown."""
        after = tuple(after)
        targets = self._terrain.numbers(after)
        asked: set[str] = set()
        for source in self._terrain.took(before, stimulus, rules, after):
            for edge in (edge for edge in self._terrain.graph.out[source] if edge.stimulus == stimulus):
                asked.update(self._chosen[edge.number])
                if edge.target in targets and set(edge.rules) <= set(rules):
                    self._worth.tried(self._kinds[edge.number])
        self._worth.learn(asked, asked.intersection(rules))
        if self._way and (self._way[0].stimulus != stimulus or self._way[0].target not in targets):
            self._tries[self._way[0].number] += 1
            self._way = ()
        self._way = self._way[1:]

    def _from(self, start: int) -> Way:
        """Breadth first, each state by the likeliest of its shortest ways; a kind of step counts once on each way."""
        worth_of, kinds, usable, likely = self._worth.of, self._kinds, self._terrain.usable, self._worth.likely
        best, end = 0.0, None
        came = {start: _Place(0, None, 0.0, (), 1.0)}
        level = [start]
        for depth in range(1, AHEAD + 1):
            ahead: dict[int, None] = {}
            for state in level:
                here = came[state]
                for edge in self._terrain.graph.out[state]:
                    chance = here.chance
                    for rule in self._chosen[edge.number]:
                        chance *= likely(rule)
                    if not (chance and usable(edge) and self._tries[edge.number] < TRIES):
                        continue
                    kind = kinds[edge.number]
                    worth = here.worth if kind in here.met else here.worth + chance * worth_of[kind]
                    if worth / depth > best:
                        best, end = worth / depth, edge
                    known = came.get(edge.target)
                    if known is None or (known.depth == depth and known.chance < chance):
                        came[edge.target] = _Place(depth, edge, worth, (*here.met, kind), chance)
                        ahead[edge.target] = None
            level = list(ahead)
        edges: list[Edge] = []
        while end is not None:
            edges.append(end)
            end = came[end.source].by
        return Way(tuple(edges[::-1]), best)


class _Place(NamedTuple):
    """How a state is reached: after how many steps, by which edge, what they are worth, their kinds, how likely."""

    depth: int
    by: Edge | None
    worth: float
    met: tuple[str, ...]
    chance: float

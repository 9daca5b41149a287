"""Covers: tours through the model that reach every item of a kind, planned while the target answers.

One planner serves all three strengths; they differ only in what an edge of the model's graph is worth. From where the
target really is, the nearest edge with an item that is not covered yet is taken: long runs, few resets. What the target
was seen not to choose (MAY) is not waited for again, and reported as such.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from itertools import pairwise
from typing import Literal

from sessionproof.model.explore import Edge
from sessionproof.model.network import HAND_MADE
from sessionproof.model.possible import ARGUMENTS
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .terrain import TRIES, Terrain

Strength = Literal["rules", "transitions", "pairs"]
STRENGTHS: tuple[Strength, ...] = ("rules", "transitions", "pairs")
"""In rising strength: every rule, every stimulus in every state, and every rule after every other as well.

A stimulus in a state is done once for all that only names tell apart (of two users, of two browsers, of two tabs).
"""
FLOWS: dict[Strength, int] = {"rules": 4, "transitions": 2, "pairs": 3}
"""In how many flows an item is tried for before it is given up: what a target chooses may depend on all that was."""

Place = tuple[int, str]
"""A state of the graph and, where pairs count, the rule that fired last before it."""


class Tour:
    """Plans one cover over one terrain. Ask `next`, play it, tell `took`."""

    def __init__(
        self,
        terrain: Terrain,
        strength: Strength,
        covered: set[Hashable],
        only: frozenset[str] | None = None,
    ) -> None:
        """`covered` is shared: it may hold items from elsewhere, and learns what this tour covers.

        `only`: the rules that are wanted.
        """
        self._patience = FLOWS[strength]
        self._only = only
        self.terrain = terrain
        self.graph = terrain.graph
        self.strength = strength
        self.covered = covered
        self._pairs = strength == "pairs"
        self._tries: Counter[Hashable] = Counter()
        self._flows: Counter[Hashable] = Counter()
        self._path: list[Edge] = []
        self._script: tuple[Stimulus, ...] = ()
        self._walked: tuple[Stimulus, ...] = ()
        self._last = ""
        self._worth = [self._own_items(edge) for edge in terrain.edges]
        self._spent: set[int] = set()
        """Edges whose own items are all covered."""

    @property
    def name(self) -> str:
        """What made a flow, for the log."""
        return f"{self.strength} cover"

    @property
    def on_its_way(self) -> bool:
        """Whether the last step was one of several that lead to something new."""
        return bool(self._path or self._script)

    def next(self, worlds: Iterable[World], fresh: bool) -> Stimulus | None:
        """The next stimulus from where the target is; None when nothing more can be covered from here."""
        here = self.terrain.numbers(worlds)
        if fresh:
            self._last = ""
            self._flows.update(item for item in self._tries if item not in self.covered)
            self._tries.clear()
            self._walked, self._script = (), self._again()
        if self._script:
            return self._script[0]
        if self._path and self._path[0].source in here and self.terrain.askable(self._path[0]):
            return self._path[0].stimulus
        while True:
            self._path = self._cheapest(here, self.terrain.usable)
            if not self._path and fresh and self.strength == "rules":
                # A choice may depend on what the model does not hold (consents, say): try once more from the start.
                self._path = self._cheapest(here, self.terrain.askable)
            if not self._path:
                return None
            last = _last_rule(self._path[-2]) if len(self._path) > 1 else self._last
            aims = [item for item in self._items(self._path[-1], last) if self._open(item)]
            self._tries.update(aims)
            if any(map(self._open, aims)):
                return self._path[0].stimulus

    def took(self, before: Iterable[World], stimulus: Stimulus, rules: tuple[str, ...], after: Iterable[World]) -> None:
        """Learn from what happened: which states it led between, and which rules fired."""
        before, after = tuple(before), tuple(after)
        sources = self.terrain.took(before, stimulus, rules, after)
        targets = self.terrain.numbers(after)
        self._script = self._script[1:]
        if self.strength == "rules":
            self._remember(sources, stimulus, rules)
        if self._path and (self._path[0].stimulus != stimulus or self._path[0].target not in targets):
            self._path = []
        self._path = self._path[1:]
        self.covered.update(shown(self.terrain, self.strength, self._last, before, sources, stimulus, rules))
        self._last = rules[-1] if rules else ""

    def wanted(self, usable: Callable[[Edge], bool]) -> set[Hashable]:
        """Everything that this cover can want where only such edges exist."""
        if not self._pairs:
            return {item for edge in self.terrain.reachable(usable) for item in self._items(edge, "")}
        found: set[Hashable] = set()
        ends: dict[int, set[str]] = {0: {""}}
        edges = list(self.terrain.reachable(usable))
        for edge in edges:
            ends.setdefault(edge.target, set()).add(_last_rule(edge))
        for edge in edges:
            for last in ends[edge.source]:
                found.update(self._items(edge, last))
        return found

    def _items(self, edge: Edge, last: str) -> Collection[Hashable]:
        """What an edge covers, given the last rule that fired before it."""
        own = self._worth[edge.number]
        if last and self._pairs and edge.outcome.rules:
            return (*own, (last, edge.outcome.rules[0].key, edge.stimulus.arg))
        return own

    def _own_items(self, edge: Edge) -> Collection[Hashable]:
        if self.strength == "transitions":
            return (self.terrain.alike.one(edge.source, edge.stimulus),)
        keys = tuple(rule.key for rule in edge.outcome.rules)
        if self._only is not None:
            return tuple(key for key in keys if key in self._only)
        if self._pairs:
            return tuple(pairwise(keys))
        return (*keys, *circumstances(self.graph.states[edge.source], edge.stimulus, keys))

    def _open(self, item: Hashable) -> bool:
        return item not in self.covered and self._tries[item] <= TRIES and self._flows[item] < self._patience

    def _wants(self, edge: Edge, last: str) -> bool:
        """Whether anything that the edge covers is open."""
        if edge.number not in self._spent:
            own = self._worth[edge.number]
            if any(map(self._open, own)):
                return True
            if self.covered.issuperset(own):
                self._spent.add(edge.number)
        rules = edge.outcome.rules
        return bool(last and rules) and self._open((last, rules[0].key, edge.stimulus.arg))

    def _cheapest(self, here: list[int], allowed: Callable[[Edge], bool]) -> list[Edge]:
        """The cheapest way of allowed edges to one that is wanted; the last rule on it matters for pairs only."""
        start: list[Place] = [(state, self._last if self._pairs else "") for state in here]
        came: dict[Place, tuple[Place, Edge] | None] = dict.fromkeys(start)
        best = dict.fromkeys(start, 0)
        levels: list[list[Place]] = [start]
        end: tuple[int, tuple[Place, Edge]] | None = None
        for cost, level in enumerate(levels):
            if end and end[0] <= cost:
                break
            for place in level:
                if best[place] < cost:
                    continue
                for edge in filter(allowed, self.graph.out[place[0]]):
                    there = cost + self.terrain.cost(edge)
                    if (end is None or there < end[0]) and self._wants(edge, place[1]):
                        end = there, (place, edge)
                    goal = (edge.target, _last_rule(edge) if self._pairs else "")
                    if there < best.get(goal, there + 1):
                        best[goal] = there
                        came[goal] = (place, edge)
                        while len(levels) <= there:
                            levels.append([])
                        levels[there].append(goal)
        return _way(end[1], came) if end else []

    def _remember(self, sources: list[int], stimulus: Stimulus, rules: tuple[str, ...]) -> None:
        """Keep how the target came to choose as it did."""
        edges = (edge for source in sources for edge in self.graph.out[source] if edge.stimulus == stimulus)
        for edge in edges:
            if all(rule.key in rules for rule in edge.outcome.rules):
                for rule in edge.outcome.rules:
                    known = self.terrain.ways.get((rule.key, edge.source))
                    if rule.variants and (known is None or len(self._walked) < len(known)):
                        self.terrain.ways[rule.key, edge.source] = self._walked
        self._walked = (*self._walked, stimulus)

    def _again(self) -> tuple[Stimulus, ...]:
        """The shortest flow that once led to the choice which something needs that was tried for in vain."""
        found: dict[tuple[Stimulus, ...], list[Hashable]] = {}
        for edge in filter(self.terrain.askable, self.terrain.edges if self.strength == "rules" else ()):
            if aims := [item for item in self._items(edge, "") if self._flows[item] and self._open(item)]:
                ways = [self.terrain.ways.get((rule.key, edge.source)) for rule in edge.outcome.rules if rule.variants]
                known = [way for way in ways if way is not None]
                if known and len(known) == len(ways):
                    found.setdefault((*max(known, key=len), edge.stimulus), []).extend(aims)
        script = min(found, key=len, default=())
        self._tries.update(found.get(script, ()))
        return script


def shown(
    terrain: Terrain,
    strength: Strength,
    last: str,
    before: Iterable[World],
    sources: Iterable[int],
    stimulus: Stimulus,
    rules: tuple[str, ...],
) -> Iterator[Hashable]:
    """What one step covers: `last` is the rule that fired last before it, `sources` are the numbers of `before`."""
    if strength == "transitions":
        yield from (terrain.alike.one(source, stimulus) for source in sources)
    elif strength == "pairs":
        yield from pairwise(rules)
        if last and rules:
            yield last, rules[0], stimulus.arg  # two users are two pairs
    else:
        yield from rules
        for world in before:
            yield from circumstances(world, stimulus, rules)


def circumstances(world: World, stimulus: Stimulus, rules: Iterable[str]) -> Iterable[Hashable]:
    """What makes it worth firing rules again: another hand-made fault, or a bystander who must notice nothing.

    What is refused in several states alike is tried with somebody logged in and without.
    """
    rules = tuple(rules)
    if stimulus.action in HAND_MADE:
        browser = world.browsers[stimulus.browser]
        here = bool(browser.server.user), any(local.user for local in browser.locals)
        yield from ((rule, *here) for rule in rules if "|" in rule.partition(" / ")[0])
    if stimulus.action in ARGUMENTS:
        yield from ((rule, stimulus.arg) for rule in rules[-1:])
    for bystander in bystanders(world, stimulus):
        yield from ((rule, bystander) for rule in rules)


def bystanders(world: World, stimulus: Stimulus) -> Iterator[str]:
    """Who is logged in with another browser."""
    users = [
        {browser.server.user, browser.provider.user, *(local.user for local in browser.locals)} - {""}
        for browser in world.browsers
    ]
    own = users.pop(stimulus.browser)
    for other in filter(None, users):
        yield "the same user elsewhere" if own & other else "another user elsewhere"


def _way(last: tuple[Place, Edge], came: dict[Place, tuple[Place, Edge] | None]) -> list[Edge]:
    path: list[Edge] = []
    back: tuple[Place, Edge] | None = last
    while back is not None:
        path.append(back[1])
        back = came[back[0]]
    return path[::-1]


def _last_rule(edge: Edge) -> str:
    return edge.outcome.rules[-1].key if edge.outcome.rules else ""

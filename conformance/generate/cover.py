"""Covers: tours through the model that reach every item of a kind, planned while the target answers.

One planner serves all three strengths; they differ only in what an edge of the model's graph is worth. From where the
target really is, the nearest edge with an item that is not covered yet is taken: long runs, few resets. What the target
was seen not to choose (MAY) is not waited for again, and reported as such.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise
from typing import Literal

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.possible import ARGUMENTS
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from ..verdict import BEHIND, LEFT, ROUTED_AROUND

Strength = Literal["rules", "pairs", "transitions"]
STRENGTHS: tuple[Strength, ...] = ("rules", "pairs", "transitions")
TRIES = 2
"""How often a choice of the target is waited for in one state before it is taken to be closed there."""
FLOWS = 4
"""In how many flows an item is tried for before it is given up: what a target chooses may depend on all that was."""

Place = tuple[int, str]
"""A state of the graph and, where pairs count, the rule that fired last before it."""


class Terrain:
    """The graph of one scope and what is known of a target in it: which edges it does not take or must not try."""

    def __init__(self, graph: Graph) -> None:
        """Nothing is known of the target yet."""
        self.graph = graph
        self.closed: frozenset[tuple[str, str]] = frozenset()
        """Choices (variant, application) that the target never makes."""
        self.visited = {0}
        self._times: Counter[tuple[int, Stimulus]] = Counter()
        self._taken: set[int] = set()
        self.edges = list(graph.edges())
        self._declined: set[int] = set()
        self._closed: set[int] = set()
        self._blocked: dict[int, str] = {}
        self._off: set[int] = set()
        """All three together: planning asks for it at every edge."""
        self.ways: dict[tuple[str, int], tuple[Stimulus, ...]] = {}
        """By rule with a choice and state: the shortest flow after which the target chose so there."""

    def usable(self, edge: Edge) -> bool:
        """Whether a tour may count on this edge."""
        return edge.number not in self._off

    def askable(self, edge: Edge) -> bool:
        """Whether a tour may try this edge, although the target declined it here before."""
        return not (edge.number in self._closed or edge.number in self._blocked)

    def cost(self, edge: Edge) -> int:
        """One step, and more for each time that the target chose otherwise here and never so."""
        return 1 if edge.number in self._taken else 1 + 3 * self._times[edge.source, edge.stimulus]

    @property
    def unlikely(self) -> set[int]:
        """Numbers of the edges that need a choice which the target does not make."""
        return self._closed | self._declined

    def why_not(self, edge: Edge) -> str:
        """Why a tour does not count on this edge; empty if it does."""
        if edge.number in self._blocked:
            return self._blocked[edge.number]
        if edge.number in self._closed or edge.number in self._declined:
            return "a choice that this target does not make"
        return ""

    def close(self, closed: frozenset[tuple[str, str]]) -> None:
        """Set the choices that the target is known never to make."""
        if closed != self.closed:
            self.closed = closed
            self._closed = {e.number for e in self.edges if not closed.isdisjoint(e.outcome.choices)}
            self._off = self._closed | self._declined | self._blocked.keys()

    def left(self) -> Iterator[tuple[Edge, str]]:
        """Each edge, and why a tour may not have gone there."""
        unlikely = self.unlikely
        within_reach = {edge.number for edge in self.reachable(self.usable)}
        but_for_findings = {edge.number for edge in self.reachable(lambda edge: edge.number not in unlikely)}
        met = sorted({why.rpartition(" ")[2] for why in self._blocked.values() if why.startswith(ROUTED_AROUND)})
        for edge in self.edges:
            behind = f"only behind what is {ROUTED_AROUND} {', '.join(met)}"
            if edge.number in within_reach:
                behind = LEFT
            elif edge.number not in but_for_findings or not met:
                behind = BEHIND
            yield edge, self.why_not(edge) or behind

    def block(self, refuses: Callable[[Edge], bool], why: str, worlds: Iterable[World] | None = None) -> None:
        """Take out all edges that need an answer in which the target deviates, or that show nothing.

        `worlds`: only where they begin in one of these states.
        """
        here = None if worlds is None else {self.graph.number[w] for w in worlds if w in self.graph.number}
        for edge in filter(refuses, self.edges):
            if here is None or edge.source in here:
                self._blocked.setdefault(edge.number, why)
        self._off |= self._blocked.keys()

    def unblock(self, refuses: Callable[[Edge], bool]) -> None:
        """Put such edges in again."""
        self._blocked = {number: why for number, why in self._blocked.items() if not refuses(self.edges[number])}
        self._off = self._closed | self._declined | self._blocked.keys()

    def note(self, before: int, stimulus: Stimulus, rules: Collection[str], after: Collection[int]) -> None:
        """A step went from one state to one of others, and these rules fired."""
        self.visited.update(after)
        self._times[before, stimulus] += 1
        for edge in self.graph.out[before]:
            if edge.stimulus == stimulus:
                if edge.target in after and all(rule.key in rules for rule in edge.outcome.rules):
                    self._taken.add(edge.number)
                if self._times[before, stimulus] >= TRIES and edge.number not in self._taken:
                    self._declined.add(edge.number)
                    self._off.add(edge.number)
                elif edge.number in self._declined:
                    self._declined.remove(edge.number)
                    self._off = self._closed | self._declined | self._blocked.keys()

    def within_reach(self) -> set[int]:
        """The states that a target making the choices of this one can be in, with those that it was in."""
        unlikely = self.unlikely
        return self.visited | {edge.target for edge in self.reachable(lambda edge: edge.number not in unlikely)}

    def reachable(self, usable: Callable[[Edge], bool]) -> Iterable[Edge]:
        """Every edge that such edges lead to from the start, breadth first."""
        todo, seen = [0], {0}
        for state in todo:
            for edge in self.graph.out[state]:
                if usable(edge):
                    yield edge
                    if edge.target not in seen:
                        seen.add(edge.target)
                        todo.append(edge.target)


class Tour:
    """Plans one cover over one terrain. Ask `next`, play it, tell `took`."""

    def __init__(
        self,
        terrain: Terrain,
        strength: Strength,
        covered: set[Hashable],
        patience: int = FLOWS,
        only: frozenset[str] | None = None,
    ) -> None:
        """`covered` is shared: it may hold items from elsewhere, and learns what this tour covers.

        `patience`: in how many flows an item is tried for before it is given up. `only`: the rules that are wanted.
        """
        self._patience = patience
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

    def next(self, worlds: Iterable[World], fresh: bool) -> Stimulus | None:
        """The next stimulus from where the target is; None when nothing more can be covered from here."""
        here = [self.graph.number[w] for w in worlds if w in self.graph.number]
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
            self._path = self._nearest(here)
            if not self._path and fresh and self.strength == "rules":
                # A choice may depend on what the model does not hold (consents, say): try once more from the start.
                self._path = self._likeliest(here)
            if not self._path:
                return None
            last = _last_rule(self._path[-2]) if len(self._path) > 1 else self._last
            aims = [item for item in self._items(self._path[-1], last) if self._open(item)]
            self._tries.update(aims)
            if any(map(self._open, aims)):
                return self._path[0].stimulus

    def took(self, before: Iterable[World], stimulus: Stimulus, rules: tuple[str, ...], after: Iterable[World]) -> None:
        """Learn from what happened: which states it led between, and which rules fired."""
        sources = [self.graph.number[w] for w in before if w in self.graph.number]
        targets = [self.graph.number[w] for w in after if w in self.graph.number]
        for source in sources if targets else ():
            self.terrain.note(source, stimulus, rules, targets)
        self._script = self._script[1:]
        if self.strength == "rules":
            self._remember(sources, stimulus, rules)
        if self._path and (self._path[0].stimulus != stimulus or self._path[0].target not in targets):
            self._path = []
        self._path = self._path[1:]
        if self.strength == "transitions":
            self.covered.update((source, stimulus) for source in sources)
        elif self._pairs:
            self.covered.update(pairwise(rules))
            if self._last and rules:
                self.covered.add((self._last, rules[0], stimulus.arg))  # two users are two pairs
        else:
            self.covered.update(rules)
            for world in before:
                self.covered.update(_circumstances(world, stimulus, rules))
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
            return ((edge.source, edge.stimulus),)
        keys = tuple(rule.key for rule in edge.outcome.rules)
        if self._only is not None:
            return tuple(key for key in keys if key in self._only)
        if self._pairs:
            return tuple(pairwise(keys))
        return (*keys, *_circumstances(self.graph.states[edge.source], edge.stimulus, keys))

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

    def _nearest(self, here: list[int]) -> list[Edge]:
        """Breadth first over places; the last rule matters for pairs only."""
        start: list[Place] = [(state, self._last if self._pairs else "") for state in here]
        came: dict[Place, tuple[Place, Edge] | None] = dict.fromkeys(start)
        todo = list(start)
        for place in todo:
            for edge in self.graph.out[place[0]]:
                if not self.terrain.usable(edge):
                    continue
                if self._wants(edge, place[1]):
                    return _way((place, edge), came)
                goal = (edge.target, _last_rule(edge) if self._pairs else "")
                if goal not in came:
                    came[goal] = (place, edge)
                    todo.append(goal)
        return []

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

    def _likeliest(self, here: list[int]) -> list[Edge]:
        """Cheapest first over states, where an edge costs more the more often the target declined it."""
        came: dict[Place, tuple[Place, Edge] | None] = {(state, ""): None for state in here}
        best = dict.fromkeys(here, 0)
        todo = [(0, state) for state in here]
        ends: list[tuple[int, int]] = []
        while todo:
            cost, state = heappop(todo)
            if cost > best[state]:
                continue
            for edge in filter(self.terrain.askable, self.graph.out[state]):
                there = cost + self.terrain.cost(edge)
                if any(map(self._open, self._items(edge, ""))):
                    ends.append((there, edge.number))
                if there < best.get(edge.target, there + 1):
                    best[edge.target] = there
                    came[edge.target, ""] = ((state, ""), edge)
                    heappush(todo, (there, edge.target))
        if not ends:
            return []
        last = self.terrain.edges[min(ends)[1]]
        return _way(((last.source, ""), last), came)


def _circumstances(world: World, stimulus: Stimulus, rules: Iterable[str]) -> Iterable[Hashable]:
    """What makes it worth firing rules again: another hand-made fault, or a bystander who must notice nothing."""
    rules = tuple(rules)
    if stimulus.action in ARGUMENTS:
        yield from ((rule, stimulus.arg) for rule in rules[-1:])
    users = [
        {browser.server.user, browser.provider.user, *(local.user for local in browser.locals)} - {""}
        for browser in world.browsers
    ]
    own = users.pop(stimulus.browser)
    for other in filter(None, users):
        bystander = "the same user elsewhere" if own & other else "another user elsewhere"
        yield from ((rule, bystander) for rule in rules)


def _way(last: tuple[Place, Edge], came: dict[Place, tuple[Place, Edge] | None]) -> list[Edge]:
    path: list[Edge] = []
    back: tuple[Place, Edge] | None = last
    while back is not None:
        path.append(back[1])
        back = came[back[0]]
    return path[::-1]


def _last_rule(edge: Edge) -> str:
    return edge.outcome.rules[-1].key if edge.outcome.rules else ""

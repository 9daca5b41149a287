"""The reachable states of one scope, and what is known of a target there: where it never goes, and what it showed."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.state import World
from sessionproof.model.symmetry import Alike
from sessionproof.model.vocabulary import Stimulus

from ..verdict import BEHIND, LEFT, ROUTED_AROUND

TRIES = 2
"""How often a choice of the target is waited for in one state before it is taken to be closed there."""


class Terrain:
    """The graph of one scope and what is known of a target in it: which edges it does not take or must not try."""

    def __init__(self, graph: Graph) -> None:
        """Nothing is known of the target yet."""
        self.graph = graph
        self.alike = Alike(graph)
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
        here = None if worlds is None else set(self.numbers(worlds))
        for edge in filter(refuses, self.edges):
            if here is None or edge.source in here:
                self._blocked.setdefault(edge.number, why)
        self._off |= self._blocked.keys()

    def unblock(self, refuses: Callable[[Edge], bool]) -> None:
        """Put such edges in again."""
        self._blocked = {number: why for number, why in self._blocked.items() if not refuses(self.edges[number])}
        self._off = self._closed | self._declined | self._blocked.keys()

    def numbers(self, worlds: Iterable[World]) -> list[int]:
        """The numbers of these states, as far as they are in the graph."""
        return [self.graph.number[world] for world in worlds if world in self.graph.number]

    def took(
        self, before: Iterable[World], stimulus: Stimulus, rules: Collection[str], after: Iterable[World]
    ) -> list[int]:
        """A step went from one of some states to one of others, and these rules fired; returns where it began."""
        sources, targets = self.numbers(before), self.numbers(after)
        for source in sources if targets else ():
            self.note(source, stimulus, rules, targets)
        return sources

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

"""Makes a failing flow as short as it can be: by the model first, blindly last.

Afresh: the shortest path to another state in which the same is expected. Re-route: all but the last few steps are
replaced by the model's shortest path to the same state. Bypass: an inner piece is replaced by a shortest path. Then
single steps are left out until none can go, one other step is tried in the place of two, wherever it leads, and
another last step earlier on the way. Every candidate is replayed on the target, so a fault of hidden history stays
visible; what fails before its end is cut there. The last one is confirmed.
"""

from collections.abc import Callable, Iterator

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.vocabulary import Stimulus

Flow = tuple[Stimulus, ...]
EFFORT = 2_000
"""At most so many steps are replayed."""
AFRESH = 5
"""Other states that are tried before anything else."""


def _is_asked(edge: Edge) -> bool:
    """Whether a page stands open after the step that waits for a yes or no."""
    at = edge.stimulus
    return edge.outcome.after.browsers[at.browser].tabs[at.tab].open in ("consent", "question")


class Shrinker:
    """Shrinks one flow. `fails(flow)` replays it and returns what failed of it, up to the step that did."""

    def __init__(
        self,
        graph: Graph,
        usable: Callable[[Edge], bool],
        fails: Callable[[Flow], Flow],
        late: Callable[[], bool] = lambda: False,
    ) -> None:
        """`graph`: the explored scope, for shortest paths; of these, only `usable` edges count.

        `late`: whether the time is used up; nothing more is tried then.
        """
        self.graph = graph
        self._usable = usable
        self._fails = fails
        self._late = late
        self.cut = False
        """Whether the time was used up before everything was tried."""
        self._effort = 0
        self._known: dict[Flow, Flow] = {}

    def shrink(self, flow: Flow) -> Flow:
        """The shortest failing flow that was found; `flow` itself when nothing shorter fails."""
        flow = self._first(self._afresh(flow)) or flow
        flow = self._first(self._rerouted(flow)) or flow
        while (shorter := self._first(self._shorter(flow))) and len(shorter) < len(flow):
            flow = shorter
        return flow

    def _first(self, candidates: Iterator[Flow]) -> Flow | None:
        return next(filter(None, map(self._try, candidates)), None)

    def _try(self, flow: Flow) -> Flow:
        if flow not in self._known:
            self.cut = self.cut or self._late()
            if self.cut or self._effort + len(flow) > EFFORT:
                return ()
            self._effort += len(flow)
            self._known[flow] = self._fails(flow)
        return self._known[flow]

    def _states(self, flow: Flow) -> list[int]:
        """A state of the graph before each step: the first legal outcome whose way goes on with this flow."""
        ways: list[dict[int, int]] = [{0: -1}]
        for stimulus in flow[:-1]:
            found: dict[int, int] = {}
            for state in ways[-1]:
                for edge in self.graph.out[state]:
                    if edge.stimulus == stimulus and self._usable(edge):
                        found.setdefault(edge.target, state)
            if not found:
                break
            ways.append(found)
        state = next(iter(ways[-1]))
        states = [state]
        for way in ways[:0:-1]:
            state = way[state]
            states.append(state)
        return states[::-1]

    def _afresh(self, flow: Flow) -> Iterator[Flow]:
        """The shortest ways to other states in which the model expects the same of the last step."""
        states = self._states(flow)
        if len(states) < len(flow):
            return
        wanted = self._expected(states[-1], flow[-1])
        alike = [at for at in range(1, len(self.graph.states)) if self._expected(at, flow[-1]) == wanted]
        for usable in (self._asks, self._usable):
            for way in self._nearest(set(alike), usable):
                if len(way) + 1 < len(flow):
                    yield (*(edge.stimulus for edge in way), flow[-1])

    def _nearest(self, goals: set[int], usable: Callable[[Edge], bool]) -> Iterator[list[Edge]]:
        """The shortest ways to the nearest few of these states, the nearest first."""
        for _ in range(AFRESH):
            way = self.graph.route([0], lambda edge: edge.target in goals, usable)
            if not way:
                return
            yield way
            goals.discard(way[-1].target)

    def _asks(self, edge: Edge) -> bool:
        """Usable, and the server asks (for consent, say) where it may: a step too many is left out in the replay."""
        if not self._usable(edge):
            return False
        others = (e for e in self.graph.out[edge.source] if e.stimulus == edge.stimulus and self._usable(e))
        return _is_asked(edge) or not any(map(_is_asked, others))

    def _expected(self, state: int, stimulus: Stimulus) -> frozenset[tuple[str, ...]]:
        edges = (edge for edge in self.graph.out[state] if edge.stimulus == stimulus)
        return frozenset(tuple(rule.key for rule in edge.outcome.rules) for edge in edges)

    def _rerouted(self, flow: Flow) -> Iterator[Flow]:
        states = self._states(flow)
        tail = 1
        while tail < len(flow) and len(flow) - tail < len(states):
            goal = states[len(flow) - tail]
            way = self.graph.route([0], lambda e, t=goal: e.target == t, self._usable) if goal else []  # type: ignore[misc]
            head = tuple(edge.stimulus for edge in way)
            if len(head) + tail < len(flow):
                yield (*head, *flow[-tail:])
            tail = tail + 1 if tail < 4 else tail * 2

    def _shorter(self, flow: Flow) -> Iterator[Flow]:
        """Leave out pieces, longest first; then a shorter way in their place, one other step for two, another end."""
        size = len(flow) // 2
        while size:
            for at in range(len(flow) - size):
                yield (*flow[:at], *flow[at + size :])
            size //= 2
        states = self._states(flow)
        for gap in range(min(len(states) - 1, 8), 1, -1):
            for at in range(len(states) - gap):
                target = states[at + gap]
                way = self.graph.route([states[at]], lambda e, t=target: e.target == t, self._usable)  # type: ignore[misc]
                if way and len(way) < gap:
                    yield (*flow[:at], *(e.stimulus for e in way), *flow[at + gap :])
        for at in range(min(len(states), len(flow) - 2)):
            for edge in filter(self._usable, self.graph.out[states[at]]):
                if flow[at + 2] in self.graph.network.enabled(edge.outcome.after):
                    yield (*flow[:at], edge.stimulus, *flow[at + 2 :])
        for at in range(1, min(len(states), len(flow) - 1)):
            ends = dict.fromkeys(edge.stimulus for edge in self.graph.out[states[at]] if self._usable(edge))
            yield from ((*flow[:at], stimulus) for stimulus in ends)

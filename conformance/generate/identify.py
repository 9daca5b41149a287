"""The identifying suffix of a random-Wp flow: what tells the state where it should have ended from another one.

A flow that ends in a wrong state shows it only in what is asked there. Where every layer tells its session after each
step, that is asked already; from outside it takes steps whose answers differ.
"""

from collections import defaultdict, deque
from collections.abc import Callable

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.vocabulary import Stimulus

from .showing import looks_like

PAIRS = 200
"""Pairs of states that are looked at; most states are told apart by the first or second step."""


def suffix(graph: Graph, state: int, other: int, usable: Callable[[Edge], bool]) -> tuple[Stimulus, ...]:
    """A shortest flow on which a target in `other` gives itself away where it should be in `state`.

    Whatever the model allows there at the end looks like nothing that it allows here, seen from outside; choices on the
    way may be made otherwise. Empty if there is none within PAIRS.
    """
    met = {(state, other)}
    todo: deque[tuple[int, int, tuple[Stimulus, ...]]] = deque([(state, other, ())] if state != other else ())
    while todo and len(met) < PAIRS:
        here, there, way = todo.popleft()
        allowed, others = _answers(graph, here), _answers(graph, there, usable)
        for stimulus in (s for s in allowed if s in others):
            alike = [
                (a.target, b.target)
                for a in allowed[stimulus]
                for b in others[stimulus]
                if looks_like(a.outcome, b.outcome, outside=True)
            ]
            if not alike:
                return (*way, stimulus)
            for pair in alike:
                if pair[0] != pair[1] and pair not in met:
                    met.add(pair)
                    todo.append((*pair, (*way, stimulus)))
    return ()


def _answers(graph: Graph, state: int, usable: Callable[[Edge], bool] = lambda _: True) -> dict[Stimulus, list[Edge]]:
    answers: defaultdict[Stimulus, list[Edge]] = defaultdict(list)
    for edge in graph.out[state]:
        if usable(edge):
            answers[edge.stimulus].append(edge)
    return answers

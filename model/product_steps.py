"""The steps of single states of a product: what can follow, and the shortest way to a step that breaks a property."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import NamedTuple

from .product import Joint, Move, Place, Product
from .vocabulary import Stimulus

State = tuple[int, int, int]
"""The numbers of what is shared, and of the parts of both browsers."""

START: State = (0, 0, 0)


class Step(NamedTuple):
    """A step from one state to `target`; `times`: how many outcomes of stimuli lead so."""

    stimulus: Stimulus
    target: State
    times: int
    breaks: frozenset[str]


class Steps:
    """The steps of a product, by the state in which they begin."""

    def __init__(self, product: Product) -> None:
        """Sort the moves by their source, and the joint steps by what is shared."""
        self._moves: defaultdict[Place, list[Move]] = defaultdict(list)
        self._joint: defaultdict[int, list[Joint]] = defaultdict(list)
        for move in product.moves.values():
            self._moves[move.source].append(move)
        for joint in product.joint:
            self._joint[joint.shared].append(joint)

    def of(self, state: State) -> Iterator[Step]:
        """Every step from `state`."""
        shared, *parts = state
        for at, (mine, other) in enumerate((parts, parts[::-1])):
            for move in self._moves[shared, mine]:
                target = _state(at, move.target[0], move.target[1], other)
                yield Step(move.stimulus._replace(browser=at), target, move.times, move.marks.breaks)
            for joint in self._joint[shared]:
                if mine in joint.sends and other in joint.takes and not (at and joint.everywhere):
                    target = _state(at, joint.after, joint.sends[mine], joint.takes[other])
                    stimulus = joint.stimulus if joint.everywhere else joint.stimulus._replace(browser=at)
                    yield Step(stimulus, target, 1, joint.marks.breaks)

    def breaking(self, name: str) -> list[Step]:
        """A shortest way from the start whose last step breaks the property; empty: none does."""
        came: dict[State, tuple[State, Step] | None] = {START: None}
        todo = deque(came)
        while todo:
            state = todo.popleft()
            for step in self.of(state):
                if name in step.breaks:
                    way, back = [step], came[state]
                    while back is not None:
                        way.append(back[1])
                        back = came[back[0]]
                    return way[::-1]
                if step.target not in came:
                    came[step.target] = (state, step)
                    todo.append(step.target)
        return []


def _state(at: int, shared: int, mine: int, other: int) -> State:
    return (shared, other, mine) if at else (shared, mine, other)

"""Visits every reachable state of a product of two browsers, level by level, 64 states in a machine word.

A row of bits belongs to what is shared and the part of one browser; the bits of a row are the parts of the other. A
move of the first browser joins one row to another, whole; one of the second is the same in the transposed matrix, and
the set of the states of a level is its own transposition, since both browsers can do the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .product import Joint, Move, Product

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

CHUNK = 1 << 23
"""How many words are worked on at once: 64 MiB."""


@dataclass
class Swept:
    """What a sweep found. `levels`: steps to the farthest state; `size`: bytes of one set of states.

    `broken`: for each property that does not hold, the steps that break it in some reachable state, and for each the
    states (shared, one part, the other's) in which one of them can be made first, after so many steps.
    `shown`: the properties of the kind `sometimes` that some step shows.
    """

    states: int = 0
    edges: int = 0
    levels: int = 0
    size: int = 0
    broken: dict[str, tuple[int, Move | Joint]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)


class Sweep:
    """The set of the states visited, and how it grows."""

    def __init__(self, product: Product) -> None:
        """Nothing is visited yet but the start."""
        self.product = product
        self.parts, self.shared = len(product.parts), len(product.shared)
        self.words = -(-self.parts // 64)
        self.visited: Words = np.zeros((self.shared * self.parts, self.words), np.uint64)
        self.visited[0, 0] = 1
        pairs = [(self._row(move.source), self._row(move.target)) for move in product.moves.values()]
        arrows: Numbers = np.array([pair for pair in pairs if pair[0] != pair[1]], np.int64).reshape(-1, 2)
        self.source, self.target = arrows[np.argsort(arrows[:, 1], kind="stable")].T
        self.joint = [
            tuple(np.array(list(numbers), np.int64) for side in (j.sends, j.takes) for numbers in (side, side.values()))
            for j in product.joint
        ]

    def run(self, progress: Callable[[int], None] = lambda _states: None) -> Swept:
        """Visit everything; `progress` is told the number of states after each level."""
        found = Swept(size=self.visited.nbytes)
        level = self.visited.copy()
        while True:
            self._notice(level, found)
            level = self._next(level)
            level &= ~self.visited
            if not level.any():
                break
            self.visited |= level
            found.levels += 1
            progress(count(self.visited))
        found.states, found.edges = count(self.visited), self._edges()
        return found

    def contains(self, shared: int, one: int, other: int) -> bool:
        """Whether the state with these numbers was visited."""
        return bool(self.visited[shared * self.parts + one, other // 64] >> np.uint64(other % 64) & np.uint64(1))

    def _row(self, place: tuple[int, int]) -> int:
        return place[0] * self.parts + place[1]

    def _next(self, level: Words) -> Words:
        after = np.zeros_like(level)
        live = level.any(axis=1)
        used = live[self.source]
        source, target = self.source[used], self.target[used]
        step = max(1, CHUNK // self.words)
        for at in range(0, len(source), step):
            some = target[at : at + step]
            first = np.flatnonzero(np.diff(some, prepend=-1))
            after[some[first]] |= np.bitwise_or.reduceat(level[source[at : at + step]], first, axis=0)
        for joint, (sends, sent, takes, taken) in zip(self.product.joint, self.joint, strict=True):
            one, other = np.nonzero(self._bits(level, joint.shared, sends, takes))
            rows, columns = joint.after * self.parts + sent[one], taken[other]
            np.bitwise_or.at(after, (rows, columns // 64), np.uint64(1) << (columns % 64).astype(np.uint64))
        for at in range(self.shared):
            part = after[at * self.parts : (at + 1) * self.parts]
            _add_transposed(part)
        return after

    def _bits(self, states: Words, shared: int, one: Numbers, other: Numbers) -> Words:
        rows = states[shared * self.parts + one]
        return rows[:, other // 64] >> (other % 64).astype(np.uint64) & np.uint64(1)

    def _notice(self, level: Words, found: Swept) -> None:
        """Which marked steps can be made in the states of this level."""
        for step in self._marked(level):
            found.shown |= step.marks.shows
            for name in step.marks.breaks:
                found.broken.setdefault(name, (found.levels, step))

    def _marked(self, level: Words) -> Iterator[Move | Joint]:
        for move in self.product.moves.values():
            if (move.marks.breaks or move.marks.shows) and level[self._row(move.source)].any():
                yield move
        for joint, (sends, _, takes, _) in zip(self.product.joint, self.joint, strict=True):
            if any(joint.marks) and self._bits(level, joint.shared, sends, takes).any():
                yield joint

    def _edges(self) -> int:
        rows: Numbers = np.bitwise_count(self.visited).sum(axis=1, dtype=np.int64)
        times = np.zeros(len(rows), np.int64)
        for move in self.product.moves.values():
            times[self._row(move.source)] += move.times
        edges = 2 * int(times @ rows)
        for joint, (sends, _, takes, _) in zip(self.product.joint, self.joint, strict=True):
            edges += (1 if joint.everywhere else 2) * int(self._bits(self.visited, joint.shared, sends, takes).sum())
        return edges


def count(states: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(states).sum(dtype=np.int64))


def _add_transposed(matrix: Words) -> None:
    """Set each bit whose mirror image is set, in place: blocks of rows that hold any bit, unpacked and packed again."""
    live = np.flatnonzero(matrix.any(axis=1))
    rows, columns = matrix.shape[0], np.flatnonzero(matrix.any(axis=0))
    if not len(live):
        return
    mirror = np.zeros_like(matrix)
    height = max(64, CHUNK // (64 * max(1, len(columns))) // 64 * 64)
    for at in range(0, rows, height):
        block = matrix[at : at + height, columns]
        if not block.any():
            continue
        bits = np.unpackbits(np.ascontiguousarray(block, "<u8").view(np.uint8), axis=1, bitorder="little")
        padded = np.zeros((bits.shape[1], -(-bits.shape[0] // 64) * 64), np.uint8)
        padded[:, : bits.shape[0]] = bits.T
        words = np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)
        targets = (columns[:, None] * 64 + np.arange(64)).ravel()
        inside = targets < rows
        mirror[targets[inside], at // 64 : at // 64 + words.shape[1]] = words[inside]
    matrix |= mirror

"""Visits every reachable state of a product of two browsers, level by level, 64 states in a machine word.

A row of bits belongs to what is shared and the part of one browser; the bits of a row are the parts of the other. A
move of the first browser joins one row to another, whole; one of the second is the same in the transposed matrix, and
the set of the states of a level is its own transposition, since both browsers can do the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .product import Marks, Product

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

CHUNK = 1 << 20
"""How many words are worked on at once: 8 MiB."""


@dataclass
class Swept:
    """What a sweep found. `levels`: steps to the farthest state; `size`: bytes of one set of states.

    `broken`: for each property (of the kind `always`) that some step from a reachable state breaks, after how many
    steps from the start such a state is reached first. `missing`: those of the kind `sometimes` that no step shows.
    """

    states: int = 0
    edges: int = 0
    levels: int = 0
    size: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


class Sweep:
    """The set of the states visited, and how it grows: a square of bits for each value of what is shared."""

    def __init__(self, product: Product) -> None:
        """Nothing is visited yet but the start."""
        self.product = product
        self.shared, self.words = len(product.shared), -(-len(product.parts) // 64)
        self.side = 64 * self.words
        self.visited: Words = np.zeros((self.shared * self.side, self.words), np.uint64)
        self.visited[0, 0] = 1
        moves = list(product.moves.values())
        ends = np.array([(*move.source, *move.target, move.times) for move in moves], np.int64).reshape(-1, 5)
        source, target = self._rows(ends[:, 0], ends[:, 1]), self._rows(ends[:, 2], ends[:, 3])
        self.times = np.bincount(source, ends[:, 4], len(self.visited)).astype(np.int64)
        self.marked = [(int(row), move.marks) for row, move in zip(source, moves, strict=True) if any(move.marks)]
        order = np.argsort(target, kind="stable")
        order = order[source[order] != target[order]]
        self.source, self.target = source[order], target[order]
        self.joint = [
            tuple(np.array(list(numbers), np.int64) for side in (j.sends, j.takes) for numbers in (side, side.values()))
            for j in product.joint
        ]

    def run(self, progress: Callable[[int], None] = lambda _states: None) -> Swept:
        """Visit everything; `progress` is told the number of states after each level."""
        found = Swept(size=self.visited.nbytes, missing=self.product.sometimes)
        level = self.visited.copy()
        while True:
            self._notice(level, found)
            level = self._next(level)
            level &= ~self.visited
            new = count(level)
            found.states += new
            if not new:
                break
            self.visited |= level
            found.levels += 1
            progress(found.states)
        found.states, found.edges = count(self.visited), self._edges()
        return found

    def contains(self, shared: int, one: int, other: int) -> bool:
        """Whether the state with these numbers was visited."""
        word: np.uint64 = self.visited[shared * self.side + one, other // 64]
        return bool(int(word) >> other % 64 & 1)

    def _rows(self, shared: Numbers, part: Numbers) -> Numbers:
        return shared * self.side + part

    def _next(self, level: Words) -> Words:
        after = np.zeros_like(level)
        used = _live(level)[self.source]
        source, target = self.source[used], self.target[used]
        step = max(1, CHUNK // self.words)
        for at in range(0, len(source), step):
            some = target[at : at + step]
            first = np.flatnonzero(np.diff(some, prepend=-1))
            after[some[first]] |= np.bitwise_or.reduceat(level[source[at : at + step]], first, axis=0)
        for joint, (sends, sent, takes, taken) in zip(self.product.joint, self.joint, strict=True):
            one, other = self._pairs(level, joint.shared, sends, takes)
            columns = taken[other]
            bits = np.left_shift(np.uint64(1), (columns % 64).astype(np.uint64))
            np.bitwise_or.at(after, (joint.after * self.side + sent[one], columns // 64), bits)
        for square in after.reshape(self.shared, self.side, self.words):
            if square.any():
                square |= transposed(square)
        return after

    def _pairs(self, states: Words, shared: int, one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
        """Which pairs of these parts are among `states`, as positions in `one` and in `other`."""
        rows = states[shared * self.side + one]
        live = np.flatnonzero(_live(rows))
        bits = np.unpackbits(rows[live].astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")
        at, found = np.nonzero(bits[:, other])
        return live[at], found

    def _notice(self, level: Words, found: Swept) -> None:
        """What the properties say of the steps that can be made in the states of this level."""
        live = _live(level)
        for marks in self._marks(level, live, found):
            found.missing -= marks.shows
            for name in marks.breaks:
                found.broken.setdefault(name, found.levels)

    def _marks(self, level: Words, live: NDArray[np.bool_], found: Swept) -> Iterator[Marks]:
        for row, marks in self.marked:
            if live[row] and (marks.breaks or marks.shows & found.missing):
                yield marks
        for joint, (sends, _, takes, _) in zip(self.product.joint, self.joint, strict=True):
            if any(joint.marks) and len(self._pairs(level, joint.shared, sends, takes)[0]):
                yield joint.marks

    def _edges(self) -> int:
        edges = 2 * int(self.times @ np.bitwise_count(self.visited).sum(axis=1, dtype=np.int64))
        for joint, (sends, _, takes, _) in zip(self.product.joint, self.joint, strict=True):
            edges += (1 if joint.everywhere else 2) * len(self._pairs(self.visited, joint.shared, sends, takes)[0])
        return edges


def _live(states: Words) -> NDArray[np.bool_]:
    """Which rows hold any bit."""
    rows: NDArray[np.bool_] = np.any(states, axis=1)
    return rows


def count(states: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(states).sum(dtype=np.int64))


def transposed(square: Words) -> Words:
    """The mirror image of a square of bits: its blocks of 8 x 8 change places, and each is mirrored in one word.

    Three exchanges mirror a block (Warren, Hacker's Delight, 2nd edition, section 7-3).
    """
    side = square.shape[0] // 8
    blocks = square.astype("<u8", copy=False).view(np.uint8).reshape(side, 8, side)
    block = np.ascontiguousarray(blocks.transpose(2, 0, 1)).view("<u8")
    for shift, mask in ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0)):
        swap = (block ^ (block >> np.uint64(shift))) & np.uint64(mask)
        block ^= swap ^ (swap << np.uint64(shift))
    rows = np.ascontiguousarray(block.view(np.uint8).reshape(side, side, 8).transpose(0, 2, 1))
    return rows.reshape(8 * side, side).view("<u8").astype(np.uint64, copy=False)

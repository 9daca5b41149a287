"""What a step is worth: how much it adds to what a run has shown of its target.

Every requirement is worth 1: a third for being exercised at all, a third for all that must be seen because of it, and a
third for the faults of the rules that state it. The latter two are divided between families. What is of one family is
likely to be decided at one place of a target: once one of it was tried, the others are worth little.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sessionproof.model.network import MACHINES

from .fault_table import FaultTable

EXERCISED, SEEN, FAULT = PARTS = ("exercised", "seen", "fault")
"""What families are about: a requirement, an expectation, or one alteration of all rules for a message."""
AGAIN = 0.1
"""How much of its worth is left of a family each time that one of it was tried."""
UNCITED = 0.002
"""What a family of faults is worth that concerns no chosen requirement."""
CHANCES = 3
"""How often a choice must have been waited for in vain before it is not expected any more."""


class Family(NamedTuple):
    """What is worth something once."""

    part: str
    what: str


class Item(NamedTuple):
    """One of a family: a fault by its number, or whatever is seen in steps of one kind."""

    family: Family
    one: int | str


class Worth:
    """What each kind of step is worth at present (`of`)."""

    def __init__(self, table: FaultTable, selected: Collection[str]) -> None:
        """`selected`: the requirements that count."""
        self.table = table
        self._cited = {c.key: set(c.cited).intersection(selected) for machine in MACHINES for c in machine.compiled}
        self._selected = selected
        self._open: dict[Item, list[str]] = {self._fault(fault): [] for way in table.later for fault in way.faults}
        """What was not tried, and the kinds of steps that do."""
        for kind in table.shows | table.expects:
            for item in self._items(kind):
                self._open.setdefault(item, []).append(kind)
        self._left: dict[Family, dict[Item, None]] = defaultdict(dict)
        """Dictionaries, no sets: a run that goes on from its log must add the same numbers in the same order."""
        for item in self._open:
            self._left[item.family][item] = None
        self._worth = self._shares()
        self._asked: Counter[str] = Counter()
        self._fired: Counter[str] = Counter()
        self.of: dict[str, float] = defaultdict(float)
        for item, kinds in self._open.items():
            for kind in kinds:
                self.of[kind] += self._worth[item.family]

    def of_faults(self, faults: Iterable[int]) -> float:
        """What it is worth to show these, which no step shows at once."""
        return sum(self._worth[item.family] for item in map(self._fault, faults) if item in self._open)

    def tried(self, kind: str) -> None:
        """A step of this kind was taken."""
        self._try(self._items(kind))

    def shown(self, faults: Iterable[int]) -> None:
        """A flow for these was played."""
        self._try(map(self._fault, faults))

    def learn(self, asked: Iterable[str], fired: Iterable[str]) -> None:
        """These rules with a choice could have fired in a step, and those did."""
        self._asked.update(asked)
        self._fired.update(fired)

    def likely(self, rule: str) -> float:
        """How likely it is that the target chooses so, by what it chose before."""
        if self._asked[rule] >= CHANCES and not self._fired[rule]:
            return 0.0
        return (self._fired[rule] + 1) / (self._asked[rule] + 2)

    def _try(self, items: Iterable[Item]) -> None:
        for family in dict.fromkeys(item.family for item in items if self._close(item)):
            less = self._worth[family] * (1 - AGAIN)
            self._worth[family] -= less
            for item in self._left[family]:
                for kind in self._open[item]:
                    self.of[kind] -= less

    def _close(self, item: Item) -> bool:
        """Take it out; False if it was out already."""
        if item not in self._open:
            return False
        del self._left[item.family][item]
        for kind in self._open.pop(item):
            self.of[kind] -= self._worth[item.family]
        return True

    def _items(self, kind: str) -> Iterator[Item]:
        yield from map(self._fault, self.table.shows.get(kind, ()))
        expected = [self.table.expectations[number] for number in self.table.expects.get(kind, ())]
        yield from (Item(Family(SEEN, f"{one.requirement} {one.seen}"), kind) for one in expected)
        yield from (Item(Family(EXERCISED, one), kind) for one in dict.fromkeys(one.requirement for one in expected))

    def _fault(self, number: int) -> Item:
        machine, _, rest = self.table.rules[number].partition(": ")
        message = rest.partition(" / ")[2].partition(" [")[0]
        return Item(Family(FAULT, f"{machine}: {message}: {self.table.changes[number]}"), number)

    def _requirements(self, item: Item) -> set[str]:
        """The chosen requirements that it is about."""
        if isinstance(item.one, int):
            return self._cited.get(self.table.rules[item.one], set())
        return {item.family.what.partition(" ")[0]}.intersection(self._selected)

    def _shares(self) -> dict[Family, float]:
        about = {family: set[str]().union(*map(self._requirements, items)) for family, items in self._left.items()}
        count = Counter((family.part, i) for family, ids in about.items() for i in ids)
        shares = {f: sum(1 / count[f.part, i] for i in sorted(ids)) / len(PARTS) for f, ids in about.items()}
        return {family: share or UNCITED * (family.part == FAULT) for family, share in shares.items()}

"""Two browsers as a product: what one of them can do, worked out once, by running the network on the tables.

A browser's *part* is everything that belongs to it. Nearly every step changes the part of one browser and what both
share (consents, disabled users), whatever the other one is at: a `Move`. Some steps change both parts, or are possible
only for some parts of the other: a `Joint` step is one for all pairs in `sends` x `takes`. `sweep` visits every
reachable state of the product, `promela` writes it out for SPIN; that nothing is lost is for the tests to show, which
compare with `explore`, and with single steps of the network.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .context import Outcome
from .explore import Edge, Graph
from .network import Network
from .possible import EVERYWHERE, possible
from .properties import PROPERTIES
from .state import Browser, Scope, World
from .vocabulary import Stimulus

LOOKS_AROUND = ("logout token", "wrong logout token", "front-channel logout")
"""Stimuli in one browser whose possibility or effect depends on the part of the other one."""

OFTEN = 500
"""After so many places progress is told, and the network's memory of outcomes is given back."""

Shared = tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]
Place = tuple[int, int]
"""The numbers of what is shared and of one browser's part."""
View = tuple[bool, tuple[str, ...]]
"""What a step of the other browser may depend on: whether a tab has something open, who is logged in where."""


class Dependent(Exception):
    """A step acts on the other browser, or depends on it, in a way that the product does not provide for."""


class Marks(NamedTuple):
    """What a step says of the properties: those (`always`) that it `breaks`, those (`sometimes`) that it `shows`."""

    breaks: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()

    def __or__(self, other: "Marks") -> "Marks":
        return Marks(self.breaks | other.breaks, self.shows | other.shows)


class Move(NamedTuple):
    """A step of one browser. `times`: how many outcomes of stimuli lead so; `stimulus` is the first of them."""

    source: Place
    target: Place
    stimulus: Stimulus
    times: int
    marks: Marks


class Joint(NamedTuple):
    """A step of both browsers: of any part in `sends` together with any in `takes`, which say where each part leads.

    `shared`, `after`: what is shared before and afterwards. `everywhere`: it belongs to no browser, so there is one
    such step of a state; otherwise either browser may be the one that sends.
    """

    stimulus: Stimulus
    shared: int
    after: int
    sends: dict[int, int]
    takes: dict[int, int]
    everywhere: bool
    marks: Marks


class Product:
    """All parts, all that is shared, and all steps, of a scope with two browsers. Number 0 is the start."""

    def __init__(
        self, scope: Scope, features: frozenset[str], progress: Callable[[int], None] = lambda _parts: None
    ) -> None:
        """Work out everything; `progress` is told the number of parts now and then. Raises Dependent."""
        self.scope = scope._replace(browsers=2)
        self.features = features
        self.parts: list[Browser] = []
        self.shared: list[Shared] = []
        self.moves: dict[tuple[Place, Place], Move] = {}
        self.joint: list[Joint] = []
        self._numbers: tuple[dict[Browser, int], dict[Shared, int]] = ({}, {})
        self._network = Network(self.scope, features)
        graph = Graph(self._network)
        self._properties = [p for p in PROPERTIES if p.kind != "from everywhere" and p.applies(graph)]
        self.properties = tuple(p.name for p in self._properties)
        self.sometimes = frozenset(p.name for p in self._properties if p.kind == "sometimes")
        self._own = [s for s in self._network.stimuli if s.browser == 0]
        start = self.scope.start()
        self._idle = start.browsers[1]
        self._places: list[Place] = []
        self._known: set[Place] = set()
        self._place(start.browsers[0], _common(start))
        self._close(progress)

    def world(self, shared: int, one: int, other: int) -> World:
        """The state of the model with these numbers."""
        return World((self.parts[one], self.parts[other]), *self.shared[shared])

    def _close(self, progress: Callable[[int], None]) -> None:
        """Until nothing new comes: the steps of each browser alone, what the other one may have changed, the others."""
        at = size = 0
        changes: set[Place] = set()
        while size != len(self._places):
            size = len(self._places)
            while at < len(self._places):
                changes |= self._alone(self._places[at])
                at += 1
                if at % OFTEN == 0:
                    self._network = Network(self.scope, self.features)
                    progress(len(self.parts))
            there: defaultdict[int, list[int]] = defaultdict(list)
            for shared, part in self._places:
                there[shared].append(part)
            for before, after in sorted(changes):
                for part in there[before]:
                    self._know((after, part))
            self.joint = [*self._around(), *self._everywhere()]
            for joint in self.joint:
                for part in (*joint.sends.values(), *joint.takes.values()):
                    self._know((joint.after, part))

    def _know(self, place: Place) -> None:
        if place not in self._known:
            self._known.add(place)
            self._places.append(place)

    def _place(self, part: Browser, shared: Shared) -> Place:
        parts, common = self._numbers
        place = common.setdefault(shared, len(common)), parts.setdefault(part, len(parts))
        if len(parts) > len(self.parts):
            self.parts.append(part)
        if len(common) > len(self.shared):
            self.shared.append(shared)
        self._know(place)
        return place

    def _outcomes(self, world: World, stimulus: Stimulus) -> tuple[Outcome, ...]:
        if not possible(self.scope, world, stimulus):
            return ()
        outcomes = self._network.step(world, stimulus)
        if not outcomes:
            raise Dependent(f"a hole in the tables: nothing answers {stimulus} in {world}")
        return outcomes

    def _marks(self, world: World, stimulus: Stimulus, outcome: Outcome) -> Marks:
        graph, edge = Graph(self._network, states=[world]), Edge(0, stimulus, outcome, 0, 0)
        held = {p.name: p.holds(graph, edge) for p in self._properties}
        return Marks(
            frozenset(p.name for p in self._properties if p.kind == "always" and not held[p.name]),
            frozenset(p.name for p in self._properties if p.kind == "sometimes" and held[p.name]),
        )

    def _alone(self, source: Place) -> set[Place]:
        """The moves from `source`; returns the changes of what is shared, as pairs.

        Each is tried beside a browser that has been nowhere, and beside one in the same state: it must do the same.
        """
        shared, part = source
        here = self.parts[part]
        world, twins = (World((here, other), *self.shared[shared]) for other in (self._idle, here))
        changes = set()
        for stimulus in self._own:
            if stimulus.action in EVERYWHERE or stimulus.action in LOOKS_AROUND:
                continue
            outcomes = self._outcomes(world, stimulus)
            beside = [(o.after.browsers, _common(o.after)) for o in self._outcomes(twins, stimulus)]
            for at, outcome in enumerate(outcomes):
                mine, other = outcome.after.browsers
                same = len(beside) == len(outcomes) and beside[at] == ((mine, here), _common(outcome.after))
                if other != self._idle or not same:
                    raise Dependent(f"{stimulus.action!r} depends on another browser or acts on it; see LOOKS_AROUND")
                target = self._place(mine, _common(outcome.after))
                if target[0] != shared:
                    changes.add((shared, target[0]))
                marks = self._marks(world, stimulus, outcome)
                old = self.moves.get((source, target)) or Move(source, target, stimulus, 0, Marks())
                self.moves[source, target] = old._replace(times=old.times + 1, marks=old.marks | marks)
        return changes

    def _around(self) -> Iterator[Joint]:
        """The joint steps of stimuli that look around: alike for all parts that look alike to the other browser."""
        stimuli = [s for s in self._own if s.action in LOOKS_AROUND]
        views: dict[View, int] = {}
        for _, part in self._places if stimuli else ():
            views.setdefault(_view(self.parts[part]), part)
        for stimulus in stimuli:
            kinds: dict[tuple[object, ...], Joint] = {}
            for shared, part in self._places[:]:
                seen: defaultdict[tuple[str, ...], dict[View, Outcome]] = defaultdict(dict)
                for view, other in views.items():
                    for outcome in self._outcomes(self.world(shared, part, other), stimulus):
                        seen[tuple(rule.key for rule in outcome.rules)][view] = outcome
                for rules, by_view in seen.items():
                    effect = tuple((view, _view(outcome.after.browsers[1])) for view, outcome in by_view.items())
                    after = {(o.after.browsers[0], _common(o.after)) for o in by_view.values()}
                    if len(after) > 1:
                        raise Dependent(f"what {stimulus.action!r} does in its own browser depends on the other one")
                    target = self._place(*after.pop())
                    if (shared, rules, effect) not in kinds:
                        kinds[shared, rules, effect] = self._joint(stimulus, shared, part, rules, target[0])
                    kinds[shared, rules, effect].sends[part] = target[1]
            yield from kinds.values()

    def _joint(self, stimulus: Stimulus, shared: int, part: int, rules: tuple[str, ...], after: int) -> Joint:
        """The step for every part of the other browser, each with `part`, which stands for all that act like it."""
        takes, marks = {}, Marks()
        for common, other in self._places[:]:
            world = self.world(shared, part, other)
            for outcome in self._outcomes(world, stimulus) if common == shared else ():
                if tuple(rule.key for rule in outcome.rules) == rules:
                    takes[other] = self._place(outcome.after.browsers[1], _common(outcome.after))[1]
                    marks |= self._marks(world, stimulus, outcome)
        return Joint(stimulus, shared, after, {}, takes, False, marks)

    def _everywhere(self) -> Iterator[Joint]:
        """The joint steps of stimuli that act in all browsers: in each browser whatever the other one is at."""
        for stimulus in self._own:
            kinds: defaultdict[tuple[int, int, Marks], dict[int, int]] = defaultdict(dict)
            for shared, part in self._places[:] if stimulus.action in EVERYWHERE else ():
                one, other = self.parts[part], self._idle
                worlds = [World(pair, *self.shared[shared]) for pair in ((one, other), (other, one))]
                found = [self._outcomes(world, stimulus) for world in worlds]
                if not found[0] and not found[1]:
                    continue
                [[first], [second]] = found
                targets = [self._place(o.after.browsers[at], _common(o.after)) for at, o in enumerate((first, second))]
                if targets[0] != targets[1]:
                    raise Dependent(f"{stimulus.action!r} does not do the same in both browsers")
                marks = self._marks(worlds[0], stimulus, first) | self._marks(worlds[1], stimulus, second)
                kinds[shared, targets[0][0], marks][part] = targets[0][1]
            for (shared, after, sent), sends in kinds.items():
                for (common, _, taken), takes in kinds.items():
                    if common == shared:
                        yield Joint(stimulus, shared, after, sends, takes, True, sent | taken)


def _common(world: World) -> Shared:
    return world.consents, world.disabled


def _view(part: Browser) -> View:
    return any(tab.open for tab in part.tabs), tuple(local.user for local in part.locals)

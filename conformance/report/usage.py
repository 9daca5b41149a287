"""What a run exercised, counted from its log: rules, states, and the shortest way to each requirement that was met."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sessionproof.model.context import Context
from sessionproof.model.network import MACHINES
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import Stimulus

from ..runlog import Event
from ..verdict import Judgement
from .retrace import Retracer, agrees


class Evidence(NamedTuple):
    """Where a requirement was seen to be met: the flow up to that step."""

    scope: str
    flow: tuple[Stimulus, ...]


@dataclass
class Usage:
    """Takes the events of a log one by one.

    `fired`: how often each rule (by key) answered as it should. `broken`: how often the answer was not the rule's.
    `visited`: how often a machine was in one of several states after a step, as (machine, states): more than one where
    what was seen does not tell them apart. `seen`: the shortest flow that met each requirement. `flows`: by (generator,
    verdict). `endings`: flows that did not simply pass. `shown`, `declined`: how often each choice (MAY, application)
    was made, and not made where it could be. `differing`: steps that are judged otherwise now than the log says.
    """

    fired: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    visited: Counter[tuple[str, frozenset[str]]] = field(default_factory=Counter)
    seen: dict[str, Evidence] = field(default_factory=dict)
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    endings: list[Event] = field(default_factory=list)
    shown: Counter[tuple[str, str]] = field(default_factory=Counter)
    declined: Counter[tuple[str, str]] = field(default_factory=Counter)
    differing: int = 0
    steps: int = 0
    retracer: Retracer | None = None
    _states: dict[tuple[str, World], list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take one event; the header must come first."""
        if event["event"] == "header":
            self.retracer = Retracer(event)
        elif event["event"] == "flow" and self.retracer:
            self.flows[event["generator"], event["verdict"]] += 1
            if event["verdict"] not in ("pass", "warning"):
                self.endings.append(event)
            self._flow(self.retracer, event)

    def _flow(self, retracer: Retracer, event: Event) -> None:
        steps, scope = event["steps"], retracer.scope(event["scope"])
        self.steps += len(steps)
        judged = 0
        for step, judgement in zip(steps, retracer.follow(event["scope"], steps), strict=False):
            judged += 1
            self.differing += not agrees(step, judgement)
            self.fired.update(judgement.rules)
            self.shown.update(judgement.variants)
            self.declined.update(judgement.declined)
            self.broken.update(m.rule for m in judgement.mismatches)
            if scope is not None:
                self._visit(scope, judgement)
        self.differing += len(steps) - judged
        for number, step in enumerate(steps, 1):
            for identifier in step["witnessed"]:
                if identifier not in self.seen or number < len(self.seen[identifier].flow):
                    flow = tuple(Stimulus(*s["do"]) for s in steps[:number])
                    self.seen[identifier] = Evidence(event["scope"], flow)

    def visits(self, machine: str, states: Iterable[str]) -> int:
        """How often the machine was certainly in one of these states after a step."""
        wanted = frozenset(states)
        return sum(times for (name, possible), times in self.visited.items() if name == machine and possible <= wanted)

    def _visit(self, scope: Scope, judgement: Judgement) -> None:
        """Each place (browser, tab, application) is in the states of all worlds that fit what was seen."""
        places = zip(*(self._named(scope, world) for world in judgement.after), strict=True)
        self.visited.update({(place[0][0], frozenset(state for _, state in place)) for place in places})

    def _named(self, scope: Scope, world: World) -> list[tuple[str, str]]:
        key = (scope.name, world)
        if key not in self._states:
            self._states[key] = list(_named_states(scope, world))
        return self._states[key]


def _named_states(scope: Scope, world: World) -> Iterator[tuple[str, str]]:
    for browser in range(scope.browsers):
        for tab in range(scope.tabs):
            for app in scope.apps:
                context = Context(scope, world, Stimulus("", app, "", browser, tab))
                yield from ((machine.name, machine.read(context)) for machine in MACHINES)

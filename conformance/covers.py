"""The covers of one run in their order: what shows most faults first, then what nothing has exercised, then all."""

import math
from heapq import heapreplace
from typing import TYPE_CHECKING

from sessionproof.model.possible import FORMS
from sessionproof.model.state import Scope, World
from sessionproof.model.stories import STORIES
from sessionproof.model.vocabulary import Stimulus

from .generate.cover import STRENGTHS, Strength, Tour
from .generate.fault_table import Later, fault_table
from .generate.valuable import Valuable
from .generate.worth import Worth
from .plan import scope_of
from .verdict import Judgement

if TYPE_CHECKING:
    from .judge import Judge
    from .runner import Runner

LONGEST, LONGEST_OUTSIDE = 300, 100
"""Steps after which a tour starts in fresh browsers: in process; and where a server piles up what was left open."""
IDLE = 20
"""Steps without anything new after which a tour of transitions or pairs starts in fresh browsers."""
FRUITLESS = 5
"""Flows without anything new after which a tour of transitions or pairs is given up: what it wants takes choices that
this target does not make. Rules are looked for on."""
SHORT = 30
"""Steps of a flow that looks for what nothing has exercised yet."""
WORTH = 0.003
"""Worth of a step below which the covers take over: all about one requirement is worth 1."""
PATIENCE = 0.6
"""How much less than the first steps of another flow its next steps may be worth before a flow ends."""
LATER = 0.3
"""What faults are worth that no step shows at once, as a part of what others are: some are shown in passing."""
DIRECTED = "fault-directed"


class Covers:
    """Tours for one run. `counts`: by strength and scope, how much is covered of what the target can show."""

    def __init__(self, runner: "Runner") -> None:
        """Nothing is covered yet."""
        self._runner = runner
        self.counts: dict[tuple[Strength, str], tuple[int, int]] = {}
        self._worth = Worth(fault_table(), runner.selected)
        self._planners: dict[Scope, Valuable] = {}
        self._starts: list[tuple[float, int]] = []
        """By scope: how much, at most, the first steps of a flow are worth there; a queue, the best first."""

    @property
    def _longest(self) -> int:
        return LONGEST if self._runner.statement.status else LONGEST_OUTSIDE

    def play(self) -> None:
        """Everything that the plan asks for. Raises Stop when its budget is used up."""
        runner = self._runner
        self._planners = {s: Valuable(runner.terrains.terrain(s), self._worth) for s in runner.scopes}
        self._starts = [(-math.inf, at) for at in range(len(runner.scopes))]
        self._stories()
        self._faults()
        self._requirements()
        for strength in STRENGTHS[: STRENGTHS.index(self._runner.plan.cover) + 1]:
            for scope in self._runner.scopes:
                self._tour(scope, strength)

    def _stories(self) -> None:
        """The flows of the seed, as far as this target goes with them."""
        number, of = self._runner.plan.shard
        for at, story in enumerate(STORIES):
            if set(story.needs) <= self._runner.statement.features and at % of == number - 1:
                self._direct(scope_of(story), list(story.flow), story.name)

    def _faults(self) -> None:
        """What shows most for each step, in whichever scope that is: the first steps find most."""
        named = {scope.name: scope for scope in self._planners}
        later = [way for way in fault_table().later if way.scope in named]
        while self._starts:
            scope, worth = self._best_start()
            while later and (way := max(later, key=self._of)) and self._of(way) > max(worth, WORTH):
                later.remove(way)
                self._later(named[way.scope], way)
            if worth < WORTH:
                break
            self._runner.check_budget(f"fault-directed flows of {scope.name}")
            self._value(scope)
        for way in later:
            if self._of(way):
                self._later(named[way.scope], way)

    def _best_start(self) -> tuple[Scope, float]:
        """Where a flow had best begin now, and what each of its first steps is worth.

        A start is hardly ever worth more than it was, so only the first of the queue has to be looked at again.
        """
        while True:
            at = self._starts[0][1]
            scope = self._runner.scopes[at]
            worth = self._planners[scope].best([scope.start()]).worth
            heapreplace(self._starts, (-worth, at))
            if self._starts[0][1] == at:
                return scope, worth

    def _value(self, scope: Scope) -> None:
        """One flow: until another start is worth more."""
        runner, planner = self._runner, self._planners[scope]

        def enough(worth: float) -> bool:
            bound = worth / PATIENCE
            return worth >= WORTH and (-self._starts[0][0] <= bound or self._best_start()[1] <= bound)

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            if played:
                planner.took(*_step(played[-1]))
            if len(played) >= self._longest or runner.over_budget():
                return None
            return planner.next(judge.worlds, enough if played else bool)

        if (end := runner.drive(scope, DIRECTED, choose, toured=True)) is not None:
            planner.took(end.before, end.stimulus, (), ())
        runner.terrains.terrain(scope)

    def _of(self, way: Later) -> float:
        """What a flow for faults that no step shows at once is worth for each of its steps."""
        return LATER * self._worth.of_faults(way.faults) / len(way.flow)

    def _later(self, scope: Scope, way: Later) -> None:
        self._runner.check_budget(f"fault-directed flows of {scope.name}")
        self._direct(scope, list(way.flow), DIRECTED)
        self._worth.shown(way.faults)

    def _direct(self, scope: Scope, rest: list[Stimulus], generator: str) -> None:
        """Play such a flow; what this target asks on the way is answered, and what it does not ask is left out."""
        planner = self._planners.get(scope)

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            if played and planner:
                planner.took(*_step(played[-1]))
            while rest and not self._runner.over_budget():
                if judge.possible(rest[0]):
                    blocked = planner is not None and not planner.passable(judge.worlds, rest[0])
                    return None if blocked else rest.pop(0)
                for action in ("allow", "confirm logout"):
                    answer = Stimulus(action, "", "", rest[0].browser, rest[0].tab)
                    if judge.possible(answer):
                        return answer
                if rest.pop(0).action not in FORMS:
                    return None
            return None

        self._runner.drive(scope, generator, choose, toured=planner is not None)

    def _requirements(self) -> None:
        """What no flow has exercised so far, wherever it can be, before everything else is tried in every way."""
        runner = self._runner
        for scope in runner.scopes:
            missing = runner.selected - runner.tally.witnessed
            rules = {rule.key for rule in runner.terrains.network(scope).rules() if not missing.isdisjoint(rule.cited)}
            tour = self._new_tour(scope, "rules", only=frozenset(rules))
            while tour.next([scope.start()], fresh=True) is not None:
                runner.check_budget(f"requirements in {scope.name}")
                self._cover(scope, tour, SHORT)

    def _tour(self, scope: Scope, strength: Strength) -> None:
        tour, fruitless = self._new_tour(scope, strength), 0
        try:
            while tour.next([scope.start()], fresh=True) is not None:
                self._runner.check_budget(f"{strength} of {scope.name}")
                covered = len(tour.covered)
                self._cover(scope, tour, self._longest)
                fruitless = 0 if len(tour.covered) > covered or strength == "rules" else fruitless + 1
                if fruitless == FRUITLESS:
                    break
        finally:
            self._count(scope, tour)

    def _new_tour(self, scope: Scope, strength: Strength, only: frozenset[str] | None = None) -> Tour:
        terrain = self._runner.terrains.terrain(scope)
        covered = self._runner.terrains.covered.setdefault((strength, scope.name), set())
        return Tour(terrain, strength, covered, only)

    def _count(self, scope: Scope, tour: Tour) -> None:
        """Note how much of what the tour can want is covered."""
        unlikely = self._runner.terrains.terrain(scope).unlikely
        wanted = tour.wanted(lambda edge: edge.number not in unlikely)
        self.counts[tour.strength, scope.name] = (len(wanted & tour.covered), len(wanted))

    def _cover(self, scope: Scope, tour: Tour, longest: int) -> None:
        runner = self._runner
        covered, gained = len(tour.covered), 0

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            nonlocal covered, gained
            if played:
                tour.took(*_step(played[-1]))
            if len(tour.covered) > covered:
                covered, gained = len(tour.covered), len(played)
            idle = len(played) >= gained + IDLE and not tour.on_its_way and tour.strength != "rules"
            if idle or len(played) >= longest or runner.over_budget():
                return None
            return tour.next(judge.worlds, fresh=False)

        end = runner.drive(scope, tour.name, choose, toured=True)
        if end is not None:
            tour.took(end.before, end.stimulus, tuple(m.rule for m in end.mismatches[:1]), ())
        runner.terrains.terrain(scope)


def _step(judgement: Judgement) -> tuple[tuple[World, ...], Stimulus, tuple[str, ...], tuple[World, ...]]:
    """What a planner learns from."""
    return judgement.before, judgement.stimulus, judgement.rules, judgement.after

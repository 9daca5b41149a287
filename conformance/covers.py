"""The covers of one run in their order: what shows most faults first, then what nothing has exercised, then all."""

import math
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sessionproof.model.possible import FORMS
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from .generate.cover import STRENGTHS, Strength, Tour
from .generate.fault_table import fault_table
from .generate.valuable import Valuable, Worth
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
WORTH = 0.1
"""Worth of a step below which the covers take over: all faults of one requirement together are worth 1."""
PATIENCE = 0.7
"""How much less than its start the next steps of a flow may be worth before another flow begins."""
DIRECTED = "fault-directed"


class Covers:
    """Tours for one run. `counts`: by strength and scope, how much is covered of what the target can show."""

    def __init__(self, runner: "Runner") -> None:
        """Nothing is covered yet."""
        self._runner = runner
        self.counts: dict[tuple[Strength, str], tuple[int, int]] = {}

    @property
    def _longest(self) -> int:
        return LONGEST if self._runner.statement.status else LONGEST_OUTSIDE

    def play(self) -> None:
        """Everything that the plan asks for. Raises Stop when its budget is used up."""
        self._worth = Worth(fault_table(), self._runner.selected)
        self._faults()
        self._requirements()
        self._later()
        for strength in STRENGTHS[: STRENGTHS.index(self._runner.plan.cover) + 1]:
            for scope in self._runner.scopes:
                self._tour(scope, strength)

    def _faults(self) -> None:
        """What shows most faults of the tables for each step, in whichever scope that is: the first steps find most."""
        runner = self._runner
        planners = {s: Valuable(runner.terrains.terrain(s), self._worth) for s in runner.scopes}
        # A start is never worth more than it was, so only the first of this queue has to be looked at again.
        starts = [(-math.inf, at) for at in range(len(runner.scopes))]
        while starts:
            at = heappop(starts)[1]
            scope = runner.scopes[at]
            worth = planners[scope].best([scope.start()]).worth
            if worth < WORTH:
                continue
            if not starts or worth >= -starts[0][0]:
                runner.check_budget(f"fault-directed flows of {scope.name}")
                self._value(scope, planners[scope], worth)
            heappush(starts, (-worth, at))

    def _value(self, scope: Scope, planner: Valuable, least: float) -> None:
        """One flow: as long as its next steps are worth as much as its first ones were, as another start might be."""
        runner = self._runner
        least *= PATIENCE

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            if played:
                last = played[-1]
                planner.took(last.before, last.stimulus, last.rules, last.after)
            if len(played) >= self._longest or runner.over_budget():
                return None
            return planner.next(judge.worlds, least if played else 0.0)

        if (end := runner.drive(scope, DIRECTED, choose, toured=True)) is not None:
            planner.took(end.before, end.stimulus, (), ())
        runner.terrains.terrain(scope)

    def _later(self) -> None:
        """Flows for the faults that no step shows at once."""
        scopes = {scope.name: scope for scope in self._runner.scopes}
        for way in fault_table().later:
            if way.scope in scopes and self._worth.is_open(way.faults):
                self._runner.check_budget(f"fault-directed flows of {way.scope}")
                self._direct(scopes[way.scope], list(way.flow))
                self._worth.shown(way.faults)

    def _direct(self, scope: Scope, rest: list[Stimulus]) -> None:
        """Play such a flow; what this target asks on the way is answered, and what it does not ask is left out."""

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            del played
            while rest and not self._runner.over_budget():
                if judge.possible(rest[0]):
                    return rest.pop(0)
                for action in ("allow", "confirm logout"):
                    answer = Stimulus(action, "", "", rest[0].browser, rest[0].tab)
                    if judge.possible(answer):
                        return answer
                if rest.pop(0).action not in FORMS:
                    return None
            return None

        self._runner.drive(scope, DIRECTED, choose)

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
                last = played[-1]
                tour.took(last.before, last.stimulus, last.rules, last.after)
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

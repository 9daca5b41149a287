"""The covers of one run in their order: a little of everything first, then what nothing has exercised, then all."""

from typing import TYPE_CHECKING

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from .generate.cover import FLOWS, STRENGTHS, Strength, Tour
from .verdict import Judgement

if TYPE_CHECKING:
    from .judge import Judge
    from .runner import Runner

LONGEST, LONGEST_OUTSIDE = 300, 100
"""Steps after which a tour starts in fresh browsers: in process; and where a server piles up what was left open."""
FIRST = 30
"""Steps of a flow of the first round, in which every scope has its turn."""


class Covers:
    """Tours for one run. `counts`: by strength and scope, how much is covered of what the target can show."""

    def __init__(self, runner: "Runner") -> None:
        """Nothing is covered yet."""
        self._runner = runner
        self.counts: dict[tuple[Strength, str], tuple[int, int]] = {}

    def play(self) -> None:
        """Everything that the plan asks for. Raises Stop when its budget is used up."""
        self._first()
        self._requirements()
        for strength in STRENGTHS[: STRENGTHS.index(self._runner.plan.cover) + 1]:
            for scope in self._runner.scopes:
                self._tour(scope, strength)

    def _first(self) -> None:
        """A little of everything: one short flow of each scope in turn, so that a small budget reaches all of them."""
        tours = [(scope, self._new_tour(scope, "rules", patience=1)) for scope in self._runner.scopes]
        waiting = list(tours)
        try:
            while waiting:
                for scope, tour in tuple(waiting):
                    if tour.next([scope.start()], fresh=True) is None:
                        waiting.remove((scope, tour))
                    else:
                        self._runner.check_budget(f"rules of {scope.name}")
                        self._cover(scope, tour, FIRST)
        finally:
            for scope, tour in tours:
                self._count(scope, tour)

    def _requirements(self) -> None:
        """What no flow has exercised so far, wherever it can be, before everything else is tried in every way."""
        runner = self._runner
        for scope in runner.scopes:
            missing = runner.selected - runner.tally.witnessed
            rules = {rule.key for rule in runner.terrains.network(scope).rules() if not missing.isdisjoint(rule.cited)}
            tour = self._new_tour(scope, "rules", only=frozenset(rules))
            while tour.next([scope.start()], fresh=True) is not None:
                runner.check_budget(f"requirements in {scope.name}")
                self._cover(scope, tour, FIRST)

    def _tour(self, scope: Scope, strength: Strength) -> None:
        tour = self._new_tour(scope, strength)
        try:
            while tour.next([scope.start()], fresh=True) is not None:
                self._runner.check_budget(f"{strength} of {scope.name}")
                self._cover(scope, tour, LONGEST if self._runner.statement.status else LONGEST_OUTSIDE)
        finally:
            self._count(scope, tour)

    def _new_tour(
        self, scope: Scope, strength: Strength, patience: int = FLOWS, only: frozenset[str] | None = None
    ) -> Tour:
        terrain = self._runner.terrains.terrain(scope)
        covered = self._runner.terrains.covered.setdefault((strength, scope.name), set())
        return Tour(terrain, strength, covered, patience, only)

    def _count(self, scope: Scope, tour: Tour) -> None:
        """Note how much of what the tour can want is covered."""
        unlikely = self._runner.terrains.terrain(scope).unlikely
        wanted = tour.wanted(lambda edge: edge.number not in unlikely)
        self.counts[tour.strength, scope.name] = (len(wanted & tour.covered), len(wanted))

    def _cover(self, scope: Scope, tour: Tour, longest: int) -> None:
        runner = self._runner

        def choose(judge: "Judge", played: list[Judgement]) -> Stimulus | None:
            if played:
                last = played[-1]
                tour.took(last.before, last.stimulus, last.rules, last.after)
            if len(played) >= longest or runner.over_budget():
                return None
            return tour.next(judge.worlds, fresh=False)

        end = runner.drive(scope, tour.name, choose, toured=True)
        if end is not None:
            tour.took(end.before, end.stimulus, tuple(m.rule for m in end.mismatches[:1]), ())
        runner.terrains.terrain(scope)

"""Plays flows on a target and writes down what happened: stories, then covers of rising strength, then search.

The only place besides the adapters that does something to the outside. A failure is investigated at once; the fault is
then one finding, the edges of the model that need the deviating answer are routed around, and the cover goes on.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version

from sessionproof.model.explore import Graph
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import Stimulus

from . import events
from .adapter import Adapter, Statement
from .claim import claim
from .covers import Covers
from .errors import HarnessProblem
from .generate.cover import STRENGTHS
from .investigate import investigate
from .judge import Judge
from .parts import concerned, part
from .plan import Plan, offered, selected
from .runlog import Event
from .terrains import Terrains
from .verdict import NOT_HERE, UNOBSERVABLE, Finding, Judgement, Mismatch, Problem, Verdict

WAITS = 12
"""How often a run waits for whole seconds to see whether a rule moves `auth_time`, if another one fires each time."""
SPENT = 6
"""As how many of these a wait counts in which the rule fired."""
PROBLEMS = 3
"""Harness problems without a step between them after which a run stops: the target is gone, asking proves nothing."""


class Stop(Exception):
    """The run ends here; the reason is in the log."""


@dataclass
class Tally:
    """What a run has done and seen so far: rules that fired, and requirements whose expectation was met."""

    steps: int = 0
    flows: int = 0
    fired: set[str] = field(default_factory=set)
    witnessed: set[str] = field(default_factory=set)


class Runner:
    """One run of one plan on one adapter; `emit` gets every event of the run log, in order."""

    def __init__(
        self,
        adapter: Adapter,
        plan: Plan,
        emit: Callable[[Event], None],
        choose: Callable[[Statement], tuple[str, ...]] | None = None,
        now: Callable[[], float] = time.monotonic,
        recall: Callable[[Finding], bool] = lambda _: False,
        about: Event | None = None,
    ) -> None:
        """Ask the adapter what the target is; may raise HarnessProblem.

        `choose` picks the profiles once that is known, in place of the plan's. `recall` fills in a finding that was
        investigated in an earlier part of this run. `about`: what the log says beside the plan of how the run was
        started.
        """
        self._about = about or {}
        self._now, self._start = now, now()
        self.adapter = adapter
        self.emit = emit
        self._recall = recall
        self.tally = Tally()
        self.findings: dict[tuple[str, str], Finding] = {}
        self.statement: Statement = adapter.declare()
        self.plan = replace(plan, profiles=choose(self.statement)) if choose else plan
        plan = self.plan
        self.selected = selected(self.statement, plan.profiles)
        if plan.only:
            self.selected &= plan.only
        self.scopes = [s for s in SCOPES if profile_of(s) in plan.profiles and offered(s, self.statement)]
        self.terrains = Terrains(self.statement.features)
        self.covers = Covers(self)
        self._judges: dict[str, Judge] = {}
        self._waits: Counter[str] = Counter()
        self._in_vain: set[tuple[str, tuple[World, ...]]] = set()
        """Rules for which it waited in vain, and where: the target chooses otherwise there."""
        self._problems = 0
        self._stopped: Problem | None = None

    # The whole run

    def run(self) -> None:
        """Play everything that the plan asks for. Harness problems end up in the log, not in an exception."""
        versions = {name: version(name) for name in ("sessionproof", "hypothesis")}
        self.emit(events.header(self.statement, versions, {**self._about, **self.plan.event()}, self.selected))
        try:
            everything = self._choose_scopes()
            self.covers.play()
            self._search(everything)
        except Stop as stop:
            self._stopped = self._stopped or Problem(str(stop), "", 0)
        footer = self._footer()
        self.emit({**footer, "claim": claim({"status": self.statement.status}, footer)})

    def _choose_scopes(self) -> list[Scope]:
        """Leave only the scopes that this run plays; returns those of all its parts."""

        def graph(scope: Scope) -> Graph:
            return self.terrains.terrain(scope).graph

        if self.plan.only:
            self.scopes = concerned(self.scopes, graph, self.selected)
        everything = self.scopes
        if self.plan.shard[1] > 1:
            self.scopes = part(everything, *self.plan.shard)
        return everything

    def _search(self, everything: list[Scope]) -> None:
        from .generate.search import search  # hypothesis takes half a second to import

        for at, scope in enumerate(everything):
            if scope in self.scopes and (examples := (self.plan.search + at) // len(everything)):
                self.check_budget(f"property-based search from {scope.name} on")
                search(self, scope, examples, self.plan.seed + at)

    def check_budget(self, rest: str) -> None:
        """Raise Stop when the time is used up; `rest` says what is left then."""
        if self.over_budget():
            limits = ((self.plan.seconds, "seconds"), (self.plan.steps, "steps"), (self.plan.requests, "requests"))
            limit = " or ".join(f"{value:g} {unit}" for value, unit in limits if value is not None)
            raise Stop(f"the budget of {limit} was used up before: {rest}")

    def over_budget(self) -> bool:
        """Whether the plan's time, its steps or its requests are used up."""
        return self.late() or (self.plan.steps is not None and self.tally.steps >= self.plan.steps)

    def late(self) -> bool:
        """Whether the plan's time or its requests are used up."""
        if self.plan.requests is not None and self.adapter.effort().requests >= self.plan.requests:
            return True
        return self.plan.seconds is not None and self._now() - self._start > self.plan.seconds

    # One flow

    def play(self, scope: Scope, flow: Iterable[Stimulus], generator: str) -> None:
        """Play a given flow as far as the model knows its steps to be possible."""
        steps = iter(tuple(flow))
        self.drive(scope, generator, lambda _judge, _played: next(steps, None))

    def drive(
        self,
        scope: Scope,
        generator: str,
        choose: Callable[[Judge, list[Judgement]], Stimulus | None],
        *,
        toured: bool = False,
    ) -> Judgement | None:
        """Play what is chosen step by step; returns the judgement that ended the flow, or None if it went through.

        `toured`: a tour chooses, which tells its terrain itself.
        """
        judge, played, problem = self._judge(scope), list[Judgement](), None
        end: Judgement | None = None
        stimulus: Stimulus | None = None
        try:
            self.adapter.reset(scope)
            while end is None and not self._spent(played):
                stimulus = choose(judge, played)
                if stimulus is None or not judge.possible(stimulus):
                    break
                judgement = self._step(judge, stimulus)
                played.append(judgement)
                self._problems = 0
                self.tally.steps += 1
                self.tally.fired.update(judgement.rules)
                self.tally.witnessed.update(judgement.witnessed)
                end = judgement if not judgement.after else None
                self.terrains.chose(judgement)
        except HarnessProblem as caught:
            problem = Problem(caught.cause, caught.hint, caught.exit_code, caught.lasting)
        self.tally.flows += 1
        self.terrains.walked(scope, played, toured=toured)
        failed = any(judgement.verdict is Verdict.FAIL for judgement in played)
        verdict = Verdict.FAIL if failed and not problem else Verdict.INCONCLUSIVE if problem or end else Verdict.PASS
        self.emit({**events.flow(scope, generator, played, verdict, problem), "spent": self._cost()})
        for at, judgement in enumerate(played):
            ended = judgement is end
            for mismatch in (judgement.mismatches or judgement.outside)[:1] if ended else judgement.mismatches:
                self._deviates(scope, tuple(j.stimulus for j in played[: at + 1]), judgement, mismatch, generator)
        if problem is not None and problem.lasting and stimulus is not None:
            self.terrains.leave_out(scope, judge.worlds, stimulus, f"{UNOBSERVABLE} {problem.cause}")
        elif problem is not None:
            self._after_problem(problem)
        return end

    def _spent(self, played: list[Judgement]) -> bool:
        """Whether the browser has as many logins under way as the target allows."""
        limit = self.statement.unfinished_logins
        if limit is None or len(played) < limit:
            return False
        traces = [judgement.observation.trace for judgement in played]
        return sum("authorize" in trace for trace in traces) - sum("answer" in trace for trace in traces) >= limit

    def _judge(self, scope: Scope) -> Judge:
        """The judge of a scope, reset; there is one per scope, so that every outcome is worked out only once."""
        judge = self._judges.get(scope.name)
        if judge is None:
            judge = self._judges[scope.name] = Judge(
                self.terrains.network(scope), self.selected, tokens=self.statement.tokens
            )
        judge.reset()
        return judge

    def _step(self, judge: Judge, stimulus: Stimulus, distinct: bool = False) -> Judgement:
        """One step, judged. Waiting for whole seconds is dear: a rule that has fired twice shows nothing new."""
        here, timed = judge.worlds, judge.timed_rules(stimulus)
        waiting = [key for key in timed if self._waits[key] < WAITS and (key, here) not in self._in_vain]
        judgement = judge.step(stimulus, self.adapter.perform(stimulus, distinct=distinct or bool(waiting)))
        self._waits.update({key: SPENT if key in judgement.rules else 1 for key in waiting})
        self._in_vain.update((key, here) for key in waiting if key not in judgement.rules)
        if any(facet.endswith("auth_time") for facet in judgement.observation.facets):
            self._waits.update(dict.fromkeys(judgement.rules, WAITS))
        return judgement

    def _replay(self, scope: Scope, flow: tuple[Stimulus, ...], *, distinct: bool) -> Iterator[Judgement]:
        judge = self._judge(scope)
        self.adapter.reset(scope)
        for stimulus in flow:
            # What a server remembers from earlier flows (a consent, say) may make a step impossible: go on without it.
            if not judge.possible(stimulus):
                continue
            judgement = self._step(judge, stimulus, distinct)
            yield judgement
            if not judgement.after:
                return

    def _after_problem(self, problem: Problem) -> None:
        self._problems += 1
        if self._problems >= PROBLEMS:
            self.emit(events.problem(problem))
            self._stopped = problem._replace(
                cause=f"{PROBLEMS} problems in a row, the last one: {problem.cause} {problem.hint}"
            )
            raise Stop(self._stopped.cause)

    # Failures

    def _deviates(
        self, scope: Scope, flow: tuple[Stimulus, ...], judgement: Judgement, mismatch: Mismatch, generator: str
    ) -> None:
        """Make a finding of it unless it is known, and route around it."""
        if not judgement.after:
            self.terrains.route_around(scope, judgement, mismatch)
        if mismatch.requirement not in self.selected:
            return
        finding = Finding(mismatch.requirement, scope.name, mismatch, flow, self.tally.steps, generator)
        if known := self.findings.get(finding.key):
            known.met += 1
            return
        self.findings[finding.key] = finding
        terrain = self.terrains.terrain(scope)

        def usable(edge: object) -> bool:
            return getattr(edge, "number", -1) not in terrain.unlikely

        if not self._recall(finding):
            investigate(finding, scope, terrain.graph, usable, self._replay, self.adapter.exchanges, self.late)
        self.emit({**events.finding(finding), "spent": self._cost()})
        failed = finding.confirmed and judgement.verdict is Verdict.FAIL
        if self.plan.fail_fast and failed and finding.requirement not in self.plan.accepted:
            raise Stop(f"stopped at the first failure, of {finding.requirement}")

    def _cost(self) -> Event:
        """What the run cost so far."""
        effort = self.adapter.effort()
        seconds = {"waited": effort.waited, "paused": effort.paused, "total": self._now() - self._start}
        return {"requests": effort.requests, "seconds": {name: round(value, 3) for name, value in seconds.items()}}

    def _footer(self) -> Event:
        coverage = {
            strength: {scope: list(counts) for (kind, scope), counts in self.covers.counts.items() if kind == strength}
            for strength in STRENGTHS
        }
        played = {scope.name for scope in self.scopes}
        rules = {rule.key for scope in self.scopes for rule in self.terrains.network(scope).rules()}
        stopped, left = self._stopped, self.terrains.left()
        return {
            "event": "footer",
            "flows": self.tally.flows,
            "steps": self.tally.steps,
            "stopped": stopped.cause if stopped else "",
            "exit_code": stopped.exit_code if stopped else 0,
            "coverage": coverage,
            "states": {
                name: [len(t.visited), len(t.within_reach())] for name, t in self.terrains.items() if name in played
            },
            "rules": [len(self.tally.fired & rules), len(rules)],
            "unfired": sorted([key, left.get(key, NOT_HERE)] for key in rules - self.tally.fired),
            **(self._for_merging(rules) if self.plan.shard[1] > 1 else {}),
            "choices": sorted([*v, seen, self.terrains.declined[v]] for v, seen in self.terrains.chosen.items()),
            "findings": [[f.requirement, f.met, f.confirmed] for f in self.findings.values()],
            **self._cost(),
        }

    def _for_merging(self, rules: set[str]) -> Event:
        """What the footer of a whole run needs to know of its parts."""
        declined = sorted([*choice, times] for choice, times in self.terrains.declined.items())
        return {"fired": sorted(self.tally.fired & rules), "declined": declined}

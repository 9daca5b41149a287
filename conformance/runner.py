"""Plays flows on a target and writes down what happened: stories, then covers of rising strength, then search.

The only place besides the adapters that does something to the outside. A failure is investigated at once; the fault is
then one finding, the edges of the model that need the deviating answer are routed around, and the cover goes on.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version

from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope, World
from sessionproof.model.stories import STORIES, Story
from sessionproof.model.vocabulary import Stimulus

from . import events
from .adapter import Adapter, Statement
from .errors import HarnessProblem
from .generate.cover import FLOWS, STRENGTHS, Strength, Terrain, Tour
from .investigate import investigate
from .judge import Judge
from .parts import concerned, part
from .runlog import Event
from .verdict import BEHIND, LEFT, NOT_HERE, ROUTED_AROUND, UNOBSERVABLE, Finding, Judgement, Mismatch, Problem, Verdict

LONGEST, LONGEST_OUTSIDE = 300, 100
"""Steps after which a tour starts in fresh browsers: in process; and where a server piles up what was left open."""
FIRST = 30
"""Steps of a flow of the first round, in which every scope has its turn."""
CHANCES = 3
"""How often a target must have declined a choice (MAY) before covers stop waiting for it."""
WAITS = 2
"""How often a run waits for whole seconds to tell whether a rule moves `auth_time`."""
PROBLEMS = 3
"""Harness problems without a step between them after which a run stops: the target is gone, asking proves nothing."""


@dataclass(frozen=True)
class Plan:
    """What to run.

    `profiles`: those to certify for. `seconds`, `steps`, `requests`: start nothing new after so much (None: no limit).
    `search`: flows drawn by hypothesis. `fail_fast`: stop at the first confirmed failure, but for `accepted`
    requirements. `only`: of the profiles' requirements, those that count (empty: all). `shard`: which part of how many
    this is, counted from 1: each part plays scopes of its own.
    """

    profiles: tuple[str, ...]
    cover: Strength = "transitions"
    search: int = 100
    seed: int = 0
    seconds: float | None = None
    steps: int | None = None
    fail_fast: bool = False
    accepted: frozenset[str] = frozenset()
    requests: int | None = None
    only: frozenset[str] = frozenset()
    shard: tuple[int, int] = (1, 1)

    def within(self, seconds: float) -> "Plan":
        """The same plan with a limit of time."""
        return replace(self, seconds=seconds)


class Stop(Exception):
    """The run ends here; the reason is in the log."""


@dataclass
class Tally:
    """What a run has covered so far: items by strength and scope, rules, and requirements."""

    steps: int = 0
    flows: int = 0
    covered: dict[tuple[Strength, str], set[Hashable]] = field(default_factory=dict)
    counts: dict[tuple[Strength, str], tuple[int, int]] = field(default_factory=dict)
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
        self._declined: Counter[tuple[str, str]] = Counter()
        self._shown: Counter[tuple[str, str]] = Counter()
        self._networks: dict[str, Network] = {}
        self._judges: dict[str, Judge] = {}
        self._terrains: dict[str, Terrain] = {}
        self._deviations: list[tuple[str, str, str, str]] = []
        self._left_out: dict[str, str] = {}
        self._given: set[tuple[str, str, str]] = set()
        """Rules by which the target has answered an action with an argument as it should."""
        self._waits: Counter[str] = Counter()
        self._problems = 0
        self._stopped: Problem | None = None

    # The whole run

    def run(self) -> None:
        """Play everything that the plan asks for. Harness problems end up in the log, not in an exception."""
        plan = {
            **self._about,
            "profiles": list(self.plan.profiles),
            "cover": self.plan.cover,
            "search": self.plan.search,
            "seed": self.plan.seed,
            "seconds": self.plan.seconds,
            "steps": self.plan.steps,
            **({"requests": self.plan.requests} if self.plan.requests is not None else {}),
            **({"only": sorted(self.plan.only)} if self.plan.only else {}),
            **({"shard": list(self.plan.shard)} if self.plan.shard[1] > 1 else {}),
        }
        versions = {name: version(name) for name in ("sessionproof", "hypothesis")}
        self.emit(events.header(self.statement, versions, plan, self.selected))
        try:
            number, of = self.plan.shard
            everything = self._choose_scopes()
            for at, story in enumerate(STORIES):
                if set(story.needs) <= self.statement.features and at % of == number - 1:
                    self.play(scope_of(story), story.flow, story.name)
            self._first()
            self._requirements()
            for strength in STRENGTHS[: STRENGTHS.index(self.plan.cover) + 1]:
                for scope in self.scopes:
                    self._tour(scope, strength)
            self._search(everything)
        except Stop as stop:
            self._stopped = self._stopped or Problem(str(stop), "", 0)
        self.emit(self._footer())

    def _choose_scopes(self) -> list[Scope]:
        """Leave only the scopes that this run plays; returns those of all its parts."""

        def graph(scope: Scope) -> Graph:
            return self.terrain(scope).graph

        if self.plan.only:
            self.scopes = concerned(self.scopes, graph, self.selected)
        everything = self.scopes
        if self.plan.shard[1] > 1:
            self.scopes = part(everything, graph, *self.plan.shard)
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
        self._drive(scope, generator, lambda _judge, _played: next(steps, None))

    def _drive(
        self, scope: Scope, generator: str, choose: Callable[[Judge, list[Judgement]], Stimulus | None]
    ) -> Judgement | None:
        """Play what is chosen step by step; returns the judgement that ended the flow, or None if it went through."""
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
                self._declined.update(judgement.declined)
                self._shown.update(judgement.variants)
                self.tally.fired.update(judgement.rules)
                self.tally.witnessed.update(judgement.witnessed)
                end = judgement if not judgement.after else None
                self._gives(judgement)
        except HarnessProblem as caught:
            problem = Problem(caught.cause, caught.hint, caught.exit_code, caught.lasting)
        self.tally.flows += 1
        failed = any(judgement.verdict is Verdict.FAIL for judgement in played)
        verdict = Verdict.FAIL if failed and not problem else Verdict.INCONCLUSIVE if problem or end else Verdict.PASS
        self.emit({**events.flow(scope, generator, played, verdict, problem), "spent": self._cost()})
        for at, judgement in enumerate(played):
            ended = judgement is end
            for mismatch in (judgement.mismatches or judgement.outside)[:1] if ended else judgement.mismatches:
                self._deviates(scope, tuple(j.stimulus for j in played[: at + 1]), judgement, mismatch, generator)
        if problem is not None and problem.lasting and stimulus is not None:
            self._leave_out(scope, judge.worlds, stimulus, f"{UNOBSERVABLE} {problem.cause}")
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
            judge = self._judges[scope.name] = Judge(self._network(scope), self.selected, tokens=self.statement.tokens)
        judge.reset()
        return judge

    def _network(self, scope: Scope) -> Network:
        if scope.name not in self._networks:
            self._networks[scope.name] = Network(scope, self.statement.features)
        return self._networks[scope.name]

    def _step(self, judge: Judge, stimulus: Stimulus, distinct: bool = False) -> Judgement:
        """One step, judged. Waiting for whole seconds is dear: at most twice for each rule that they show."""
        waiting = [key for key in judge.timed_rules(stimulus) if self._waits[key] < WAITS]
        judgement = judge.step(stimulus, self.adapter.perform(stimulus, distinct=distinct or bool(waiting)))
        self._waits.update(waiting)
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

    def _leave_out(self, scope: Scope, worlds: tuple[World, ...], stimulus: Stimulus, why: str) -> None:
        """Do this never again, or not here, where it has shown something elsewhere."""
        action = stimulus.action
        if any(given == action for _, given, _ in self._given):
            self.terrain(scope).block(lambda edge: edge.stimulus == stimulus, why, worlds)
            return
        self._left_out[action] = why
        for terrain in self._terrains.values():
            terrain.block(_does(action), why)

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
            self._route_around(scope, judgement, mismatch)
        if mismatch.requirement not in self.selected:
            return
        finding = Finding(mismatch.requirement, scope.name, mismatch, flow, self.tally.steps, generator)
        if known := self.findings.get(finding.key):
            known.met += 1
            return
        self.findings[finding.key] = finding
        terrain = self.terrain(scope)

        def usable(edge: object) -> bool:
            return getattr(edge, "number", -1) not in terrain.unlikely

        if not self._recall(finding):
            investigate(finding, scope, terrain.graph, usable, self._replay, self.adapter.exchanges, self.late)
        self.emit({**events.finding(finding), "spent": self._cost()})
        failed = finding.confirmed and judgement.verdict is Verdict.FAIL
        if self.plan.fail_fast and failed and finding.requirement not in self.plan.accepted:
            raise Stop(f"stopped at the first failure, of {finding.requirement}")

    def _gives(self, judgement: Judgement) -> None:
        """Remember what the target has answered; what it failed to answer before is no longer left out everywhere."""
        stimulus = judgement.stimulus
        new = {(rule, stimulus.action, stimulus.arg) for rule in judgement.rules} - self._given
        if not new:
            return
        self._given |= new
        for deviation in [d for d in self._deviations if d[:3] in new]:
            self._deviations.remove(deviation)
            for terrain in self._terrains.values():
                terrain.unblock(_refuses(deviation))

    def _route_around(self, scope: Scope, judgement: Judgement, mismatch: Mismatch) -> None:
        """Where the target has given the answer before, it depends on what was: only this state is left out then."""
        stimulus, why = judgement.stimulus, f"{ROUTED_AROUND} {mismatch.requirement}"
        deviation = (mismatch.rule, stimulus.action, stimulus.arg, mismatch.requirement)
        if deviation[:3] in self._given:
            self.terrain(scope).block(_refuses(deviation), why, judgement.before)
            return
        self._deviations.append(deviation)
        for terrain in self._terrains.values():
            terrain.block(_refuses(deviation), why)

    # Covers

    def terrain(self, scope: Scope) -> Terrain:
        """The reachable states of a scope, and what is known of the target there."""
        if scope.name not in self._terrains:
            terrain = self._terrains[scope.name] = Terrain(explore(self._network(scope)))
            gc.freeze()  # the graph stays to the end of the run: the collector need not walk it each time
            for deviation in self._deviations:
                terrain.block(_refuses(deviation), f"{ROUTED_AROUND} {deviation[-1]}")
            for action, why in self._left_out.items():
                terrain.block(_does(action), why)
        never = (v for v, times in self._declined.items() if times >= CHANCES and not self._shown[v])
        self._terrains[scope.name].close(frozenset(never))
        return self._terrains[scope.name]

    def _first(self) -> None:
        """A little of everything: one short flow of each scope in turn, so that a small budget reaches all of them."""
        tours = [(scope, self._new_tour(scope, "rules", patience=1)) for scope in self.scopes]
        waiting = list(tours)
        try:
            while waiting:
                for scope, tour in tuple(waiting):
                    if tour.next([scope.start()], fresh=True) is None:
                        waiting.remove((scope, tour))
                    else:
                        self.check_budget(f"rules of {scope.name}")
                        self._cover(scope, tour, FIRST)
        finally:
            for scope, tour in tours:
                self._count(scope, tour)

    def _requirements(self) -> None:
        """What no flow has exercised so far, wherever it can be, before everything else is tried in every way."""
        for scope in self.scopes:
            missing = self.selected - self.tally.witnessed
            rules = {rule.key for rule in self._network(scope).rules() if not missing.isdisjoint(rule.cited)}
            tour = self._new_tour(scope, "rules", only=frozenset(rules))
            while tour.next([scope.start()], fresh=True) is not None:
                self.check_budget(f"requirements in {scope.name}")
                self._cover(scope, tour, FIRST)

    def _tour(self, scope: Scope, strength: Strength) -> None:
        tour = self._new_tour(scope, strength)
        try:
            while tour.next([scope.start()], fresh=True) is not None:
                self.check_budget(f"{strength} of {scope.name}")
                self._cover(scope, tour, LONGEST if self.statement.status else LONGEST_OUTSIDE)
        finally:
            self._count(scope, tour)

    def _new_tour(
        self, scope: Scope, strength: Strength, patience: int = FLOWS, only: frozenset[str] | None = None
    ) -> Tour:
        covered = self.tally.covered.setdefault((strength, scope.name), set())
        return Tour(self.terrain(scope), strength, covered, patience, only)

    def _count(self, scope: Scope, tour: Tour) -> None:
        """Note how much of what the tour can want is covered."""
        terrain = self.terrain(scope)
        unlikely = terrain.unlikely
        wanted = tour.wanted(lambda edge: edge.number not in unlikely)
        self.tally.counts[tour.strength, scope.name] = (len(wanted & tour.covered), len(wanted))

    def _left(self) -> dict[str, str]:
        """Why rules may not have fired on this target: the reason that a run can do something about goes first."""
        reasons: dict[str, set[str]] = {}
        for terrain in self._terrains.values():
            for edge, why in terrain.left():
                for key in edge.rules:
                    reasons.setdefault(key, set()).add(why)

        def order(why: str) -> tuple[bool, bool, bool, str]:
            return why != LEFT, ROUTED_AROUND not in why, why == BEHIND, why

        return {key: min(found, key=order) for key, found in reasons.items()}

    def _cover(self, scope: Scope, tour: Tour, longest: int) -> None:
        def choose(judge: Judge, played: list[Judgement]) -> Stimulus | None:
            if played:
                last = played[-1]
                tour.took(last.before, last.stimulus, last.rules, last.after)
            if len(played) >= longest or self.over_budget():
                return None
            return tour.next(judge.worlds, fresh=False)

        end = self._drive(scope, tour.name, choose)
        if end is not None:
            tour.took(end.before, end.stimulus, tuple(m.rule for m in end.mismatches[:1]), ())
        self.terrain(scope)

    def _cost(self) -> Event:
        """What the run cost so far."""
        effort = self.adapter.effort()
        seconds = {"waited": effort.waited, "paused": effort.paused, "total": self._now() - self._start}
        return {"requests": effort.requests, "seconds": {name: round(value, 3) for name, value in seconds.items()}}

    def _footer(self) -> Event:
        coverage = {
            strength: {scope: list(counts) for (kind, scope), counts in self.tally.counts.items() if kind == strength}
            for strength in STRENGTHS
        }
        played = {scope.name for scope in self.scopes}
        rules = {rule.key for scope in self.scopes for rule in self._network(scope).rules()}
        stopped, left = self._stopped, self._left()
        return {
            "event": "footer",
            "flows": self.tally.flows,
            "steps": self.tally.steps,
            "stopped": stopped.cause if stopped else "",
            "exit_code": stopped.exit_code if stopped else 0,
            "coverage": coverage,
            "states": {
                name: [len(t.visited), len(t.within_reach())] for name, t in self._terrains.items() if name in played
            },
            "rules": [len(self.tally.fired & rules), len(rules)],
            "unfired": sorted([key, left.get(key, NOT_HERE)] for key in rules - self.tally.fired),
            **(self._for_merging(rules) if self.plan.shard[1] > 1 else {}),
            "choices": sorted([*v, seen, self._declined[v]] for v, seen in self._shown.items()),
            "findings": [[f.requirement, f.met, f.confirmed] for f in self.findings.values()],
            **self._cost(),
        }

    def _for_merging(self, rules: set[str]) -> Event:
        """What the footer of a whole run needs to know of its parts."""
        declined = sorted([*choice, times] for choice, times in self._declined.items())
        return {"fired": sorted(self.tally.fired & rules), "declined": declined}


def selected(statement: Statement, profiles: Iterable[str]) -> frozenset[str]:
    """The requirements that count: of a chosen profile, at a layer under test, and of a feature that is offered."""
    return frozenset(
        r.id
        for r in BY_ID.values()
        if r.profile in profiles and r.layer in statement.layers and (not r.needs or r.needs in statement.features)
    )


def offered(scope: Scope, statement: Statement) -> bool:
    """Whether the target offers anything that a scope is about."""
    profile = profile_of(scope)
    needs = {r.needs for r in BY_ID.values() if r.profile == profile}
    return (
        scope.needs <= statement.features
        and statement.apps.issuperset(scope.apps)
        and ("" in needs or bool(needs & statement.features))
    )


def scope_of(story: Story) -> Scope:
    """The scope that a story lives in."""
    return next(s for s in SCOPES if s.name == story.scope)


def _refuses(deviation: tuple[str, str, str, str]) -> Callable[[Edge], bool]:
    """Which edges need the answer in which the target deviates."""
    rule, action, arg, _ = deviation
    return lambda edge: edge.stimulus.action == action and edge.stimulus.arg == arg and rule in edge.rules


def _does(action: str) -> Callable[[Edge], bool]:
    """Which edges are steps of this action."""
    return lambda edge: edge.stimulus.action == action

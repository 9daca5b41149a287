"""Plays flows on a target and writes down what happened: stories first, then covers of rising strength, then search.

The only place besides the adapters that does something to the outside. A failing flow is investigated at once: replayed,
shrunk, confirmed. The fault is then one finding, its edges of the model are routed around, and the cover goes on.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope
from sessionproof.model.stories import STORIES, Story
from sessionproof.model.vocabulary import Stimulus

from .adapter import Adapter, Statement
from .adapters.problems import HarnessProblem
from .flow import flow_id, flow_json
from .generate.cover import STRENGTHS, Strength, Tour
from .judge import Judge
from .runlog import Event
from .shrink import Flow, Shrinker
from .verdict import Judgement, Mismatch, Verdict

LONGEST = 300
"""Steps after which a tour starts again in fresh browsers."""
CHANCES = 2
"""How often a target must have declined a choice (MAY) before covers stop waiting for it."""
PROBLEMS = 3
"""Harness problems in a row after which a run stops: the target is gone, and asking again proves nothing."""


@dataclass(frozen=True)
class Plan:
    """What to run. `seconds`: stop starting new work after so long (None: never). `search`: flows of property-based search."""

    profiles: tuple[str, ...]
    cover: Strength = "transitions"
    search: int = 100
    seed: int = 0
    seconds: float | None = None


@dataclass
class Finding:
    """One fault: the requirement, the shortest flow that shows it, and how many flows met it."""

    requirement: str
    scope: str
    mismatch: Mismatch
    flow: Flow
    found_after: int
    generator: str
    confirmed: bool
    met: int = 1
    judgements: tuple[Judgement, ...] = ()
    exchanges: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes two failures the same fault: the requirement, and what was done to see it."""
        return self.requirement, self.flow[-1].arg if self.flow[-1].action in ("wrong token", "redeem wrongly") else ""


class Stop(Exception):  # noqa: N818 - not an error
    """The run ends here; the reason is in the log."""


@dataclass
class Tally:
    """What a run has covered so far, per strength and scope."""

    steps: int = 0
    flows: int = 0
    covered: dict[tuple[str, str], set[Hashable]] = field(default_factory=dict)
    wanted: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


class Runner:
    """One run of one plan on one adapter; `emit` gets every event of the run log, in order."""

    def __init__(self, adapter: Adapter, plan: Plan, emit: Callable[[Event], None], now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is contacted yet."""
        self.adapter = adapter
        self.plan = plan
        self.emit = emit
        self.tally = Tally()
        self.findings: dict[tuple[str, str], Finding] = {}
        self.statement: Statement = adapter.declare()
        self.selected = selected(self.statement, plan.profiles)
        self.scopes = [s for s in SCOPES if profile_of(s) in plan.profiles and _offered(s, self.statement)]
        self._now, self._start = now, now()
        self._chances: Counter[tuple[str, str]] = Counter()
        self._shown: Counter[tuple[str, str]] = Counter()
        self._judges: dict[str, Judge] = {}
        self._graphs: dict[tuple[str, frozenset[tuple[str, str]]], Graph] = {}
        self._blocked: set[tuple[str, str, str]] = set()
        self._problems = 0
        self._stopped = ""

    # The whole run

    def run(self) -> None:
        """Play everything that the plan asks for. Harness problems end up in the log, not in an exception."""
        self.emit(self._header())
        try:
            for story in STORIES:
                if set(story.needs) <= self.statement.features and story.scope.partition(":")[0] in ("core", *self.plan.profiles):
                    self._story(story)
            for strength in STRENGTHS[: STRENGTHS.index(self.plan.cover) + 1]:
                for scope in self.scopes:
                    self._tour(scope, strength)
            self._search()
        except Stop as stop:
            self._stopped = str(stop)
        except HarnessProblem as problem:
            self._stopped = problem.cause
            self.emit({"event": "problem", "cause": problem.cause, "hint": problem.hint})
        self.emit(self._footer())

    def _story(self, story: Story) -> None:
        scope = next(s for s in SCOPES if s.name == story.scope)
        self.play(scope, story.flow, story.name)

    def _search(self) -> None:
        from .generate.search import search  # hypothesis takes half a second to import

        for at, scope in enumerate(self.scopes):
            self.check_budget(f"property-based search from {scope.name} on")
            search(self, scope, self.plan.search // max(1, len(self.scopes)), self.plan.seed + at)

    def check_budget(self, rest: str) -> None:
        """Raise Stop when the time is used up; `rest` says what is left then."""
        if self.over_budget():
            raise Stop(f"the time budget of {self.plan.seconds:g} s was used up before: {rest}")

    def over_budget(self) -> bool:
        """Whether the plan's time is used up."""
        return self.plan.seconds is not None and self._now() - self._start > self.plan.seconds

    # One flow

    def judge(self, scope: Scope) -> Judge:
        """The judge of a scope, reset; there is one per scope, so that it has to work out every outcome only once."""
        judge = self._judges.get(scope.name)
        if judge is None:
            judge = self._judges[scope.name] = Judge(Network(scope, self.statement.features), self.selected)
        judge.reset()
        return judge

    def play(self, scope: Scope, flow: Iterable[Stimulus], generator: str) -> Judgement | None:
        """Play a given flow; returns the judgement that ended it, or None when it went through."""
        pending = list(flow)
        return self._drive(scope, generator, lambda judge, played: pending[len(played)] if len(played) < len(pending) else None)

    def _drive(self, scope: Scope, generator: str, choose: Callable[[Judge, list[Judgement]], Stimulus | None]) -> Judgement | None:
        judge, played, problem = self.judge(scope), list[Judgement](), None
        end: Judgement | None = None
        exchanges: list[tuple[dict[str, Any], ...]] = []
        try:
            self.adapter.reset(scope)
            while (stimulus := choose(judge, played)) is not None and judge.possible(stimulus):
                step = self.adapter.perform(stimulus)
                judgement = judge.step(stimulus, step.observation)
                played.append(judgement)
                exchanges.append(step.exchanges)
                self._learn(judgement)
                if judgement.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
                    end = judgement
                    break
            self._problems = 0
        except HarnessProblem as caught:
            problem = caught
        flow = tuple(j.stimulus for j in played)
        self.tally.flows += 1
        self.tally.steps += len(flow)
        self.emit(_flow_event(scope, flow, played, generator, problem, end))
        if problem is not None:
            self._after_problem(problem)
        self._warnings(scope, flow, played, generator)
        if end is not None:
            self._investigate(scope, flow, end, generator)
        return end

    def _learn(self, judgement: Judgement) -> None:
        self._chances.update(judgement.chances)
        self._shown.update(judgement.variants)

    def _after_problem(self, problem: HarnessProblem) -> None:
        self._problems += 1
        if self._problems >= PROBLEMS:
            self.emit({"event": "problem", "cause": problem.cause, "hint": problem.hint})
            raise Stop(f"{PROBLEMS} problems in a row, the last one: {problem.cause}")

    # Failures

    def _warnings(self, scope: Scope, flow: Flow, played: list[Judgement], generator: str) -> None:
        for at, judgement in enumerate(played):
            for mismatch in judgement.mismatches if judgement.verdict is Verdict.WARNING else ():
                self._investigate(scope, flow[: at + 1], judgement._replace(mismatches=(mismatch,)), generator)

    def _investigate(self, scope: Scope, flow: Flow, end: Judgement, generator: str) -> None:
        mismatch = end.mismatches[0] if end.mismatches else Mismatch("", "", "trace 1", "an answer that the model knows", str(end.observation.trace))
        finding = Finding(mismatch.requirement, scope.name, mismatch, flow, self.tally.steps, generator, False)
        if mismatch.rule and end.verdict is not Verdict.WARNING:
            self._blocked.add((mismatch.rule, end.stimulus.action, end.stimulus.arg))
        if known := self.findings.get(finding.key):
            known.met += 1
            return
        self.findings[finding.key] = finding
        shrinker = Shrinker(self.graph(scope), lambda candidate: self._fails(scope, candidate, mismatch))
        if self._fails(scope, flow, mismatch):
            finding.flow = shrinker.shrink(flow)
            finding.confirmed = all(self._fails(scope, finding.flow, mismatch, finding) for _ in range(2))
        self.emit(_finding_event(finding))

    def _fails(self, scope: Scope, flow: Flow, mismatch: Mismatch, keep: Finding | None = None) -> bool:
        """Whether the last step of `flow`, and no step before it, breaks the same requirement again."""
        judge, played, exchanges = self.judge(scope), list[Judgement](), list[dict[str, Any]]()
        try:
            self.adapter.reset(scope)
            for at, stimulus in enumerate(flow):
                if not judge.possible(stimulus):
                    return False
                step = self.adapter.perform(stimulus)
                exchanges += [{**exchange, "step": at + 1} for exchange in step.exchanges]
                played.append(judge.step(stimulus, step.observation))
                same = any(m.requirement == mismatch.requirement for m in played[-1].mismatches)
                if at == len(flow) - 1 and same:
                    if keep:
                        found = next(m for m in played[-1].mismatches if m.requirement == mismatch.requirement)
                        keep.mismatch, keep.judgements, keep.exchanges = found, tuple(played), tuple(exchanges)
                    return True
                if played[-1].verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
                    return False
        except HarnessProblem:
            return False
        return False

    # Covers

    def graph(self, scope: Scope) -> Graph:
        """The reachable states of a scope, without the choices that this target is known not to make."""
        closed = frozenset(v for v, times in self._chances.items() if times >= CHANCES and not self._shown[v] and v[1] in scope.apps)
        key = (scope.name, closed)
        if key not in self._graphs:
            self._graphs[key] = explore(Network(scope, self.statement.features, closed))
        return self._graphs[key]

    def _tour(self, scope: Scope, strength: Strength) -> None:
        graph = self.graph(scope)
        covered = self.tally.covered.setdefault((strength, scope.name), set())
        while True:
            tour = Tour(graph, strength, covered, self.is_blocked)
            self._cover(scope, tour)
            if (now := self.graph(scope)) is graph:
                break
            graph = now  # a choice that seemed closed was made after all: plan again, with what it opens
            if strength == "transitions":
                covered.clear()
        missing = tour.missing()
        self.tally.wanted[strength, scope.name] = (len(tour.wanted) - len(missing), len(tour.wanted))

    def _cover(self, scope: Scope, tour: Tour) -> None:
        while True:
            self.check_budget(f"{tour.strength} of {scope.name}")
            first = tour.next([scope.start()], fresh=True)
            if first is None:
                return

            def choose(judge: Judge, played: list[Judgement]) -> Stimulus | None:
                if played:
                    last = played[-1]
                    tour.took(last.before, last.stimulus, last.rules, last.after)
                return tour.next(judge.worlds, fresh=not played) if len(played) < LONGEST else None

            end = self._drive(scope, tour.name, choose)
            if end is not None:
                tour.took(end.before, end.stimulus, (end.mismatches[0].rule,) if end.mismatches else (), ())

    def is_blocked(self, edge: Edge) -> bool:
        """Whether an edge needs an answer in which this target is known to deviate."""
        if not self._blocked:
            return False
        action, arg = edge.stimulus.action, edge.stimulus.arg
        return any((rule.key, action, arg) in self._blocked for rule in edge.outcome.rules)

    # The ends of the log

    def _header(self) -> Event:
        s = self.statement
        return {
            "event": "header",
            "version": 1,
            "target": {
                "name": s.name, "role": s.role, "version": s.version, "layers": sorted(s.layers),
                "features": sorted(s.features), "status": s.status,
            },
            "profiles": list(self.plan.profiles),
            "selected": sorted(self.selected),
            "cover": self.plan.cover,
            "seed": self.plan.seed,
            "seconds": self.plan.seconds,
        }  # fmt: skip

    def _footer(self) -> Event:
        effort = self.adapter.effort()
        coverage = {
            strength: {scope: list(counts) for (kind, scope), counts in self.tally.wanted.items() if kind == strength}
            for strength in STRENGTHS
        }
        return {
            "event": "footer",
            "flows": self.tally.flows,
            "steps": self.tally.steps,
            "stopped": self._stopped,
            "coverage": coverage,
            "choices": sorted([*v, times, self._shown[v]] for v, times in self._chances.items()),
            "findings": [[f.requirement, f.met, f.confirmed] for f in self.findings.values()],
            "requests": effort.requests,
            "seconds": {"waited": round(effort.waited, 3), "total": round(self._now() - self._start, 3)},
        }


def selected(statement: Statement, profiles: Iterable[str]) -> frozenset[str]:
    """The requirements that count: of a chosen profile, at a layer under test, and of a feature that is offered."""
    return frozenset(
        r.id
        for r in BY_ID.values()
        if r.profile in profiles and r.layer in statement.layers and (not r.needs or r.needs in statement.features)
    )


def _offered(scope: Scope, statement: Statement) -> bool:
    profile = profile_of(scope)
    needs = {r.needs for r in BY_ID.values() if r.profile == profile}
    return "" in needs or bool(needs & statement.features)


def _flow_event(scope: Scope, flow: Flow, played: list[Judgement], generator: str, problem: HarnessProblem | None, end: Judgement | None) -> Event:
    return {
        "event": "flow",
        "id": flow_id(scope.name, list(flow)),
        "scope": scope.name,
        "generator": generator,
        "verdict": "inconclusive" if problem else str(end.verdict) if end else "pass",
        **({"cause": problem.cause, "hint": problem.hint} if problem else {}),
        "steps": [_step_event(j) for j in played],
    }


def _step_event(judgement: Judgement) -> Event:
    event: Event = {
        "do": [v for v in judgement.stimulus],
        "trace": list(judgement.observation.trace),
        "facets": judgement.observation.facets,
        "verdict": str(judgement.verdict),
        "witnessed": list(judgement.witnessed),
    }
    if judgement.mismatches:
        event["mismatches"] = [m._asdict() for m in judgement.mismatches]
    if judgement.outside:
        event["outside"] = [m._asdict() for m in judgement.outside]
    return event


def _finding_event(finding: Finding) -> Event:
    return {
        "event": "finding",
        "requirement": finding.requirement,
        "confirmed": finding.confirmed,
        "mismatch": finding.mismatch._asdict(),
        "generator": finding.generator,
        "found_after": finding.found_after,
        "flow": flow_json(finding.scope, list(finding.flow), finding.requirement),
        "steps": [_step_event(j) for j in finding.judgements],
        "exchanges": list(finding.exchanges),
    }

"""Whether shrunk flows are as short as the shortest flow that exists.

    benchmarks/shrinking.py [--every N]

Targets are the model itself with one rule altered (every Nth alteration). A random flow that fails there is shrunk as
in a run; the shortest flow that fails by the same requirement is found by exhaustive search, breadth first over all
that the judge and the target can be in.
"""

import argparse
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from sessionproof.conformance.adapter import Effort, Statement
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.alterations import Alteration, alterations, altered
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.requirements import PROFILES
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import Observation, Stimulus

NAMES = ("core: ID token", "silent", "logout-rp", "sso", "mfa", "consent: after a logout", "reauth")
"""Scopes in which it is measured; of each the same share of alterations."""
FLOWS, LENGTH = 40, 60
"""Random flows that are tried on each target, and their steps."""
LAYERS = frozenset({"APP", "AS", "IDP", "SYS"})


class Target:
    """Answers as altered tables say. Where these leave a choice, the altered rule is taken, else the first one."""

    def __init__(self, scope: Scope, alteration: Alteration) -> None:
        """The tables must be altered as long as it is used."""
        self._network, self._rule = Network(scope, FEATURES), alteration.rule
        self.world: World = scope.start()

    def declare(self) -> Statement:
        """All features, everything told."""
        return Statement("altered", "model", LAYERS, FEATURES, tuple(PROFILES), status=True)

    def reset(self, scope: Scope) -> None:
        """Back to the start."""
        self.world = scope.start()

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """Answer by the altered tables; a hole in them is an answer, too."""
        del distinct
        outcomes = self._network.step(self.world, stimulus)
        if not outcomes:
            return Observation(("nothing",), {})
        outcome = next((o for o in outcomes if self._rule in o.rules), outcomes[0])
        self.world = outcome.after
        return Observation(
            tuple("".join(e.allowed[:1]).replace("*", "of some kind") for e in outcome.trace),
            {name: "".join(e.allowed[:1]) for name, e in outcome.facets.items()},
        )

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """None: there is no HTTP."""
        return ()

    def effort(self) -> Effort:
        """Nothing worth mentioning."""
        return Effort()

    def close(self) -> None:
        """Nothing is open."""


class Result(NamedTuple):
    """One fault: the steps of the failing flow, of the shrunk one, and of the shortest."""

    name: str
    failing: int
    shrunk: int
    shortest: int


def random_flow(judge: Judge, target: Target, draw: random.Random) -> tuple[Stimulus, ...]:
    """A random flow whose last step fails; empty if none was found."""
    for _ in range(FLOWS):
        judge.reset()
        target.reset(judge.network.scope)
        flow: list[Stimulus] = []
        while len(flow) < LENGTH:
            possible = [s for s in judge.network.enabled(judge.worlds[0]) if judge.possible(s)]
            flow.append(draw.choice(possible))
            judgement = judge.step(flow[-1], target.perform(flow[-1]))
            if judgement.verdict is Verdict.FAIL:
                return tuple(flow)
            if not judgement.after:
                break
    return ()


def shortest(judge: Judge, target: Target, requirement: str, limit: int) -> int:
    """Steps of the shortest flow that fails by this requirement; `limit` if there is none below it."""
    start = (judge.network.scope.start(),), judge.network.scope.start()
    level, met = [start], {start}
    for depth in range(1, limit):
        ahead = []
        for worlds, world in level:
            judge.worlds = worlds
            for stimulus in [s for s in judge.network.enabled(worlds[0]) if judge.possible(s)]:
                judge.worlds, target.world = worlds, world
                judgement = judge.step(stimulus, target.perform(stimulus))
                if any(m.requirement == requirement for m in judgement.mismatches):
                    return depth
                place = judgement.after, target.world
                if judgement.after and judgement.verdict is not Verdict.FAIL and place not in met:
                    met.add(place)
                    ahead.append(place)
        level = ahead
    return limit


def measure(scope: Scope, alteration: Alteration, seed: int) -> Result | None:
    """Find, shrink and search; None where no random flow fails or what failed is not confirmed."""
    found: list[Event] = []
    plain = Network(scope, FEATURES)
    runner = Runner(Target(scope, alteration), Plan(tuple(PROFILES), search=0), found.append)
    judge = Judge(plain, runner.selected)
    for world in runner.terrains.terrain(scope).graph.states:  # before the tables are altered
        for stimulus in plain.enabled(world):
            plain.step(world, stimulus)
    with altered(alteration):
        target = Target(scope, alteration)
        runner.adapter = target
        flow = random_flow(judge, target, random.Random(seed))
        if not flow:
            return None
        runner.play(scope, flow, "random")
        findings = [event for event in found if event["event"] == "finding" and event["confirmed"]]
        if not findings:
            return None
        steps = findings[0]["flow"]["steps"]
        least = shortest(judge, target, findings[0]["requirement"], len(steps))
        return Result(f"{scope.name}: {alteration.name}", len(flow), len(steps), least)


def results(every: int) -> Iterator[Result]:
    """One after the other."""
    for name in NAMES:
        scope = next(scope for scope in SCOPES if scope.name == name)
        for at, alteration in enumerate(list(alterations(scope, FEATURES))[::every]):
            if result := measure(scope, alteration, at):
                yield result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=23)
    found = list(results(parser.parse_args().every))
    for result in found:
        if result.shrunk > result.shortest:
            print(f"{result.shrunk} steps, {result.shortest} are enough: {result.name}")
    right = sum(result.shrunk == result.shortest for result in found)
    mean = [sum(values) / len(found) for values in zip(*(r[1:] for r in found), strict=True)]
    print(f"{len(found)} faults: failing flows of {mean[0]:.1f} steps, shrunk to {mean[1]:.2f}, shortest {mean[2]:.2f}")
    print(f"as short as can be: {right} of {len(found)} ({100 * right / len(found):.0f} %)")


if __name__ == "__main__":
    main()

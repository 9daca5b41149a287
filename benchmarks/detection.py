"""How many steps until a faulty copy of the reference is noticed: the suite's order of flows against random ones.

    benchmarks/detection.py [--every N] [--cap STEPS] [--seed N]

Every copy (or every Nth) is played by the suite as `sessionproof run` does it, by uniformly random flows from the same
scopes of the model and from its whole vocabulary at once, and by a plain hypothesis state machine over the scopes, all
profiles each. What counts is the first step whose answer is judged wrong; nothing is shrunk. Prints medians, 90th
percentiles, means and the share never found within the cap.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sessionproof.conformance.adapters.in_process import PROFILES, InProcessAdapter
from sessionproof.conformance.errors import HarnessProblem
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.mutants.catalogue import MUTANTS
from sessionproof.conformance.mutants.mutant import Mutant
from sessionproof.conformance.plan import Plan, offered, selected
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.model.network import Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus
from sessionproof.model.wide import TICKS

LENGTH = 50
"""Steps of a random flow; also what hypothesis takes where nothing else is said."""
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


NATIVE_ALONE = "ask from another port"
"""What means something for native applications only."""
EVERYTHING = Scope(
    "core: everything",
    tuple(dict.fromkeys(action for scope in SCOPES for action in scope.actions if action != NATIVE_ALONE)),
    apps=("shop", "outlet"),
    provider_users=("alice", "bob"),
    browsers=2,
    tabs=2,
    **{
        ticks: max(getattr(scope, ticks) for scope in SCOPES)
        for ticks in (*TICKS, "remembered_idle", "remembered_absolute")
    },
    notifies="back channel",
    remembers=True,
)
"""The whole vocabulary: no scope of the suite, since nobody could explore it."""


class Caught(BaseException):
    """A step was judged wrong. Not an Exception: nothing on the way may take it for one of its own."""

    def __init__(self, steps: int) -> None:
        """`steps`: how many had been taken, this one included."""
        self.steps = steps


@cache
def judge_of(scope: Scope, features: frozenset[str], chosen: frozenset[str]) -> Judge:
    """One for all copies that a process plays: it works out every outcome of the model only once."""
    return Judge(Network(scope, features), chosen)


class Random:
    """Plays single steps on a mutant and counts them."""

    def __init__(self, mutant: Mutant | None, cap: int, scopes: Sequence[Scope] = SCOPES) -> None:
        """Nothing is played yet. Without a mutant it is the reference that plays."""
        self.adapter = InProcessAdapter(mutant.rules, mutant.name) if mutant else InProcessAdapter()
        statement = self.adapter.declare()
        chosen = selected(statement, PROFILES)
        self.scopes = [scope for scope in scopes if offered(scope, statement)]
        self.judges = {s.name: judge_of(s, statement.features, chosen) for s in self.scopes}
        self.steps, self.cap = 0, cap
        self.judge = next(iter(self.judges.values()))

    def begin(self, scope: Scope) -> None:
        """A new flow."""
        self.judge = self.judges[scope.name]
        self.judge.reset()
        self.adapter.reset(scope)

    def possible(self) -> list[Stimulus]:
        """What can be done now."""
        return [s for s in self.judge.network.enabled(self.judge.worlds[0]) if self.judge.possible(s)]

    def step(self, stimulus: Stimulus) -> bool:
        """Take a step; False if the flow cannot go on. Raises Caught, also when the cap is reached (0 steps)."""
        self.steps += 1
        try:
            observation = self.adapter.perform(stimulus, distinct=True)
        except HarnessProblem:  # some copies are too broken for it; the flow ends there, as in a run
            return False
        judgement = self.judge.step(stimulus, observation)
        if judgement.mismatches:
            raise Caught(self.steps)
        if self.steps >= self.cap:
            raise Caught(0)
        return bool(judgement.after)


def backbone(mutant: Mutant, cap: int, seed: int) -> int:
    """The suite's own flows, in their order."""

    def emit(event: Event) -> None:
        for at, step in enumerate(event["steps"] if event["event"] == "flow" else ()):
            if step.get("mismatches"):
                raise Caught(runner.tally.steps - len(event["steps"]) + at + 1)

    runner = Runner(InProcessAdapter(mutant.rules, mutant.name), Plan(PROFILES, seed=seed, steps=cap), emit)
    runner.run()
    return 0


def uniform(mutant: Mutant, cap: int, seed: int) -> int:
    """In a scope drawn at random, whatever is possible, all with the same chance."""
    draw, play = random.Random(seed), Random(mutant, cap)
    while True:
        play.begin(draw.choice(play.scopes))
        for _ in range(LENGTH):
            if not play.step(draw.choice(play.possible())):
                break


def everything(mutant: Mutant, cap: int, seed: int) -> int:
    """The same from the whole vocabulary. What the reference fails too, the model does not know in this company."""
    draw, play = random.Random(seed), Random(mutant, cap, (EVERYTHING,))
    while True:
        play.begin(EVERYTHING)
        flow: list[Stimulus] = []
        try:
            while len(flow) < LENGTH:
                flow.append(draw.choice(play.possible()))
                if not play.step(flow[-1]):
                    break
        except Caught as caught:
            if not caught.steps or not _fails(flow):
                raise


def _fails(flow: Sequence[Stimulus]) -> bool:
    """Whether the reference, which has no fault, is judged wrong at some step of this flow."""
    play = Random(None, len(flow) + 1, (EVERYTHING,))
    play.begin(EVERYTHING)
    try:
        return not all(play.judge.possible(stimulus) and play.step(stimulus) for stimulus in flow)
    except Caught:
        return True


def plain_hypothesis(mutant: Mutant, cap: int, seed: int) -> int:
    """A state machine as one writes it with hypothesis: each rule does something that is possible."""
    play = Random(mutant, cap)

    class Flows(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.going = True

        @initialize(scope=st.sampled_from(play.scopes))
        def begin(self, scope: Scope) -> None:
            play.begin(scope)

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            self.going = self.going and play.step(data.draw(st.sampled_from(play.possible())))

    options = settings(
        max_examples=cap, deadline=None, database=None, phases=[Phase.generate], stateful_step_count=LENGTH,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while True:
        with suppress(Flaky):  # a faulty copy may answer the same flow otherwise, which hypothesis gives up at
            run_state_machine_as_test(seeded(seed)(Flows), settings=options)
        seed += 1


STRATEGIES: dict[str, Callable[[Mutant, int, int], int]] = {
    "the suite": backbone,
    "uniformly random": uniform,
    "random, everything": everything,
    "plain hypothesis": plain_hypothesis,
}


def measure(job: tuple[str, str, int, int]) -> int:
    """Steps until one strategy catches one mutant; 0 if it does not within the cap."""
    strategy, name, cap, seed = job
    try:
        return STRATEGIES[strategy](BY_NAME[name], cap, seed)
    except Caught as caught:
        return caught.steps


def line(strategy: str, found: list[int], cap: int) -> str:
    """What one strategy needed."""
    never = sum(not n for n in found)
    parts = [f"{name} {'>' if value == cap else ' '}{value:6,.0f}" for name, value in measures(found, cap).items()]
    return f"{strategy:18} {'   '.join(parts)}   never found {never} of {len(found)} ({100 * never / len(found):.0f} %)"


def measures(found: list[int], cap: int) -> dict[str, float]:
    """Of the steps of all copies; what was never found counts as the cap."""
    steps = sorted(n or cap for n in found)
    tenth = steps[min(len(steps) - 1, round(0.9 * len(steps)))]
    return {"median": statistics.median(steps), "90th percentile": tenth, "mean": statistics.mean(steps)}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--cap", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="one line for each copy")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    said = arguments()
    names = list(BY_NAME)[:: said.every]
    found: dict[str, list[int]] = {strategy: [] for strategy in STRATEGIES}
    with ProcessPoolExecutor() as pool:
        for strategy in STRATEGIES:
            jobs = [(strategy, name, said.cap, said.seed) for name in names]
            for name, steps in zip(names, _shown(pool.map(measure, jobs), strategy, len(names)), strict=True):
                found[strategy].append(steps)
                if said.verbose:
                    print(f"{strategy:18} {name:60} {steps or 'never'}", flush=True)
    print(f"steps until caught, {len(names)} faulty copies, all profiles, at most {said.cap:,} steps each")
    for strategy in STRATEGIES:
        print(line(strategy, found[strategy], said.cap))
    suite, *others = (measures(found[strategy], said.cap) for strategy in STRATEGIES)
    for strategy, other in zip(list(STRATEGIES)[1:], others, strict=True):
        times = ", ".join(f"{other[name] / suite[name]:.1f} ({name})" for name in suite)
        print(f"{strategy} needs so many times the steps of the suite: {times}")


def _shown(results: Iterator[int], strategy: str, of: int) -> Iterator[int]:
    for at, result in enumerate(results, 1):
        if sys.stderr.isatty():
            print(f"\r{strategy}: {at} of {of} ", end="", file=sys.stderr, flush=True)
        yield result


if __name__ == "__main__":
    main()

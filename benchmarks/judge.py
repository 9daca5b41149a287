"""How many steps a second the judge follows, on flows that were recorded from the reference in process."""

import gc
import time
from collections import deque

from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.plan import Plan, selected
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.model.network import Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Observation, Stimulus

Step = tuple[Stimulus, Observation]


def record() -> tuple[list[tuple[str, list[Step]]], Runner]:
    """Flows of the covers of two profiles, as (scope, steps)."""
    flows: list[tuple[str, list[Step]]] = []

    def emit(event: Event) -> None:
        if event["event"] == "flow":
            steps = [(Stimulus(*s["do"]), Observation(tuple(s["trace"]), s["facets"])) for s in event["steps"]]
            flows.append((event["scope"], steps))

    runner = Runner(InProcessAdapter(), Plan(("core", "logout-rp"), cover="transitions", search=0, steps=12_000), emit)
    runner.run()
    return flows, runner


def main() -> None:
    """Record, judge again without a target, and print."""
    flows, runner = record()
    chosen = selected(runner.statement, runner.plan.profiles)
    scopes = {scope.name: scope for scope in SCOPES}
    judges = {name: Judge(Network(scopes[name], runner.statement.features), chosen) for name, _ in flows}
    gc.collect()
    gc.freeze()  # as the runner does; else the collector walks the recorded flows again and again
    count = sum(len(steps) for _, steps in flows)
    start = time.perf_counter()
    for name, steps in flows:
        judge = judges[name]
        judge.reset()
        for stimulus, seen in steps:
            judge.step(stimulus, seen)
    judging = time.perf_counter() - start
    start = time.perf_counter()
    for _, steps in flows:
        deque(((hash(stimulus), len(seen.facets)) for stimulus, seen in steps), maxlen=0)
    bare = time.perf_counter() - start
    print(f"judge: {count} steps, {count / judging:,.0f} a second; a bare loop {count / bare:,.0f} a second,")
    print(f"       ratio {judging / bare:.0f}")


if __name__ == "__main__":
    main()

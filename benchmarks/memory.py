"""Peak memory of generated flows in process: after 10,000 steps, and after 100,000. Takes some minutes."""

import resource
import sys

from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.generate.search import search
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner

FEW, MANY = 10_000, 100_000


def peak() -> int:
    """Peak resident memory of this process in KiB (Linux counts in KiB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


def main() -> None:
    """Draw flows over every scope in turn until enough steps were played, and print both peaks."""
    results, seen = Results(), dict[int, int]()

    def emit(event: Event) -> None:
        results.add(event)
        for limit in (FEW, MANY):
            if runner.tally.steps >= limit:
                seen.setdefault(limit, peak())

    runner = Runner(InProcessAdapter(), Plan(("core", "sso", "silent", "logout-rp"), steps=MANY), emit)
    seed = 0
    while runner.tally.steps < MANY:
        for scope in runner.scopes:
            search(runner, scope, 100, seed)
            seed += 1
    print(f"memory: {seen[FEW] // 1024} MiB after {FEW:,} steps, {seen[MANY] // 1024} MiB after {MANY:,},")
    print(f"        ratio {seen[MANY] / seen[FEW]:.3f}")


if __name__ == "__main__":
    main()

"""Certifies the reference over HTTP while one request in fifty meets a random fault, and counts what comes of it.

faults.py [-n RUNS] [--first SEED]

A fault: the connection is reset before anything was done, or when the answer is ready; 503; an answer that comes late,
by anything up to the limit. Then copies of the reference with a known fault of their own, likewise: what they do wrong
must never pass. Exit code 1 if a run says what is not so: a conforming server failed, or a wrong one passed.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the faulty server is that of the tests

from sessionproof.conformance.adapters.again import Again  # noqa: E402
from sessionproof.conformance.certify import certify  # noqa: E402
from sessionproof.conformance.errors import HarnessProblem  # noqa: E402
from sessionproof.conformance.mutants.server import (  # noqa: E402
    CodesAreNeverUsedUp,
    FirstLoginTimeStays,
    GuestIsSomebody,
    KnownUserNeedsNoPassword,
    WrongPasswordLocksOut,
)
from sessionproof.conformance.opening import open_target  # noqa: E402
from sessionproof.conformance.plan import Plan  # noqa: E402
from sessionproof.conformance.runlog import Event  # noqa: E402
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions  # noqa: E402

from tests.conformance.command import CANARIES  # noqa: E402
from tests.conformance.faults import Faulty, now_and_then  # noqa: E402
from tests.conformance.serving import serving, target_file  # noqa: E402

ONE_IN = 50
LIMIT = 1.0
"""Seconds for one request, and by which an answer is late at most."""
PLAN = Plan((), cover="rules", search=0, steps=60)
WRONG: dict[str, type[ProviderDecisions]] = {
    "AS-03": WrongPasswordLocksOut,
    "AS-04": KnownUserNeedsNoPassword,
    "AS-12": FirstLoginTimeStays,
    "AS-01": GuestIsSomebody,
    "AS-22": CodesAreNeverUsedUp,
}


class Outcome(NamedTuple):
    """What a run came to: its verdict, its requirements', its flows, the causes of trouble, and the faults it met."""

    verdict: str
    requirements: dict[str, str]
    flows: Counter[str]
    causes: Counter[str]
    again: int
    faults: Counter[str]
    requests: int


def run(seed: int, one_in: int = ONE_IN, decisions: type[ProviderDecisions] = ProviderDecisions) -> Outcome:
    """One run with faults drawn from `seed`."""
    befores: list[Faulty] = []

    def around(app: object) -> Faulty:
        befores.append(Faulty(app, now_and_then(seed, one_in, LIMIT)))  # type: ignore[arg-type]
        return befores[0]

    events: list[Event] = []
    again = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(serving(around=around, decisions=decisions))
        file = target_file(folder, server.issuer, more=f"[pace]\ntimeout = {LIMIT}\n")
        try:
            adapter = stack.enter_context(open_target(file, CANARIES))
            results = certify(adapter, PLAN, watch=events.append)
        except HarnessProblem as problem:
            return Outcome("no run", {}, Counter(), Counter([_kind(problem.cause)]), 0, befores[0].met, 0)
        again = len(adapter.troubles) if isinstance(adapter, Again) else 0
        requests = befores[0].requests
    flows = [event for event in events if event["event"] == "flow"]
    causes = Counter(_kind(flow["cause"]) for flow in flows if "cause" in flow)
    causes.update("no cause" for flow in flows if flow["verdict"] == "inconclusive" and not flow.get("cause"))
    causes.update(f"doubt: {event['doubt']}" for event in events if event["event"] == "finding" and event["doubt"])
    requirements = {line.requirement.id: str(line.verdict) for line in results.lines()}
    verdicts = Counter(str(flow["verdict"]) for flow in flows)
    return Outcome(str(results.verdict()), requirements, verdicts, causes, again, befores[0].met, requests)


def _kind(cause: str) -> str:
    """A cause without addresses and numbers."""
    words = [word for word in cause.split() if "://" not in word]
    return " ".join(word for word in words if not word.strip(".:").replace(".", "").isdigit())[:90]


def add(total: list[Outcome], outcome: Outcome, name: str) -> None:
    """Remember one and print it."""
    total.append(outcome)
    seen = ", ".join(f"{number} {verdict}" for verdict, number in Counter(outcome.requirements.values()).items())
    print(
        f"{name}: {outcome.verdict}; {sum(outcome.faults.values())} faults in {outcome.requests} requests;"
        f" flows {dict(outcome.flows)}, {outcome.again} times again; {seen}"
        f"{'; '.join(outcome.causes)}",
        flush=True,
    )


def main() -> int:
    """Run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=100, metavar="RUNS", help="how many (100)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="of the first run; the next has the next")
    options = parser.parse_args()
    started, runs = time.monotonic(), list[Outcome]()
    for seed in range(options.first, options.first + options.n):
        add(runs, run(seed), f"run {seed}")
    wrong: list[Outcome] = []
    passed: list[str] = []
    for identifier, decisions in WRONG.items():
        for seed in range(max(1, options.n // 25)):
            one_in = ONE_IN if seed else 10**9  # the first without faults: this plan does find it
            add(wrong, run(seed, one_in, decisions), f"a copy that breaks {identifier}, {seed}")
            if wrong[-1].requirements.get(identifier) == "pass" or (not seed and wrong[-1].verdict != "fail"):
                passed.append(identifier)
    print(f"\n{len(runs)} runs, one request in {ONE_IN} with a fault, {time.monotonic() - started:.0f} s in all")
    for title, counts in {
        "verdicts": Counter(each.verdict for each in runs),
        "verdicts of requirements": sum((Counter(each.requirements.values()) for each in runs), Counter()),
        "verdicts of flows": sum((each.flows for each in runs), Counter()),
        "causes": sum((each.causes for each in runs), Counter()),
        "faults met": sum((each.faults for each in runs), Counter()),
        "verdicts of copies with a fault": Counter(each.verdict for each in wrong),
    }.items():
        print(f"  {title}: " + ", ".join(f"{number} {name}" for name, number in counts.most_common()))
    print(f"  tried again {sum(each.again for each in runs)} times; a fault that passed: {', '.join(passed) or 'none'}")
    failed = any("fail" in {each.verdict, *each.requirements.values()} for each in runs)
    return 1 if failed or passed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs one mutant until the suite notices something, and tells what it noticed and how soon."""

import time
from typing import NamedTuple

from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import profile_of

from ..adapters.in_process import InProcessAdapter
from ..plan import Plan
from ..runlog import Event
from ..runner import Runner, Stop
from ..verdict import Finding
from .mutant import Mutant


class Trial(NamedTuple):
    """What became of one mutant.

    `caught_by`: the requirement of the first confirmed finding beside those that the mutant breaks `also`, empty if
    there was none; `right`: it is the mutant's.
    `found_after`: steps that the run had taken; `generator`: what made the flow; `length`: its steps when shrunk.
    """

    name: str
    caught_by: str
    found_after: int
    generator: str
    length: int
    right: bool
    seconds: float


def trial(mutant: Mutant) -> Trial:
    """Play the scopes of the mutant's profile, in covers of rising strength, as far as the first confirmed finding.

    Findings about what the mutant breaks `also` are passed over: the one that it is made for must be there.
    Requirements of the profiles that it breaks count too: a fault of the core may be seen best in a scope of another.
    """
    start = time.monotonic()
    caught: list[Finding] = []

    def stop_at_finding(event: Event) -> None:
        # A warning ends the trial like a failure, which is more than `fail_fast` does.
        if event["event"] == "finding" and event["confirmed"]:
            caught.extend(f for f in runner.findings.values() if f.confirmed and f.requirement not in mutant.also)
            if caught:
                raise Stop("the mutant is caught")

    broken = (BY_ID[identifier].profile for identifier in (mutant.requirement, *mutant.also))
    profiles = tuple(dict.fromkeys((mutant.profile, *broken)))
    runner = Runner(InProcessAdapter(mutant.rules, mutant.name), Plan(profiles, "pairs", search=0), stop_at_finding)
    runner.scopes = [scope for scope in runner.scopes if profile_of(scope) == mutant.profile]
    runner.run()
    runner.adapter.close()
    seconds = time.monotonic() - start
    if not caught:
        return Trial(mutant.name, "", runner.tally.steps, "", 0, False, seconds)
    found = caught[0]
    right = found.requirement == mutant.requirement
    return Trial(mutant.name, found.requirement, found.found_after, found.generator, len(found.flow), right, seconds)

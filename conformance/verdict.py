"""The words of judging: ISO 9646's verdicts, what a single step showed, and what a finding is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sessionproof.model.state import World
from sessionproof.model.vocabulary import Observation, Stimulus

LEFT = "no flow of this cover reached it"
BEHIND = "only behind an answer that this target does not give"
UNOBSERVABLE = "what it would show cannot be observed on this target:"
ROUTED_AROUND = "routed around because of the finding about"
NOT_HERE = "no flow of the chosen profiles can reach it"
"""Why a rule of the model did not fire in a run; a choice that the target does not make is said otherwise."""


class Verdict(StrEnum):
    """The verdict on a requirement or on a whole run. Only an observation can make one of the first four.

    A known deviation was seen, and a file of the user's accepts it for a while (`known.py`).
    """

    PASS = "pass"
    FAIL = "fail"
    WARNING = "warning"
    KNOWN = "known deviation"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"
    UNTESTED = "untested"


class Mismatch(NamedTuple):
    """Where an answer differs from everything that is allowed.

    `requirement`: the id that it breaks, most specific first. `rule`: key of the rule whose answer it is. `place`: the
    position in the trace, or the name of a facet. `expected` and `actual` as words.
    """

    requirement: str
    rule: str
    place: str
    expected: str
    actual: str

    @property
    def signature(self) -> tuple[str, str, str]:
        """What makes two mismatches the same fault: the requirement, the rule and the place."""
        return self.requirement, self.rule, self.place


class Judgement(NamedTuple):
    """What one step showed.

    `verdict`: pass, fail, warning or inconclusive. `witnessed`: ids whose expectation was met. `mismatches`:
    the first one decides when the verdict is fail; all of them are SHOULDs when it is a warning. `outside`: mismatches
    with requirements that were not selected. `rules`: keys of the rules that fired. `variants`: choices (MAY) seen,
    `declined`: choices that were possible here and not made. `after`: the states that fit then; none where the flow
    cannot go on.
    """

    stimulus: Stimulus
    observation: Observation
    verdict: Verdict
    witnessed: tuple[str, ...]
    mismatches: tuple[Mismatch, ...]
    outside: tuple[Mismatch, ...]
    rules: tuple[str, ...]
    variants: tuple[tuple[str, str], ...]
    declined: tuple[tuple[str, str], ...]
    before: tuple[World, ...]
    after: tuple[World, ...]


class Problem(NamedTuple):
    """Why something could not be observed: never the target's fault. `exit_code` is for a run that it stops.

    `lasting`: the same step will meet it each time.
    """

    cause: str
    hint: str
    exit_code: int = 2
    lasting: bool = False


@dataclass
class Finding:
    """One fault: the requirement, the shortest flow that shows it, and how many flows met it.

    `found_after`: steps that the run had taken. `confirmed`: the flow showed it twice more; else `doubt` says why not.
    `cut`: the time was used up before the flow was as short as can be.
    """

    requirement: str
    scope: str
    mismatch: Mismatch
    flow: tuple[Stimulus, ...]
    found_after: int
    generator: str
    confirmed: bool = False
    doubt: str = ""
    cut: bool = False
    met: int = 1
    judgements: tuple[Judgement, ...] = ()
    exchanges: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes two failures the same fault."""
        return key_of(self.requirement, self.flow[-1])


def key_of(requirement: str, last: Stimulus) -> tuple[str, str]:
    """The requirement, and what was wrong in a request made by hand: what makes two failures the same fault."""
    return requirement, last.arg if last.action in ("wrong token", "redeem wrongly") else ""

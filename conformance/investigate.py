"""Makes one finding out of a failure: replays it, shrinks it, and confirms what is left by replaying it twice more."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from .errors import HarnessProblem
from .shrink import Flow, Shrinker
from .verdict import Finding, Judgement, Mismatch, Verdict, key_of

CONFIRMATIONS = 2
PROBLEMS = 5
"""Harness problems in a row after which shrinking stops."""


class Replay(Protocol):
    """Plays a flow step by step in fresh browsers; may raise HarnessProblem."""

    def __call__(self, scope: Scope, flow: tuple[Stimulus, ...], *, distinct: bool) -> Iterator[Judgement]:
        """Yield the judgement of each step, as far as the model knows the next step to be possible."""


def investigate(
    finding: Finding,
    scope: Scope,
    graph: Graph,
    usable: Callable[[Edge], bool],
    replay: Replay,
    exchanges: Callable[[], tuple[dict[str, Any], ...]],
    late: Callable[[], bool] = lambda: False,
) -> None:
    """Fill in the shortest flow, what it showed, and whether it could be repeated. Never raises HarnessProblem.

    `late`: whether the run's time is used up. Then the flow is confirmed as it is, which the finding says.
    """

    def fails(flow: Flow) -> Flow:
        judgements = list(replay(scope, flow, distinct=_timed(finding.mismatch)))
        return tuple(judgement.stimulus for judgement in judgements[: _fails_at(judgements, finding)])

    problems = 0

    def candidate(flow: Flow) -> Flow:
        # A shorter flow may meet trouble that the whole one does not; a target that is gone meets it every time.
        nonlocal problems
        try:
            found = fails(flow)
        except HarnessProblem:
            problems += 1
            if problems >= PROBLEMS:
                raise
            return ()
        problems = 0
        return found

    try:
        if not (again := fails(finding.flow)):
            finding.doubt = "seen once, but not again when the flow was replayed"
            return
        shrinker = Shrinker(graph, usable, candidate, late)
        finding.flow = shrinker.shrink(again)
        finding.cut = shrinker.cut
        if not all(fails(finding.flow) == finding.flow for _ in range(CONFIRMATIONS)):
            finding.doubt = "the shortest flow shows it at some times and not at others"
            return
        judgements: list[Judgement] = []
        seen: list[dict[str, Any]] = []
        for judgement in replay(scope, finding.flow, distinct=_timed(finding.mismatch)):
            judgements.append(judgement)
            seen += [{**exchange, "step": len(judgements)} for exchange in exchanges()]
        if tuple(judgement.stimulus for judgement in judgements[: _fails_at(judgements, finding)]) != finding.flow:
            finding.doubt = "the shortest flow shows it at some times and not at others"
            return
        finding.mismatch = next(m for m in judgements[-1].mismatches if m.requirement == finding.requirement)
        finding.judgements, finding.exchanges = tuple(judgements), tuple(seen)
        finding.confirmed = True
    except HarnessProblem as problem:
        finding.doubt = f"could not be replayed: {problem.cause}"


def _fails_at(judgements: list[Judgement], finding: Finding) -> int:
    """After how many steps the requirement of the finding is broken as it was there; 0 if it is not.

    A warning counts at the end only: it may be what the flow is about, or be met on the way to that.
    """
    for at, judgement in enumerate(judgements, 1):
        last = at == len(judgements)
        if (last or judgement.verdict is not Verdict.WARNING) and _breaks(judgement, finding.requirement):
            return at if key_of(finding.requirement, judgement.stimulus) == finding.key else 0
    return 0


def _breaks(judgement: Judgement, requirement: str) -> bool:
    return any(mismatch.requirement == requirement for mismatch in judgement.mismatches)


def _timed(mismatch: Mismatch) -> bool:
    return mismatch.place.endswith("auth_time")

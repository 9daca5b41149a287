"""Makes one finding out of a failure: replays it, shrinks it, and confirms what is left by replaying it twice more."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sessionproof.model.explore import Edge, Graph
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from .errors import HarnessProblem
from .shrink import Shrinker
from .verdict import Finding, Judgement, Mismatch, Verdict

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
) -> None:
    """Fill in the shortest flow, what it showed, and whether it could be repeated. Never raises HarnessProblem."""

    def fails(flow: tuple[Stimulus, ...]) -> bool:
        return _shows(list(replay(scope, flow, distinct=_timed(finding.mismatch))), flow, finding.mismatch) is not None

    problems = 0

    def candidate(flow: tuple[Stimulus, ...]) -> bool:
        # A shorter flow may meet trouble that the whole one does not; a target that is gone meets it every time.
        nonlocal problems
        try:
            found = fails(flow)
        except HarnessProblem:
            problems += 1
            if problems >= PROBLEMS:
                raise
            return False
        problems = 0
        return found

    try:
        if not fails(finding.flow):
            finding.doubt = "seen once, but not again when the flow was replayed"
            return
        finding.flow = Shrinker(graph, usable, candidate).shrink(finding.flow)
        if not all(fails(finding.flow) for _ in range(CONFIRMATIONS)):
            finding.doubt = "the shortest flow shows it at some times and not at others"
            return
        judgements: list[Judgement] = []
        seen: list[dict[str, Any]] = []
        for judgement in replay(scope, finding.flow, distinct=_timed(finding.mismatch)):
            judgements.append(judgement)
            seen += [{**exchange, "step": len(judgements)} for exchange in exchanges()]
        same = _shows(judgements, finding.flow, finding.mismatch)
        if same is None:
            finding.doubt = "the shortest flow shows it at some times and not at others"
            return
        finding.flow = tuple(judgement.stimulus for judgement in judgements)
        finding.mismatch, finding.judgements, finding.exchanges = same, tuple(judgements), tuple(seen)
        finding.confirmed = True
    except HarnessProblem as problem:
        finding.doubt = f"could not be replayed: {problem.cause}"


def _shows(judgements: list[Judgement], flow: tuple[Stimulus, ...], mismatch: Mismatch) -> Mismatch | None:
    """The mismatch in which the last step, and no step before it, breaks the same requirement."""
    if not judgements or judgements[-1].stimulus != flow[-1]:
        return None
    if any(not j.after or _breaks(j, mismatch) for j in judgements[:-1] if j.verdict is not Verdict.WARNING):
        return None
    return next((m for m in judgements[-1].mismatches if m.requirement == mismatch.requirement), None)


def _breaks(judgement: Judgement, mismatch: Mismatch) -> bool:
    return any(m.requirement == mismatch.requirement for m in judgement.mismatches)


def _timed(mismatch: Mismatch) -> bool:
    return mismatch.place.endswith("auth_time")

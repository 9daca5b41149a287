"""What becomes of a failure that is replayed: never a traceback, and never a finding that its flow does not show."""

from collections.abc import Iterator

import pytest
from sessionproof.conformance.investigate import CONFIRMATIONS, investigate
from sessionproof.conformance.verdict import Finding, Judgement, Mismatch, Verdict
from sessionproof.model.explore import explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

SILENT = next(scope for scope in SCOPES if scope.name == "silent")
GRAPH = explore(Network(SILENT, FEATURES))
CHECK, VISIT = Stimulus("silent check", "shop"), Stimulus("visit orders", "shop")
WRONG = Mismatch("AS-13", "a rule", "trace 1", "error", "page login")


def judged(stimulus: Stimulus, *mismatches: Mismatch, verdict: Verdict = Verdict.FAIL) -> Judgement:
    start = (GRAPH.states[0],)
    seen = Observation((), {})
    return Judgement(
        stimulus, seen, verdict if mismatches else Verdict.PASS, (), mismatches, (), (), (), (), start, start
    )  # fmt: skip


def investigated(*replays: tuple[Judgement, ...]) -> Finding:
    """What is found of a flow of one step, when it is replayed so; the last replay comes again and again."""
    finding, left = Finding("AS-13", "silent", WRONG, (CHECK,), 1, "a test"), list(replays)

    def replay(scope: Scope, flow: tuple[Stimulus, ...], *, distinct: bool) -> Iterator[Judgement]:
        del scope, flow, distinct
        yield from left.pop(0) if len(left) > 1 else left[0]

    investigate(finding, SILENT, GRAPH, lambda _: True, replay, tuple)
    return finding


def test_what_is_shown_each_time_is_confirmed() -> None:
    found = investigated((judged(CHECK, WRONG),))
    assert (found.confirmed, found.flow, found.doubt) == (True, (CHECK,), "")


@pytest.mark.parametrize("last", [(), (judged(CHECK),), (judged(VISIT, WRONG),)], ids=["nothing", "passes", "other"])
def test_what_the_last_replay_does_not_show_is_in_doubt(last: tuple[Judgement, ...]) -> None:
    right = (judged(CHECK, WRONG),)
    found = investigated(*[right] * (1 + CONFIRMATIONS), last)
    assert not found.confirmed
    assert "at some times and not at others" in found.doubt


def test_what_is_never_seen_again_is_in_doubt() -> None:
    found = investigated(())
    assert not found.confirmed
    assert "seen once" in found.doubt


def test_a_flow_is_cut_where_it_fails_first() -> None:
    found = investigated((judged(CHECK, WRONG), judged(CHECK, WRONG)), (judged(CHECK, WRONG),))
    assert (found.confirmed, found.flow) == (True, (CHECK,))

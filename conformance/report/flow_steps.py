"""The steps of a finding as a chart or a list shows them: messages between the parties, then the sessions that changed.

Everything is drawn from what was seen; only where the target went wrong, what was expected stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sessionproof.model.network import HAND_MADE
from sessionproof.model.possible import FORMS
from sessionproof.model.vocabulary import Stimulus

from ..runlog import Event
from .seen import (
    APP,
    AS,
    BROWSER,
    IDP,
    SESSIONS,
    flow_words,
    meaning,
    parties,
    place_words,
    seen_words,
    session_name,
    session_words,
    value_words,
)

CARRIERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("state", "iss", "sub", "sid", "auth_time"), ("answer", "error", "return")),
    **dict.fromkeys(("shown", "landed", "caching", "framing"), ("page",)),
    "refreshed": ("token",),
}
"""How the messages begin that carry what a facet tells of."""
TOKEN_REQUESTS, NOTIFICATIONS = ("redeem again", "refresh"), ("logout token", "wrong logout token")
"""What the application sends to the server, and the server to the application, without a browser."""


class Arrow(NamedTuple):
    """A message. `kind`: `seen`, `wrong` (not allowed), `carries` (what it holds is wrong), `expected` (not seen)."""

    source: str
    target: str
    text: str
    kind: str = "seen"


class Session(NamedTuple):
    """A session after a step, at its party; `expected` says what it should be where it is wrong."""

    party: str
    name: str
    text: str
    expected: str = ""


class Step(NamedTuple):
    """One step: what was done, what was seen of it. `wrong`: the step in which the target deviates; `notes` say how."""

    number: int
    words: str
    meaning: str
    arrows: tuple[Arrow, ...]
    sessions: tuple[Session, ...]
    wrong: bool = False
    notes: tuple[str, ...] = ()


def flow_steps(finding: Event) -> list[Step]:
    """The steps of a finding; the last one shows what is wrong. Empty where the flow could not be played again."""
    steps: Sequence[Event] = finding["steps"]
    found: list[Step] = []
    known: dict[str, str] = {}
    pages: dict[tuple[int, int], str] = {}
    stimuli = [Stimulus(*step["do"]) for step in steps]
    told = flow_words([stimulus._asdict() for stimulus in stimuli])
    for number, (step, stimulus, words) in enumerate(zip(steps, stimuli, told, strict=True), 1):
        mismatch = finding["mismatch"] if number == len(steps) else None
        found.append(
            Step(
                number,
                words,
                meaning(stimulus._asdict()),
                tuple(_arrows(stimulus, step["trace"], pages.get((stimulus.browser, stimulus.tab), ""), mismatch)),
                tuple(_sessions(step["facets"], known, mismatch)),
                mismatch is not None,
                tuple(_notes(step["trace"], mismatch)),
            )
        )
        known |= step["facets"]
        pages[stimulus.browser, stimulus.tab] = step["trace"][-1] if step["trace"] else ""
    return found


def _arrows(stimulus: Stimulus, trace: Sequence[str], page: str, mismatch: Event | None) -> Iterator[Arrow]:
    first = _first(stimulus, page)
    if stimulus.action != "wait":
        yield first
    wrong, expected = _wrong_message(trace, mismatch), ""
    if mismatch and mismatch["place"].startswith("trace "):
        expected = mismatch["expected"]
    for at, item in enumerate(trace):
        if at == wrong and expected not in ("", "the page stands still"):
            yield _expected(mismatch, first.target)
        ends = parties(item, first.target)
        if at == wrong and mismatch and not expected:
            yield Arrow(*ends, f"{seen_words(item)}; {_difference(mismatch)}", "carries")
        else:
            yield Arrow(*ends, seen_words(item), "wrong" if at == wrong else "seen")
    if mismatch and wrong == len(trace):
        yield _expected(mismatch, first.target)


def _first(stimulus: Stimulus, page: str) -> Arrow:
    words = f"{stimulus.action} {stimulus.arg}".strip()
    if stimulus.action in TOKEN_REQUESTS:
        return Arrow(APP, AS, words)
    if stimulus.action in NOTIFICATIONS:
        return Arrow(AS, APP, words)
    if stimulus.action in FORMS:
        to = IDP if page.startswith("page provider ") else AS
    else:
        to = HAND_MADE[stimulus.action][0].title if stimulus.action in HAND_MADE else APP
    return Arrow(BROWSER, to, words)


def _expected(mismatch: Event | None, asked: str) -> Arrow:
    if mismatch is None:
        raise ValueError("nothing was expected otherwise")
    first = str(mismatch["expected"]).split(" or ")[0]
    return Arrow(*parties(first, asked), value_words(mismatch, "expected"), "expected")


def _wrong_message(trace: Sequence[str], mismatch: Event | None) -> int:
    """The position of the message that is wrong, or that carries what is wrong; -1 if none does."""
    if mismatch is None:
        return -1
    place = mismatch["place"]
    if place.startswith("trace "):
        return int(place.removeprefix("trace ")) - 1
    starts = CARRIERS.get(place, ())
    return next((at for at, item in enumerate(trace) if item.startswith(starts)), -1) if starts else -1


def _sessions(facets: Mapping[str, str], known: Mapping[str, str], mismatch: Event | None) -> Iterator[Session]:
    """The sessions that are another way now than they were, and the one that is wrong."""
    for place, value in facets.items():
        if "/" not in place:
            continue
        wrong, before = mismatch is not None and mismatch["place"] == place, known.get(place, "absent")
        same = session_words(value) == session_words(before) or (value == "nobody" and before in SESSIONS)
        if wrong or not same:
            party = {"as": AS, "idp": IDP}.get(place.partition("/")[2], APP)
            expected = value_words(mismatch, "expected") if mismatch and wrong else ""
            yield Session(party, session_name(place), session_words(value), expected)


def _notes(trace: Sequence[str], mismatch: Event | None) -> Iterator[str]:
    """What is wrong where it is neither a message, nor in one, nor a session."""
    if mismatch is not None and _wrong_message(trace, mismatch) < 0 and "/" not in mismatch["place"]:
        yield _difference(mismatch)


def _difference(mismatch: Event) -> str:
    seen, expected = (value_words(mismatch, key) for key in ("actual", "expected"))
    return f"{place_words(mismatch)}: {seen} (expected: {expected})"

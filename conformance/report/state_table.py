"""The sessions around the step in which a target went wrong: before it, as they should be after it, as they were."""

from collections.abc import Iterable
from typing import NamedTuple

from sessionproof.model.context import Outcome
from sessionproof.model.state import Scope, World

from ..runlog import Event
from ..session_words import sessions
from .retrace import Retracer
from .seen import session_name, session_words


class Row(NamedTuple):
    """One session. Several values where the model cannot tell, or allows several."""

    name: str
    before: str
    expected: str
    seen: str
    wrong: bool


def state_table(retracer: Retracer, finding: Event) -> list[Row]:
    """A row for each session of the scope; empty where this version of the model cannot follow the flow."""
    name, steps = finding["flow"]["scope"], finding["steps"]
    scope, network = retracer.scope(name), retracer.network(name)
    judgements = list(retracer.follow(name, steps))
    if scope is None or network is None or not steps or len(judgements) < len(steps):
        return []
    last, facets = judgements[-1], steps[-1]["facets"]
    outcomes = [o for world in last.before for o in network.step(world, last.stimulus) if not o.breaks]
    before = _values(scope, last.before, open_pages=True)
    after = _values(scope, (outcome.after for outcome in outcomes), open_pages=False)
    return [
        Row(
            session_name(place),
            " or ".join(values),
            " or ".join(after.get(place, ())),
            session_words(facets[place]) if place in facets else "not observed",
            finding["mismatch"]["place"] == place or not _allowed(place, facets, outcomes),
        )
        for place, values in before.items()
        if scope.provider_users or not place.endswith("/idp")
    ]


def _allowed(place: str, facets: dict[str, str], outcomes: Iterable[Outcome]) -> bool:
    """Whether some legal answer leaves the session as it was seen, or it was not seen at all."""
    if place not in facets:
        return True
    expected = [outcome.facets[place] for outcome in outcomes if place in outcome.facets]
    return not expected or any(e.admits(facets[place]) for e in expected)


def _values(scope: Scope, worlds: Iterable[World], *, open_pages: bool) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for world in worlds:
        for place, session in sessions(scope, world).items():
            words = [session_words(session.user or session.state), *(session.under_way if open_pages else ())]
            found.setdefault(place, {})[", ".join(words)] = None
    return found

"""A chart for each profile and machine: the rows that state its requirements, and those of nobody that it uses first.

Nothing here names a profile: a new one gets its charts from its requirements and scopes. The sessions without a user
are one state where that hides no choice, or where it would have many arrows else; if that is not enough, the sessions
without a user and those with one get charts of their own.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import BY_ID, PROFILES
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.table import Machine

from .citations import cited
from .explored import fired
from .graph import NOBODY, View, extract

EASY, ARROWS = 15, 25
"""How many arrows a chart has that needs no simplifying, and how many it may have."""

PARTS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("nobody", "while nobody is logged in", lambda session: session in NOBODY),
    ("somebody", "while somebody is logged in", lambda session: session not in NOBODY),
)
"""What a chart is split into: name, words, and which sessions it has."""


Rows = frozenset[tuple[str, str]]
"""Rows, each from one of its states: (key, state)."""


@cache
def profile_views() -> dict[str, tuple[View, ...]]:
    """The charts of each profile, in the order of the catalogue; none for a profile that has no rows yet."""
    return {profile: tuple(views_of(profile)) for profile in PROFILES}


@cache
def rows_of(profile: str) -> Rows:
    """The profile's rows: those that state one of its requirements, and those of no profile that it uses first.

    Only what fires in its scopes counts; in any scope, if it has none of its own.
    """
    before = PROFILES[: PROFILES.index(profile)]
    known = _all(_used(other) for other in before if _has_scopes(other))
    first = _used(profile) - known - _all(map(_stated, PROFILES)) if _has_scopes(profile) else Rows()
    return _stated(profile) | first


@cache
def _stated(profile: str) -> Rows:
    own = {
        rule.key
        for machine in MACHINES
        for rule in machine.compiled
        if any(BY_ID[i].profile == profile for i in (*cited(rule), *filter(None, (rule.rule.breaks,))))
    }
    return frozenset(row for row in _used(profile) if row[0] in own)


@cache
def _used(profile: str) -> Rows:
    own = [scope for scope in SCOPES if profile_of(scope) == profile]
    return _all(map(fired, own or SCOPES))


def _has_scopes(profile: str) -> bool:
    return any(profile_of(scope) == profile for scope in SCOPES)


def _all(rows: Iterable[Rows]) -> Rows:
    return Rows().union(*rows)


def views_of(profile: str) -> Iterator[View]:
    """The charts of one profile, machine by machine."""
    for machine in MACHINES:
        names = {rule.key for rule in machine.compiled}
        rows = frozenset(row for row in rows_of(profile) if row[0] in names)
        if not rows:
            continue
        view, merged = (_view(profile, machine, rows, merge) for merge in (False, True))
        if _arrows(view) > EASY or _choices(view) == _choices(merged):
            view = merged
        if _arrows(view) <= ARROWS:
            yield view
            continue
        for part, words, has in PARTS:
            if mine := frozenset(row for row in rows if has(row[1].partition("+")[0])):
                yield _view(profile, machine, mine, True, part, words)


def _view(profile: str, machine: Machine, rows: Rows, merge: bool, part: str = "", words: str = "") -> View:
    name = "_".join(filter(None, ("profile", profile, machine.name, part))).replace(" ", "_").replace("-", "_")
    return View(
        name,
        f"Profile {profile}: {machine.title}{f', {words}' if words else ''}",
        machine,
        merge,
        lambda source, rule: (rule.key, source) in rows,
        refusals=True,
        caption=(
            f"{len({key for key, _ in rows})} of {len(machine.compiled)} rows: those that state the profile's "
            "requirements, and those that state none and are first used here."
        ),
    )


def _arrows(view: View) -> int:
    return sum(edge.source != edge.target for edge in extract(view).edges)


def _choices(view: View) -> frozenset[str]:
    """The choices that a chart tells of."""
    return frozenset(choice for edge in extract(view).edges for line in edge.lines for choice in line.choices)

"""What is not exercised, or what no faulty copy breaks, and why: the one place for such reasons.

A requirement with a hole and no reason fails a test, and so does a reason without a hole.
"""

from typing import NamedTuple

from sessionproof.diagrams.citations import NOT_STATED
from sessionproof.model.requirements import CATALOGUE

from ..mutants.catalogue import MUTANTS
from .exercise import exercises


class Holes(NamedTuple):
    """Ids that lack something, by what they lack."""

    rows: tuple[str, ...]
    flow: tuple[str, ...]
    mutant: tuple[str, ...]


def holes() -> Holes:
    """What lacks a row, property or choice of the model; of the rest, what no flow shows, and what no mutant breaks."""
    unstated = tuple(r.id for r in NOT_STATED)
    stated = [r.id for r in CATALOGUE if r.id not in unstated]
    caught = {mutant.requirement for mutant in MUTANTS}
    return Holes(
        unstated,
        tuple(i for i in stated if i not in exercises()),
        tuple(i for i in stated if i not in caught),
    )


def reasons() -> dict[tuple[str, str], str]:
    """Each reason, by what is lacking (a field of Holes) and id."""
    return {(what, identifier): reason for what, ids, reason in REASONS for identifier in ids.split()}


def why(what: str, identifier: str) -> str:
    """The reason for a hole; that there is none yet, a test says too."""
    return reasons().get((what, identifier), "**no reason is given yet**")


def unexplained() -> list[tuple[str, str]]:
    """Holes without a reason."""
    return [hole for hole in _pairs() if hole not in reasons()]


def needless() -> list[tuple[str, str]]:
    """Reasons without a hole."""
    return [hole for hole in reasons() if hole not in _pairs()]


def _pairs() -> list[tuple[str, str]]:
    return [(what, identifier) for what, ids in holes()._asdict().items() for identifier in ids]


REASONS = (
    ("rows", "APP-26", "the model has one authorization server; a second one would be a layer of its own"),
    (
        "rows",
        "APP-32 AS-56",
        "the model has no accounts that can be linked; one that is merged by its name breaks AS-37",
    ),
    ("flow", "APP-17", "a MAY: every login shows which choice was made"),
    ("flow", "SYS-06", "a MAY: seen wherever the server's session ends and the application's goes on"),
    ("flow", "IDP-06", "shown where its parts are"),
    ("mutant", "APP-05", "seen where APP-06 is, which says more and is blamed first"),
    ("mutant", "SYS-01 SYS-02", "a session too many or too few is blamed on the layer whose own requirement it breaks"),
    ("mutant", "SYS-07", "a step that leads nowhere is blamed on the requirement of that step"),
    ("mutant", "SYS-08", "an outcome that differs is blamed on the layer whose own requirement it breaks"),
    ("mutant", "APP-17 AS-06 SYS-06", "a MAY: both behaviours conform, so nothing can break it"),
    ("mutant", "IDP-06", "broken where one of its parts is, and each part has a faulty copy of its own"),
)
"""What is lacking, the requirements that lack it, and why."""

"""Where a requirement is stated: by rows of the tables, by a property of the whole network, as a choice, or nowhere."""

from collections import Counter

from sessionproof.model.network import MACHINES
from sessionproof.model.properties import PROPERTIES
from sessionproof.model.requirements import CATALOGUE, PARTS, Requirement
from sessionproof.model.table import Compiled

from .words import CHOICES


def cited(rule: Compiled) -> dict[str, tuple[str, ...]]:
    """The requirements of a row, each with the places that witness it: `reply`, or names of facets."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(rule.requirements, ("reply",))
    for facet, identifiers in rule.facets.items():
        for identifier in identifiers:
            found[identifier] = (*found.get(identifier, ()), facet)
    return found


ROWS = Counter(
    identifier
    for machine in MACHINES
    for rule in machine.compiled
    for identifier in {*cited(rule), *filter(None, (rule.rule.breaks,))}
)
"""How many rows cite each requirement, or tolerate that it is not followed."""


def stated_by(requirement: Requirement) -> tuple[str, ...]:
    """In words, where the model states a requirement; empty if it does not yet.

    The choices that a MUST or SHOULD leaves do not state it; a MAY is nothing but its choices.
    """
    identifier = requirement.id
    found = [f"{ROWS[identifier]} row{'s' if ROWS[identifier] > 1 else ''}"] if ROWS[identifier] else []
    if any(prop.requirement == identifier for prop in PROPERTIES):
        found.append("property")
    if identifier in PARTS:
        found.append("its parts")
    if requirement.level == "MAY" and any(identifier in ids for ids in CHOICES.values()):
        found.append("choice")
    return tuple(found)


NOT_STATED = tuple(requirement for requirement in CATALOGUE if not stated_by(requirement))
"""Catalogued, but not in the model yet: a run reports them untested."""

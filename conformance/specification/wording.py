"""Rows, flows and mutants in the words of SPEC.md."""

from collections import Counter
from collections.abc import Iterator

from sessionproof.diagrams.citations import cited
from sessionproof.diagrams.tables import link
from sessionproof.diagrams.words import CHOICES
from sessionproof.model.network import MACHINES
from sessionproof.model.properties import PROPERTIES
from sessionproof.model.requirements import PARTS, Requirement

from ..mutants.catalogue import MUTANTS
from ..mutants.mutant import Mutant
from .exercise import exercises


def stated(r: Requirement) -> Iterator[str]:
    """Where the model states a requirement: rows by machine and message, properties, parts, choices."""
    for machine in MACHINES:
        rows = Counter(
            rule.rule.message for rule in machine.compiled if r.id in cited(rule) or rule.rule.breaks == r.id
        )
        if rows:
            words = (f"`{message}`" + (f" ({number} rows)" if number > 1 else "") for message, number in rows.items())
            yield f"{machine.title}: {', '.join(words)}"
    if proved := [f"*{p.name}* ({p.kind})" for p in PROPERTIES if p.requirement == r.id]:
        yield f"{'properties' if len(proved) > 1 else 'property'} {', '.join(proved)}"
    if r.id in PARTS:
        yield f"its parts {', '.join(map(link, PARTS[r.id]))}"
    if choices := [f"*{choice}*" for choice, ids in CHOICES.items() if r.id in ids]:
        yield f"{'choices' if len(choices) > 1 else 'choice'} {', '.join(choices)}"


def flow(identifier: str) -> str:
    """The steps of the shortest flow, the last one in bold; empty if there is none."""
    found = exercises().get(identifier)
    if found is None:
        return ""
    *before, last = (str(edge.stimulus) for edge in found.steps)
    return " → ".join([*before, f"**{last}**"])


def where(identifier: str) -> str:
    """The scope of the shortest flow; empty if there is none."""
    found = exercises().get(identifier)
    return found.scope.name if found else ""


def mutants(identifier: str) -> list[Mutant]:
    """The faulty copies of the reference that a requirement must catch."""
    return [mutant for mutant in MUTANTS if mutant.requirement == identifier]

"""From each step of the seed to what tests it: requirement, rows, flow, mutants; then the same for other sources."""

import re
from collections import Counter
from collections.abc import Iterator

from sessionproof.diagrams.citations import NOT_STATED, cited, stated_by
from sessionproof.diagrams.seed_steps import NUMBERS
from sessionproof.diagrams.tables import link, table
from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import CATALOGUE, Requirement

from .catalogue import why
from .exercise import exercises
from .wording import mutants

STEP = re.compile(r"\b([AB])(\d)(?:–[AB]?(\d))?")
SECTIONS = {"application": "3-local-application", "authorization server": "4-authorization-server"}
SECTIONS["identity provider"] = "5-identity-provider"
SHORT = {"application": "APP", "authorization server": "AS", "identity provider": "IDP"}
HEADS = ("seed", "requirement", "rows", "shortest flow", "mutants")


def steps_of(r: Requirement) -> tuple[str, ...]:
    """The seed's steps that a requirement comes from; `Seed` if it is a sentence of the seed without a number."""
    if "Seed" not in r.source:
        return ()
    seed = next(part for part in r.source.split(";") if "Seed" in part)
    found = [
        f"{story}{number}"
        for story, first, last in STEP.findall(seed)
        for number in range(int(first), int(last or first) + 1)
    ]
    return tuple(found) or ("Seed",)


def seed_steps() -> tuple[str, ...]:
    """The numbers of the seed's sentences, in their order."""
    return tuple(sorted({n for story in NUMBERS.values() for numbers in story.values() for n in numbers}))


def matrix() -> str:
    """The table: a requirement stands at each step of the seed that it comes from."""
    return table(HEADS, _lines())


def _lines() -> Iterator[tuple[str, ...]]:
    groups: dict[str, list[Requirement]] = {step: [] for step in (*seed_steps(), "Seed", "")}
    for r in CATALOGUE:
        for step in steps_of(r) or ("",):
            groups[step].append(r)
    titles = {"Seed": "other sentences", "": "not from the seed"}
    for step, requirements in groups.items():
        for at, r in enumerate(requirements):
            first = "<br>".join((f"**{titles.get(step, step)}**", *_names(step)))
            yield (first if at == 0 else "", link(r.id), _rows(r), _flow(r), _mutants(r))


def _names(step: str) -> Iterator[str]:
    """What a step of the seed is in the model: messages, and states of a machine."""
    for numbers in NUMBERS.values():
        yield from (f"`{name.rpartition(': ')[2]}`" for name, steps in numbers.items() if step in steps)


def _rows(r: Requirement) -> str:
    if r in NOT_STATED:
        return f"`untested`: {why('rows', r.id)}"
    found = Counter(
        machine.name
        for machine in MACHINES
        for rule in machine.compiled
        if r.id in cited(rule) or rule.rule.breaks == r.id
    )
    rows = [f"[{number} {SHORT[name]}](#{SECTIONS[name]})" for name, number in found.items()]
    return ", ".join([*rows, *(words for words in stated_by(r) if not words.endswith(("row", "rows")))])


def _flow(r: Requirement) -> str:
    found = exercises().get(r.id)
    if found is None:
        return "–" if r in NOT_STATED else why("flow", r.id)
    return f"{found.scope.name}, {len(found.steps)} step{'s' * (len(found.steps) > 1)}"


def _mutants(r: Requirement) -> str:
    names = ", ".join(f"`{mutant.name}`" for mutant in mutants(r.id))
    return names or ("–" if r in NOT_STATED else why("mutant", r.id))

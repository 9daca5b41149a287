"""Explains one requirement: what it says and why, where the model states it, how it is exercised, what it catches."""

from collections import deque
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches

from rich.console import Console
from sessionproof.diagrams.citations import cited
from sessionproof.diagrams.words import CHOICES
from sessionproof.model.context import Outcome
from sessionproof.model.intents import INTENTS
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.properties import PROPERTIES
from sessionproof.model.requirements import BY_ID, PARTS, Requirement
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope, World
from sessionproof.model.table import Compiled
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .errors import UsageProblem
from .mutants.catalogue import MUTANTS
from .mutants.mutant import Mutant
from .report.seen import seen_words
from .report.visible import shown
from .report.wording import source
from .specification.holes import reasons

Step = tuple[Stimulus, Outcome]


def requirement(identifier: str) -> Requirement:
    """The requirement of this id, in any case. Raises UsageProblem that names the nearest ids."""
    wanted = identifier.strip().upper()
    if wanted not in BY_ID:
        near = get_close_matches(wanted, BY_ID, n=4, cutoff=0.5)
        hint = f"the nearest are: {', '.join(near)}" if near else f"ids look like this: {next(iter(BY_ID))}"
        raise UsageProblem(f"there is no requirement {identifier!r}; {hint}")
    return BY_ID[wanted]


def citing(identifier: str) -> list[tuple[Compiled, tuple[str, ...]]]:
    """The rows of the tables that cite a requirement, each with the places that witness it."""
    rows = [(rule, cited(rule)) for machine in MACHINES for rule in machine.compiled]
    return [
        (rule, ids.get(identifier, ("broken by it",)))
        for rule, ids in rows
        if identifier in ids or rule.rule.breaks == identifier
    ]


def shortest_flow(identifier: str) -> tuple[Scope, list[Step]] | None:
    """A shortest flow whose last step witnesses the requirement, in the smallest scope that has one of that length.

    None if no scope has any. Scopes of the requirement's own profile come first.
    """
    best: tuple[Scope, list[Step]] | None = None
    own = BY_ID[identifier].profile
    for scope in sorted(SCOPES, key=lambda s: (profile_of(s) != own, s.browsers * s.tabs * len(s.apps))):
        flow = _search(scope, identifier, len(best[1]) if best else None)
        if flow:
            best = (scope, flow)
    return best


def mutants_caught(identifier: str) -> list[Mutant]:
    """The faulty copies of the reference that this requirement must catch."""
    return [mutant for mutant in MUTANTS if mutant.requirement == identifier]


def print_explanation(out: Console, identifier: str) -> None:
    """Print everything about one requirement. Raises UsageProblem for an id that does not exist."""
    r = requirement(identifier)
    out.print(shown(f"{r.id} ({r.level})", "bold"))
    out.print(shown(f"  {r.sentence}"))
    out.print(shown(f"  why: {INTENTS[r.id]}"))
    out.print(shown(f"  source: {source(r.source)}", "dim"))
    needs = f", for targets with: {r.needs}" if r.needs else ""
    out.print(shown(f"  layer {r.layer}, profile {r.profile}{needs}", "dim"))
    for heading, lines in (
        ("in the model", list(_stated(r)) or _none("rows", r.id)),
        ("shortest flow that exercises it", list(_flow(r.id)) or _none("flow", r.id)),
        ("mutants that it catches", [f"{m.name}: {fault(m)}" for m in mutants_caught(r.id)] or _none("mutant", r.id)),
    ):
        out.print()
        out.print(shown(heading, "bold"))
        for line in lines:
            out.print(shown(f"  {line}"))


def _none(what: str, identifier: str) -> list[str]:
    """Why there is none, where SPEC.md says it, too."""
    reason = reasons().get((what, identifier), "")
    return [f"none: {reason}" + ("; a run reports it untested" if what == "rows" else "") if reason else "none"]


def fault(mutant: Mutant) -> str:
    """What is wrong with a mutant, as its class says it."""
    rules = mutant.rules
    for decisions in (getattr(rules, party.name) for party in fields(rules)):
        parts = [value for value in vars(decisions).values() if isinstance(value, type)]
        for part in (decisions, *parts):
            if ".mutants." in part.__module__ and part.__doc__:
                return " ".join(part.__doc__.split())
    raise ValueError(f"{mutant.name} decides nothing otherwise")


def _stated(r: Requirement) -> Iterator[str]:
    for rule, places in citing(r.id):
        row = rule.rule
        target = "stays" if row.to == "=" else row.to
        reply = f" / {row.reply}" if row.reply else ""
        yield f"{rule.key} -> {target}{reply}  (seen at: {', '.join(places)})"
    yield from (f"property, {p.kind}: {p.name}" for p in PROPERTIES if p.requirement == r.id)
    yield from (f"choice: {choice}" for choice, ids in CHOICES.items() if r.id in ids)
    if r.id in PARTS:
        yield f"met where all its parts are: {', '.join(PARTS[r.id])}"


def _flow(identifier: str) -> Iterator[str]:
    found = shortest_flow(identifier) if citing(identifier) else None
    if found is None:
        return
    scope, steps = found
    yield f"in the scope {scope.name}, from fresh browsers:"
    for number, (stimulus, outcome) in enumerate(steps, 1):
        trace = " -> ".join(" or ".join(map(seen_words, e.allowed[:3])) for e in outcome.trace)
        yield f"{number}. {stimulus}: {ACTIONS[stimulus.action]}"
        yield f"   {trace or 'nothing to see in the browser'}"


def _search(scope: Scope, identifier: str, shorter_than: int | None) -> list[Step]:
    """Breadth first, by outcomes that break nothing, until a step witnesses the requirement."""
    network = Network(scope, FEATURES)
    came: dict[World, tuple[World, Step] | None] = {scope.start(): None}
    todo = deque([(scope.start(), 1)])
    while todo:
        world, length = todo.popleft()
        if shorter_than is not None and length >= shorter_than:
            return []
        for stimulus in network.enabled(world):
            for outcome in network.step(world, stimulus):
                if outcome.breaks:
                    continue
                if _witnesses(outcome, identifier):
                    return _path(came, world, (stimulus, outcome))
                if outcome.after not in came:
                    came[outcome.after] = (world, (stimulus, outcome))
                    todo.append((outcome.after, length + 1))
    return []


def _witnesses(outcome: Outcome, identifier: str) -> bool:
    places = [*outcome.trace, *outcome.facets.values()]
    return any(identifier in expected.requirements for expected in places)


def _path(came: dict[World, tuple[World, Step] | None], world: World, last: Step) -> list[Step]:
    steps = [last]
    while (back := came[world]) is not None:
        world, step = back
        steps.append(step)
    return steps[::-1]

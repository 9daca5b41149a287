"""The model as Markdown tables for SPEC.md. Every requirement id links to its entry, which carries the anchor."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from sessionproof.model.network import MACHINES
from sessionproof.model.possible import NEEDS
from sessionproof.model.properties import PROPERTIES, prove
from sessionproof.model.requirements import CATALOGUE, PROFILES
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.table import SAME, Compiled, Machine
from sessionproof.model.vocabulary import ACTIONS, FEDERATED

from .citations import NOT_STATED, cited
from .data import DATA
from .explored import explored
from .network_chart import messages
from .problem import DiagramProblem
from .words import CHOICES, EFFECTS, FACETS, GUARDS, MESSAGES

ID = re.compile(r"\b(?:APP|AS|IDP|SYS)-\d+\b")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def link(identifier: str) -> str:
    """A requirement id that leads to its row."""
    return f"[{identifier}](#{identifier})"


def linked(words: str) -> str:
    """Words in which every requirement id leads to its entry."""
    return ID.sub(lambda match: link(match[0]), words)


def code(words: str) -> str:
    """A name of the model."""
    return f"`{words}`" if words else ""


def states(machine: Machine) -> str:
    """Each state and what it means."""
    return table(("state", "meaning"), ((_state(state), meaning) for state, meaning in machine.states.items()))


def data(machine: Machine) -> str:
    """What the machine remembers beside its state, and what that means."""
    return table(("data", "meaning"), ((code(name), linked(meaning)) for name, meaning in DATA[machine.name].items()))


def transitions(machine: Machine) -> str:
    """Every row of the machine's table."""
    heads = ("state", "message", "guard", "next state", "effects", "reply", "requirements", "choice, needs")
    return table(heads, map(_transition, machine.compiled))


def _transition(rule: Compiled) -> tuple[str, ...]:
    row = rule.rule
    unchanged = "the same, page closed" if "close" in row.effects.split(", ") else "the same"
    places = (link(i) + ("" if at == ("reply",) else f" ({', '.join(at)})") for i, at in cited(rule).items())
    notes = [f"*{variant}*" for variant in rule.variants]
    notes += [f"needs {code(row.needs)}"] if row.needs else []
    notes += [f"tolerated, breaks {link(row.breaks)}"] if row.breaks else []
    return (
        "<br>".join(map(_state, rule.sources)),
        row.message,
        row.guard,
        unchanged if row.to == SAME else _state(row.to),
        row.effects,
        row.reply,
        "<br>".join(places),
        "<br>".join(notes),
    )


def _state(state: str) -> str:
    return code(state.replace(" ", "\u00a0"))


def names(machine: Machine) -> str:
    """The guards and effects that the machine's rows name."""
    guards = [("guard", name, GUARDS[machine.name][name]) for name in machine.guards]
    effects = [("effect", name, EFFECTS[machine.name][name]) for name in machine.effects]
    return table(("", "name", "meaning"), [*guards, *effects])


def talk() -> str:
    """Every message, who sends it to whom, and what it is."""
    rows = [
        (sender, receiver, code(name), linked(MESSAGES.get(name) or ACTIONS[name]))
        for (sender, receiver), found in messages().items()
        for name in found
    ]
    return table(("from", "to", "message", "meaning"), rows)


def stimuli() -> str:
    """What can be done to the network, and the feature that it needs."""
    rows = ((code(action), meaning, code(NEEDS.get(action, ""))) for action, meaning in ACTIONS.items())
    return table(("stimulus", "meaning", "needs"), rows)


def facets() -> str:
    """The places that a requirement can be witnessed at."""
    return table(("place", "what is compared"), ((code(name), meaning) for name, meaning in FACETS.items()))


def choices() -> str:
    """Every choice, the machine that makes it, and the requirement that leaves it."""
    owner = {v: machine.title for machine in reversed(MACHINES) for rule in machine.compiled for v in rule.variants}
    rows = ((f"*{choice}*", owner[choice], ", ".join(map(link, CHOICES[choice]))) for choice in CHOICES)
    return table(("choice", "of", "left by"), rows)


def profiles() -> str:
    """Each profile: how many requirements of each level it has, and which of them are not in the model yet."""
    rows = []
    for profile in PROFILES:
        mine = [r for r in CATALOGUE if r.profile == profile]
        counts = [str(sum(r.level == level for r in mine)) for level in ("MUST", "SHOULD", "MAY")]
        missing = [link(r.id) for r in NOT_STATED if r.profile == profile]
        rows.append((code(profile), *counts, ", ".join(missing) or "none"))
    return table(("profile", "MUST", "SHOULD", "MAY", "not in the model yet"), rows)


@cache
def properties() -> str:
    """What is proved of the whole network, and in how many scopes; raises DiagramProblem if a proof fails."""
    proved: Counter[str] = Counter()
    for scope in SCOPES:
        for result in prove(explored(scope)):
            if not result.holds:
                raise DiagramProblem(f"{scope.name}: this property of the model does not hold: {result.property.name}")
            proved[result.property.name] += 1
    rows = ((link(p.requirement), p.name, p.kind, str(proved[p.name])) for p in PROPERTIES)
    return table(("requirement", "property", "holds", "in scopes"), rows)


def scopes() -> str:
    """The bounds that the model is explored in, with every feature, and how many states and answers they have."""
    heads = ("scope", "applications", "users", "browsers", "tabs", "lifetimes in ticks", "states", "answers")
    return table(heads, map(_scope, SCOPES))


def _scope(scope: Scope) -> tuple[str, ...]:
    graph = explored(scope)
    local = f"local {scope.local_idle} idle, {scope.local_absolute} absolute"
    server = f"server {scope.server_idle} idle, {scope.server_absolute} absolute"
    timed = any((scope.local_idle, scope.local_absolute, scope.server_idle, scope.server_absolute))
    users = ", ".join(dict.fromkeys((*scope.users, *(user + FEDERATED for user in scope.provider_users))))
    return (
        scope.name,
        ", ".join(scope.apps),
        users,
        str(scope.browsers),
        str(scope.tabs),
        f"{local}; {server}" if timed else "none",
        f"{len(graph.states):,}",
        f"{sum(map(len, graph.out)):,}",
    )

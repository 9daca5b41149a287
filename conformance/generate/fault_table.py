"""The table of faults: which kind of step shows which alteration of the model's tables.

`sessionproof faults` works it out. That takes minutes, so it is kept in a file beside this one, with a digest of what
it was made from: where that has changed since, it still puts flows in order, and a test says that it is out of date.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from sessionproof.model.explore import Edge
from sessionproof.model.network import MACHINES
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Local, Scope, Server, World
from sessionproof.model.vocabulary import Stimulus

from .cover import bystanders
from .expectations import Expectation

FILE = "faults.json"
Kind = tuple[tuple[str, ...], str, str, tuple[str, ...]]
"""Rules that fire, action, argument (but no user), and what else is true there: see `_beside`."""


class Later(NamedTuple):
    """A flow that shows faults which no step shows at once."""

    scope: str
    flow: tuple[Stimulus, ...]
    faults: tuple[int, ...]


class FaultTable(NamedTuple):
    """`edges`: how many each scope has; `steps`: how many a run on the bundled reference takes there.

    `rules`, `changes`: the key of the rule of each fault, and what is changed.
    `expectations`: what must be seen and what requires it. `shows`, `expects`: faults, and expectations, by the digest
    of a kind of step. `later`: flows for the other faults. `equivalent`: faults that make no difference in any step of
    any scope, see `equivalent.py`. `unseen`: those that make one, but no flow was found on which it is seen: tried are
    the first step of each kind, and some steps after it.
    """

    digest: str
    edges: dict[str, int]
    steps: dict[str, int]
    rules: tuple[str, ...]
    changes: tuple[str, ...]
    expectations: tuple[Expectation, ...]
    shows: dict[str, tuple[int, ...]]
    expects: dict[str, tuple[int, ...]]
    later: tuple[Later, ...]
    equivalent: tuple[int, ...]
    unseen: tuple[int, ...]


def kind_of(scope: Scope, world: World, edge: Edge) -> Kind:
    """What is the same in all steps that show the same faults, as far as can be told without trying."""
    stimulus = edge.stimulus
    arg = "" if stimulus.action in ("credentials", "choose account") else stimulus.arg
    beside = {*bystanders(world, stimulus), *_beside(scope, world, stimulus)}
    return edge.rules, stimulus.action, arg, tuple(sorted(beside))


def _beside(scope: Scope, world: World, stimulus: Stimulus) -> Iterator[str]:
    """What no rule asks for, and what a faulty target may confuse with the session in question, or forget about it."""
    browser = world.browsers[stimulus.browser]
    own = scope.apps.index(stimulus.app) if stimulus.app else 0
    for at, local in enumerate(browser.locals):
        if local.user and at != own:
            yield "logged in at the application before" if at < own else "logged in at the application after"
        yield from _worn("local", local, scope.local_idle, scope.local_absolute)
    if any(tab.open for at, tab in enumerate(browser.tabs) if at != stimulus.tab):
        yield "another tab"
    server = browser.server
    usual = scope.remembered_idle if server.remembered else scope.server_idle
    yield from _worn("server", server, usual, scope.remembered_absolute if server.remembered else scope.server_absolute)
    yield from _worn("provider", browser.provider, scope.provider_idle, scope.provider_absolute)
    yield from (name for name in ("chosen", "factor", "half", "remembered") if getattr(server, name))


def _worn(whose: str, session: Local | Server, idle: int, absolute: int) -> Iterator[str]:
    """Which lifetimes have run down in part: whether they are set anew can be seen only then."""
    if session.user and session.idle < idle:
        yield f"{whose} idle time is running"
    if session.user and session.absolute < absolute:
        yield f"{whose} absolute time is running"


@cache
def name_of(kind: Kind) -> str:
    """A short stable name for a kind."""
    return hashlib.sha256(json.dumps(kind).encode()).hexdigest()[:12]


def digest_of_tables() -> str:
    """Changes with every rule and every scope."""
    rules = [list(c.rule) for machine in MACHINES for c in machine.compiled]
    scopes = [[*map(str, scope._replace(needs=frozenset())), sorted(scope.needs)] for scope in SCOPES]
    return hashlib.sha256(json.dumps([rules, scopes]).encode()).hexdigest()[:16]


@cache
def fault_table() -> FaultTable:
    """The table in the file."""
    data = json.loads(_text())
    named: dict[str, list[str]] = data["faults"]
    rules = tuple(key for key, changes in named.items() for _ in changes)
    changes = tuple(what for changes in named.values() for what in changes)
    later = (Later(x["scope"], tuple(Stimulus(*s) for s in x["flow"]), tuple(x["faults"])) for x in data["later"])
    shows = {name: tuple(numbers) for name, numbers in data["shows"].items()}
    expects = {name: tuple(numbers) for name, numbers in data["expects"].items()}
    expectations = tuple(Expectation(*x) for x in data["expectations"])
    unshown = tuple(data["equivalent"]), tuple(data["unseen"])
    made = data["tables"], data["edges"], data.get("steps", {})
    return FaultTable(*made, rules, changes, expectations, shows, expects, tuple(later), *unshown)


def with_steps(steps: dict[str, int]) -> str:
    """The file again, with how many steps a run on the bundled reference takes in each scope."""
    return as_json({**json.loads(_text()), "steps": {scope.name: steps.get(scope.name, 1) for scope in SCOPES}})


def _text() -> str:
    return files(__package__).joinpath(FILE).read_text(encoding="utf-8")


def as_json(data: dict[str, Any]) -> str:
    """JSON with one line for each entry of each part, so that a change can be read."""
    parts = []
    for name, value in data.items():
        text = json.dumps(value)
        if isinstance(value, dict):
            text = ",\n  ".join(f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items())
            text = f"{{\n  {text}\n }}"
        elif name in ("later", "expectations"):
            text = ",\n  ".join(map(json.dumps, value))
            text = f"[\n  {text}\n ]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{" + ",\n ".join(parts) + "}\n"

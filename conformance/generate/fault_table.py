"""The table of faults: which kind of step shows which alteration of the model's tables.

`sessionproof faults` works it out. That takes minutes, so it is kept in a file beside this one, with a digest of what
it was made from: where that has changed since, it still puts flows in order, and a test says that it is out of date.
"""

import hashlib
import json
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from sessionproof.model.explore import Edge
from sessionproof.model.network import MACHINES
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .cover import bystanders

FILE = "faults.json"
Kind = tuple[tuple[str, ...], str, str, tuple[str, ...]]
"""Rules that fire, action, argument (but no user), and who else is logged in."""
UNCITED = 0.1
"""What all faults of a rule are worth that states no chosen requirement, where those of one requirement are worth 1."""


class Later(NamedTuple):
    """A flow that shows faults which no step shows at once."""

    scope: str
    flow: tuple[Stimulus, ...]
    faults: tuple[int, ...]


class FaultTable(NamedTuple):
    """`edges`: how many each scope has; `steps`: how many a run on the bundled reference takes there.

    `rules`, `changes`: the key of the rule of each fault, and what is changed.
    `shows`: faults by the digest of a kind of step. `later`: flows for the others. `unseen`: faults that nothing shows
    within the bound. Only the first step of each kind is tried, so that one whose effect takes time that has passed
    before may be among them.
    """

    digest: str
    edges: dict[str, int]
    steps: dict[str, int]
    rules: tuple[str, ...]
    changes: tuple[str, ...]
    shows: dict[str, tuple[int, ...]]
    later: tuple[Later, ...]
    unseen: tuple[int, ...]

    def worth(self, selected: Collection[str]) -> dict[int, float]:
        """What it is worth to show each fault: all those of one chosen requirement together are worth 1."""
        cited = {c.key: set(c.cited).intersection(selected) for machine in MACHINES for c in machine.compiled}
        stating: dict[str, int] = {}
        for ids in cited.values():
            for identifier in ids:
                stating[identifier] = stating.get(identifier, 0) + 1
        alike = {key: self.rules.count(key) for key in set(self.rules)}
        worth = {key: sum(1 / stating[i] for i in ids) or UNCITED for key, ids in cited.items()}
        return {n: worth.get(key, 0.0) / alike[key] for n, key in enumerate(self.rules)}


def kind_of(world: World, edge: Edge) -> Kind:
    """What is the same in all steps that show the same faults, as far as can be told without trying."""
    stimulus = edge.stimulus
    arg = "" if stimulus.action in ("credentials", "choose account") else stimulus.arg
    beside = bystanders(world, stimulus)
    return edge.rules, stimulus.action, arg, tuple(sorted(beside))


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
    return FaultTable(
        data["tables"], data["edges"], data.get("steps", {}), rules, changes, shows, tuple(later), tuple(data["unseen"])
    )


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
        elif name == "later":
            text = ",\n  ".join(map(json.dumps, value))
            text = f"[\n  {text}\n ]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{" + ",\n ".join(parts) + "}\n"

"""What a machine is: a table of rules, the meaning of its states, and the few guards and effects that rules name.

The table is the truth. Executor, diagrams, SPEC.md, flows and coverage are derived from it; `network` only carries
messages. A rule reads: in `state`, on `message`, if `guard`: go `to`, do `effects`, answer `reply`; `ids` say why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .context import Context

SAME = "="
"""As target: the state stays; as source list see `Machine.sources`."""


class Rule(NamedTuple):
    """One row.

    `state`: source states, `|` between them. `guard`: names with ` and ` between them, `not ` before one. `effects`:
    names with `, ` between them. `reply`: the message or page that answers. `ids`: requirement ids that the reply
    witnesses; `facet:ID` says which requirement another observation of this step witnesses. `variant`: where the
    standards leave a choice (MAY), the name of this choice; `needs`: the feature without which the rule does not exist;
    `breaks`: the SHOULD that a target which does this does not follow (a warning, and the model goes on from there).
    """

    state: str
    message: str
    guard: str
    to: str
    effects: str
    reply: str
    ids: str
    variant: str = ""
    needs: str = ""
    breaks: str = ""


Guard = Callable[["Context"], bool]
Effect = Callable[["Context"], None]


@dataclass(frozen=True)
class Compiled:
    """A rule made ready to run; `key` identifies it in logs and coverage, and does not depend on its position."""

    key: str
    machine: str
    rule: Rule
    sources: tuple[str, ...]
    guards: tuple[tuple[bool, Guard], ...]
    effects: tuple[Effect, ...]
    requirements: tuple[str, ...]
    facets: dict[str, tuple[str, ...]]
    variants: tuple[str, ...]

    @property
    def cited(self) -> tuple[str, ...]:
        """Every requirement that the rule states, at whatever place."""
        ids = (self.requirements, *self.facets.values(), (self.rule.breaks,))
        return tuple(i for some in ids for i in some if i)


@dataclass(frozen=True)
class Machine:
    """A named table. `states` maps each state to what it means; `read` and `write` connect it with the world."""

    name: str
    title: str
    states: dict[str, str]
    rules: tuple[Rule, ...]
    guards: dict[str, Guard]
    effects: dict[str, Effect]
    read: Callable[["Context"], str]
    write: Callable[["Context", str], None]
    by_message: dict[tuple[str, str], tuple[Compiled, ...]] = field(default_factory=dict)
    compiled: tuple[Compiled, ...] = ()

    def __post_init__(self) -> None:
        compiled = tuple(self._compile(rule) for rule in self.rules)
        keys = [c.key for c in compiled]
        if twice := {k for k in keys if keys.count(k) > 1}:
            raise ValueError(f"{self.name}: rules with the same state, message, guard and variant: {sorted(twice)}")
        table: dict[tuple[str, str], list[Compiled]] = {}
        for c in compiled:
            for source in c.sources:
                table.setdefault((source, c.rule.message), []).append(c)
        object.__setattr__(self, "compiled", compiled)
        object.__setattr__(self, "by_message", {k: tuple(v) for k, v in table.items()})

    def _compile(self, rule: Rule) -> Compiled:
        sources = tuple(rule.state.split("|"))
        guarded = [(not g.startswith("not "), g.removeprefix("not ")) for g in _names(rule.guard, " and ")]
        effects = _names(rule.effects, ", ")
        for what, named, known in (
            ("states", (*sources, rule.to), {*self.states, SAME}),
            ("guards", [name for _, name in guarded], self.guards.keys()),
            ("effects", effects, self.effects.keys()),
        ):
            if unknown := [name for name in named if name not in known]:
                raise ValueError(f"{self.name}: {rule.message!r} names unknown {what} {unknown}")
        plain = tuple(i for i in rule.ids.split() if ":" not in i)
        facets: dict[str, tuple[str, ...]] = {}
        for name, identifier in (i.split(":") for i in rule.ids.split() if ":" in i):
            facets[name] = (*facets.get(name, ()), identifier)
        key = f"{self.name}: {rule.state} / {rule.message}" + "".join(
            f" [{part}]" for part in (rule.guard, rule.variant) if part
        )
        return Compiled(
            key,
            self.name,
            rule,
            sources,
            tuple((wanted, self.guards[name]) for wanted, name in guarded),
            tuple(self.effects[name] for name in effects),
            plain,
            facets,
            tuple(_names(rule.variant, "; ")),
        )


def _names(text: str, separator: str) -> list[str]:
    return [part for part in text.split(separator) if part]


def group(*states: str) -> str:
    """Several source states in one cell."""
    return "|".join(states)

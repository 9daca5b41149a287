"""What the tables do in one step: which row fires in which state of its machine, and the state that follows.

Drawings and the happy path both come from here, so that an arrow exists only where a row of the model fired.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from sessionproof.model.context import BACK_CHANNEL, Context, Outcome
from sessionproof.model.network import FEATURES, HAND_MADE, MACHINES, SERVER, Network
from sessionproof.model.possible import FORMS
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, Tab, World
from sessionproof.model.stories import Story
from sessionproof.model.table import SAME, Compiled
from sessionproof.model.vocabulary import Stimulus

from .problem import DiagramProblem
from .seed_steps import CHOICES

Taken = tuple[tuple[Stimulus, Outcome], ...]
"""A run of the model: each stimulus, and which of its outcomes was taken."""


class Fired(NamedTuple):
    """One row that fired: `before` and `after` are states of its machine."""

    rule: Compiled
    before: str
    after: str


def target(rule: Compiled, source: str) -> str:
    """The state after `rule` in `source`. The effect `close` takes the page away that stood open (`created+login`)."""
    if rule.rule.to != SAME:
        return rule.rule.to
    return source.partition("+")[0] if "close" in rule.rule.effects.split(", ") else source


def states(scope: Scope, world: World, stimulus: Stimulus) -> tuple[str, ...]:
    """The state of each machine when `stimulus` begins.

    A form is sent from the page that stands open in the tab; anything else leaves that page first, and a hand-made
    request at the authorization server stands for one that the application sent.
    """
    context = Context(scope, world, stimulus)
    context.app = context.app or scope.apps[0]
    if stimulus.action not in FORMS:
        at_server = HAND_MADE.get(stimulus.action, ("", ""))[0] is SERVER and stimulus.action not in BACK_CHANNEL
        context.tab = Tab("asked", context.app) if at_server else Tab()
    return tuple(machine.read(context) for machine in MACHINES)


def follow(scope: Scope, world: World, stimulus: Stimulus, outcome: Outcome) -> Iterator[Fired]:
    """The rows of `outcome`, each with the states that it leads from and to.

    Raises DiagramProblem where the tables alone do not explain the run: then no drawing of them would be true.
    """
    names = [machine.name for machine in MACHINES]
    now = list(states(scope, world, stimulus))
    for rule in outcome.rules:
        at = names.index(rule.machine)
        if now[at] not in rule.sources:
            raise DiagramProblem(f"{rule.key} fired in {now[at]!r}, which is none of its states")
        before, now[at] = now[at], target(rule, now[at])
        yield Fired(rule, before, now[at])
        if rule.rule.reply == "return":  # the browser leaves the page that stood open in this tab
            now = [state.partition("+")[0] for state in now]


def scope_named(name: str) -> Scope:
    """The scope of this name. Raises DiagramProblem if there is none."""
    for scope in SCOPES:
        if scope.name == name:
            return scope
    raise DiagramProblem(f"there is no scope {name!r}; the model has: {', '.join(s.name for s in SCOPES)}")


def choose(scope: Scope, flow: Iterable[Stimulus], usual: frozenset[str], special: frozenset[str]) -> Taken:
    """Run a flow on a target that makes its `special` choices wherever it can, and beside them none but the usual ones.

    Raises DiagramProblem if a step is not possible. Where the model leaves several outcomes, the first is taken.
    """
    network, world = Network(scope, FEATURES), scope.start()
    taken: list[tuple[Stimulus, Outcome]] = []
    for stimulus in flow:
        possible = stimulus in network.enabled(world)
        outcomes = [o for o in network.step(world, stimulus) if possible and not o.breaks]
        if not outcomes:
            raise DiagramProblem(f"{stimulus} is not possible in the scope {scope.name} after {len(taken)} steps")
        made = [{variant for variant, _ in outcome.choices} for outcome in outcomes]
        ranks = [(-len(choices & special), len(choices - usual - special)) for choices in made]
        outcome = outcomes[ranks.index(min(ranks))]
        taken.append((stimulus, outcome))
        world = outcome.after
    return tuple(taken)


@cache
def story(told: Story) -> Taken:
    """The model's run of one of the seed's stories, with the choices that the seed's text makes."""
    return choose(scope_named(told.scope), told.flow, CHOICES[told.name], frozenset())


def every_row(told: Story) -> Iterator[Fired]:
    """The rows that fire in a story of the seed."""
    scope = scope_named(told.scope)
    world = scope.start()
    for stimulus, outcome in story(told):
        yield from follow(scope, world, stimulus, outcome)
        world = outcome.after

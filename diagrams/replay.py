"""What the tables do in one step: which row fires in which state of its machine, and the state that follows.

Drawings and the happy path both come from here, so that an arrow exists only where a row of the model fired.
"""

from collections.abc import Iterator
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


class Fired(NamedTuple):
    """One row that fired: `before` and `after` are states of its machine."""

    rule: Compiled
    before: str
    after: str


class Step(NamedTuple):
    """One stimulus of a story. `before` and `after`: the state of each machine, in the order of `MACHINES`."""

    stimulus: Stimulus
    before: tuple[str, ...]
    fired: tuple[Fired, ...]
    after: tuple[str, ...]


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


def run(story: Story) -> tuple[Step, ...]:
    """Run a story with the choices that the seed's text makes.

    Raises DiagramProblem if the model allows none or several outcomes for them; `seed_steps.CHOICES` must say more.
    """
    scope = next(s for s in SCOPES if s.name == story.scope)
    network, world, steps = Network(scope, FEATURES), scope.start(), []
    for stimulus in story.flow:
        outcomes = [
            outcome
            for outcome in network.step(world, stimulus)
            if not outcome.breaks and {variant for variant, _ in outcome.choices} <= CHOICES[story.name]
        ]
        if len(outcomes) != 1:
            raise DiagramProblem(
                f"{story.name}: {stimulus} has {len(outcomes)} outcomes with the seed's choices, not 1"
            )
        fired = tuple(follow(scope, world, stimulus, outcomes[0]))
        before, world = states(scope, world, stimulus), outcomes[0].after
        after = Context(scope, world, stimulus)
        after.app = scope.apps[0]
        steps.append(Step(stimulus, before, fired, tuple(machine.read(after) for machine in MACHINES)))
    return tuple(steps)

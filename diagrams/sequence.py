"""A story as a list of events, from the model's own run of it: what a sequence chart shows, in order."""

from typing import NamedTuple

from sessionproof.model.network import MACHINES
from sessionproof.model.stories import Story
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .network_chart import BROWSER, receiver
from .replay import Fired, run
from .seed_steps import NUMBERS

PARTIES = (BROWSER, *(machine.title for machine in MACHINES))
TITLES = {machine.name: machine.title for machine in MACHINES}


class Act(NamedTuple):
    """A new stimulus begins."""

    text: str


class Arrow(NamedTuple):
    """A message from one party to another; `numbers` are the seed's for it."""

    source: str
    target: str
    text: str
    numbers: tuple[str, ...]


class Change(NamedTuple):
    """A machine is in another state now."""

    party: str
    state: str
    numbers: tuple[str, ...]


class States(NamedTuple):
    """The states of all machines, in the order of `MACHINES`."""

    states: tuple[str, ...]


Event = Act | Arrow | Change | States


def events(story: Story) -> list[Event]:
    """Everything that happens in a story, in order; the states of all machines come first, and after every stimulus."""
    steps, numbers = run(story), NUMBERS[story.name]
    found: list[Event] = [States(steps[0].before)]
    for at, step in enumerate(steps, 1):
        found.append(Act(f"{at}. {words(step.stimulus)}"))
        first = step.fired[0].rule
        found.append(_arrow(BROWSER, TITLES[first.machine], first.rule.message, numbers))
        for fired in step.fired:
            found += _reaction(fired, numbers)
        found.append(States(step.after))
    return found


def words(stimulus: Stimulus) -> str:
    """A stimulus with its meaning."""
    return f"{stimulus}: {ACTIONS[stimulus.action]}"


def numbers_of(story: Story) -> list[tuple[str, ...]]:
    """The seed's numbers that the chart shows for each stimulus, sorted; to be compared with `story.steps`."""
    found: list[set[str]] = []
    for event in events(story):
        if isinstance(event, Act):
            found.append(set())
        elif isinstance(event, Arrow | Change):
            found[-1].update(event.numbers)
    return [tuple(sorted(numbers)) for numbers in found]


def _reaction(fired: Fired, numbers: dict[str, tuple[str, ...]]) -> list[Event]:
    party = TITLES[fired.rule.machine]
    found: list[Event] = []
    if fired.before != fired.after:
        found.append(Change(party, fired.after, numbers.get(f"{fired.rule.machine}: {fired.after}", ())))
    if reply := fired.rule.rule.reply:
        found.append(_arrow(party, receiver(reply), reply, numbers))
    return found


def _arrow(source: str, target: str, text: str, numbers: dict[str, tuple[str, ...]]) -> Arrow:
    return Arrow(source, target, text, numbers.get(text, ()))

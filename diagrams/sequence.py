"""A run of the model as a list of events: what a sequence chart shows, in order."""

from collections.abc import Iterator
from typing import NamedTuple

from sessionproof.model.context import Context, Outcome
from sessionproof.model.network import LOCAL, MACHINES, PROVIDER, SERVER
from sessionproof.model.state import Scope, World
from sessionproof.model.stories import Story
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .network_chart import BROWSER, CLOCK, SPOKEN_FOR, receiver, sender
from .problem import DiagramProblem
from .replay import Fired, Taken, follow, scope_named, states, story
from .seed_steps import NUMBERS

TITLES = {machine.name: machine.title for machine in MACHINES}
TELLS = {"back channel": "logout token", "front channel": "front-channel logout"}
"""What the server tells the other applications, by the channel."""

Numbers = dict[str, tuple[str, ...]]
"""The seed's numbers, by what they are for: a message, or `machine: state`."""


class Play(NamedTuple):
    """A run with a name, to be drawn. `text` says what it shows, in a sentence or two."""

    name: str
    title: str
    text: str
    scope: Scope
    taken: Taken
    numbers: Numbers
    everybody: bool = False
    """Whether parties are drawn that have no part in it."""


class Act(NamedTuple):
    """A new stimulus begins."""

    text: str


class Arrow(NamedTuple):
    """A message from one party to another; `numbers` are the seed's for it, `ids` the requirements it witnesses."""

    source: str
    target: str
    text: str
    numbers: tuple[str, ...]
    ids: tuple[str, ...] = ()


class Change(NamedTuple):
    """A machine is in another state now."""

    party: str
    state: str
    numbers: tuple[str, ...]


class States(NamedTuple):
    """The state of every party that has one."""

    states: dict[str, str]


Event = Act | Arrow | Change | States


def play_of(told: Story) -> Play:
    """A story of the seed, to be drawn."""
    name, scope = told.name.replace(" ", "_"), scope_named(told.scope)
    return Play(name, f"{told.name}: {told.title}", "", scope, story(told), NUMBERS[told.name], everybody=True)


def parties(play: Play) -> dict[str, str]:
    """The parties of a play from left to right, each with the name of its machine; the browser has none."""
    rules = {rule.machine for _, outcome in play.taken for rule in outcome.rules}
    servers = [m for m in (SERVER, PROVIDER) if m is SERVER or play.everybody or m.name in rules]
    apps = dict.fromkeys((_party(play.scope, app) for app in play.scope.apps), LOCAL.name)
    return {BROWSER: "", **apps, **{machine.title: machine.name for machine in servers}}


def events(play: Play) -> Iterator[Event]:
    """Everything that happens, in order; the states of all parties come first, and after every stimulus."""
    shown, world = parties(play), play.scope.start()
    before = _states(play.scope, world, play.taken[0][0], begins=True)
    yield States({party: state for party, state in before.items() if party in shown})
    for number, (stimulus, outcome) in enumerate(play.taken, 1):
        yield Act(f"{number}. {words(stimulus)}")
        for event in _step(play, world, stimulus, outcome):
            if not isinstance(event, Arrow) or event.source != CLOCK:
                yield event
        world = outcome.after
        after = _states(play.scope, world, stimulus, begins=False)
        yield States({party: state for party, state in after.items() if party in shown})


def words(stimulus: Stimulus) -> str:
    """A stimulus with its meaning."""
    return f"{stimulus}: {ACTIONS[stimulus.action]}"


def numbers_of(play: Play) -> list[tuple[str, ...]]:
    """The seed's numbers that the chart shows for each stimulus, sorted."""
    found: list[set[str]] = []
    for event in events(play):
        if isinstance(event, Act):
            found.append(set())
        elif isinstance(event, Arrow | Change):
            found[-1].update(event.numbers)
    return [tuple(sorted(numbers)) for numbers in found]


def _step(play: Play, world: World, stimulus: Stimulus, outcome: Outcome) -> Iterator[Event]:
    app = _party(play.scope, outcome.app or play.scope.apps[0])
    try:
        rows = list(follow(play.scope, world, stimulus, outcome))
    except DiagramProblem:  # it happens to several sessions at once: no message leads from one to the other
        after, shown = _states(play.scope, outcome.after, stimulus, begins=False), parties(play)
        for party, state in _states(play.scope, world, stimulus, begins=True).items():
            if party in shown and state != after[party]:
                yield Change(party, after[party], ())
        return
    first = rows[0].rule
    source, to = sender(first.rule.message), app if first.machine == LOCAL.name else TITLES[first.machine]
    yield _arrow(play, SPOKEN_FOR.get(source, source), to, first.rule.message)
    for fired in rows:
        party = app if fired.rule.machine == LOCAL.name else TITLES[fired.rule.machine]
        if fired.before != fired.after:
            numbers = play.numbers.get(f"{fired.rule.machine}: {fired.after}", ())
            yield Change(party, fired.after, numbers)
        if "end" in fired.rule.rule.effects.split(", "):
            yield from _told(play, outcome, fired)
        if reply := fired.rule.rule.reply:
            to = receiver(reply, TITLES[fired.rule.machine])
            to = app if to == LOCAL.title else to
            yield _arrow(play, party, SPOKEN_FOR.get(to, to), reply)._replace(ids=fired.rule.requirements)


def _told(play: Play, outcome: Outcome, fired: Fired) -> Iterator[Event]:
    """The other applications hear of the logout, and their sessions end."""
    for name, expected in outcome.facets.items() if fired.rule.machine == SERVER.name else ():
        if name.startswith("told ") and expected.allowed == ("yes",):
            app = name.removeprefix("told ")
            local = outcome.after.browsers[0].locals[play.scope.apps.index(app)]
            yield _arrow(play, SERVER.title, _party(play.scope, app), TELLS[play.scope.notifies])
            yield Change(_party(play.scope, app), local.session, ())


def _states(scope: Scope, world: World, stimulus: Stimulus, begins: bool) -> dict[str, str]:
    """The state of each party, before a stimulus or after it."""
    context = Context(scope, world, stimulus)
    found: dict[str, str] = {}
    for context.app in scope.apps:
        found[_party(scope, context.app)] = LOCAL.read(context)
    servers = [machine.read(context) for machine in MACHINES]
    if begins:
        servers = list(states(scope, world, stimulus))
    elif not context.tab.by:  # a request to the provider for which no login of the server waits
        servers[MACHINES.index(SERVER)] = context.server.session
    return found | {m.title: s for m, s in zip(MACHINES, servers, strict=True) if m is not LOCAL}


def _party(scope: Scope, app: str) -> str:
    return LOCAL.title if len(scope.apps) == 1 else f"Application {app}"


def _arrow(play: Play, source: str, to: str, text: str) -> Arrow:
    return Arrow(source, to, text, play.numbers.get(text, ()))

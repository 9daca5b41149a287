"""Every way in which a session ends, as runs of the model to be drawn: chosen ones first, then whatever they leave out.

A run says which stimuli and which choices of the target; what follows from them, the tables say. A stimulus that ends a
session and is in none of them gets the shortest flow to it, so that no new kind of logout stays without a chart.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Browser, World
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .explored import Path, explored, ways
from .problem import DiagramProblem
from .replay import choose, scope_named
from .sequence import Play

USUAL = frozenset(
    {
        "local session begins when login succeeds",
        "server session begins at the authorization request",
        "does not ask for consent",
        "provider session begins at the visit",
        "provider does not ask for consent",
    }
)
"""What the targets in these runs choose; a run may add to it."""

ASKS = "asks before every logout"


class Ending(NamedTuple):
    """A run: its title, what it shows, the scope that it lives in, its stimuli, and further choices that are made."""

    name: str
    title: str
    text: str
    scope: str
    flow: tuple[Stimulus, ...]
    choices: frozenset[str] = frozenset()


def _visit(app: str = "shop") -> Stimulus:
    return Stimulus("visit orders", app)


LOGIN = (_visit(), Stimulus("credentials", "", "alice"))
FEDERATED = (_visit(), Stimulus("choose provider"), Stimulus("credentials", "", "alice"))
EVERYWHERE = Stimulus("log out everywhere", "shop")
WAIT = Stimulus("wait")

ENDINGS = (
    Ending(
        "logout_local",
        "Local logout",
        "Only the application's session ends: the next visit logs in again without a question.",
        "logout-rp",
        (*LOGIN, Stimulus("log out here", "shop"), _visit()),
    ),
    Ending(
        "logout_rp",
        "RP-initiated logout",
        "The request carries an ID token of the session, so nobody is asked. Both sessions are gone: the next visit "
        "leads to the login page.",
        "logout-rp",
        (*LOGIN, EVERYWHERE, _visit()),
    ),
    Ending(
        "logout_rp_accepted",
        "RP-initiated logout, the server asks: yes",
        "A server may always ask. The application's session has ended before, the server's ends with the answer.",
        "logout-rp",
        (*LOGIN, EVERYWHERE, Stimulus("confirm logout"), _visit()),
        frozenset({ASKS}),
    ),
    Ending(
        "logout_rp_declined",
        "RP-initiated logout, the server asks: no",
        "The server's session stays as it was: the next visit needs no password.",
        "logout-rp",
        (*LOGIN, EVERYWHERE, Stimulus("decline logout"), _visit()),
        frozenset({ASKS}),
    ),
    Ending(
        "logout_backchannel",
        "Back-channel logout",
        "Two applications take part in the session. The server tells the other one from server to server.",
        "logout-backchannel",
        (*LOGIN, _visit("outlet"), EVERYWHERE, _visit("outlet")),
    ),
    Ending(
        "logout_backchannel_token",
        "Back-channel logout, seen by an application",
        "The application is under test, the suite plays the server: a logout token that names the session ends it. The "
        "server's own session goes on here, so that the next visit is answered without a question.",
        "logout-backchannel: logout token",
        (*LOGIN, Stimulus("logout token", "shop", "sid"), _visit()),
    ),
    Ending(
        "logout_frontchannel",
        "Front-channel logout",
        "The same through the browser: a page of the server loads the other application's logout address.",
        "logout-frontchannel",
        (*LOGIN, _visit("outlet"), EVERYWHERE, _visit("outlet")),
    ),
    Ending(
        "logout_frontchannel_request",
        "Front-channel logout, seen by an application",
        "The application is under test: its logout address is opened with the `iss` and `sid` of its own session.",
        "logout-frontchannel: request",
        (*LOGIN, Stimulus("front-channel logout", "shop", "own sid"), _visit()),
    ),
    Ending(
        "logout_federated",
        "Federated logout",
        "All three sessions end: the next login through the provider needs a password again.",
        "federation",
        (*FEDERATED, Stimulus("log out at the provider too", "shop"), _visit(), Stimulus("choose provider")),
    ),
    Ending(
        "ended_by_time",
        "The end of a lifetime",
        "Nobody visits the server, so its idle time runs out first. The application's session outlives it while it is "
        "used, until its absolute time is over.",
        "expiry",
        (*LOGIN, WAIT, _visit(), WAIT, _visit(), WAIT, WAIT, _visit()),
    ),
    Ending(
        "ended_by_time_at_provider",
        "The end of a lifetime at the identity provider",
        "The provider's session ends, the server's goes on: only a login through the provider shows it.",
        "expiry: the provider",
        (*FEDERATED, WAIT, WAIT, EVERYWHERE, _visit(), Stimulus("choose provider")),
    ),
    Ending(
        "ended_by_another_user",
        "Another user logs in",
        "A new login resets the sessions: nothing of the former user's remains at either layer.",
        "core",
        (*LOGIN, Stimulus("switch user", "shop"), Stimulus("credentials", "", "bob"), _visit()),
    ),
)


@cache
def plays() -> tuple[Play, ...]:
    """All runs, those that were chosen first."""
    chosen = tuple(map(_play, ENDINGS))
    return (*chosen, *_others(chosen))


def _play(ending: Ending) -> Play:
    try:
        scope = scope_named(ending.scope)
        taken = choose(scope, ending.flow, USUAL, ending.choices)
    except DiagramProblem as problem:
        raise DiagramProblem(f"diagrams/endings.py, {ending.name}: {problem}") from problem
    return Play(ending.name, ending.title, ending.text, scope, taken, {})


def ending_actions(play: Play) -> Iterator[str]:
    """The actions in a run by which somebody's session ends, and nobody's takes its place."""
    world = play.scope.start()
    for stimulus, outcome in play.taken:
        if ends_one(world, outcome.after, stimulus.browser):
            yield stimulus.action
        world = outcome.after


def ends_one(before: World, after: World, browser: int) -> bool:
    """Whether a session of this browser ends in which somebody was logged in."""
    pairs = zip(_users(before.browsers[browser]), _users(after.browsers[browser]), strict=True)
    return any(was and not now for was, now in pairs)


def _users(browser: Browser) -> tuple[str, ...]:
    return (*(local.user for local in browser.locals), browser.server.user, browser.provider.user)


def _others(chosen: tuple[Play, ...]) -> Iterator[Play]:
    shown = {action for play in chosen for action in ending_actions(play)}
    found: dict[str, tuple[int, str, Path]] = {}
    for scope in SCOPES:
        if scope.browsers > 1 or scope.tabs > 1:
            continue
        graph, mine = explored(scope), set[str]()
        for edge, path in ways(graph):
            action = edge.stimulus.action
            if action in shown or action in mine:
                continue
            if ends_one(graph.states[edge.source], edge.outcome.after, edge.stimulus.browser):
                mine.add(action)
                steps = path()
                if action not in found or len(steps) < found[action][0]:
                    found[action] = (len(steps), scope.name, steps)
    for action in ACTIONS:
        if action in found:
            _, name, steps = found[action]
            taken = tuple((edge.stimulus, edge.outcome) for edge in steps)
            choices = dict.fromkeys(v for _, outcome in taken for v, _ in outcome.choices if v not in USUAL)
            text = f"A shortest flow, in the scope {name}" + (
                f", for a target that chooses: {'; '.join(f'*{choice}*' for choice in choices)}." if choices else "."
            )
            yield Play(
                f"ended_by_{action.replace(' ', '_')}", f"{action[0].upper()}{action[1:]}: {ACTIONS[action]}", text,
                scope_named(name), taken, {},
            )  # fmt: skip

"""Who can change places with whom: users, browsers and tabs that nothing but their names tells apart.

The tables name none of them, so whatever is possible stays possible when all of a flow change places: what one user may
do, every user of the same party may. A tour need take only one of such transitions. That the graph of each scope
stays the same so is for a test to show.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from .explore import Graph
from .possible import EVERYWHERE
from .state import Browser, Scope, Server, World
from .vocabulary import FEDERATED, Stimulus


class Exchange(NamedTuple):
    """Two users, both browsers, or both tabs of every browser change places, or several of these at once."""

    users: tuple[str, ...] = ()
    browsers: bool = False
    tabs: bool = False

    def user(self, name: str) -> str:
        """Who stands where `name` stood; anything else stays."""
        plain = name.removesuffix(FEDERATED)
        return name.replace(plain, self.users[1 - self.users.index(plain)]) if plain in self.users else name

    def stimulus(self, stimulus: Stimulus) -> Stimulus:
        """The same step of those who stand there now."""
        moved = stimulus._replace(arg=self.user(stimulus.arg))
        if stimulus.action in EVERYWHERE:
            return moved
        browser = 1 - stimulus.browser if self.browsers else stimulus.browser
        tab = 1 - stimulus.tab if self.tabs and stimulus.action != "restart browser" else stimulus.tab
        return moved._replace(browser=browser, tab=tab)

    def world(self, world: World) -> World:
        """The same state of those who stand there now."""
        browsers = tuple(map(self._browser, world.browsers))
        return World(
            browsers[::-1] if self.browsers else browsers,
            tuple(sorted((self.user(user), app, what) for user, app, what in world.consents)),
            tuple(sorted(map(self.user, world.disabled))),
        )

    def _browser(self, browser: Browser) -> Browser:
        return Browser(
            tuple(local._replace(user=self.user(local.user)) for local in browser.locals),
            self._server(browser.server),
            self._server(browser.provider),
            browser.tabs[::-1] if self.tabs else browser.tabs,
        )

    def _server(self, server: Server) -> Server:
        return server._replace(user=self.user(server.user), half=self.user(server.half))


NOBODY = Exchange()


def exchanges(scope: Scope) -> Iterator[Exchange]:
    """All that leave a scope as it is; the first is NOBODY."""
    alike = scope.users if len(scope.users) > 1 else scope.provider_users if not scope.users else ()
    users = ((), alike) if len(alike) > 1 else ((),)
    yield from map(Exchange._make, product(users, _both(scope.browsers > 1), _both(scope.tabs > 1)))


def _both(wanted: bool) -> tuple[bool, ...]:
    return (False, True) if wanted else (False,)


class Alike:
    """Which transitions of a graph are one when it does not matter who is who."""

    def __init__(self, graph: Graph) -> None:
        """Find out which states have which places to change."""
        found = list(exchanges(graph.network.scope))
        self._least: list[tuple[int, list[Exchange]]] = []
        for number, world in enumerate(graph.states):
            images = [number, *(graph.number[exchange.world(world)] for exchange in found[1:])]
            least = min(images)
            self._least.append((least, [e for e, image in zip(found, images, strict=True) if image == least]))

    def one(self, state: int, stimulus: Stimulus) -> tuple[int, Stimulus]:
        """The one transition that stands for this and for all that are like it."""
        least, found = self._least[state]
        return least, stimulus if found == [NOBODY] else min(exchange.stimulus(stimulus) for exchange in found)

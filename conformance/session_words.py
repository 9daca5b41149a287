"""The sessions of a state of the model, by place (`b1/shop`, `b1/as`, `b1/idp`), as observations name them."""

from typing import NamedTuple

from sessionproof.model.state import Browser, Local, Scope, Server, World

PAGES = {
    "login": "login page open",
    "stale login": "an older login page open",
    "consent": "consent page open",
    "stale consent": "an older consent page open",
    "question": "asks whether to log out",
    "provider login": "login page open",
}


class Session(NamedTuple):
    """A session: the state that the tables name, whose it is (empty: nobody's), and what is under way there."""

    state: str
    user: str
    under_way: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join([f"{self.state}: {self.user}" if self.user else self.state, *self.under_way])


def sessions(scope: Scope, world: World) -> dict[str, Session]:
    """Every session of `world`."""
    found: dict[str, Session] = {}
    for number, browser in enumerate(world.browsers, 1):
        for app, local in zip(scope.apps, browser.locals, strict=True):
            found[f"b{number}/{app}"] = _local(browser, app, local)
        at_server = [tab.open for tab in browser.tabs if tab.open != "provider login"]
        found[f"b{number}/as"] = _server(browser.server, at_server)
        at_provider = [tab.open for tab in browser.tabs if tab.open == "provider login"]
        found[f"b{number}/idp"] = _server(browser.provider, at_provider)
    return found


def _local(browser: Browser, app: str, local: Local) -> Session:
    pending = any(tab.by == app and tab.open not in ("", "question") for tab in browser.tabs)
    return Session(local.session, local.user, ("login pending",) if pending else ())


def _server(server: Server, pages: list[str]) -> Session:
    return Session(server.session, server.user, tuple(PAGES[page] for page in dict.fromkeys(pages) if page in PAGES))

"""The state of everything, as plain tuples: what the three machines remember for every browser.

The *named* state of a machine (`created+login`) is read from these and written back to them by the machine's own file.
"""

from typing import NamedTuple

REPLAYS = frozenset({"replay callback", "redeem again", "refresh", "resend form", "wait"})
"""Stimuli for which it matters that somebody has logged in before."""


class Local(NamedTuple):
    """One application's view of one browser.

    `former`: how the session before this one went: it `ended`, or an `other` user took over (kept only in scopes that
    have a use for it).
    `joined`: the last token came from the authorization server's present session, so its `sid` and refresh token belong
    to that session. `quiet`: that token came without a login (kept where the server tells of logouts). `used`: this
    browser has logged in here before, so there is a session that ended, and an answer that could be replayed (kept only
    in scopes that have a use for it).
    """

    session: str = "absent"
    user: str = ""
    former: str = ""
    joined: bool = False
    quiet: bool = False
    used: bool = False
    idle: int = 0
    absolute: int = 0

    def ended(self) -> "Local":
        """The same after its session has ended."""
        return self._replace(session="absent", user="", idle=0, absolute=0)


class Server(NamedTuple):
    """The authorization server's, or the identity provider's, session of one browser; lifetimes in ticks left.

    `former`: how the session before this one went: `ended`, reset by the `same` user, or by an `other` (kept only in
    scopes that have a use for it). `chosen`: a login at the provider was begun, and nobody has logged in since. `old`:
    the login is of longer ago than `max_age` allows. `factor`: the second one was `given` in this session, `maybe`
    where a new login of the same user came after it. `half`: whose password was right, while the second factor is open.
    `remembered`: the session outlives the browser, and has lifetimes of its own.
    """

    session: str = "absent"
    user: str = ""
    former: str = ""
    idle: int = 0
    absolute: int = 0
    chosen: bool = False
    old: bool = False
    factor: str = ""
    half: str = ""
    remembered: bool = False


class Tab(NamedTuple):
    """What stands open in one tab: the interaction at the authorization server, and the application that caused it.

    `wants`: what the request asks for beyond a login: `more` scopes.
    """

    open: str = ""
    by: str = ""
    wants: str = ""


class Browser(NamedTuple):
    """Everything that belongs to one browser."""

    locals: tuple[Local, ...]
    server: Server
    provider: Server
    tabs: tuple[Tab, ...]


class World(NamedTuple):
    """A state of the whole network.

    `consents`: what a user has granted to an application (user, application, `basic` or `more`), or refused it
    (`refused`, `no more`); kept only in scopes that have a use for it. `disabled`: whom an administrator has disabled.
    """

    browsers: tuple[Browser, ...]
    consents: tuple[tuple[str, str, str], ...] = ()
    disabled: tuple[str, ...] = ()


class Scope(NamedTuple):
    """How much of the world is looked at: the bound of an exploration, and the stimuli that are offered in it.

    Lifetimes are in ticks of the `wait` stimulus; 0 means that time does not pass for that session; the `remembered`
    ones are the server's for whom it shall remember. `notifies`: how the authorization server tells applications of a
    logout: by the `back channel`, the `front channel`, or not at all. `remembers`: whether it matters what was granted
    and refused before.
    """

    name: str
    actions: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    apps: tuple[str, ...] = ("shop",)
    users: tuple[str, ...] = ("alice", "bob")
    provider_users: tuple[str, ...] = ()
    browsers: int = 1
    tabs: int = 1
    local_idle: int = 0
    local_absolute: int = 0
    server_idle: int = 0
    server_absolute: int = 0
    remembered_idle: int = 0
    remembered_absolute: int = 0
    provider_idle: int = 0
    provider_absolute: int = 0
    notifies: str = ""
    remembers: bool = False

    @property
    def replays(self) -> bool:
        """Whether something of a former login can be used again in this scope, or a session that is over."""
        return not REPLAYS.isdisjoint(self.actions)

    @property
    def restores(self) -> bool:
        """Whether cookies of former sessions are used in this scope, and how these ended matters."""
        return any(action.endswith("cookies of a former session") for action in self.actions)

    @property
    def ages(self) -> bool:
        """Whether it matters in this scope how long ago a login was."""
        return "require a recent login" in self.actions

    @property
    def keeps_cookies(self) -> bool:
        """Whether cookies of an earlier state of the browser are used in this scope."""
        return any("cookies" in action for action in self.actions)

    def start(self) -> World:
        """The state in which no browser has ever been anywhere."""
        local, server = Local(), Server()
        browser = Browser((local,) * len(self.apps), server, server, (Tab(),) * self.tabs)
        return World((browser,) * self.browsers)

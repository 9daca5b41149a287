"""What a rule may look at and change while a stimulus runs, and what the run leaves behind."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .state import Browser, Local, Scope, Server, Tab, World
from .vocabulary import Expected, Stimulus

if TYPE_CHECKING:
    from .table import Compiled

LASTING = (
    "login", "consent", "question", "stale login", "stale consent",
    "re-authentication", "strong login", "second factor",
    "provider login", "provider consent", "provider question",
)  # fmt: skip
"""What can stand open in a tab when a step is over; everything else is only on its way."""

BACK_CHANNEL = (
    "redeem again",
    "refresh",
    "cookies from before login",
    "cookies of a former session",
    "server cookies from before login",
    "server cookies of a former session",
    "provider cookies from before login",
    "provider cookies of a former session",
    "logout token",
    "wrong logout token",
    "front-channel logout",
    "provider logout token",
    "wrong provider logout token",
    "administrator ends the sessions",
    "administrator disables the user",
    "administrator sets a new password",
    "restart browser",
    "wait",
)
"""Stimuli that happen outside every tab."""

Tokens = dict[str, tuple[str, ...]]


class Told(NamedTuple):
    """An application that has to hear of a logout. `asked`: it asked for it; `quiet`: it took part without a prompt."""

    asked: bool
    quiet: bool


class Outcome:
    """One legal answer of the whole network to one stimulus.

    `trace`: the messages and the page that can be seen, in order. `facets`: what else must hold. `rules`: every rule
    that fired, in order. `app`: the application that the step was about.
    """

    __slots__ = ("_facets", "after", "app", "rules", "trace")

    def __init__(
        self,
        after: World,
        trace: tuple[Expected, ...],
        facets: Callable[[], dict[str, Expected]],
        rules: tuple["Compiled", ...],
        app: str,
    ) -> None:
        """`facets` are worked out when they are asked for, and not kept: exploring needs none, and there are many."""
        self.after = after
        self.trace = trace
        self.rules = rules
        self.app = app
        self._facets = facets

    @property
    def facets(self) -> dict[str, Expected]:
        """What must be seen beside the trace, by name."""
        return self._facets()

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The choices of the target (MAY) that this outcome shows, as (variant, application)."""
        return tuple((variant, self.app) for rule in self.rules for variant in rule.variants)

    @property
    def breaks(self) -> tuple[str, ...]:
        """The SHOULDs that a target with this outcome does not follow."""
        return tuple(r.rule.breaks for r in self.rules if r.rule.breaks)


class Context:
    """One run of one stimulus; copied where the model branches, so everything that it holds is immutable."""

    def branch(self) -> "Context":
        """A copy that may go another way."""
        twin = Context.__new__(Context)
        twin.__dict__.update(self.__dict__)
        return twin

    def __init__(self, scope: Scope, world: World, stimulus: Stimulus) -> None:
        """Start `stimulus` in `world`."""
        self.scope = scope
        self.stimulus = stimulus
        self.world = world
        self.here: Browser = world.browsers[stimulus.browser]
        self.tab: Tab = self.here.tabs[stimulus.tab]
        self.app = stimulus.app or self.tab.by
        self.user = stimulus.arg
        self.fault = stimulus.arg if stimulus.action == "wrong token" else ""
        if stimulus.action == "old login answer":
            self.fault = "auth_time"
        self.silent = stimulus.action == "silent check"
        self.error = ""
        self.errors: tuple[str, ...] = ()
        self.now = False
        self.fresh = False
        self.told: dict[str, Told] = {}
        self.tokens: Tokens = {}
        self.trace: tuple[Expected, ...] = ()
        self.rules: tuple[Compiled, ...] = ()

    @property
    def local(self) -> Local:
        """This browser's session at the application that the step is about."""
        return self.here.locals[self.scope.apps.index(self.app)]

    @local.setter
    def local(self, value: Local) -> None:
        at, here = self.scope.apps.index(self.app), self.here
        self.here = Browser((*here.locals[:at], value, *here.locals[at + 1 :]), here.server, here.provider, here.tabs)

    @property
    def server(self) -> Server:
        """This browser's session at the authorization server."""
        return self.here.server

    @server.setter
    def server(self, value: Server) -> None:
        self.here = Browser(self.here.locals, value, self.here.provider, self.here.tabs)

    @property
    def provider(self) -> Server:
        """This browser's session at the identity provider."""
        return self.here.provider

    @provider.setter
    def provider(self, value: Server) -> None:
        self.here = Browser(self.here.locals, self.here.server, value, self.here.tabs)

    def open(self, what: str, by: str) -> None:
        """Set what stands open in this tab, and for which application."""
        self.tab = Tab(what, by, self.tab.wants) if what else Tab()

    def joined(self) -> tuple[bool, ...]:
        """Which applications take part in the present session of the authorization server."""
        return tuple(local.joined for local in self.here.locals)

    def join(self, joined: tuple[bool, ...]) -> None:
        """Make exactly these applications take part."""
        pairs = zip(self.here.locals, joined, strict=True)
        locals_ = tuple(v if v.joined is j else v._replace(joined=j) for v, j in pairs)
        self.here = Browser(locals_, self.here.server, self.here.provider, self.here.tabs)

    def renew(self, *, same_user: bool = False) -> None:
        """The server's session is another one now: nobody takes part yet, and pages in other tabs are older than it.

        What the same user was asked before a login of theirs can still be answered.
        """
        self.join((False,) * len(self.here.locals))
        own = None if self.stimulus.action in BACK_CHANNEL else self.stimulus.tab
        tabs = tuple(tab if at == own else _stale(tab, same_user) for at, tab in enumerate(self.here.tabs))
        self.here = self.here._replace(tabs=tabs)

    def tell(self) -> None:
        """The server tells the applications that took part in its session of the logout; their sessions end.

        Whether the one that asked is told too is a variant (Back-Channel Logout 1.0 section 2.5).
        """
        if not self.scope.notifies:
            return
        locals_ = list(self.here.locals)
        for at, (app, local) in enumerate(zip(self.scope.apps, locals_, strict=True)):
            if local.joined:
                asked = app == self.app and self.stimulus.action not in BACK_CHANNEL
                self.told = {**self.told, app: Told(asked=asked, quiet=local.quiet)}
                locals_[at] = local.ended() if local.user else local
        self.here = self.here._replace(locals=tuple(locals_))

    def complain(self, *codes: str) -> None:
        """Set the error codes that the answer to the application may carry; the first is the usual one."""
        self.error, self.errors = codes[0], codes

    def see_token(self) -> None:
        """Say what the claims of the ID token must be, relative to this session's last one and to this step."""
        self.tokens = {
            **self.tokens,
            "sub": (self.user,),
            "sid": ("same",) if self.local.joined else ("new",),
            "auth_time": ("now",) if self.now else ("before",),
            "acr": {"given": ("second factor",), "maybe": ("password", "second factor")}.get(
                self.server.factor, ("password",)
            ),
        }

    def see_provider_token(self, authenticated: str) -> None:
        """Say what the claims of the identity provider's own ID token must be; `authenticated`: `now` or `before`."""
        self.tokens = {
            **self.tokens,
            "provider_sub": (self.provider.user,),
            "provider_auth_time": (authenticated,),
        }

    def time_is_over(self, idle: int, absolute: int, declared: int) -> bool:
        """Whether a session with so many ticks left has ended; one without a declared lifetime never does."""
        return bool(declared) and (idle <= 0 or absolute <= 0)

    def after(self) -> World:
        """The world with this browser put back."""
        here = self.here
        if self.stimulus.action not in BACK_CHANNEL:
            at = self.stimulus.tab
            tab = self.tab if self.tab.open in LASTING else Tab()
            tabs = (*here.tabs[:at], tab, *here.tabs[at + 1 :])
            here = Browser(here.locals, here.server, here.provider, tabs)
        at = self.stimulus.browser
        return self.world._replace(browsers=(*self.world.browsers[:at], here, *self.world.browsers[at + 1 :]))


def _stale(tab: Tab, same_user: bool) -> Tab:
    if tab.open == "re-authentication":
        return tab._replace(open="stale login")
    stale = ("login",) if same_user else ("login", "consent")
    return tab._replace(open=f"stale {tab.open}") if tab.open in stale else tab

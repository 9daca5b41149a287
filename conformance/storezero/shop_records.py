"""What the shop keeps: its configuration, its sessions, and the logins that are under way. Times are seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit

from .oidc_client import LoginAttempt, RelyingPartyConfig
from .sessions import Lifetimes, Session

SessionCreated = Literal["at start", "at login"]
SilentLoginRequired = Literal["end", "keep"]


BACKCHANNEL_PATH, FRONTCHANNEL_PATH = "/backchannel-logout", "/frontchannel-logout"
"""Where the server tells the shop of a logout; to be registered there."""


class LogoutScope(StrEnum):
    """How far a logout goes: this shop; the server's session too; the identity provider's as well."""

    LOCAL = "local"
    GLOBAL = "global"
    FEDERATED = "federated"


@dataclass(frozen=True)
class ShopConfig:
    """One shop: `name` is for its cookies, `title` for people.

    `session_created`: the local session comes into being, anonymous, when a login starts (seed B1), or when one
    succeeds (seed A6). `silent_login_required`: what a silent check that finds nobody logged in at the server does to
    the session.
    """

    name: str
    title: str
    origin: str
    relying_party: RelyingPartyConfig
    session_created: SessionCreated = "at start"
    silent_login_required: SilentLoginRequired = "end"
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    login_seconds: float = 600.0
    logged_out_path: str = "/logged-out"
    slow_seconds: float = 1.0
    """How long the page takes that takes its time."""

    @property
    def callback_path(self) -> str:
        """The path of the redirect URI."""
        return urlsplit(self.relying_party.redirect_uri).path or "/"

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where the server sends the browser back after a logout; to be registered there."""
        return self.origin + self.logged_out_path


@dataclass(frozen=True)
class PendingLogin:
    """A login under way in one browser; the answer with its `state` is accepted once."""

    attempt: LoginAttempt
    return_to: str
    silent: bool = False


@dataclass(frozen=True)
class LoginRecord:
    """The answer that logged a session in, as it came."""

    claims: Mapping[str, Any]
    id_token: str = field(repr=False)
    token_response: Mapping[str, Any] | None = field(repr=False)
    code: str | None = field(repr=False)
    callback_url: str = field(repr=False)
    """The redirect URI with the answer as its query, also where the answer came as a form."""
    attempt: LoginAttempt = field(repr=False)
    silent: bool = False
    """Whether it answers a silent check."""


class ShopSession(Session):
    """The shop's session with one browser: anonymous until `login` is there."""

    def __init__(self) -> None:
        super().__init__()
        self.login: LoginRecord | None = None
        self.pending: dict[str, PendingLogin] = {}
        """Logins under way by `state`: several tabs, one session."""

    @property
    def user(self) -> str:
        """The name to show, or an empty string for an anonymous session."""
        if self.login is None:
            return ""
        return str(self.login.claims.get("preferred_username") or self.login.claims["sub"])


@dataclass(frozen=True)
class SessionStatus:
    """What the shop's session of one browser is; truthful, read without touching it."""

    state: Literal["absent", "anonymous", "authenticated"]
    user: str | None = None
    claims: Mapping[str, Any] | None = None
    login: LoginRecord | None = None

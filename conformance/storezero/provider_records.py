"""What an OpenID provider keeps: its configuration, and what lives and dies while it runs. Times are seconds."""

from dataclasses import dataclass, field
from typing import Literal

from .accounts import Account
from .clock import Clock
from .expiring import ExpiringStore
from .oidc_client import ClientAuth, LoginAttempt, RelyingPartyConfig, ResponseType
from .sessions import Lifetimes, Session, SessionStore
from .tokens import Claims

GrantType = Literal["authorization_code", "implicit", "refresh_token"]


DAY = 24 * 3600.0
REMEMBERED = Lifetimes(idle=14 * DAY, absolute=60 * DAY)


@dataclass(frozen=True)
class Client:
    """A registered application. `first_party` applications are ours: their users are not asked for consent.

    `native`: it runs on its user's device, and its answers arrive there (RFC 8252).
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    client_secret: str | None = field(default=None, repr=False)
    client_auth: ClientAuth = ClientAuth.BASIC
    response_types: tuple[ResponseType, ...] = ("code",)
    grant_types: tuple[GrantType, ...] = ("authorization_code",)
    first_party: bool = False
    native: bool = False
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: str | None = None


@dataclass(frozen=True)
class Upstream:
    """The identity provider that users may choose instead of a password, and how we are registered there."""

    label: str
    """What the button says, for example "Log in with Facelog"."""
    suffix: str
    """What follows the at sign in the names of its users here."""
    relying_party: RelyingPartyConfig
    post_logout_redirect_uri: str


@dataclass(frozen=True)
class ProviderConfig:
    """One OpenID provider: `name` is for its cookies, `title` for people; `issuer` is its origin (no final slash)."""

    name: str
    title: str
    issuer: str
    clients: tuple[Client, ...]
    upstream: Upstream | None = None
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    remembered_lifetimes: Lifetimes = REMEMBERED
    """Of sessions whose user asked to be remembered."""
    interaction_seconds: float = 600.0
    code_seconds: float = 60.0
    access_token_seconds: float = 600.0
    id_token_seconds: float = 600.0


@dataclass(frozen=True)
class UpstreamLogin:
    """How a federated session was logged in; `id_token` is the hint for logging out there."""

    issuer: str
    subject: str
    id_token: str = field(repr=False)
    sid: str | None = None


class ServerSession(Session):
    """The provider's session with one browser: created at the authorization request, logged in later (seed A2, A4)."""

    def __init__(self) -> None:
        super().__init__()
        self.account: Account | None = None
        self.sid: str | None = None
        self.auth_time = 0.0
        self.amr: tuple[str, ...] = ()
        self.upstream: UpstreamLogin | None = None
        self.remembered = False
        """The user asked to stay logged in when the browser is closed."""
        self.consents: dict[str, frozenset[str]] = {}
        """Granted scopes by client_id: remembered with the session, gone with it."""
        self.participants: list[str] = []
        """The client_ids that were given an answer in this session, in their order."""


@dataclass(frozen=True)
class ReplyAddress:
    """Where the answer to an authorization request goes, once client and redirect URI are trusted."""

    client: Client
    redirect_uri: str
    response_mode: Literal["query", "fragment", "form_post"]
    state: str | None


@dataclass(frozen=True)
class AuthorizationRequest:
    """A valid authorization request (Core 3.1.2.1). `hint` holds the claims of a verified id_token_hint."""

    reply: ReplyAddress
    response_type: ResponseType
    scope: frozenset[str]
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    hint: Claims | None
    login_hint: str
    code_challenge: str | None
    acr_values: frozenset[str] = frozenset()

    @property
    def client(self) -> Client:
        """The application that asks."""
        return self.reply.client


@dataclass(frozen=True)
class LogoutRequest:
    """A valid RP-initiated logout request; `return_to` is the registered URI with its state, or None."""

    return_to: str | None
    federated: bool


@dataclass
class LoginInteraction:
    """A login page that waits for its user, for one authorization request in one browser."""

    browser: str
    request: AuthorizationRequest
    message: str = ""


@dataclass
class SecondFactorInteraction:
    """A page for the second factor of a user whose password was right; nobody is logged in by that.

    `session`: the one in which this user was logged in already when the page was opened, or None.
    """

    browser: str
    request: AuthorizationRequest
    session: ServerSession | None
    account: Account
    message: str = ""


@dataclass(frozen=True)
class ConsentInteraction:
    """A consent page, shown to one account in one session."""

    browser: str
    request: AuthorizationRequest
    session: ServerSession
    account: Account


@dataclass(frozen=True)
class LogoutInteraction:
    """The question whether to log out, about one account in one session."""

    browser: str
    logout: LogoutRequest
    session: ServerSession
    account: Account


Interaction = LoginInteraction | SecondFactorInteraction | ConsentInteraction | LogoutInteraction


@dataclass(frozen=True)
class UpstreamAttempt:
    """A login at the identity provider that is under way for one interaction in one browser."""

    browser: str
    interaction_id: str
    attempt: LoginAttempt


@dataclass(frozen=True)
class UpstreamLogout:
    """A federated logout that is under way: where the browser goes when it comes back from the identity provider."""

    browser: str
    return_to: str | None


@dataclass
class Grant:
    """What one authorization gave an application: who, what, since when; a copy that later logins do not change."""

    client: Client
    account: Account
    session: ServerSession
    scope: frozenset[str]
    nonce: str | None
    sid: str | None
    auth_time: float
    amr: tuple[str, ...]
    redirect_uri: str
    code_challenge: str | None = None
    revoked: bool = False


@dataclass
class Ticket:
    """A code or a refresh token: works once, and is kept after use so that a second use is recognised."""

    grant: Grant
    used: bool = False


class ProviderState:
    """Everything a provider forgets when it is reset."""

    def __init__(self, config: ProviderConfig, clock: Clock) -> None:
        self.sessions: SessionStore[ServerSession] = SessionStore(clock, config.lifetimes)
        self.disabled: set[str] = set()
        """Names of the users whom an administrator has disabled."""
        self.interactions: ExpiringStore[Interaction] = ExpiringStore(clock, config.interaction_seconds)
        self.codes: ExpiringStore[Ticket] = ExpiringStore(clock, config.code_seconds)
        self.access_tokens: ExpiringStore[Grant] = ExpiringStore(clock, config.access_token_seconds)
        # A refresh token dies with its session at the latest.
        self.refresh_tokens: ExpiringStore[Ticket] = ExpiringStore(clock, config.lifetimes.absolute)
        self.upstream_attempts: ExpiringStore[UpstreamAttempt] = ExpiringStore(clock, config.interaction_seconds)
        self.upstream_logouts: ExpiringStore[UpstreamLogout] = ExpiringStore(clock, config.interaction_seconds)

    def clear(self) -> None:
        """Forget all sessions and everything that hangs on them."""
        for store in (
            self.interactions,
            self.codes,
            self.access_tokens,
            self.refresh_tokens,
            self.upstream_attempts,
            self.upstream_logouts,
        ):
            store.clear()
        self.sessions.clear()
        self.disabled.clear()


@dataclass(frozen=True)
class ProviderStatus:
    """What the provider's session of one browser is; truthful, read without touching it. Times are epoch seconds."""

    state: Literal["absent", "created", "logged in"]
    user: str | None = None
    sid: str | None = None
    auth_time: float | None = None
    amr: tuple[str, ...] = ()

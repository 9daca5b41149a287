"""The sections of a target file that are the same for every role: clients, users, start, features, pace.

Secrets never stand in the file: `env:NAME` refers to an environment variable whose name begins with SESSIONPROOF_, so
that a file from a stranger cannot make the suite send other secrets of yours to a server of theirs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .selectors import Selectors
from .urls import Origin

PREFIX = "SESSIONPROOF_"
"""What the names of environment variables begin with that a target file may refer to."""


def _secret(value: Any, info: ValidationInfo) -> Any:
    context = info.context or {}
    if not isinstance(value, str) or not value.startswith("env:"):
        raise PydanticCustomError(
            "secret_literal",
            "a reference such as 'env:" + PREFIX + "ALICE_PASSWORD': secrets do not belong into a file, set the"
            " environment variable instead",
        )
    name = value.removeprefix("env:")
    if not name.startswith(PREFIX):
        raise PydanticCustomError(
            "secret_name",
            "a variable whose name begins with " + PREFIX + ", since other variables are not the target's business",
        )
    found = context.get("environ", {}).get(name, "")
    if not found:
        raise PydanticCustomError("secret_unset", "{name}", {"name": name})
    context.setdefault("secrets", {})[name] = found
    return SecretStr(found)


def _redirect_uri(value: str) -> str:
    if ":" not in value or "#" in value:
        raise ValueError("an absolute URI without fragment (RFC 6749 3.1.2)")
    return value


def _issuer(value: str) -> str:
    if _origin_of(value) is None or "?" in value or "#" in value:
        raise ValueError("an absolute http or https address without query and fragment (Core 1.2)")
    return value


def origin(value: str) -> str:
    """The value, if it is an origin. Raises ValueError."""
    if _origin_of(value) != value.lower():
        raise ValueError("an origin such as 'https://login.example.com': scheme, host and port, no path")
    return value


def _origin_of(value: str) -> str | None:
    try:
        return str(Origin.of(value))
    except ValueError:
        return None


Issuer = Annotated[str, AfterValidator(_issuer)]
Secret = Annotated[
    SecretStr,
    BeforeValidator(_secret),
    WithJsonSchema({"type": "string", "pattern": f"^env:{PREFIX}[A-Z0-9_]+$"}),
]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """Unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Client(Section):
    """An application that is registered at the target; the suite plays it."""

    client_id: str = Field(min_length=1, description="The client identifier that it is registered under.")
    client_secret: Secret | None = Field(
        default=None, description="Reference to its secret, env:NAME; without one it is a public client."
    )
    auth_method: Literal["client_secret_basic", "client_secret_post", "none"] | None = Field(
        default=None, description="How it authenticates at the token endpoint; client_secret_basic if it has a secret."
    )
    redirect_uri: Annotated[str, AfterValidator(_redirect_uri)] = Field(
        description="Its registered redirect URI. Nothing has to listen there."
    )
    post_logout_redirect_uri: Annotated[str, AfterValidator(_redirect_uri)] | None = Field(
        default=None, description="Its registered address for the browser to come back to after a logout."
    )
    backchannel_logout_uri: Annotated[str, AfterValidator(_redirect_uri)] | None = Field(
        default=None, description="Its registered address for logout tokens (Back-Channel Logout 1.0)."
    )
    frontchannel_logout_uri: Annotated[str, AfterValidator(_redirect_uri)] | None = Field(
        default=None, description="Its registered address for front-channel logout."
    )
    scope: str = Field(default="openid", description="The scopes that it asks for, separated by spaces.")

    @model_validator(mode="after")
    def _authenticates(self) -> Client:
        if (self.auth_method or "none") != "none" and self.client_secret is None:
            raise ValueError(f"client_secret, which {self.auth_method} needs")
        if "openid" not in self.scope.split():
            raise ValueError("the scope 'openid' among the scopes (Core 3.1.2.1)")
        return self

    @property
    def token_endpoint_auth_method(self) -> str:
        """The declared or assumed method (Core 9)."""
        return self.auth_method or ("client_secret_basic" if self.client_secret else "none")


class User(Section):
    """A user who exists at the target, for the suite to log in."""

    username: str = Field(min_length=1, description="What is typed into the login form.")
    password: Secret = Field(description="Reference to the password, env:NAME.")


def _two(users: dict[str, User]) -> dict[str, User]:
    if missing := [name for name in ("alice", "bob") if name not in users]:
        raise ValueError(f"two users called alice and bob; {' and '.join(missing)} cannot be left out here")
    return users


TwoUsers = Annotated[dict[str, User], AfterValidator(_two)]


class Party(Section):
    """A server of the target's own, and the users who exist there."""

    issuer: Issuer = Field(description="Its issuer, character by character; discovery is read from below it.")
    origins: list[Annotated[str, AfterValidator(origin)]] = Field(
        default=[], description="Further origins that are its own."
    )
    users: TwoUsers = Field(description="The users: alice and bob.")
    selectors: Selectors = Field(default_factory=Selectors, description="CSS selectors where recognition fails.")

    @property
    def all_origins(self) -> list[str]:
        """The issuer's, and the others."""
        return list(dict.fromkeys([str(Origin.of(self.issuer)), *self.origins]))


class Start(Section):
    """How to start the target. The command runs only if the file is trusted (--trust)."""

    command: Annotated[list[str], Field(min_length=1)] = Field(
        description="Program and arguments, no shell; the working folder is the folder of this file."
    )
    ready: str = Field(min_length=1, description="Text in the line on standard output that says it is ready.")
    timeout: Seconds = Field(default=60, description="Seconds to wait for that line.")


class Provider(Section):
    """The OpenID provider that the suite plays, at a loopback address that the target can reach."""

    issuer: str = Field(pattern=r"^http://127\.\d+\.\d+\.\d+:\d+$", description="Its issuer: http://127.0.0.2:8102.")
    signing: Literal["ES256", "RS256", "EdDSA"] = Field(default="ES256", description="The algorithm of its ID tokens.")


class Upstream(Client, Provider):
    """The identity provider behind the server, played by the suite, and how the server is registered there."""


class Press(Section):
    """A button of a form on a page."""

    on: str = Field(description="The page's path.")
    button: str = Field(min_length=1, description="CSS selector of the button.")


class Features(Section):
    """The implementation conformance statement. What is left out is taken from discovery, or not judged."""

    rp_initiated_logout: bool | None = Field(default=None, description="It has an end_session_endpoint.")
    backchannel_logout: bool | None = Field(default=None, description="It sends logout tokens.")
    frontchannel_logout: bool | None = Field(default=None, description="It renders front-channel logout frames.")
    refresh_tokens: bool | None = Field(default=None, description="The clients here are given refresh tokens.")
    id_token_hint: bool | None = Field(default=None, description="It heeds id_token_hint.")
    consent: bool | None = Field(default=None, description="It asks the users here for consent.")
    mfa: bool | None = Field(default=None, description="It has a second factor that the suite can answer.")
    federation: bool | None = Field(default=None, description="It offers login at an identity provider.")
    federated_logout: bool | None = Field(default=None, description="It can end the provider's session too.")
    upstream_logout: bool | None = Field(default=None, description="It accepts logout tokens of the provider.")
    account_linking: bool | None = Field(default=None, description="It links accounts.")
    remember_me: bool | None = Field(default=None, description="It offers persistent sessions.")
    revocation: bool | None = Field(default=None, description="An administrator can end sessions through it.")
    session_lifetime: Seconds | None = Field(
        default=None, description="Seconds after login when its session ends whatever happens; not judged if left out."
    )
    idle_lifetime: Seconds | None = Field(
        default=None, description="Seconds without a visit after which its session ends; not judged if left out."
    )
    lifetime_tolerance: float = Field(
        default=2, ge=0, description="Seconds by which a session may end earlier or later than declared."
    )

    @property
    def declared(self) -> dict[str, bool]:
        """The features that are declared to be offered or not; lifetimes are not among them."""
        return {name: value for name, value in self if isinstance(value, bool)}


class Pages(Section):
    """How a person uses the application: paths below its origin, and where it shows who is logged in.

    What an application does not offer is left out: the requirements about it are then not applicable. A logout may be
    a path that is opened, or `{ on = "/account", button = "form.logout button" }`: a button of a form on that page.
    """

    protected: str = Field(description="The page that needs login.")
    public: str = Field(description="A page that needs none; it starts no login.")
    status: str = Field(default="", description="A page that shows who is logged in and starts no login; else public.")
    user: str = Field(description="CSS selector of the element that shows who is logged in.")
    user_prefix: str = Field(default="", description="What stands before the name in it.")
    switch: str = Field(default="", description="Starts a login with prompt=login.")
    silent: str = Field(default="", description="Starts a silent check (prompt=none).")
    logout_here: str | Press = Field(default="", description="Ends the application's session only.")
    logout: str | Press = Field(default="", description="RP-initiated logout.")
    logout_provider: str | Press = Field(default="", description="Logout at the identity provider too.")
    slow: str = Field(default="", description="A page that needs login and takes a second or more to answer.")

    def of(self, action: str) -> tuple[str, str] | None:
        """Path and button for one of the model's actions; None where it is not offered."""
        found = {
            "visit orders": self.protected,
            "visit checkout": self.public,
            "switch user": self.switch,
            "silent check": self.silent,
            "log out here": self.logout_here,
            "log out everywhere": self.logout,
            "log out at the provider too": self.logout_provider,
            "slow page": self.slow,
        }.get(action, "")
        if isinstance(found, Press):
            return found.on, found.button
        return (found, "") if found else None


class Pace(Section):
    """How fast the target may be asked."""

    delay: float = Field(default=0, ge=0, le=60, description="Seconds to pause before each request (rate limits).")
    timeout: Seconds = Field(default=10, description="Seconds for one whole request and its answer.")
    unfinished_logins: int | None = Field(
        default=None, ge=2, description="Logins that one browser may have under way; the suite then takes a fresh one."
    )

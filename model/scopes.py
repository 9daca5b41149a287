"""The bounds in which the model is explored and turned into flows, one or more for each profile.

A scope is small enough for every reachable state to be visited, and large enough for every rule of its profile to fire.
"""

from .possible import ADMINISTRATION
from .state import Scope

LOGIN = ("visit orders", "credentials", "allow")

SCOPES = (
    Scope(
        "core",
        (
            *LOGIN, "visit checkout", "switch user", "silent check", "wrong credentials", "cancel", "deny",
            "log out here",
            "replay callback", "planted callback", "planted callback without state", "wrong token",
            "redeem again", "redeem wrongly", "ask foreign redirect", "ask unknown response type",
        ),
    ),
    Scope(
        "core: ID token",
        (*LOGIN, "deny", "visit checkout", "switch user", "log out here", "replay callback", "wrong token"),
        needs=frozenset({"ID token at outlet"}),
        apps=("outlet",),
    ),
    Scope(
        "core: native application",
        (
            *LOGIN, "deny", "visit checkout", "switch user", "silent check", "log out here", "replay callback",
            "planted callback", "planted callback without state", "wrong token", "redeem again", "redeem wrongly",
            "ask from another port", "ask foreign redirect",
        ),
        needs=frozenset({"native application"}),
        apps=("native",),
    ),
    Scope(
        "core: light backend",
        (
            *LOGIN, "visit checkout", "switch user", "wrong credentials", "cancel", "log out here",
            "replay callback", "planted callback", "wrong token", "redeem again", "redeem wrongly",
        ),
        apps=("spa",),
    ),
    Scope(
        "core: no backend",
        (*LOGIN, "visit checkout", "log out here", "planted callback", "wrong token", "redeem again", "redeem wrongly"),
        apps=("page",),
    ),
    Scope("sso", (*LOGIN, "log out here", "log out everywhere", "confirm logout"), apps=("shop", "outlet")),
    Scope(
        "silent",
        (*LOGIN, "switch user", "silent check", "log out here", "ask none and login", "ask with foreign hint"),
    ),
    Scope(
        "silent: two applications",
        (*LOGIN, "silent check", "log out everywhere", "confirm logout"),
        apps=("shop", "outlet"),
    ),
    Scope(
        "silent: no backend",
        (*LOGIN, "switch user", "silent check", "log out here"),
        apps=("page", "native"),
    ),
    Scope("sso: other kinds", (*LOGIN, "silent check", "log out here"), apps=("native", "page")),
    Scope(
        "logout-rp",
        (
            *LOGIN, "switch user", "log out here", "log out everywhere", "confirm logout", "decline logout",
            "end without hint", "end with foreign hint", "end to foreign address", "resend form", "refresh",
        ),
    ),
    Scope(
        "logout-rp: two applications",
        (*LOGIN, "log out everywhere", "confirm logout", "end without hint", "refresh"),
        apps=("shop", "outlet"),
    ),
    Scope(
        "logout-rp: other kinds",
        (*LOGIN, "log out everywhere", "confirm logout", "end without hint"),
        apps=("native", "spa"),
    ),
    Scope("logout-rp: two browsers", (*LOGIN, "log out here", "log out everywhere", "confirm logout"), browsers=2),
    Scope(
        "hygiene",
        (
            *LOGIN, "switch user", "log out here", "log out everywhere", "confirm logout",
            "cookies from before login", "cookies of a former session", "log out during a slow page",
            "server cookies from before login", "server cookies of a former session", "foreign login form",
            "redeem twice at once",
        ),
    ),
    Scope(
        "hygiene: the provider",
        (
            "credentials", "allow", "ask provider again", "end at provider", "confirm logout",
            "provider cookies from before login", "provider cookies of a former session",
        ),
        needs=frozenset({"client at the provider"}),
        users=(),
        provider_users=("alice", "bob"),
    ),
    Scope(
        "hygiene: through the provider",
        (
            "visit orders", "choose provider", "credentials", "allow",
            "cookies from before login", "server cookies from before login",
        ),
        needs=frozenset({"federation"}),
        users=(),
        provider_users=("alice",),
    ),
    Scope(
        "hygiene: second factor",
        (*LOGIN, "step up", "second factor", "server cookies of a former session"),
        needs=frozenset({"mfa"}),
        users=("alice",),
    ),
    Scope("isolation: two browsers", (*LOGIN, "log out here"), browsers=2),
    Scope(
        "isolation: two tabs",
        (*LOGIN, "deny", "switch user", "wrong credentials", "log out here", "log out everywhere", "confirm logout"),
        tabs=2,
    ),
    Scope(
        "isolation: two applications",
        LOGIN,
        apps=("shop", "outlet"), users=("alice",), tabs=2,
    ),
    Scope(
        "isolation: consent",
        (*LOGIN, "deny", "switch user", "log out everywhere", "confirm logout"),
        apps=("outlet",), tabs=2,
    ),
    Scope(
        "logout-backchannel",
        (*LOGIN, "switch user", "log out everywhere", "confirm logout"),
        needs=frozenset({"backchannel_logout", "server under test"}),
        apps=("shop", "outlet"), users=("alice",), notifies="back channel",
    ),
    Scope(
        "logout-backchannel: logout token",
        (*LOGIN, "switch user", "log out here", "logout token", "wrong logout token"),
        needs=frozenset({"backchannel_logout", "application under test"}),
    ),
    Scope(
        "logout-backchannel: two browsers",
        (*LOGIN, "logout token", "wrong logout token"),
        needs=frozenset({"backchannel_logout", "application under test"}),
        browsers=2,
    ),
    Scope(
        "logout-frontchannel",
        (*LOGIN, "log out here", "log out everywhere", "confirm logout"),
        needs=frozenset({"frontchannel_logout", "server under test"}),
        apps=("shop", "outlet"), users=("alice",), notifies="front channel",
    ),
    Scope(
        "logout-frontchannel: request",
        (*LOGIN, "switch user", "log out here", "front-channel logout"),
        needs=frozenset({"frontchannel_logout", "application under test"}),
    ),
    Scope(
        "federation",
        (
            *LOGIN, "switch user", "choose provider", "wrong credentials", "cancel",
            "log out here", "log out everywhere", "confirm logout", "log out at the provider too",
        ),
        users=("alice",),
        provider_users=("alice", "bob"),
    ),
    Scope(
        "federation: re-authentication",
        ("visit orders", "choose provider", "credentials", "allow", "confirm identity", "cancel"),
        needs=frozenset({"federation", "confirm identity"}),
        users=(),
        provider_users=("alice", "bob"),
    ),
    Scope(
        "federation: the provider alone",
        (
            "visit orders", "choose provider", "credentials", "allow", "deny", "wrong credentials", "cancel",
            "ask provider again", "ask provider silently",
        ),
        needs=frozenset({"client at the provider"}),
        users=(),
        provider_users=("alice", "bob"),
    ),
    Scope(
        "federation: two browsers",
        ("credentials", "allow", "ask provider again", "ask provider silently", "end at provider", "confirm logout"),
        needs=frozenset({"client at the provider"}),
        users=(),
        provider_users=("alice", "bob"),
        browsers=2,
    ),
    Scope(
        "federation: logout at the provider",
        (*LOGIN, "choose provider", "log out here", "provider logout token", "wrong provider logout token"),
        needs=frozenset({"upstream_logout"}),
        users=("alice",), provider_users=("bob",), notifies="back channel",
    ),
    Scope(
        "reauth",
        (
            *LOGIN, "deny", "switch user", "confirm identity", "wrong credentials", "cancel", "silent check",
            "log out here", "old login answer",
        ),
    ),
    Scope(
        "reauth: max_age",
        (*LOGIN, "require a recent login", "wrong credentials", "silent check", "wait"),
        needs=frozenset({"clock", "confirm identity"}),
    ),
    Scope(
        "consent",
        (*LOGIN, "deny", "switch user", "silent check", "ask for more"),
        needs=frozenset({"consent", "fresh consents"}),
        apps=("outlet",), remembers=True,
    ),
    Scope(
        "consent: after a logout",
        (
            *LOGIN, "deny", "deny despite the address", "allow after all", "log out everywhere", "confirm logout",
        ),
        needs=frozenset({"consent", "fresh consents"}),
        apps=("outlet",), remembers=True,
    ),
    Scope(
        "consent: asked again",
        (*LOGIN, "deny", "log out here", "ask for consent again", "choose account"),
        needs=frozenset({"consent"}),
        apps=("outlet",),
    ),
    Scope(
        "mfa",
        (
            *LOGIN, "switch user", "step up", "second factor", "wrong second factor", "wrong credentials", "cancel",
            "silent check", "log out here", "log out everywhere", "confirm logout",
        ),
        needs=frozenset({"mfa"}),
    ),
    Scope(
        "mfa: through the provider",
        ("visit orders", "choose provider", "credentials", "allow", "step up", "cancel"),
        needs=frozenset({"mfa", "federation"}),
        users=(),
        provider_users=("alice",),
    ),
    Scope(
        "admin",
        (
            *LOGIN, "silent check", "log out here", "refresh", "confirm identity", "require a recent login",
            "administrator ends the sessions", "administrator disables the user",
        ),
        needs=frozenset({"revocation"}),
    ),
    Scope(
        "admin: two browsers",
        (*LOGIN, "silent check", "administrator ends the sessions"),
        needs=frozenset({"revocation"}),
        browsers=2,
    ),
    Scope(
        "admin: applications told",
        (*LOGIN, "administrator ends the sessions"),
        needs=frozenset({"revocation", "backchannel_logout", "server under test"}),
        users=("alice",), browsers=2, notifies="back channel",
    ),
    Scope(
        "expiry",
        (*LOGIN, "silent check", "visit checkout", "refresh", "wait"),
        needs=frozenset({"clock"}),
        users=("alice",),
        local_idle=2, local_absolute=4, server_idle=2, server_absolute=3,
    ),
    Scope(
        "expiry: remembered",
        (*LOGIN, "credentials to be remembered", "silent check", "restart browser", "wait"),
        needs=frozenset({"clock", "remember_me"}),
        users=("alice",),
        server_idle=1, server_absolute=2, remembered_idle=2, remembered_absolute=4,
    ),
    Scope(
        "expiry: remembered or not",
        (
            *LOGIN, "credentials to be remembered", "switch user", "silent check", "log out here",
            "log out everywhere", "confirm logout", "restart browser",
        ),
        needs=frozenset({"remember_me"}),
    ),
    Scope(
        "expiry: remembered and asked again",
        (
            *LOGIN, "credentials to be remembered", "silent check", "confirm identity", "require a recent login",
            "step up", "second factor", "restart browser", "wait",
        ),
        needs=frozenset({"remember_me", "confirm identity"}),
        users=("alice",),
    ),
    Scope(
        "admin: remembered",
        (*LOGIN, "credentials to be remembered", "silent check", "restart browser", *ADMINISTRATION),
        needs=frozenset({"remember_me", "revocation"}),
    ),
    Scope(
        "expiry: the provider",
        (*LOGIN, "choose provider", "log out here", "log out everywhere", "wait"),
        needs=frozenset({"clock", "federation"}),
        users=("alice",), provider_users=("alice",),
        provider_idle=2, provider_absolute=3,
    ),
)  # fmt: skip


def profile_of(scope: Scope) -> str:
    """The profile that a scope belongs to: its name up to the colon."""
    return scope.name.partition(":")[0]

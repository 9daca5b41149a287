"""The bounds of the large exploration: for each profile one scope with two browsers, two users and two applications."""

from .scopes import SCOPES, profile_of
from .state import Scope

TICKS = ("local_idle", "local_absolute", "server_idle", "server_absolute", "provider_idle", "provider_absolute")
APPS = ("shop", "outlet")
TOO_LARGE = ("consent",)
"""Profiles whose wide scope takes so long to compile that it is explored only where it is asked for by name."""
LEFT_OUT = {
    "consent": ("ask for more", "silent check", "switch user", "deny despite the address", "allow after all"),
    "hygiene": ("cookies of a former session", "server cookies of a former session", "step up", "second factor"),
}
"""Stimuli that make a profile larger still; the scopes of the profile have them, with fewer browsers."""

TELLS_NOBODY = ("admin",)
"""Profiles in which a scope of its own, with one user and one application, has the server tell of a logout."""


def wide(profile: str) -> Scope:
    """What the scopes of `profile` offer, in one: two browsers with one tab each, two users, two applications.

    A scope in which nobody has an account at the authorization server stays out, and so does one with the identity
    provider, where the profile has one without; where it has none, one user is the server's and one the provider's.
    Scopes of logins that outlive the browser stay out too: they bring the stimuli of several profiles together; and so
    do those of other kinds of applications, which are to behave like the two.
    """
    mine = [scope for scope in SCOPES if profile_of(scope) == profile and scope.users and set(scope.apps) <= set(APPS)]
    mine = [scope for scope in mine if "remember_me" not in scope.needs]
    mine = [scope for scope in mine if not scope.provider_users] or mine
    mine = [scope for scope in mine if not (scope.notifies and profile in TELLS_NOBODY)]
    federated = any(scope.provider_users for scope in mine)
    actions = dict.fromkeys(action for scope in mine for action in scope.actions)
    return Scope(
        f"{profile}: wide",
        tuple(action for action in actions if action not in LEFT_OUT.get(profile, ())),
        frozenset().union(*(scope.needs for scope in mine)),
        apps=APPS,
        users=("alice",) if federated else ("alice", "bob"),
        provider_users=("bob",) if federated else (),
        browsers=2,
        notifies=next((scope.notifies for scope in mine if scope.notifies), ""),
        remembers=any(scope.remembers for scope in mine),
        **{ticks: max(getattr(scope, ticks) for scope in mine) for ticks in TICKS},
    )

"""Which stimuli are possible in a state: a form must be there to be filled in, an answer must exist to be replayed."""

from collections.abc import Iterator

from .state import Scope, Tab, World
from .vocabulary import FEDERATED, RIGHT_PASSWORD, Stimulus

ARGUMENTS = {
    "wrong token": ("nonce", "iss", "aud", "signature", "unsigned", "expired"),
    "redeem wrongly": ("verifier", "redirect_uri", "client"),
    "logout token": ("sid", "sub", "sid and sub"),
    "wrong logout token": (
        "signature",
        "iss",
        "aud",
        "expired",
        "without events",
        "with nonce",
        "without sid and sub",
    ),
    "front-channel logout": ("own sid", "another sid"),
}
ARGUMENTS["provider logout token"] = ARGUMENTS["logout token"]
ARGUMENTS["wrong provider logout token"] = ARGUMENTS["wrong logout token"]
FORMS: dict[str, tuple[str, ...]] = {
    "credentials": ("login", "stale login", "re-authentication", "strong login", "provider login"),
    "credentials to be remembered": ("login",),
    "wrong credentials": ("login", "stale login", "re-authentication", "strong login", "provider login"),
    "second factor": ("second factor",),
    "wrong second factor": ("second factor",),
    "cancel": ("login", "re-authentication", "strong login", "second factor", "provider login"),
    "choose provider": ("login", "re-authentication"),
    "allow": ("consent", "stale consent", "provider consent"),
    "deny": ("consent", "stale consent", "provider consent"),
    "deny despite the address": ("consent",),
    "confirm logout": ("question", "provider question"),
    "decline logout": ("question",),
}
"""Stimuli that need a page of a server, and what must stand open for them."""

AT_PROVIDER = (
    "ask provider again",
    "ask provider silently",
    "end at provider",
    "provider cookies from before login",
    "provider cookies of a former session",
)
"""Stimuli in which no application has a part."""

ADMINISTRATION = (
    "administrator ends the sessions",
    "administrator disables the user",
    "administrator sets a new password",
)
"""What is done to a user, in no browser."""

EVERYWHERE = ("wait", *ADMINISTRATION)
"""Stimuli that act in all browsers at once."""

CODE = ("redeem again", "redeem wrongly", "redeem twice at once", "refresh")
"""Stimuli that need an application with the code flow."""

NEEDS = {
    "replay callback": "application under test",
    "planted callback": "application under test",
    "planted callback without state": "application under test",
    "wrong token": "application under test and tokens made to order",
    "redeem again": "client at the server",
    "redeem wrongly": "client at the server",
    "ask none and login": "client at the server",
    "ask foreign redirect": "client at the server",
    "ask from another port": "native application and client at the server",
    "ask unknown response type": "client at the server",
    "cancel": "cancel",
    "choose provider": "federation",
    "refresh": "refresh_tokens and client at the server",
    "switch user": "switch user",
    "silent check": "silent check",
    "confirm identity": "confirm identity",
    "require a recent login": "confirm identity and clock",
    "old login answer": "confirm identity and application under test and tokens made to order",
    "step up": "mfa",
    "ask for more": "consent and fresh consents",
    "ask for consent again": "consent and client at the server",
    "choose account": "client at the server",
    "credentials to be remembered": "remember_me",
    "restart browser": "remember_me",
    "provider logout token": "upstream_logout",
    "wrong provider logout token": "upstream_logout",
    "administrator ends the sessions": "revocation",
    "administrator disables the user": "revocation",
    "administrator sets a new password": "password_change",
    "log out here": "local logout",
    "log out everywhere": "rp_initiated_logout",
    "deny": "deny",
    "decline logout": "decline logout",
    "deny despite the address": "deny and server under test",
    "allow after all": "deny and server under test",
    "resend form": "server under test",
    "end without hint": "rp_initiated_logout and client at the server",
    "end with foreign hint": "rp_initiated_logout and client at the server",
    "end to foreign address": "rp_initiated_logout and client at the server",
    "log out at the provider too": "federated_logout",
    "ask with foreign hint": "id_token_hint and client at the server",
    "foreign login form": "server under test",
    "redeem twice at once": "overlapping_requests and client at the server",
    "cookies from before login": "application under test",
    "cookies of a former session": "application under test",
    "server cookies from before login": "server under test",
    "server cookies of a former session": "server under test",
    "log out during a slow page": "overlapping_requests and application under test and local logout",
    "logout token": "backchannel_logout and application under test",
    "wrong logout token": "backchannel_logout and application under test",
    "front-channel logout": "frontchannel_logout and application under test",
    "ask provider again": "client at the provider",
    "ask provider silently": "client at the provider",
    "provider cookies from before login": "client at the provider and silent answers of the provider",
    "provider cookies of a former session": "client at the provider and silent answers of the provider",
    "end at provider": "client at the provider and federated_logout",
    "wait": "clock",
}
"""Stimuli that exist only for a target with these features, ` and ` between them."""


def needs(action: str) -> frozenset[str]:
    """The features that a stimulus needs."""
    return frozenset(filter(None, NEEDS.get(action, "").split(" and ")))


def stimuli(scope: Scope, features: frozenset[str]) -> Iterator[Stimulus]:
    """Every stimulus of `scope` for a target with `features`, possible or not, in a stable order."""
    actions = [a for a in scope.actions if needs(a) <= features]
    if "wait" in actions:
        yield Stimulus("wait")
    yield from (Stimulus(action, "", user) for action in ADMINISTRATION if action in actions for user in scope.users)
    for browser in range(scope.browsers):
        for tab in range(scope.tabs):
            for action in actions:
                if action in RIGHT_PASSWORD:
                    users = dict.fromkeys((*scope.users, *scope.provider_users))
                    yield from (Stimulus(action, "", user, browser, tab) for user in users)
                elif action in FORMS or action in AT_PROVIDER:
                    yield Stimulus(action, "", "", browser, tab)
                elif action == "restart browser":
                    yield from (Stimulus(action, "", "", browser) for _ in range(tab == 0))
                elif action not in ("wait", *ADMINISTRATION):
                    apps = [a for a in scope.apps if action not in CODE or f"ID token at {a}" not in features]
                    arguments = ARGUMENTS.get(action, ("",))
                    yield from (Stimulus(action, app, arg, browser, tab) for app in apps for arg in arguments)


def possible(scope: Scope, world: World, stimulus: Stimulus) -> bool:
    """Whether a person or an attacker can do this in `world` at all."""
    if stimulus.browser >= scope.browsers or stimulus.tab >= scope.tabs:
        return False
    browser = world.browsers[stimulus.browser]
    if stimulus.action in FORMS:
        return _offered(scope, browser.tabs[stimulus.tab], stimulus)
    if stimulus.action in ("wait", "restart browser"):
        return True
    if stimulus.action == "administrator disables the user":
        return stimulus.arg not in world.disabled and len(world.disabled) + 1 < len(scope.users)
    if stimulus.action in ADMINISTRATION:
        return stimulus.arg not in world.disabled
    if stimulus.action in AT_PROVIDER:
        former = stimulus.action == "provider cookies of a former session"
        asks = stimulus.action.startswith("ask")
        return asks or bool(browser.provider.former if former else browser.provider.user)
    if stimulus.app not in scope.apps:
        return False
    local = browser.locals[scope.apps.index(stimulus.app)]
    signed_in = browser.server.session == "logged in"
    match stimulus.action:
        case "replay callback" | "redeem again" | "refresh":
            return local.used
        case "cookies of a former session":
            return bool(local.former)
        case "cookies from before login" | "log out during a slow page" | "confirm identity":
            return bool(local.user)
        case "require a recent login":
            return bool(local.user)
        case "old login answer":
            return bool(local.user) and signed_in and local.user == browser.server.user
        case "ask for consent again" | "choose account":
            return signed_in
        case "provider logout token" | "wrong provider logout token":
            # A login that is under way is a question of its own.
            federated = browser.server.user == browser.provider.user + FEDERATED
            return bool(browser.provider.user) and federated and not any(tab.open for tab in browser.tabs)
        case "server cookies from before login":
            return signed_in
        case "server cookies of a former session":
            return bool(browser.server.former)
        case "logout token" | "wrong logout token" | "front-channel logout":
            # A login that is under way would end with the session in some applications: a question of its own.
            return bool(local.user) and local.joined and not any(tab.open for b in world.browsers for tab in b.tabs)
        case "allow after all":
            return any(a == stimulus.app and what in ("refused", "no more") for _, a, what in world.consents)
        case "resend form":
            return local.used and not signed_in
        case "wrong token" | "redeem wrongly" | "redeem twice at once":
            return signed_in and local.session != "authenticated"
        case "log out at the provider too":
            return local.session == "authenticated" and local.joined
        case _:
            return True


def _offered(scope: Scope, tab: Tab, stimulus: Stimulus) -> bool:
    if tab.open not in FORMS[stimulus.action]:
        return False
    if stimulus.action in RIGHT_PASSWORD:
        return stimulus.arg in (scope.provider_users if tab.open == "provider login" else scope.users)
    return True

"""Which stimuli are possible in a state: a form must be there to be filled in, an answer must exist to be replayed."""

from collections.abc import Iterator

from .state import Scope, Tab, World
from .vocabulary import Stimulus

ARGUMENTS = {
    "wrong token": ("nonce", "iss", "aud", "signature", "expired"),
    "redeem wrongly": ("verifier", "redirect_uri", "client"),
}
FORMS: dict[str, tuple[str, ...]] = {
    "credentials": ("login", "stale login", "provider login"),
    "wrong credentials": ("login", "stale login", "provider login"),
    "cancel": ("login", "provider login"),
    "choose provider": ("login",),
    "allow": ("consent", "stale consent", "provider consent"),
    "deny": ("consent", "stale consent", "provider consent"),
    "confirm logout": ("question", "provider question"),
    "decline logout": ("question",),
}
"""Stimuli that need a page of a server, and what must stand open for them."""

AT_PROVIDER = ("ask provider again", "ask provider silently", "end at provider")
"""Stimuli in which no application has a part."""

CODE = ("redeem again", "redeem wrongly", "refresh")
"""Stimuli that need an application with the code flow."""

NEEDS = {
    "replay callback": "application under test",
    "planted callback": "application under test",
    "planted callback without state": "application under test",
    "wrong token": "application under test and tokens made to order",
    "redeem again": "server under test",
    "redeem wrongly": "server under test",
    "ask none and login": "server under test",
    "ask foreign redirect": "server under test",
    "ask unknown response type": "server under test",
    "cancel": "cancel",
    "choose provider": "federation",
    "refresh": "refresh_tokens and server under test",
    "switch user": "switch user",
    "silent check": "silent check",
    "log out here": "local logout",
    "log out everywhere": "rp_initiated_logout",
    "deny": "deny",
    "decline logout": "decline logout",
    "resend form": "old forms",
    "end without hint": "rp_initiated_logout and server under test",
    "end with foreign hint": "rp_initiated_logout and server under test",
    "end to foreign address": "rp_initiated_logout and server under test",
    "log out at the provider too": "federated_logout",
    "ask with foreign hint": "id_token_hint and server under test",
    "ask provider again": "client at the provider",
    "ask provider silently": "client at the provider",
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
    for browser in range(scope.browsers):
        for tab in range(scope.tabs):
            for action in actions:
                if action == "credentials":
                    users = dict.fromkeys((*scope.users, *scope.provider_users))
                    yield from (Stimulus(action, "", user, browser, tab) for user in users)
                elif action in FORMS or action in AT_PROVIDER:
                    yield Stimulus(action, "", "", browser, tab)
                elif action != "wait":
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
    if stimulus.action == "wait":
        return True
    if stimulus.action in AT_PROVIDER:
        return stimulus.action != "end at provider" or bool(browser.provider.user)
    if stimulus.app not in scope.apps:
        return False
    local = browser.locals[scope.apps.index(stimulus.app)]
    signed_in = browser.server.session == "logged in"
    match stimulus.action:
        case "replay callback" | "redeem again" | "refresh":
            return local.used
        case "resend form":
            return local.used and not signed_in
        case "wrong token" | "redeem wrongly":
            return signed_in and local.session != "authenticated"
        case "log out at the provider too":
            return local.session == "authenticated" and local.joined
        case _:
            return True


def _offered(scope: Scope, tab: Tab, stimulus: Stimulus) -> bool:
    if tab.open not in FORMS[stimulus.action]:
        return False
    if stimulus.action == "credentials":
        return stimulus.arg in (scope.provider_users if tab.open == "provider login" else scope.users)
    return True

"""What was done and seen in one step, in the words of the standards and of people: the same in every report.

What comes from a target may stand in them as it is: whoever shows them makes it harmless (`visible`, and the escaping
of the format).
"""

import re
from collections.abc import Sequence

from sessionproof.model.network import APP_PAGES, LOCAL, PROVIDER, SERVER
from sessionproof.model.vocabulary import ACTIONS

from ..runlog import Event

BROWSER, APP, AS, IDP = "Browser", LOCAL.title, SERVER.title, PROVIDER.title
PARTIES = (BROWSER, APP, AS, IDP)

SEEN = {
    "authorize": "authorization request",
    "end session": "logout request",
    "answer": "authentication response (code or ID token)",
    "return": "back to the post-logout address",
    "page account": "My Account page",
    "page checkout": "checkout page",
    "page home": "home page",
    "page error": "error page of the application",
    "page logged out": "logged-out page of the application",
    "page login": "login page",
    "page second factor": "page for the second factor",
    "page consent": "consent page",
    "page question": "asks whether to log out",
    "page server": "a page of the server (a message or an error)",
    "page provider login": "login page of the identity provider",
    "page provider consent": "consent page of the identity provider",
    "page provider question": "the identity provider asks whether to log out",
    "page *": "a page",
    "provider authorize": "authorization request of the server",
    "provider authorize prompt=login": "authorization request of the server that asks for a login",
    "provider answer": "authentication response of the provider",
    "provider error": "error response of the provider",
    "provider end session": "logout request of the server",
    "provider return": "back from the logout at the provider",
    "token accepted": "tokens",
    "token refused": "error, no tokens",
    "no token of two": "tokens for neither of two requests",
    "one token of two": "tokens for one of two requests",
    "each token of two": "tokens for each of two requests",
    "notification accepted": "accepts the logout token",
    "notification refused": "refuses the logout token",
    "turned away": "nobody is logged in with these cookies",
    "let in": "the session's user is logged in with these cookies",
    "let in as another user": "another user is logged in with these cookies",
    "nothing more": "nothing more",
    "the page stands still": "nothing more",
}
"""Messages and pages, as the standards and people call them."""
COOKIES = ("turned away", "let in")
"""How items begin that tell who is logged in with cookies that were kept."""
SESSIONS = {
    "absent": "no session",
    "created": "a session, nobody logged in",
    "anonymous": "a session, nobody logged in",
    "nobody": "nobody logged in",
    "somebody": "somebody logged in",
}
FACETS: dict[str, tuple[str, dict[str, str]]] = {
    "state": (
        "the response's state",
        {"echoed": "the state of the request", "altered": "another state, or none"},
    ),
    "iss": ("the response's iss", {"right": "the server's issuer", "wrong": "another issuer, or none"}),
    "sub": ("the user whom the ID token names (sub)", {}),
    "sid": ("the ID token's sid", {"same": "the same sid as before", "new": "a new sid"}),
    "auth_time": ("the ID token's auth_time", {"now": "the time of this step", "before": "an earlier time"}),
    "acr": (
        "what the ID token claims of the login (acr, amr)",
        {"password": "a password alone", "second factor": "a second factor"},
    ),
    "shown": ("whom the application's page shows as logged in", {"nobody": "nobody"}),
    "landed": ("the page after login", SEEN),
    "layers": ("who is logged in, all layers together", {"nobody": "nobody is logged in anywhere"}),
    "refreshed": ("auth_time in the refreshed ID token", {"unchanged": "that of the login"}),
    "cookies": ("the application's session cookies", {"safe": "HttpOnly, SameSite, Secure over https, in no address"}),
    "as_cookies": ("the server's session cookies", {"safe": "HttpOnly, SameSite set, Secure over https"}),
    "caching": ("the page's Cache-Control", {"private": "one that keeps shared caches away"}),
    "framing": ("frames of other sites around the login page", {"refused": "refused", "allowed": "allowed"}),
    "told": ("whether the application was told of the logout", {"yes": "told", "no": "not told"}),
    "provider_sub": ("the user whom the identity provider's ID token names (sub)", {}),
    "provider_auth_time": (
        "the identity provider's auth_time",
        {"now": "the time of this step", "before": "an earlier time"},
    ),
    "provider_error": ("the identity provider's error", {}),
    "choice": ("the behaviour that the target chose", {}),
}
"""What can be seen of a step beside its messages: what it is, and its values in words."""


def flow_words(steps: Sequence[Event]) -> list[str]:
    """The steps of a flow file in words; where it takes several browsers or tabs, each says in which it happens."""
    several = [name for name in ("browser", "tab") if any(step.get(name) for step in steps)]
    return [_step_words(step, several) for step in steps]


def _step_words(step: Event, several: Sequence[str]) -> str:
    words = [step["action"], step.get("arg", ""), f"at {step['app']}" if step.get("app") else ""]
    where = ", ".join(f"{name} {step.get(name, 0) + 1}" for name in several)
    return " ".join(w for w in (*words, f"({where})" if where else "") if w)


def meaning(step: Event) -> str:
    """What somebody does in a step of a flow file; empty for an action that the model does not know."""
    return ACTIONS.get(step["action"], "")


def facet(place: str) -> str:
    """The name under which `FACETS` tells of a place: `told shop` is `told`; empty for anything else."""
    name = "told" if place.startswith("told ") else place
    return name if name in FACETS else ""


def parties(item: str, asked: str = "") -> tuple[str, str]:
    """Who sent a message or page that was seen, and to whom; `asked`: who got the first message of the step."""
    if item.startswith(COOKIES):
        return asked or AS, BROWSER
    if item.startswith("notification "):
        return APP, AS
    if item in APP_PAGES:
        return APP, BROWSER
    if item.startswith("page "):
        return (IDP if item.startswith("page provider ") else AS), BROWSER
    if item.startswith("provider "):
        return (AS, IDP) if item.startswith(("provider authorize", "provider end session")) else (IDP, AS)
    if item in ("authorize", "end session"):
        return APP, AS
    if item.startswith("foreign address"):
        return AS, BROWSER
    return AS, APP


def seen_words(item: str) -> str:
    """A message or page in words."""
    if item.startswith("error "):
        return f"error response: {item.removeprefix('error ')}"
    if item.startswith("foreign address "):
        return f"sent to a foreign site: {item.removeprefix('foreign address ')}"
    return SEEN.get(item, item)


def session_name(place: str) -> str:
    """The session that a facet like `b1/shop` is about."""
    browser, _, name = place.partition("/")
    party = {"as": AS.lower(), "idp": IDP.lower()}.get(name, f"application {name}")
    return party if browser == "b1" else f"{party}, browser {browser.removeprefix('b')}"


def session_words(value: str) -> str:
    """What was seen of a session, in words."""
    return SESSIONS.get(value, f"{value} logged in")


def place_words(mismatch: Event) -> str:
    """Where an answer differs from what is expected."""
    place = str(mismatch["place"])
    if "/" in place:
        return f"the session at the {session_name(place)}"
    if re.fullmatch(r"trace \d+", place):
        item = str(mismatch["expected" if mismatch["expected"] != "the page stands still" else "actual"])
        number = f"message {place.removeprefix('trace ')} of this step"
        return number if item.startswith(COOKIES) else f"{number} ({' → '.join(parties(item.split(' or ')[0]))})"
    about = FACETS[facet(place)][0] if facet(place) else place
    return f"{about} ({place.removeprefix('told ')})" if place.startswith("told ") else about


def value_words(mismatch: Event, key: str) -> str:
    """The expected (`key` is `expected`) or actual (`actual`) side of a mismatch in words."""
    place, value = str(mismatch["place"]), str(mismatch[key])
    if "/" in place:
        return session_words(value)
    if place == "layers" and value not in FACETS["layers"][1]:
        names = {"as": AS.lower(), "idp": IDP.lower()}
        return "logged in at " + ", ".join(names.get(name, name) for name in value.split("+"))
    if facet(place):
        return FACETS[facet(place)][1].get(value, _whose(value))
    first, *rest = value.split(" or ") if key == "expected" else [value]
    others = [seen_words(item) for item in rest]
    return " or ".join([seen_words(first), *(o.removeprefix("error response: ") for o in others)])


def _whose(value: str) -> str:
    """A user who came through the identity provider is another than a local one of the same name."""
    name, at, provider = value.partition("@")
    return f"{value} (the identity provider's {name})" if at and provider == "idp" else value

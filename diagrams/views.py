"""Which state charts there are, and which rows each of them shows.

The application's table gets one chart, the others an overview and details; together they show every row that changes
anything.
"""

from sessionproof.model.authorization_server import CONSENT
from sessionproof.model.network import HAND_MADE, LOCAL, PROVIDER, SERVER
from sessionproof.model.table import Compiled

from .graph import NOBODY, View

LOGOUT = (
    "end session", "confirm logout", "decline logout", "provider return", "resend form", "restart browser",
    "time passes",
)  # fmt: skip
"""How messages begin that are about the end of a session."""

AGAIN = ("+login", "+provider")
"""Pages of a new login, where somebody is logged in already."""
STRONG = ("authorize acr", "second factor", "wrong second factor")
STRONG_PAGES = ("+strong login", "+second factor")
"""How messages begin, and states end, that are about a second factor (profile mfa)."""
ENDED = ("administrator ", "credentials of a disabled user", "provider logout token", "wrong provider logout token")
"""How messages begin that come from outside (profiles admin and federation)."""
FURTHER = ("authorize max_age", "authorize more", "authorize prompt=consent", "authorize prompt=select_account")
"""How messages begin that ask for more than a login (profiles reauth and consent)."""
FRESH = ("+re-authentication",)
DUE = ("consent was refused", "consent is due")
"""Guards under which a server asks for the consent that it asks for anyway, where it must."""


def _touches(source: str, rule: Compiled, messages: tuple[str, ...], pages: tuple[str, ...]) -> bool:
    return rule.rule.message.startswith(messages) or source.endswith(pages) or rule.rule.to.endswith(pages)


def _strong(source: str, rule: Compiled) -> bool:
    return not _stale(source) and _touches(source, rule, (*STRONG, *ENDED), STRONG_PAGES)


def _further(source: str, rule: Compiled) -> bool:
    if _stale(source) or _strong(source, rule):
        return False
    return _touches(source, rule, FURTHER, FRESH) or rule.rule.guard.endswith(DUE)


def _again(source: str, rule: Compiled) -> bool:
    """Whether a login page is, or comes, in front of somebody who is logged in."""
    if _stale(source) or _strong(source, rule) or _further(source, rule) or _nobody(source):
        return False
    return source.endswith(AGAIN) or rule.rule.to.endswith(AGAIN)


def _first(source: str, rule: Compiled) -> bool:
    """Whether it is none of these: what every server does, from the first login on."""
    return not (_stale(source) or _strong(source, rule) or _further(source, rule) or _again(source, rule))


def _stale(source: str) -> bool:
    return "+stale " in source


def _nobody(source: str) -> bool:
    return source.partition("+")[0] in NOBODY


def _about_logout(rule: Compiled) -> bool:
    return rule.rule.message.startswith(LOGOUT)


def _by_hand(rule: Compiled) -> bool:
    return rule.rule.message in {message for _, message in HAND_MADE.values()}


def _overview(source: str, rule: Compiled) -> bool:
    return _first(source, rule) and not (_about_logout(rule) and (_by_hand(rule) or _nobody(source)))


def _login(source: str, rule: Compiled) -> bool:
    nobody = _first(source, rule) and _nobody(source)
    return nobody and not _about_logout(rule) and CONSENT not in rule.variants


def _everything(_source: str, _rule: Compiled) -> bool:
    return True


def _begins(source: str, rule: Compiled) -> bool:
    return _nobody(source) and rule.rule.message != "provider end session"


def _logout(source: str, rule: Compiled) -> bool:
    return not _stale(source) and _about_logout(rule)


def _older_pages(source: str, _rule: Compiled) -> bool:
    return _stale(source)


VIEWS = (
    View("application", "Local application", LOCAL, False, _everything),
    View(
        "authorization_server",
        "Authorization server: overview",
        SERVER,
        True,
        _overview,
        "a new login while somebody is logged in, logout requests made by hand, logout when nobody is logged in, pages "
        "that are older than the session, and what the profiles reauth, consent, mfa and admin add",
    ),
    View(
        "authorization_server_login",
        "Authorization server: when a session begins",
        SERVER,
        False,
        _login,
        "consent, what a logged-in session answers, logout, pages that are older than the session",
    ),
    View(
        "authorization_server_again",
        "Authorization server: a new login while somebody is logged in",
        SERVER,
        True,
        _again,
        "everything that the other charts show",
    ),
    View(
        "authorization_server_logout",
        "Authorization server: how a session ends",
        SERVER,
        True,
        _logout,
        "login, consent, pages that are older than the session",
    ),
    View(
        "authorization_server_stale",
        "Authorization server: pages that are older than the session",
        SERVER,
        True,
        _older_pages,
        "pages that belong to the present session",
        "LR",
    ),
    View(
        "authorization_server_further",
        "Authorization server: re-authentication, further consent, choice of account",
        SERVER,
        True,
        _further,
        "everything that the other charts show",
    ),
    View(
        "authorization_server_strong",
        "Authorization server: second factor; sessions ended from outside",
        SERVER,
        True,
        _strong,
        "everything that the other charts show",
    ),
    View("identity_provider", "Identity provider: overview", PROVIDER, True, _everything),
    View(
        "identity_provider_login",
        "Identity provider: when a session begins",
        PROVIDER,
        False,
        _begins,
        "a session that is logged in, and logout",
    ),
)
"""In the order in which SPEC.md shows them."""

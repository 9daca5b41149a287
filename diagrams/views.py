"""Which state charts there are, and which rows each of them shows.

Small tables get one chart. The authorization server's gets an overview and four details; together they show every row
that changes anything.
"""

from sessionproof.model.authorization_server import CONSENT
from sessionproof.model.network import HAND_MADE, LOCAL, PROVIDER, SERVER
from sessionproof.model.table import Compiled

from .graph import NOBODY, View

LOGOUT = ("end session", "confirm logout", "decline logout", "provider return", "resend form", "time passes")
"""How messages begin that are about the end of a session."""


FURTHER = (
    "authorize max_age", "authorize acr", "authorize more", "authorize prompt=consent",
    "authorize prompt=select_account", "second factor", "wrong second factor", "credentials of a disabled user",
    "administrator ", "provider logout token", "wrong provider logout token",
)  # fmt: skip
"""How messages begin that only some servers know what to do with: the profiles reauth, consent, mfa, admin."""
FURTHER_PAGES = ("+re-authentication", "+strong login", "+second factor")
DUE = ("consent was refused", "consent is due")
"""Guards under which a server asks for the consent that it asks for anyway, where it must."""


def _further(source: str, rule: Compiled) -> bool:
    return (
        rule.rule.message.startswith(FURTHER)
        or source.endswith(FURTHER_PAGES)
        or rule.rule.to.endswith(FURTHER_PAGES)
        or rule.rule.guard.endswith(DUE)
    )


def _stale(source: str) -> bool:
    return "+stale " in source


def _nobody(source: str) -> bool:
    return source.partition("+")[0] in NOBODY


def _about_logout(rule: Compiled) -> bool:
    return rule.rule.message.startswith(LOGOUT)


def _by_hand(rule: Compiled) -> bool:
    return rule.rule.message in {message for _, message in HAND_MADE.values()}


def _overview(source: str, rule: Compiled) -> bool:
    if _stale(source) or _further(source, rule):
        return False
    return not (_about_logout(rule) and (_by_hand(rule) or _nobody(source)))


def _login(source: str, rule: Compiled) -> bool:
    if _stale(source) or _further(source, rule):
        return False
    return _nobody(source) and not _about_logout(rule) and CONSENT not in rule.variants


def _more(source: str, rule: Compiled) -> bool:
    return _further(source, rule) and not _stale(source)


def _everything(_source: str, _rule: Compiled) -> bool:
    return True


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
        "logout requests made by hand, logout when nobody is logged in, pages that are older than the session, and "
        "what the profiles reauth, consent, mfa and admin add",
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
        "Authorization server: re-authentication, second factor, further consent, administration",
        SERVER,
        True,
        _more,
        "everything that the other charts show",
    ),
    View("identity_provider", "Identity provider", PROVIDER, False, _everything),
)
"""In the order in which SPEC.md shows them."""

"""The federated identity provider's session: an OpenID provider of its own, whose only client here is the authorization server.

Created when the authorization server sends the browser here (seed B5, B6), logged in by credentials (B6), from then on it
answers without asking (single sign-on). Logout of the application or of the authorization server leaves it as it is; only
a federated logout ends it.
"""

from typing import TYPE_CHECKING

from .state import Server
from .table import Machine, Rule, group

if TYPE_CHECKING:
    from .context import Context

STATES = {
    "absent": "the browser holds no session of the identity provider",
    "created": "a session exists, nobody has logged in",
    "logged in": "a user is logged in",
    "absent+login": "no session yet; the login page is shown",
    "created+login": "a session exists, nobody has logged in; the login page is shown",
    "logged in+login": "a user is logged in; the login page is shown all the same",
}
LOGIN = group("absent+login", "created+login", "logged in+login")
ANY = group("absent", "created", "logged in")
EARLY, LATE = "provider session begins at the visit", "provider session begins at login"
ASKS = "asks for credentials although logged in"

# fmt: off
RULES = (
    Rule("absent",          "provider authorize", "", "absent+login",    "",       "page provider login", "IDP-01", LATE, "federation"),
    Rule("absent",          "provider authorize", "", "created+login",   "",       "page provider login", "IDP-01", EARLY, "federation"),
    Rule("created",         "provider authorize", "", "created+login",   "",       "page provider login", "IDP-01", "", "federation"),
    Rule("logged in",       "provider authorize", "", "logged in",       "name",   "provider answer",     "IDP-03 provider:IDP-03", "", "federation"),
    Rule("logged in",       "provider authorize", "", "logged in+login", "",       "page provider login", "", ASKS, "federation", "IDP-03"),
    Rule("absent",          "provider authorize prompt=login", "", "absent+login",    "", "page provider login", "IDP-01", LATE, "federation"),
    Rule("absent",          "provider authorize prompt=login", "", "created+login",   "", "page provider login", "IDP-01", EARLY, "federation"),
    Rule("created",         "provider authorize prompt=login", "", "created+login",   "", "page provider login", "IDP-01", "", "federation"),
    Rule("logged in",       "provider authorize prompt=login", "", "logged in+login", "", "page provider login", "IDP-06", "", "federation"),
    Rule(LOGIN,             "credentials",        "", "logged in",       "log in", "provider answer",     "IDP-02 provider:IDP-02", "", "federation"),
    Rule(LOGIN,             "wrong credentials",  "", "=",               "",       "page provider login", "IDP-02 provider:IDP-02", "", "federation"),
    Rule("absent+login",    "cancel",             "", "absent",          "",       "provider error",      "provider:IDP-02", "", "federation"),
    Rule("created+login",   "cancel",             "", "created",         "",       "provider error",      "provider:IDP-02", "", "federation"),
    Rule("logged in+login", "cancel",             "", "logged in",       "",       "provider error",      "provider:IDP-02", "", "federation"),
    Rule(ANY,               "provider end session", "", "absent",        "end",    "provider return",     "IDP-05 provider:IDP-05 layers:SYS-05 layers:SYS-07", "", "federated_logout"),
)
# fmt: on


def _read(context: "Context") -> str:
    return context.provider.session + ("+login" if context.tab.open == "provider login" else "")


def _write(context: "Context", state: str) -> None:
    session, _, login = state.partition("+")
    context.provider = context.provider._replace(session=session)
    if context.tab.open in ("provider", "provider login"):
        context.open("provider login" if login else "provider", context.tab.by)


def _log_in(context: "Context") -> None:
    context.provider = Server("logged in", context.user)
    context.fresh = True


def _name(context: "Context") -> None:
    context.user = context.provider.user


def _end(context: "Context") -> None:
    context.provider = Server()


MACHINE = Machine(
    name="identity provider",
    title="Identity provider",
    states=STATES,
    rules=RULES,
    guards={},
    effects={"log in": _log_in, "name": _name, "end": _end},
    read=_read,
    write=_write,
)

"""The federated identity provider's session: an OpenID provider of its own, whose only client here is the authorization server.

Created when the authorization server sends the browser here (seed B5, B6), logged in by credentials (B6), from then on it
answers without asking (single sign-on). A new login resets it, whoever it is. Logout of the application or of the
authorization server leaves it as it is; only a federated logout ends it.

Requests made by hand (`prompt=none`, `prompt=login`) are the authorization server's own, but no login waits for them there:
their answers stand still.
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
    "logged in+consent": "a user is logged in; the provider asks whether the authorization server may know",
    "logged in+question": "a user is logged in; the provider asks whether to log out",
}
FIRST = group("absent+login", "created+login")
LOGIN = group(FIRST, "logged in+login")
NOBODY = group("absent", "created")
ANY = group(NOBODY, "logged in")
EARLY, LATE = "provider session begins at the visit", "provider session begins at login"
ASKS = "asks for credentials although logged in"
CONSENT, NO_CONSENT = "provider asks for consent", "provider does not ask for consent"
SILENT_CONSENT = "a silent check at the provider may need consent first"
QUESTION = "provider asks before a federated logout"
KEEPS_COOKIE = "login by the same user leaves the provider's old cookie valid"

IN = "IDP-02 provider:IDP-02 provider_sub:IDP-02 provider_elsewhere:IDP-11"
AGAIN = "IDP-02 provider:IDP-07 provider_sub:IDP-07 provider_auth_time:IDP-07 provider_auth_time:IDP-09 provider_elsewhere:IDP-11"
OUT = "IDP-05 provider:IDP-05 provider_elsewhere:IDP-11 layers:SYS-05 layers:SYS-07"

# fmt: off
RULES = (
    # The authorization server sends the browser here (B5)
    Rule("absent",          "provider authorize", "", "absent+login",      "",       "page provider login",   "IDP-01", LATE, "federation"),
    Rule("absent",          "provider authorize", "", "created+login",     "",       "page provider login",   "IDP-01", EARLY, "federation"),
    Rule("created",         "provider authorize", "", "created+login",     "",       "page provider login",   "IDP-01", "", "federation"),
    Rule("logged in",       "provider authorize", "", "logged in",         "name",   "provider answer",       "IDP-03 provider:IDP-03 provider_sub:IDP-03", NO_CONSENT, "federation"),
    Rule("logged in",       "provider authorize", "", "logged in+consent", "",       "page provider consent", "IDP-03 provider:IDP-03", CONSENT, "provider consent"),
    Rule("logged in",       "provider authorize", "", "logged in+login",   "",       "page provider login",   "", ASKS, "federation", "IDP-03"),
    # ... and wants the user asked again, or nobody asked at all
    Rule("absent",          "provider authorize prompt=login", "", "absent+login",    "", "page provider login", "IDP-01", LATE, "federation"),
    Rule("absent",          "provider authorize prompt=login", "", "created+login",   "", "page provider login", "IDP-01", EARLY, "federation"),
    Rule("created",         "provider authorize prompt=login", "", "created+login",   "", "page provider login", "IDP-01", "", "federation"),
    Rule("logged in",       "provider authorize prompt=login", "", "logged in+login", "", "page provider login", "IDP-09", "", "federation"),
    Rule(NOBODY,            "provider authorize prompt=none",  "", "=", "need login",   "provider error",  "IDP-01 IDP-08 provider_error:IDP-08 provider:IDP-01", "", "client at the provider"),
    Rule("logged in",       "provider authorize prompt=none",  "", "=", "name",         "provider answer", "IDP-08 provider:IDP-08 provider_sub:IDP-08", "", "client at the provider"),
    Rule("logged in",       "provider authorize prompt=none",  "", "=", "need consent", "provider error",  "IDP-08 provider_error:IDP-08 provider:IDP-08", SILENT_CONSENT, "provider consent"),
    # The login page (B6)
    Rule(FIRST,             "credentials",        "", "logged in",         "log in", "provider answer",       IN, NO_CONSENT, "federation"),
    Rule(FIRST,             "credentials",        "", "logged in+consent", "log in", "page provider consent", IN, CONSENT, "provider consent"),
    Rule("logged in+login", "credentials",        "", "logged in",         "log in", "provider answer",       AGAIN, NO_CONSENT, "federation"),
    Rule("logged in+login", "credentials",        "", "logged in+consent", "log in", "page provider consent", AGAIN, CONSENT, "provider consent"),
    Rule(LOGIN,             "wrong credentials",  "", "=",                 "",       "page provider login",   "IDP-02 provider:IDP-02", "", "federation"),
    Rule("absent+login",    "cancel",             "", "absent",            "",       "provider error",        "provider:IDP-02", "", "federation"),
    Rule("created+login",   "cancel",             "", "created",           "",       "provider error",        "provider:IDP-02", "", "federation"),
    Rule("logged in+login", "cancel",             "", "logged in",         "",       "provider error",        "provider:IDP-02", "", "federation"),
    # Consent
    Rule("logged in+consent", "allow", "", "logged in", "name", "provider answer", "IDP-02 provider:IDP-02 provider_sub:IDP-02", "", "provider consent"),
    Rule("logged in+consent", "deny",  "", "logged in", "",     "provider error",  "provider:IDP-02", "", "provider consent"),
    # Federated logout
    Rule(ANY,                  "provider end session", "", "absent",             "end", "provider return",        OUT, "", "federated_logout"),
    Rule("logged in",          "provider end session", "", "logged in+question", "",    "page provider question", "", QUESTION, "federated_logout"),
    Rule("logged in+question", "confirm logout",       "", "absent",             "end", "provider return",        OUT, "", "federated_logout"),
    # Time
    Rule("logged in", "time passes", "time is over",     "absent", "end", "", "provider:IDP-13", "", "federation"),
    Rule("logged in", "time passes", "not time is over", "=",      "",    "", "provider:IDP-13", "", "federation"),
    # Cookies that were kept
    Rule("logged in", "provider cookies from before login",   "",                           "=", "", "turned away", "IDP-10", "", "client at the provider"),
    Rule(ANY,         "provider cookies of a former session", "not reset by the same user", "=", "", "turned away", "IDP-12", "", "client at the provider"),
    Rule(ANY,         "provider cookies of a former session", "reset by the same user",     "=", "", "turned away", "", "", "client at the provider"),
    Rule(ANY,         "provider cookies of a former session", "reset by the same user",     "=", "", "let in",      "", KEEPS_COOKIE, "client at the provider"),
)
# fmt: on


def _read(context: "Context") -> str:
    open_, _, what = context.tab.open.partition(" ")
    return context.provider.session + (f"+{what}" if open_ == "provider" and what else "")


def _write(context: "Context", state: str) -> None:
    session, _, what = state.partition("+")
    context.provider = context.provider._replace(session=session)
    if what:
        context.open(f"provider {what}", context.tab.by)
    elif context.tab.open.startswith("provider"):
        context.open("answered" if context.tab.open == "provider question" else "provider", context.tab.by)


def _log_in(context: "Context") -> None:
    former = context.provider.former
    if before := context.provider.user:
        former = "same" if before == context.user else "other"
    scope = context.scope
    kept = former if scope.restores else ""
    context.provider = Server("logged in", context.user, kept, scope.provider_idle, scope.provider_absolute)
    context.fresh = True
    context.see_provider_token("now")


def _name(context: "Context") -> None:
    context.user = context.provider.user
    context.provider = context.provider._replace(idle=context.scope.provider_idle)
    context.see_provider_token("before")


def _end(context: "Context") -> None:
    context.provider = Server(former="ended" if context.scope.restores else "")


MACHINE = Machine(
    name="identity provider",
    title="Identity provider",
    states=STATES,
    rules=RULES,
    guards={
        "reset by the same user": lambda c: c.provider.former == "same",
        "time is over": lambda c: c.time_is_over(c.provider.idle, c.provider.absolute, c.scope.provider_idle),
    },
    effects={
        "log in": _log_in,
        "name": _name,
        "end": _end,
        "need login": lambda c: c.complain("login_required", "interaction_required", "account_selection_required"),
        "need consent": lambda c: c.complain("consent_required", "interaction_required"),
    },
    read=_read,
    write=_write,
)

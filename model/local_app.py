"""The local application's session: the shop knows whether *this* browser has logged in *here*.

Absent until something needs a session. A page that needs login sends the browser to the authorization server and leaves
a login pending in this tab (seed A1, B1); some applications make an anonymous session for that already (B1), others only
when the login has succeeded (A6): both conform (APP-17). The answer from the authorization server ends the pending login
one way or the other; only an answer that belongs to it, used once, with a valid ID token, makes the session authenticated
(A6, B9). What is made by hand is refused and changes nothing.
"""

from typing import TYPE_CHECKING

from .state import Local
from .table import Machine, Rule, group
from .vocabulary import RIGHT_PASSWORD

if TYPE_CHECKING:
    from .context import Context

STATES = {
    "absent": "the browser holds no session of this application",
    "anonymous": "a session exists, nobody is logged in",
    "authenticated": "somebody is logged in here",
    "absent+pending": "no session yet; a login is under way in this tab",
    "anonymous+pending": "a session exists, nobody is logged in yet; a login is under way in this tab",
    "authenticated+pending": "somebody is logged in here; another login or a silent check is under way in this tab",
}
NOBODY = group("absent", "anonymous")
NOBODY_PENDING = group("absent+pending", "anonymous+pending")
ANY = group(NOBODY, "authenticated")

AT_START, AT_LOGIN = "local session begins when login starts", "local session begins when login succeeds"
REPLACES, ENDS = (
    "silent answer for another user replaces the session",
    "silent answer for another user ends the session",
)
OVERTAKEN = "refuses the answer to a login that another tab overtook"
KEEPS_QUIET = "a logout without a local session stays at the application"
KEEPS, STOPS = "silent login_required keeps the local session", "silent login_required ends the local session"
ENDS_ONE, ENDS_ALL = "a logout token with sid and sub ends one session", "a logout token with sid and sub ends all"
KEEPS_COOKIE = "the former user's cookie still shows the former user"
IGNORES_SID = "ignores a front-channel logout of another session"
HEEDS_SID = "a front-channel logout of another session ends this one (anybody can log users out)"
WELCOME = (
    "APP-09 APP-18 shown:APP-09 local:APP-09 local:SYS-03 sub:SYS-03 sid:AS-35 cookies:APP-25 local_elsewhere:APP-16"
)
WITH_BROWSER, WITHOUT_BROWSER = "the local session ends with the browser", "the local session outlives the browser"
TAKES_OLD = "takes a login of long ago for a fresh one"
ASKING = (
    ("switch user", "authorize prompt=login", "APP-04"),
    ("silent check", "authorize prompt=none", "APP-27"),
    ("step up", "authorize acr", "APP-04"),
    ("ask for more", "authorize more", "APP-04"),
    ("ask for consent again", "authorize prompt=consent", "APP-04"),
    ("choose account", "authorize prompt=select_account", "APP-04"),
)
"""What the application asks for at a person's wish: the message, the request, and the requirement."""
TOLD = "APP-21 local:APP-21 elsewhere:APP-21"

# fmt: off
RULES = (
    # Pages: one needs login, one does not
    Rule("absent",        "visit orders",   "not logged in before", "absent+pending",    "", "authorize",   "APP-01 APP-04", AT_LOGIN),
    Rule("absent",        "visit orders",   "not logged in before", "anonymous+pending", "", "authorize",   "APP-01 APP-04", AT_START),
    Rule("anonymous",     "visit orders",   "not logged in before", "anonymous+pending", "", "authorize",   "APP-01 APP-04"),
    Rule("absent",        "visit orders",   "logged in before",     "absent+pending",    "", "authorize",   "APP-03 APP-01 APP-04", AT_LOGIN),
    Rule("absent",        "visit orders",   "logged in before",     "anonymous+pending", "", "authorize",   "APP-03 APP-01 APP-04", AT_START),
    Rule("anonymous",     "visit orders",   "logged in before",     "anonymous+pending", "", "authorize",   "APP-03 APP-01 APP-04"),
    Rule("authenticated", "visit orders",   "", "authenticated",         "touch", "page account",           "APP-09 shown:APP-09 caching:APP-31"),
    Rule(NOBODY,          "visit checkout", "", "=",                     "",      "page checkout",          "APP-02 shown:APP-02 local:APP-02"),
    Rule("authenticated", "visit checkout", "", "authenticated",         "touch", "page checkout",          "APP-02 shown:APP-09"),
    # The application asks the authorization server
    *(rule for message, reply, why in ASKING for rule in (
        Rule("absent",        message, "", "absent+pending",        "", reply, why, AT_LOGIN),
        Rule("absent",        message, "", "anonymous+pending",     "", reply, why, AT_START),
        Rule("anonymous",     message, "", "anonymous+pending",     "", reply, why),
        Rule("authenticated", message, "", "authenticated+pending", "", reply, why),
    )),
    Rule("authenticated", "confirm identity",       "", "authenticated+pending", "", "authorize max_age=0", "APP-04"),
    Rule("authenticated", "require a recent login", "", "authenticated+pending", "", "authorize max_age",   "APP-04"),
    # The answer to the login that is pending in this tab
    Rule(NOBODY_PENDING,          "answer", "token right",                                  "authenticated", "log in", "page landing", WELCOME),
    Rule("authenticated+pending", "answer", "token right and same user",                    "authenticated", "log in", "page landing", WELCOME),
    Rule("authenticated+pending", "answer", "token right and not same user and not silent", "authenticated", "log in", "page landing", "APP-15 APP-18 shown:APP-15 local:APP-15 sub:SYS-03 sid:AS-35"),
    Rule("authenticated+pending", "answer", "token right and not same user and silent",     "authenticated", "log in", "page landing", "APP-28 shown:APP-28 local:APP-28 sub:SYS-03 sid:AS-35", REPLACES),
    Rule("authenticated+pending", "answer", "token right and not same user and silent",     "absent",        "forget", "page any",     "APP-28 shown:APP-28 local:APP-28 sub:SYS-03", ENDS),
    Rule("absent+pending",        "answer", "token right and several tabs",                 "absent",        "",       "page any",     "APP-19 local:APP-19", OVERTAKEN),
    Rule("anonymous+pending",     "answer", "token right and several tabs",                 "anonymous",     "",       "page any",     "APP-19 local:APP-19", OVERTAKEN),
    Rule("authenticated+pending", "answer", "token right and several tabs",                 "authenticated", "",       "page any",     "APP-19 local:APP-19", OVERTAKEN),
    Rule("absent+pending",        "answer", "not token right",                              "absent",        "",       "page any",     "local:APP-08"),
    Rule("anonymous+pending",     "answer", "not token right",                              "anonymous",     "",       "page any",     "local:APP-08"),
    Rule("absent+pending",        "error",  "not silent",                                   "absent",        "",       "page any",     "local:APP-11"),
    Rule("anonymous+pending",     "error",  "not silent",                                   "anonymous",     "",       "page any",     "local:APP-11"),
    Rule("absent+pending",        "error",  "silent",                                       "absent",        "",       "page any",     "APP-27 local:APP-11"),
    Rule("anonymous+pending",     "error",  "silent",                                       "anonymous",     "",       "page any",     "APP-27 local:APP-11"),
    Rule("authenticated+pending", "answer", "not token right",                              "authenticated", "",       "page turned down", "APP-30 local:APP-30"),
    Rule("authenticated+pending", "answer", "not token right",                              "authenticated", "",       "page landing", "local:APP-30", TAKES_OLD, "", "APP-30"),
    Rule("authenticated+pending", "error",  "not silent login required",                    "authenticated", "",       "page any",     "local:APP-11"),
    Rule("authenticated+pending", "error",  "silent login required",                        "authenticated", "",       "page any",     "APP-27 local:APP-27", KEEPS),
    Rule("authenticated+pending", "error",  "silent login required",                        "absent",        "forget", "page any",     "APP-27 local:APP-27", STOPS),
    # Answers that belong to no pending login of this browser
    Rule(ANY,             "replayed answer",              "", "=", "",           "page any",                "local:APP-07"),
    Rule(ANY,             "planted answer",               "", "=", "",           "page any",                "local:APP-06 local:APP-05"),
    Rule(ANY,             "planted answer without state", "", "=", "",           "page any",                "local:APP-06 local:APP-05"),
    # Logout
    Rule(NOBODY,          "log out here",       "", "absent", "forget", "page any",                        "local:SYS-04 server:APP-14 provider:IDP-04 elsewhere:SYS-05"),
    Rule("authenticated", "log out here",       "", "absent", "forget", "page any",                        "local:APP-12 server:APP-14 provider:IDP-04 elsewhere:SYS-05"),
    Rule(NOBODY,          "log out everywhere", "", "absent", "forget", "end session without hint",        "SYS-05"),
    Rule(NOBODY,          "log out everywhere", "", "absent", "forget", "page any",                        "local:SYS-04", KEEPS_QUIET),
    Rule("authenticated", "log out everywhere", "", "absent", "forget", "end session",                     "SYS-05 local:APP-20"),
    Rule("authenticated", "log out at the provider too", "", "absent", "forget", "end session federated",  "SYS-05 local:APP-20", "", "federated_logout"),
    Rule(ANY,             "return",             "", "=",      "",       "page any",                        ""),
    Rule("authenticated", "log out during a slow page", "", "absent", "forget", "page any",                "local:APP-29 server:APP-14"),
    # Cookies that were kept
    Rule("authenticated", "cookies from before login",   "",                     "=", "", "turned away", "APP-10"),
    Rule(ANY,             "cookies of a former session", "not of another user",  "=", "", "turned away", "APP-13"),
    Rule(ANY,             "cookies of a former session", "of another user",      "=", "", "turned away", "APP-15"),
    Rule(ANY,             "cookies of a former session", "of another user",      "=", "", "let in as another user", "", KEEPS_COOKIE, "", "APP-13"),
    # The server tells of a logout: through the back channel, and through the browser
    Rule("authenticated", "logout token", "names sid",       "absent", "forget",         "notification accepted", TOLD),
    Rule("authenticated", "logout token", "names sub",       "absent", "forget user",    "notification accepted", TOLD),
    Rule("authenticated", "logout token", "names both",      "absent", "forget",         "notification accepted", TOLD, ENDS_ONE),
    Rule("authenticated", "logout token", "names both",      "absent", "forget user",    "notification accepted", TOLD, ENDS_ALL),
    Rule("authenticated", "wrong logout token", "",          "=",      "",               "notification refused",  "APP-22 local:APP-22 elsewhere:APP-22"),
    Rule("authenticated", "front-channel logout", "own sid",     "absent", "forget",     "", "local:APP-23 elsewhere:APP-16"),
    Rule("authenticated", "front-channel logout", "not own sid", "=",      "",           "", "local:APP-23 elsewhere:APP-16", IGNORES_SID),
    Rule("authenticated", "front-channel logout", "not own sid", "absent", "forget",     "", "local:APP-23 elsewhere:APP-16", HEEDS_SID),
    # The browser is closed and opened again
    Rule("absent",        "restart browser", "", "=",      "",       "", "local:SYS-04", "", "remember_me"),
    Rule("anonymous",     "restart browser", "", "absent", "",       "", "local:SYS-04", "", "remember_me"),
    Rule("authenticated", "restart browser", "", "absent", "forget", "", "local:SYS-04", WITH_BROWSER,  "remember_me"),
    Rule("authenticated", "restart browser", "", "=",      "",       "", "local:SYS-04", WITHOUT_BROWSER, "remember_me"),
    # Time
    Rule("authenticated", "time passes", "time is over",     "absent", "forget", "", "local:APP-24 local:APP-03"),
    Rule("authenticated", "time passes", "not time is over", "=",      "",       "", "local:APP-24"),
)
# fmt: on


def _read(context: "Context") -> str:
    pending = context.tab.by == context.app and context.tab.open not in ("", "question", "provider question")
    return context.local.session + ("+pending" if pending else "")


def _write(context: "Context", state: str) -> None:
    session, _, pending = state.partition("+")
    context.local = context.local._replace(session=session)
    if pending:
        context.open("asked", context.app)
    elif context.tab.by == context.app:
        context.open("", "")


def _log_in(context: "Context") -> None:
    scope, before = context.scope, context.local
    context.see_token()
    former = "other" if scope.restores and before.user not in ("", context.user) else before.former
    context.local = Local(
        "authenticated",
        context.user,
        former,
        joined=True,
        quiet=bool(scope.notifies) and context.stimulus.action not in RIGHT_PASSWORD,
        used=scope.replays,
        idle=scope.local_idle,
        absolute=scope.local_absolute,
    )


def _forget(context: "Context") -> None:
    local = context.local
    former = "ended" if context.scope.restores and local.user else local.former
    context.local = local._replace(user="", former=former, idle=0, absolute=0)


def _forget_user(context: "Context") -> None:
    """All sessions of this user here end, in whatever browser."""
    at, user = context.scope.apps.index(context.app), context.local.user
    context.world = context.world._replace(
        browsers=tuple(
            browser._replace(
                locals=tuple(v.ended() if i == at and v.user == user else v for i, v in enumerate(browser.locals))
            )
            for browser in context.world.browsers
        )
    )
    _forget(context)


def _touch(context: "Context") -> None:
    context.local = context.local._replace(idle=context.scope.local_idle)


MACHINE = Machine(
    name="application",
    title="Local application",
    states=STATES,
    rules=RULES,
    guards={
        "token right": lambda c: not c.fault,
        "same user": lambda c: c.local.user == c.user,
        "several tabs": lambda c: c.scope.tabs > 1,
        "silent": lambda c: c.silent,
        "logged in before": lambda c: c.local.used,
        "of another user": lambda c: c.local.former == "other",
        "names sid": lambda c: c.stimulus.arg == "sid",
        "names sub": lambda c: c.stimulus.arg == "sub",
        "names both": lambda c: c.stimulus.arg == "sid and sub",
        "own sid": lambda c: c.stimulus.arg == "own sid",
        "silent login required": lambda c: c.silent and c.error == "login_required",
        "time is over": lambda c: c.time_is_over(c.local.idle, c.local.absolute, c.scope.local_idle),
    },
    effects={"log in": _log_in, "forget": _forget, "forget user": _forget_user, "touch": _touch},
    read=_read,
    write=_write,
)

"""The authorization server's session: who has logged in with this browser, for all applications.

Created, without a user, when an application sends the browser here (seed A2, B2; some servers wait until login, AS-01).
Logged in by credentials (A4) or by the identity provider's answer (B7); *reset* by every new standard login; ended by
logout or by time. An interaction (login, consent, the way to the identity provider, the logout question) stands open in
one tab; it is `stale` when another tab changed the session under it.
"""

from typing import TYPE_CHECKING

from . import vocabulary
from .state import Server
from .table import Machine, Rule, group

if TYPE_CHECKING:
    from .context import Context

SESSIONS = {
    "absent": "the browser holds no session of this server",
    "created": "a session exists, nobody has logged in",
    "logged in": "a user is logged in",
}
OPEN = {
    "login": "the login page is shown",
    "provider": "the browser is at the identity provider",
    "consent": "the consent page is shown",
    "question": "the server asks whether to log out",
    "re-authentication": "the login page is shown to confirm who is there",
    "strong login": "the login page is shown, for a request that wants a second factor",
    "second factor": "the password was right; the page for the second factor is shown",
    "stale login": "a login page is shown that is older than the session",
    "stale consent": "a consent page is shown that is older than the session",
}
ONLY = {"consent": ("logged in",), "re-authentication": ("logged in",), "strong login": ("absent", "created")}
"""The sessions with which a page can be open, where that is not any."""
STATES = {
    **SESSIONS,
    **{
        f"{session}+{what}": f"{SESSIONS[session]}; {OPEN[what]}"
        for session in SESSIONS
        for what in OPEN
        if session in ONLY.get(what, SESSIONS)
    },
}
NOBODY = group("absent", "created")
ANY = group(NOBODY, "logged in")
LOGIN = group("absent+login", "created+login")
PROVIDER = group("absent+provider", "created+provider")
STRONG = group("absent+strong login", "created+strong login")
HALF = group("absent+second factor", "created+second factor")
STALE_LOGIN = group("absent+stale login", "created+stale login")
ANY_LOGIN = group(LOGIN, STALE_LOGIN, "logged in+login", "logged in+stale login", "logged in+re-authentication")
STALE_CONSENT = group("absent+stale consent", "created+stale consent")
QUESTION = group("absent+question", "created+question")

EARLY, LATE = "server session begins at the authorization request", "server session begins at login"
CONSENT, NO_CONSENT = "asks for consent", "does not ask for consent"
SILENT_CONSENT = "a silent check may need consent first"
ASKS, STAYS = "asks before every logout", "stays at a page of its own"
KEEPS_SID, NEW_SID = "login by the same user keeps sid", "login by the same user gets a new sid"
FIRST_LOGIN = "asks for login before it looks at the rest of the request"
PARTS = "a declined logout goes back to the application, which takes no part any more"
ANSWERS = "answers an old form with an error"
ASKS_AGAIN = "asks again about a session that another tab changed"
NO_REFRESH = "refuses a refresh token although its session lives"
FROM_SESSION = "answers an old login page from the session that another tab began"
REFUSES = "refuses a page that is older than the session"
FRESH = "asks the identity provider for a fresh login"
NOT_PASSED_ON = "a re-authentication is not passed on to the identity provider"
STRAIGHT_ON = "goes on to the identity provider that was chosen before"
ASKS_ANYWAY = "asks for credentials although max_age is not exceeded"
REFUSES_OTHERS = "refuses a re-authentication as another user"
CONTINUES = "goes on with a login of which only the second factor is open"
SHOWS_ACCOUNTS, NO_CHOICE = "shows the accounts to choose from", "does not let the user choose an account"
REMEMBERS = "does not ask for consent again"
STAYS_REMEMBERED = "login by a user who is remembered stays remembered"
KEEPS_SID_OF_REMEMBERED = "a remembered session keeps sid when the browser is restarted"
NEW_SID_OF_REMEMBERED = "a remembered session gets a new sid when the browser is restarted"
KEEPS_COOKIE = "login by the same user leaves the old cookie valid"

ECHO = "state:AS-25 state:AS-05 iss:AS-05"
FIRST = (
    f"AS-03 AS-05 {ECHO} server:AS-03 server:SYS-03 sub:AS-03 auth_time:AS-12 layers:SYS-01 layers:SYS-08 layers:SYS-07"
    " as_cookies:AS-45 server_elsewhere:AS-24"
)
RESET = f"AS-03 AS-05 {ECHO} server:AS-12 sub:AS-12 sid:AS-12 auth_time:AS-12"
FEDERATED = f"AS-37 AS-05 {ECHO} server:AS-37 server:SYS-03 sub:AS-37 auth_time:AS-54 layers:SYS-02"
AGAIN_BY_PROVIDER = f"AS-37 AS-05 {ECHO} server:AS-39 sub:AS-39 sid:AS-39 auth_time:AS-54"
RESET_BY_PROVIDER = f"AS-39 AS-05 {ECHO} server:AS-39 sub:AS-39 sid:AS-39 auth_time:AS-54"
SSO = f"AS-08 AS-05 {ECHO} sub:SYS-03 auth_time:AS-18 acr:AS-10 server:AS-08"
CONFIRMED = f"AS-17 AS-05 {ECHO} server:AS-17 sub:AS-17 sid:AS-12 auth_time:AS-18"
ANOTHER = f"AS-20 AS-05 {ECHO} server:AS-20 sub:AS-20 sid:AS-20 auth_time:AS-18"
RECENT = f"AS-08 AS-05 {ECHO} sub:SYS-03 auth_time:AS-18 server:AS-17"
WITH_FACTOR = f"AS-05 {ECHO} acr:AS-10 auth_time:AS-18"
SILENT = f"AS-13 AS-05 {ECHO} sub:SYS-03 auth_time:AS-18 server:AS-13"
NO_LOGIN = "AS-13 state:AS-58 server:AS-02 server:SYS-04"
PASSED_ON = "told:AS-33 told:AS-34 told:AS-57"
GONE = (
    "AS-30 AS-28 state:AS-30 server:AS-28 elsewhere:AS-53 locals:AS-53 provider:IDP-04 layers:SYS-05 layers:SYS-07"
    f" {PASSED_ON}"
)

SKIPPED = "consent may be skipped"
CONSENTS = ((SKIPPED, "", CONSENT), ("consent was refused", "AS-07 ", ""), ("consent is due", "AS-44 ", ""))
"""When a consent page is shown: by the server's choice, or because it must be; and the requirement that says so."""
RELOGINS = (("same user", "log in again", KEEPS_SID), ("same user", "log in", NEW_SID), ("not same user", "log in", ""))
"""Who logs in although somebody is logged in, what it does, and the server's choice."""

# fmt: off
RULES = (
    # An application sends the browser here (A1, A2)
    Rule("absent",    "authorize",                  "not half logged in", "absent+login",    "", "page login", "AS-01 framing:AS-45", LATE),
    Rule("absent",    "authorize",                  "not half logged in", "created+login",   "", "page login", "AS-01 framing:AS-45", EARLY),
    Rule("created",   "authorize",                  "not half logged in", "created+login",   "", "page login", "AS-01 framing:AS-45"),
    Rule("logged in", "authorize",                  SKIPPED, "logged in",         "touch, name", "answer",       SSO, NO_CONSENT),
    *(Rule("logged in", "authorize",                guard,   "logged in+consent", "touch",       "page consent", f"{why}AS-08 AS-06", choice, "consent") for guard, why, choice in CONSENTS),
    Rule("absent",    "authorize prompt=login",     "", "absent+login",    "",            "page login",   "AS-01", LATE),
    Rule("absent",    "authorize prompt=login",     "", "created+login",   "",            "page login",   "AS-01", EARLY),
    Rule("created",   "authorize prompt=login",     "", "created+login",   "",            "page login",   "AS-01"),
    Rule("logged in", "authorize prompt=login",     "", "logged in+login", "touch",       "page login",   "AS-15"),
    # ... or on to the provider that was chosen in an attempt before which came to nothing
    *(rule for message in ("authorize", "authorize prompt=login") for rule in (
        Rule("absent",  message, "provider chosen", "absent+provider",  "", "provider authorize", "AS-01", f"{STRAIGHT_ON}; {LATE}", "federation"),
        Rule("absent",  message, "provider chosen", "created+provider", "", "provider authorize", "AS-01", f"{STRAIGHT_ON}; {EARLY}", "federation"),
        Rule("created", message, "provider chosen", "created+provider", "", "provider authorize", "AS-01", STRAIGHT_ON, "federation"),
    )),
    # ... and a login of which only the second factor is open is none (AS-52)
    Rule("absent",    "authorize",             "half logged in", "absent+login",          "", "page login",         "AS-52 AS-01 server:AS-52", "", "mfa"),
    Rule("created",   "authorize",             "half logged in", "created+login",         "", "page login",         "AS-52 AS-01 server:AS-52", "", "mfa"),
    Rule("absent",    "authorize",             "half logged in", "absent+second factor",  "", "page second factor", "AS-52 AS-01 server:AS-52", CONTINUES, "mfa"),
    Rule("created",   "authorize",             "half logged in", "created+second factor", "", "page second factor", "AS-52 AS-01 server:AS-52", CONTINUES, "mfa"),
    Rule(NOBODY,      "authorize prompt=none", "half logged in", "=",           "need login", "error", f"AS-52 {NO_LOGIN}", "", "mfa"),
    # The silent check
    Rule("absent",    "authorize prompt=none",      "not half logged in", "=",    "need login",  "error",  NO_LOGIN),
    Rule("created",   "authorize prompt=none",      "not half logged in", "=",    "need login",  "error",  f"AS-02 {NO_LOGIN}"),
    Rule("logged in", "authorize prompt=none",      SKIPPED, "logged in", "touch, name",         "answer", SILENT),
    *(Rule("logged in", "authorize prompt=none",    guard,   "logged in", "touch, need consent", "error",  f"{why}AS-13 state:AS-58", choice and SILENT_CONSENT, "consent") for guard, why, choice in CONSENTS),
    Rule("absent",    "authorize prompt=none hint", "", "=",         "need login",           "error",  NO_LOGIN, "", "id_token_hint"),
    Rule("created",   "authorize prompt=none hint", "", "=",         "need login",           "error",  f"AS-02 {NO_LOGIN}", "", "id_token_hint"),
    Rule("logged in", "authorize prompt=none hint", "", "logged in", "touch, need login",    "error",  "AS-19 AS-13 server:AS-19", "", "id_token_hint"),
    # The application wants a login that is fresh, or not of long ago (AS-17)
    *(rule for message in ("authorize max_age=0", "authorize max_age") for rule in (
        Rule("absent",  message, "", "absent+login",  "", "page login", "AS-01", LATE),
        Rule("absent",  message, "", "created+login", "", "page login", "AS-01", EARLY),
        Rule("created", message, "", "created+login", "", "page login", "AS-01"),
    )),
    Rule("logged in", "authorize max_age=0", "not made to order", "logged in+re-authentication", "touch", "page login", "AS-17"),
    Rule("logged in", "authorize max_age=0", "made to order",     "logged in",                   "name",  "answer",     ""),
    Rule("logged in", "authorize max_age",   "login is old",      "logged in+re-authentication", "touch", "page login", "AS-17"),
    Rule("logged in", "authorize max_age",   "not login is old",  "logged in",                   "touch, name", "answer", RECENT, NO_CONSENT),
    Rule("logged in", "authorize max_age",   "not login is old",  "logged in+consent",           "touch", "page consent", "AS-08 AS-06", CONSENT, "consent"),
    Rule("logged in", "authorize max_age",   "not login is old",  "logged in+re-authentication", "touch", "page login", "", ASKS_ANYWAY),
    # ... or one with a second factor (AS-09, AS-10)
    Rule("absent",    "authorize acr", "", "absent+strong login",  "", "page login", "AS-01", LATE, "mfa"),
    Rule("absent",    "authorize acr", "", "created+strong login", "", "page login", "AS-01", EARLY, "mfa"),
    Rule("created",   "authorize acr", "", "created+strong login", "", "page login", "AS-01", "", "mfa"),
    Rule("logged in", "authorize acr", "second factor may do",   "logged in",               "touch, name", "answer",             f"AS-09 {WITH_FACTOR} sub:SYS-03 server:AS-09", "", "mfa"),
    Rule("logged in", "authorize acr", "second factor may miss and not federated user", "logged in+second factor", "touch",        "page second factor", "AS-10 server:AS-10", "", "mfa"),
    Rule("logged in", "authorize acr", "second factor may miss and federated user",     "logged in+second factor", "touch",        "page second factor", "AS-54 server:AS-54", "", "mfa"),
    Rule("logged in", "authorize acr", "second factor may miss and federated user",     "logged in",               "touch, close", "page own",           "AS-54 server:AS-54", STAYS, "mfa"),
    # ... or more scopes, consent asked for again, or a choice of account (AS-43, AS-44)
    Rule("absent",    "authorize more", "", "absent+login",  "want more", "page login", "AS-01", LATE, "consent"),
    Rule("absent",    "authorize more", "", "created+login", "want more", "page login", "AS-01", EARLY, "consent"),
    Rule("created",   "authorize more", "", "created+login", "want more", "page login", "AS-01", "", "consent"),
    Rule("logged in", "authorize more", "more may be skipped", "logged in", "touch, name", "answer", SSO, NO_CONSENT, "consent"),
    Rule("logged in", "authorize more", "more may be skipped",  "logged in+consent", "want more, touch", "page consent", "AS-08 AS-06", CONSENT, "consent"),
    Rule("logged in", "authorize more", "not more may be skipped and consent was refused", "logged in+consent", "want more, touch", "page consent", "AS-07 AS-08 AS-06", "", "consent"),
    Rule("logged in", "authorize more", "not more may be skipped and not consent was refused", "logged in+consent", "want more, touch", "page consent", "AS-44 AS-08 AS-06", "", "consent"),
    Rule("logged in", "authorize prompt=consent", "", "logged in+consent", "touch", "page consent", "AS-43", "", "consent"),
    Rule("logged in", "authorize prompt=consent", "", "logged in",         "touch, name",       "answer",       "", REMEMBERS, "consent", "AS-43"),
    Rule("logged in", "authorize prompt=select_account", "", "logged in+login", "touch",        "page login",   "AS-43"),
    Rule("logged in", "authorize prompt=select_account", "", "logged in", "touch, close",       "page server",  "AS-43", SHOWS_ACCOUNTS),
    Rule("logged in", "authorize prompt=select_account", "", "logged in", "touch, name",        "answer",       "", NO_CHOICE, "", "AS-43"),
    # Requests that are wrong in themselves
    Rule(ANY, "authorize prompt=none login",        "", "=", "complain invalid request",     "error",       "AS-14 state:AS-58 server:SYS-04"),
    Rule(ANY, "authorize unknown response type",    "", "=", "complain response type",       "error",       "AS-58 state:AS-58 server:SYS-04"),
    Rule(NOBODY, "authorize unknown response type", "", "=", "close",                        "page login",  "server:SYS-04", FIRST_LOGIN),
    Rule(ANY, "authorize foreign redirect",         "", "=", "",                             "page own",    "AS-58 server:SYS-04"),
    # A native application listens at another port today (AS-60)
    Rule(NOBODY,      "authorize prompt=none another port", "",      "=",         "need login",          "error",  "AS-60 state:AS-58 server:SYS-04", "", "native application"),
    Rule("logged in", "authorize prompt=none another port", SKIPPED, "logged in", "touch",               "answer", f"AS-60 {ECHO} server:AS-13", "", "native application"),
    Rule("logged in", "authorize prompt=none another port", "",      "logged in", "touch, need consent", "error",  "AS-60 state:AS-58", SILENT_CONSENT, "consent"),
    # Login with name and password (A3 to A5); a new standard login resets the session
    Rule(LOGIN,             "credentials", SKIPPED, "logged in",         "log in", "answer",       FIRST, NO_CONSENT),
    *(Rule(LOGIN,           "credentials", guard,   "logged in+consent", "log in", "page consent", f"{why}AS-03 AS-06 server:AS-03", choice, "consent") for guard, why, choice in CONSENTS),
    Rule("logged in+login", "credentials", f"same user and {SKIPPED}",     "logged in",         "log in again", "answer",       RESET, f"{NO_CONSENT}; {KEEPS_SID}"),
    Rule("logged in+login", "credentials", f"same user and {SKIPPED}",     "logged in",         "log in",       "answer",       RESET, f"{NO_CONSENT}; {NEW_SID}"),
    Rule("logged in+login", "credentials", f"not same user and {SKIPPED}", "logged in",         "log in",       "answer",       RESET, NO_CONSENT),
    *(rule for guard, why, choice in CONSENTS for rule in (
        Rule("logged in+login", "credentials", f"same user and {guard}",     "logged in+consent", "log in again", "page consent", f"{why}AS-03 AS-06 server:AS-12", "; ".join(filter(None, (choice, KEEPS_SID))), "consent"),
        Rule("logged in+login", "credentials", f"same user and {guard}",     "logged in+consent", "log in",       "page consent", f"{why}AS-03 AS-06 server:AS-12", "; ".join(filter(None, (choice, NEW_SID))), "consent"),
        Rule("logged in+login", "credentials", f"not same user and {guard}", "logged in+consent", "log in",       "page consent", f"{why}AS-03 AS-06 server:AS-12", choice, "consent"),
    )),
    Rule(group(LOGIN, STALE_LOGIN), "wrong credentials", "",      "=",                 "",             "page login",   "AS-04 server:AS-04 server:SYS-04"),
    Rule(group("logged in+login", "logged in+stale login"), "wrong credentials", "", "=", "",          "page login",   "AS-04 server:AS-04"),
    Rule(STALE_LOGIN,             "wrong credentials", "",        "=",                 "close",        "page server",  "server:AS-04 server:SYS-04", REFUSES),
    Rule("logged in+stale login", "wrong credentials", "",        "logged in",         "",             "page server",  "server:AS-04", REFUSES),
    Rule("logged in+stale login", "wrong credentials", "",        "logged in",         "name",         "answer",       f"AS-05 {ECHO} sub:SYS-03 auth_time:AS-18 server:AS-04", FROM_SESSION),
    Rule("absent+login",          "cancel",      "",              "absent",            "deny",         "error",        "AS-58 state:AS-58 server:SYS-04", "", "cancel"),
    Rule("created+login",         "cancel",      "",              "created",           "deny",         "error",        "AS-58 state:AS-58 server:SYS-04", "", "cancel"),
    Rule("logged in+login",       "cancel",      "",              "logged in",         "deny",         "error",        "AS-16 AS-58 state:AS-58 server:AS-16", "", "cancel"),
    Rule(ANY_LOGIN, "credentials of a disabled user", "", "=", "",      "page login", "AS-46 server:AS-46", "", "revocation"),
    Rule(ANY_LOGIN, "credentials of a disabled user", "", "=", "close", "page own",   "AS-46 server:AS-46", STAYS, "revocation"),
    # ... and asks to be remembered, or was remembered before (AS-50)
    Rule(LOGIN, "credentials to be remembered", "", "logged in",         "log in, remember", "answer",       FIRST, NO_CONSENT, "remember_me"),
    Rule(LOGIN, "credentials to be remembered", "", "logged in+consent", "log in, remember", "page consent", "AS-03 AS-06 server:AS-03", CONSENT, "consent"),
    *(rule for who, effect, choice in RELOGINS for rule in (
        Rule("logged in+login", "credentials to be remembered", who, "logged in",         f"{effect}, remember", "answer",       RESET, "; ".join(filter(None, (NO_CONSENT, choice))), "remember_me"),
        Rule("logged in+login", "credentials to be remembered", who, "logged in+consent", f"{effect}, remember", "page consent", "AS-03 AS-06 server:AS-12", "; ".join(filter(None, (CONSENT, choice))), "consent"),
    )),
    *(rule for page, why in (("logged in+login", RESET), ("logged in+re-authentication", CONFIRMED)) for who, effect, choice in RELOGINS[:2] for rule in (
        Rule(page, "credentials", f"{who} and remembered", "logged in",         f"{effect}, remember", "answer",       why, f"{NO_CONSENT}; {choice}; {STAYS_REMEMBERED}", "remember_me"),
        Rule(page, "credentials", f"{who} and remembered", "logged in+consent", f"{effect}, remember", "page consent", "AS-03 AS-06 server:AS-12", f"{CONSENT}; {choice}; {STAYS_REMEMBERED}", "consent"),
    )),
    # ... to confirm who is there, after max_age
    Rule("logged in+re-authentication", "credentials", "same user",     "logged in",         "log in again", "answer",       CONFIRMED, f"{NO_CONSENT}; {KEEPS_SID}"),
    Rule("logged in+re-authentication", "credentials", "same user",     "logged in",         "log in",       "answer",       CONFIRMED, f"{NO_CONSENT}; {NEW_SID}"),
    Rule("logged in+re-authentication", "credentials", "same user",     "logged in+consent", "log in again", "page consent", "AS-17 AS-06 server:AS-17", f"{CONSENT}; {KEEPS_SID}", "consent"),
    Rule("logged in+re-authentication", "credentials", "same user",     "logged in+consent", "log in",       "page consent", "AS-17 AS-06 server:AS-17", f"{CONSENT}; {NEW_SID}", "consent"),
    Rule("logged in+re-authentication", "credentials", "not same user", "logged in",         "log in",       "answer",       ANOTHER, NO_CONSENT),
    Rule("logged in+re-authentication", "credentials", "not same user", "logged in+consent", "log in",       "page consent", "AS-20 AS-06 server:AS-20", CONSENT, "consent"),
    Rule("logged in+re-authentication", "credentials", "not same user", "=",                 "",             "page login",   "server:AS-20", REFUSES_OTHERS),
    Rule("logged in+re-authentication", "wrong credentials", "", "=",         "",     "page login", "AS-16 server:AS-16"),
    Rule("logged in+re-authentication", "cancel",            "", "logged in", "deny", "error",      "AS-16 AS-58 state:AS-58 server:AS-16", "", "cancel"),
    # ... with a second factor: the password alone is no login (AS-11, AS-52)
    Rule("absent+strong login",  "credentials", "", "absent+second factor",  "half", "page second factor", "AS-10 server:AS-52", "", "mfa"),
    Rule("created+strong login", "credentials", "", "created+second factor", "half", "page second factor", "AS-10 server:AS-52", "", "mfa"),
    Rule(STRONG, "wrong credentials", "", "=", "", "page login", "AS-04 server:AS-04", "", "mfa"),
    Rule(HALF,                      "second factor",       "", "logged in", "log in, factor", "answer", f"AS-03 {WITH_FACTOR} sub:AS-03 server:AS-03 server:SYS-03", "", "mfa"),
    Rule("logged in+second factor", "second factor",       "", "logged in", "name, raise",    "answer", f"AS-05 {ECHO} acr:AS-10 sub:SYS-03 server:AS-10", "", "mfa"),
    Rule(HALF,                      "wrong second factor", "", "=",         "", "page second factor", "AS-11 server:AS-52", "", "mfa"),
    Rule("logged in+second factor", "wrong second factor", "", "=",         "", "page second factor", "AS-11 server:AS-11", "", "mfa"),
    Rule(group("absent+strong login", "absent+second factor"),   "cancel", "", "absent",    "give up, deny", "error", "AS-58 state:AS-58 server:AS-52", "", "mfa"),
    Rule(group("created+strong login", "created+second factor"), "cancel", "", "created",   "give up, deny", "error", "AS-58 state:AS-58 server:AS-52", "", "mfa"),
    Rule("logged in+second factor",                              "cancel", "", "logged in", "deny",          "error", "AS-11 AS-58 state:AS-58 server:AS-11", "", "mfa"),
    # ... of a page that is older than the session: a login like any other, or refused
    Rule(STALE_LOGIN,             "credentials", "",              "logged in",         "log in",       "answer",       FIRST, NO_CONSENT),
    Rule(STALE_LOGIN,             "credentials", "",              "logged in+consent", "log in",       "page consent", "AS-03 AS-06 server:AS-03", CONSENT, "consent"),
    Rule(STALE_LOGIN,             "credentials", "",              "=",                 "close",        "page refused", "server:SYS-04", REFUSES),
    Rule("logged in+stale login", "credentials", "same user",     "logged in",         "log in again", "answer",       RESET, f"{NO_CONSENT}; {KEEPS_SID}"),
    Rule("logged in+stale login", "credentials", "",              "logged in",         "log in",       "answer",       RESET, f"{NO_CONSENT}; {NEW_SID}"),
    Rule("logged in+stale login", "credentials", "same user",     "logged in+consent", "log in again", "page consent", "AS-03 AS-06 server:AS-12", f"{CONSENT}; {KEEPS_SID}", "consent"),
    Rule("logged in+stale login", "credentials", "",              "logged in+consent", "log in",       "page consent", "AS-03 AS-06 server:AS-12", f"{CONSENT}; {NEW_SID}", "consent"),
    Rule("logged in+stale login", "credentials", "",              "logged in",         "",             "page refused", "server:AS-12", REFUSES),
    # Login with the identity provider (B3 to B5, B7, B8); a re-authentication asks it for a fresh login
    Rule("absent+login",     "choose provider", "", "absent+provider",   "choose", "provider authorize", "AS-37", LATE, "federation"),
    Rule("absent+login",     "choose provider", "", "created+provider",  "choose", "provider authorize", "AS-37", EARLY, "federation"),
    Rule("created+login",    "choose provider", "", "created+provider",  "choose", "provider authorize", "AS-37", "", "federation"),
    Rule("absent+login",     "choose provider", "", "absent+provider",   "choose", "provider authorize prompt=login", "AS-37", f"{FRESH}; {LATE}", "federation"),
    Rule("absent+login",     "choose provider", "", "created+provider",  "choose", "provider authorize prompt=login", "AS-37", f"{FRESH}; {EARLY}", "federation"),
    Rule("created+login",    "choose provider", "", "created+provider",  "choose", "provider authorize prompt=login", "AS-37", FRESH, "federation"),
    Rule("logged in+login",  "choose provider", "", "logged in+provider", "", "provider authorize prompt=login", "AS-37 AS-40", "", "federation"),
    Rule("logged in+login",  "choose provider", "", "logged in+provider", "", "provider authorize", "AS-37", NOT_PASSED_ON, "federation", "AS-40"),
    Rule("logged in+re-authentication", "choose provider", "", "logged in+provider", "", "provider authorize prompt=login", "AS-37 AS-40", "", "federation"),
    Rule("logged in+re-authentication", "choose provider", "", "logged in+provider", "", "provider authorize", "AS-37", NOT_PASSED_ON, "federation", "AS-40"),
    Rule(PROVIDER,           "provider answer", "", "logged in",         "log in, vouch", "answer",       FEDERATED, NO_CONSENT, "federation"),
    Rule(PROVIDER,           "provider answer", "", "logged in+consent", "log in, vouch", "page consent", "AS-37 AS-06 server:AS-37", CONSENT, "federation"),
    Rule("logged in+provider", "provider answer", "same user",     "logged in",         "log in again, vouch", "answer",       AGAIN_BY_PROVIDER, f"{NO_CONSENT}; {KEEPS_SID}", "federation"),
    Rule("logged in+provider", "provider answer", "same user",     "logged in",         "log in, vouch",       "answer",       AGAIN_BY_PROVIDER, f"{NO_CONSENT}; {NEW_SID}", "federation"),
    Rule("logged in+provider", "provider answer", "same user",     "logged in+consent", "log in again, vouch", "page consent", "AS-39 AS-06 server:AS-39", f"{CONSENT}; {KEEPS_SID}", "federation"),
    Rule("logged in+provider", "provider answer", "same user",     "logged in+consent", "log in, vouch",       "page consent", "AS-39 AS-06 server:AS-39", f"{CONSENT}; {NEW_SID}", "federation"),
    Rule("logged in+provider", "provider answer", "not same user", "logged in",         "log in, vouch",       "answer",       RESET_BY_PROVIDER, NO_CONSENT, "federation"),
    Rule("logged in+provider", "provider answer", "not same user", "logged in+consent", "log in, vouch",       "page consent", "AS-39 AS-06 server:AS-39", CONSENT, "federation"),
    Rule("absent+provider",    "provider error", "", "absent+login",    "", "page login", "AS-38 server:AS-38", "", "federation"),
    Rule("created+provider",   "provider error", "", "created+login",   "", "page login", "AS-38 server:AS-38", "", "federation"),
    Rule("logged in+provider", "provider error", "", "logged in+login", "", "page login", "AS-38 server:AS-38", "", "federation"),
    Rule("absent+provider",    "provider error", "", "absent",          "", "page own",   "AS-38 server:AS-38", STAYS, "federation"),
    Rule("created+provider",   "provider error", "", "created",         "", "page own",   "AS-38 server:AS-38", STAYS, "federation"),
    Rule("logged in+provider", "provider error", "", "logged in",       "", "page own",   "AS-38 server:AS-38", STAYS, "federation"),
    # Consent (A3)
    Rule("logged in+consent", "allow", "not after another user and not federated user", "logged in", "grant, name", "answer", f"AS-05 {ECHO} sub:SYS-03 auth_time:AS-18 layers:SYS-01 layers:SYS-08 layers:SYS-07", "", "consent"),
    Rule("logged in+consent", "allow", "not after another user and federated user",     "logged in", "grant, name", "answer", f"AS-05 {ECHO} sub:SYS-03 auth_time:AS-54 layers:SYS-02", "", "consent"),
    Rule("logged in+consent", "allow", "after another user",     "logged in", "grant, name", "answer", f"AS-05 {ECHO} sub:AS-12 sid:AS-12 auth_time:AS-18 layers:SYS-01 layers:SYS-08 layers:SYS-07", "", "consent"),
    Rule("logged in+consent", "deny",  "", "logged in", "refuse, deny", "error",  "AS-07 AS-58 state:AS-58", "", "consent"),
    Rule("logged in+consent", "deny despite the address", "", "logged in", "refuse, deny", "error",    "AS-07 AS-58 state:AS-58", "", "consent"),
    Rule("logged in+consent", "deny despite the address", "", "logged in", "close",        "page own", "AS-07 server:AS-07", STAYS, "consent"),
    Rule(ANY, "allow after all", "", "=", "",                         "page anywhere", "AS-07 server:AS-07", "", "consent"),
    Rule(ANY, "allow after all", "", "=", "complain invalid request", "error",         "AS-07 server:AS-07", ANSWERS, "consent"),
    Rule("logged in+consent",       "allow", "several tabs", "logged in", "close", "page refused", "server:AS-48", REFUSES, "consent"),
    Rule("logged in+consent",       "deny",  "several tabs", "logged in", "close", "page refused", "server:AS-48", REFUSES, "consent"),
    Rule(STALE_CONSENT,            "allow", "", "=", "close", "page refused", "AS-48 server:AS-48", "", "consent"),
    Rule(STALE_CONSENT,            "deny",  "", "=", "close", "page refused", "AS-48 server:AS-48", "", "consent"),
    Rule("logged in+stale consent", "allow", "", "=", "close", "page refused", "AS-49 server:AS-49", "", "consent"),
    Rule("logged in+stale consent", "deny",  "", "=", "close", "page refused", "AS-49 server:AS-49", "", "consent"),
    # The token endpoint
    Rule(ANY, "redeem again",   "",                      "=", "", "token refused",  "AS-22 server:AS-22"),
    Rule(ANY, "redeem wrongly", "",                      "=", "", "token refused",  "AS-23 server:AS-23"),
    Rule(ANY, "redeem twice at once", "",                "=", "", "token once",     "AS-47"),
    Rule(ANY, "refresh",        "token's session lives",     "=", "", "token accepted", "refreshed:AS-51 server:AS-51", "", "refresh_tokens"),
    Rule(ANY, "refresh",        "token's session lives",     "=", "", "token refused",  "", NO_REFRESH, "refresh_tokens"),
    Rule(ANY, "refresh",        "not token's session lives and not session expires and not token's user is disabled", "=", "", "token refused", "AS-41 server:SYS-04", "", "refresh_tokens"),
    Rule(ANY, "refresh",        "not token's session lives and session expires", "=", "", "token refused", "AS-51 server:SYS-04", "", "refresh_tokens"),
    Rule(ANY, "refresh",        "not token's session lives and token's user is disabled", "=", "", "token refused", "AS-46 server:AS-46", "", "revocation"),
    # Cookies that were kept, and a form of another browser
    Rule("logged in", "server cookies from before login",   "",                          "=", "", "turned away", "AS-21"),
    Rule(ANY,         "server cookies of a former session", "not reset by the same user", "=", "", "turned away", "AS-32"),
    Rule(ANY,         "server cookies of a former session", "reset by the same user",     "=", "", "turned away", "AS-59"),
    Rule(ANY,         "server cookies of a former session", "reset by the same user",     "=", "", "let in",      "", KEEPS_COOKIE, "", "AS-59"),
    Rule(ANY,         "foreign login form", "", "=", "",                         "page anywhere", "server:AS-26"),
    Rule(ANY,         "foreign login form", "", "=", "complain invalid request", "error",         "server:AS-26", ANSWERS),
    # RP-initiated logout
    Rule("logged in", "end session", "hint of this session",     "absent",             "end", "return",        GONE),
    Rule("logged in", "end session", "hint of this session",     "logged in+question", "",    "page question", "server:AS-28", ASKS),
    Rule("logged in", "end session", "not hint of this session", "logged in+question", "",    "page question", "AS-29 server:AS-29"),
    Rule("logged in", "end session", "not hint of this session", "logged in",          "",    "page own",      "AS-29 server:AS-29", STAYS),
    Rule("logged in", "end session without hint", "",            "logged in+question", "",    "page question", "AS-29 server:AS-29"),
    Rule("logged in", "end session foreign hint", "",            "logged in+question", "",    "page question", "AS-29 server:AS-29"),
    Rule("logged in", "end session foreign hint", "",            "logged in",          "",    "page own",   "AS-29 server:AS-29", STAYS),
    Rule("logged in", "end session foreign address", "",         "logged in+question", "",    "page question", "AS-30", ASKS),
    Rule("logged in", "end session foreign address", "",         "logged in",          "",    "page own",   "AS-30", STAYS),
    Rule("logged in", "end session foreign address", "",         "absent",             "end", "page own",   "AS-30", "logs out, but goes nowhere"),
    Rule(NOBODY,      "end session foreign address", "",         "=",                  "",    "page own",   "AS-30 server:SYS-04"),
    Rule("absent",    "end session foreign address", "",         "absent+question",    "",    "page question", "AS-30 server:SYS-04", ASKS),
    Rule("created",   "end session foreign address", "",         "created+question",   "",    "page question", "AS-30 server:SYS-04", ASKS),
    *(rule for message in ("end session", "end session without hint", "end session foreign hint") for rule in (
        Rule(NOBODY,    message, "", "absent",           "", "return",        "AS-30 state:AS-30 server:SYS-04"),
        Rule(NOBODY,    message, "", "=",                "", "page own",   "server:SYS-04", STAYS),
        Rule("absent",  message, "", "absent+question",  "", "page question", "server:SYS-04", ASKS),
        Rule("created", message, "", "created+question", "", "page question", "server:SYS-04", ASKS),
    )),
    Rule("logged in+question", "confirm logout", "", "absent",    "end", "return",      GONE),
    Rule("logged in+question", "confirm logout", "", "absent",    "end", "page own", GONE, STAYS),
    Rule("logged in+question", "confirm logout", "several tabs", "=", "", "page question", "AS-49 server:AS-49", ASKS_AGAIN),
    Rule("logged in+question", "confirm logout", "several tabs", "=", "close", "page refused", "AS-49 server:AS-49", REFUSES),
    Rule(QUESTION,             "confirm logout", "", "absent",    "",    "return",      "server:SYS-04"),
    Rule(QUESTION,             "confirm logout", "", "absent",    "",    "page own", "server:SYS-04", STAYS),
    Rule("logged in+question", "decline logout", "", "logged in", "",    "page anywhere","AS-31 server:AS-31"),
    Rule("logged in+question", "decline logout", "", "logged in", "part", "return",      "AS-31 server:AS-31", PARTS),
    Rule("absent+question",    "decline logout", "", "absent",    "",    "page anywhere","server:SYS-04"),
    Rule("created+question",   "decline logout", "", "created",   "",    "page anywhere","server:SYS-04"),
    Rule("absent+question",    "decline logout", "", "absent",    "",    "return",       "server:SYS-04", PARTS),
    Rule("created+question",   "decline logout", "", "created",   "",    "return",       "server:SYS-04", PARTS),
    Rule(NOBODY,               "resend form",    "", "=",         "",    "page anywhere","server:AS-27 server:SYS-04"),
    Rule(NOBODY,               "resend form",    "", "=", "complain invalid request", "error", "server:AS-27 server:SYS-04", ANSWERS),
    # Federated logout: the identity provider's session ends too
    Rule("logged in", "end session federated", "federated user",     "absent", "end", "provider end session", "IDP-05 AS-28 server:AS-28 elsewhere:AS-53 locals:AS-53", "", "federated_logout"),
    Rule("logged in", "end session federated", "not federated user", "absent", "end", "return",               GONE, "", "federated_logout"),
    Rule(ANY,         "provider return",       "",                   "=",      "",    "return",               "AS-30", "", "federated_logout"),
    # A logout at the identity provider, of which it tells (AS-55)
    Rule("logged in", "provider logout token",       "", "absent", "end", "notification accepted", f"AS-55 server:AS-55 local:AS-55 locals:AS-55 {PASSED_ON}", "", "upstream_logout"),
    Rule("logged in", "wrong provider logout token", "", "=",      "",    "notification refused",  "AS-55 server:AS-55 local:AS-55", "", "upstream_logout"),
    # The operator
    Rule("logged in", "administrator ends the sessions", "session of that user",     "absent", "end", "", f"server:AS-42 local:AS-42 {PASSED_ON}", "", "revocation"),
    Rule("logged in", "administrator ends the sessions", "not session of that user", "=",      "",    "", "server:AS-53", "", "revocation"),
    Rule("logged in", "administrator disables the user", "session of that user",     "absent", "disable, end", "", f"server:AS-46 local:AS-46 {PASSED_ON}", "", "revocation"),
    Rule("logged in", "administrator disables the user", "not session of that user", "=",      "disable",      "", "server:AS-53", "", "revocation"),
    Rule(NOBODY,      "administrator disables the user", "",                         "=",      "disable",      "", "server:SYS-04", "", "revocation"),
    Rule("logged in", "administrator sets a new password", "session of that user",     "absent", "end", "", f"server:AS-42 {PASSED_ON}", "", "password_change"),
    Rule("logged in", "administrator sets a new password", "not session of that user", "=",      "",    "", "server:AS-53", "", "password_change"),
    # The browser is closed and opened again: it has lost its session, unless that is to be remembered (AS-50)
    Rule("absent",    "restart browser", "",               "=",      "",        "", "server:SYS-04", "", "remember_me"),
    Rule("created",   "restart browser", "",               "absent", "lose",    "", "server:SYS-04", "", "remember_me"),
    Rule("logged in", "restart browser", "not remembered", "absent", "lose",    "", "server:AS-50",  "", "remember_me"),
    Rule("logged in", "restart browser", "remembered",     "=",      "",        "", "server:AS-50",  KEEPS_SID_OF_REMEMBERED, "remember_me"),
    Rule("logged in", "restart browser", "remembered",     "=",      "new sid", "", "server:AS-50",  NEW_SID_OF_REMEMBERED, "remember_me"),
    # Time
    Rule("logged in", "time passes", "time is over and not remembered",     "absent", "end", "", "server:AS-36"),
    Rule("logged in", "time passes", "not time is over and not remembered", "=",      "",    "", "server:AS-36"),
    Rule("logged in", "time passes", "time is over and remembered",         "absent", "end", "", "server:AS-50", "", "remember_me"),
    Rule("logged in", "time passes", "not time is over and remembered",     "=",      "",    "", "server:AS-50", "", "remember_me"),
)
# fmt: on


def _read(context: "Context") -> str:
    what = "provider" if context.tab.open in ("provider login", "provider consent") else context.tab.open
    return context.server.session + (f"+{what}" if what in OPEN else "")


def _write(context: "Context", state: str) -> None:
    session, _, what = state.partition("+")
    context.server = context.server._replace(session=session)
    context.open(what or "answered", context.tab.by or context.app)


def _log_in(context: "Context") -> None:
    """A new session for this user: nothing of a former one carries over (A4, B7, AS-12)."""
    scope, before = context.scope, context.server
    former, factor = before.former, ""
    if before.user:
        former = "same" if before.user == context.user else "other"
    if before.factor and before.user == context.user:
        factor = "maybe"
    if before.half and context.stimulus.action == "second factor":
        context.user = before.half
    context.server = Server(
        "logged in",
        context.user,
        former if scope.restores else "",
        scope.server_idle,
        scope.server_absolute,
        factor=factor,
    )
    context.now = True
    context.renew(same_user=before.user == context.user)


def _log_in_again(context: "Context") -> None:
    """A new login into the session that stays: its applications still take part (AS-59)."""
    joined = context.joined()
    _log_in(context)
    context.join(joined)


def _end(context: "Context") -> None:
    context.tell()
    context.server = Server(former="ended" if context.scope.restores else "")
    context.renew()


def _part(context: "Context") -> None:
    if context.app in context.scope.apps:
        context.local = context.local._replace(joined=False)


def _vouch(context: "Context") -> None:
    """The login is as fresh as the identity provider says: a session there that was used again is no login now."""
    context.now = context.fresh


def _choose(context: "Context") -> None:
    context.server = context.server._replace(chosen=True)


def _half(context: "Context") -> None:
    """The password was right, and nobody is logged in (AS-52)."""
    context.server = context.server._replace(half=context.user)


def _factor(context: "Context") -> None:
    context.server = context.server._replace(factor="given")


def _raise(context: "Context") -> None:
    """To authenticate once more is to authenticate: what the browser held before counts no longer (AS-59)."""
    _factor(context)
    if context.scope.restores:
        context.server = context.server._replace(former="same")


def _asks_for(context: "Context") -> str:
    """Who would be asked for consent."""
    return context.user if context.stimulus.action in vocabulary.RIGHT_PASSWORD else context.server.user


def _due(context: "Context", wants: str) -> str:
    """Why this user must be asked, as far as is known: `refused`, `more` scopes, or `another` user granted it."""
    who, app, known = _asks_for(context), context.app, {(u, a): what for u, a, what in context.world.consents}
    mine = known.get((who, app), "")
    if mine == "refused" or (mine == "no more" and wants == "more"):
        return "refused"
    if mine == "basic" and wants == "more":
        return wants
    return "another" if not mine and any(a == app for _, a in known) else ""


def _decide(context: "Context", what: str) -> None:
    """Remember what was granted or refused."""
    if context.scope.remembers:
        key = (context.server.user, context.app)
        others = [consent for consent in context.world.consents if consent[:2] != key]
        context.world = context.world._replace(consents=tuple(sorted([*others, (*key, what)])))


def _grant(context: "Context") -> None:
    known = {consent[:2]: consent[2] for consent in context.world.consents}
    wide = "more" in (context.tab.wants, known.get((context.server.user, context.app)))
    _decide(context, "more" if wide else "basic")


def _refuse(context: "Context") -> None:
    """A refusal counts for what was asked."""
    known = {consent[:2]: consent[2] for consent in context.world.consents}
    mine = known.get((context.server.user, context.app), "")
    if context.tab.wants == "more" and mine != "refused":
        _decide(context, "basic" if mine == "basic" else "no more")
    else:
        _decide(context, "refused")


def _disable(context: "Context") -> None:
    disabled = {*context.world.disabled, context.user}
    context.world = context.world._replace(disabled=tuple(sorted(disabled)))


def _idle(context: "Context") -> int:
    """The ticks that the session lives without a visit."""
    return context.scope.remembered_idle if context.server.remembered else context.scope.server_idle


def _touch(context: "Context") -> None:
    context.server = context.server._replace(idle=_idle(context))


def _remember(context: "Context") -> None:
    idle, absolute = context.scope.remembered_idle, context.scope.remembered_absolute
    context.server = context.server._replace(remembered=True, idle=idle, absolute=absolute)


def _lose(context: "Context") -> None:
    """The browser has lost the session; nobody is told, for it has not ended."""
    context.server = Server()
    context.renew()


def _name(context: "Context") -> None:
    context.user = context.server.user


MACHINE = Machine(
    name="authorization server",
    title="Authorization server",
    states=STATES,
    rules=RULES,
    guards={
        "same user": lambda c: c.server.user == c.user,
        "after another user": lambda c: c.local.user not in ("", c.server.user),
        "hint of this session": lambda c: c.local.joined,
        "several tabs": lambda c: c.scope.tabs > 1,
        "reset by the same user": lambda c: c.server.former == "same",
        "token's session lives": lambda c: c.local.joined,
        "session expires": lambda c: c.scope.server_idle > 0,
        "half logged in": lambda c: bool(c.server.half),
        "remembered": lambda c: c.server.remembered,
        "login is old": lambda c: c.server.old,
        "made to order": lambda c: bool(c.fault),
        "second factor may do": lambda c: c.server.factor != "",
        "second factor may miss": lambda c: c.server.factor != "given",
        SKIPPED: lambda c: not _due(c, c.tab.wants),
        "consent was refused": lambda c: _due(c, c.tab.wants) == "refused",
        "consent is due": lambda c: _due(c, c.tab.wants) in ("more", "another"),
        "more may be skipped": lambda c: not _due(c, "more"),
        "token's user is disabled": lambda c: c.local.user in c.world.disabled,
        "session of that user": lambda c: c.server.user == c.user,
        "provider chosen": lambda c: c.server.chosen,
        "federated user": lambda c: c.server.user.endswith(vocabulary.FEDERATED),
        "time is over": lambda c: c.time_is_over(c.server.idle, c.server.absolute, _idle(c)),
    },
    effects={
        "log in": _log_in,
        "log in again": _log_in_again,
        "end": _end,
        "vouch": _vouch,
        "part": _part,
        "half": _half,
        "factor": _factor,
        "raise": _raise,
        "give up": lambda c: setattr(c, "server", c.server._replace(half="")),
        "want more": lambda c: setattr(c, "tab", c.tab._replace(wants="more")),
        "grant": _grant,
        "refuse": _refuse,
        "disable": _disable,
        "touch": _touch,
        "remember": _remember,
        "lose": _lose,
        "new sid": lambda c: c.renew(same_user=True),
        "choose": _choose,
        "name": _name,
        "close": lambda c: c.open("", ""),
        "need login": lambda c: c.complain("login_required", "interaction_required", "account_selection_required"),
        "need consent": lambda c: c.complain("consent_required", "interaction_required"),
        "deny": lambda c: c.complain("access_denied"),
        "complain invalid request": lambda c: c.complain("*"),
        "complain response type": lambda c: c.complain("*"),
    },
    read=_read,
    write=_write,
)

"""What the short names of the tables mean, in the words of the standards; SPEC.md prints them.

What a person does at a page is explained by the model itself (`vocabulary.ACTIONS`).
"""

MESSAGES: dict[str, str] = {
    "authorize": "authentication request at the authorization endpoint (Core 3.1.2.1)",
    "authorize prompt=login": "authentication request with `prompt=login`",
    "authorize prompt=none": "authentication request with `prompt=none`",
    "authorize prompt=none hint": "authentication request with `prompt=none` and the `id_token_hint` of another user",
    "authorize prompt=none login": "authentication request with `prompt=none login`",
    "authorize unknown response type": "authentication request with a `response_type` that is not supported",
    "authorize foreign redirect": "authentication request with a `redirect_uri` that is not registered",
    "answer": (
        "authentication response at the redirect URI: an ID token, or a code that the application redeems for one "
        "(Core 3.1.2.5, 3.1.3)"
    ),
    "error": "error response at the redirect URI (Core 3.1.2.6)",
    "replayed answer": "an authentication response that this browser has used before",
    "planted answer": "an unused authentication response that another browser and user obtained",
    "planted answer without state": "the same without a `state` parameter",
    "end session": "logout request at the `end_session_endpoint` with the application's `id_token_hint` (RPL 2)",
    "end session without hint": "logout request without `id_token_hint`",
    "end session foreign hint": "logout request with the `id_token_hint` of another user's session",
    "end session foreign address": "logout request with a `post_logout_redirect_uri` that is not registered",
    "end session federated": "logout request that asks to end the identity provider's session too",
    "return": "redirect to the `post_logout_redirect_uri` (RPL 3)",
    "provider authorize": "the authorization server's own authentication request to the identity provider",
    "provider answer": "the identity provider's authentication response to the authorization server",
    "provider error": "the identity provider's error response to the authorization server",
    "provider end session": "logout request of the authorization server to the identity provider",
    "provider return": "redirect from the identity provider back to the authorization server after logout",
    "provider authorize prompt=login": "the same with `prompt=login` or `max_age=0`",
    "notification accepted": "the application answers the logout token with success (BCL 2.8)",
    "notification refused": "the application answers the logout token with an error (BCL 2.8)",
    "turned away": "whoever presents these cookies is not logged in",
    "let in": "whoever presents these cookies is logged in as the session's user",
    "let in as another user": "whoever presents these cookies is logged in, as another user than this browser",
    "time passes": "one tick of the clock",
    "token accepted": "the token endpoint answers with tokens",
    "token refused": "the token endpoint answers with an error",
    "token once": "of two requests with the same code at most one is answered with tokens",
    "page account": "the application's page that needs login",
    "page checkout": "the application's page that needs no login",
    "page landing": "a page of the application after login: the page that was asked for (APP-18)",
    "page any": "any page of the application",
    "page login": "the authorization server's login page",
    "page consent": "the authorization server's consent page",
    "page question": "the authorization server asks whether to log out",
    "page refused": "an error page of the authorization server, or its login page",
    "page own": "a page of the authorization server: a message, an error, or its login page",
    "page anywhere": "any page, a return or an error response: only the sessions are looked at",
    "page provider login": "the identity provider's login page",
}
"""Messages and replies."""

GUARDS: dict[str, dict[str, str]] = {
    "application": {
        "token right": "every check of the ID token succeeds (Core 3.1.3.7)",
        "same user": "the ID token's `sub` is the user of the local session",
        "several tabs": "several tabs are open, so that another login may have begun, or the session ended, in between",
        "silent": "the request had `prompt=none`",
        "logged in before": "this browser has logged in here before, so that a session here has ended",
        "of another user": "the session before this one was another user's, and ended when this one's user logged in",
        "names sid": "the logout token names the session (`sid`)",
        "names sub": "the logout token names the user (`sub`)",
        "names both": "the logout token names session and user",
        "own sid": "`iss` and `sid` are those of this session",
        "silent login required": "the request had `prompt=none` and the error is `login_required`",
        "time is over": "the idle or the absolute lifetime of the local session has run out",
    },
    "authorization server": {
        "same user": "the user who authenticates is the one of the session",
        "after another user": "the application still has a session of another user, from before this login",
        "hint of this session": "the hint is an ID token that this application got from the present session",
        "several tabs": "several tabs are open, so that the session may be another one than the page was shown for",
        "reset by the same user": "the session before this one was reset by a login of the same user",
        "token's session lives": "the refresh token belongs to the present session",
        "session expires": "the session has a declared lifetime",
        "federated user": "the session's user came through the identity provider",
        "time is over": "the idle or the absolute lifetime of the session has run out",
    },
    "identity provider": {},
}

EFFECTS: dict[str, dict[str, str]] = {
    "application": {
        "log in": "a new local session for the user of the ID token; both lifetimes start",
        "forget": "the user is forgotten",
        "forget user": "all sessions of the user at this application end, in every browser",
        "touch": "the idle lifetime starts again",
    },
    "authorization server": {
        "log in": (
            "a new session for the user: new `sid`, new `auth_time`, both lifetimes start, no application takes part "
            "yet, pages that stand open in other tabs become stale"
        ),
        "log in again": "the same, but the applications that take part stay, and with them `sid`",
        "end": (
            "the session is gone; pages that stand open in other tabs become stale; where applications are notified, "
            "the sessions of all that took part end"
        ),
        "vouch": "the login is as fresh as the identity provider's own",
        "part": "the application takes no part in the session any more",
        "touch": "the idle lifetime starts again",
        "name": "the answer is about the session's user",
        "close": "the page that stood open is closed",
        "need login": "the error is `login_required`, `interaction_required` or `account_selection_required`",
        "need consent": "the error is `consent_required` or `interaction_required`",
        "deny": "the error is `access_denied`",
        "complain invalid request": "any error code",
        "complain response type": "any error code",
    },
    "identity provider": {
        "log in": "a new session for the user",
        "name": "the answer is about the session's user",
        "end": "the session is gone",
    },
}

FACETS: dict[str, str] = {
    "reply": "the message or page itself, at its place in the trace",
    "state": "the response carries the `state` of its request",
    "iss": "the response's `iss` is the authorization server's issuer, where it advertises it (RFC 9207)",
    "sub": "whom the ID token names",
    "sid": "`same` as in this application's last ID token while the server's session goes on, else `new`",
    "auth_time": "`now` if somebody authenticated in this step, else `before`",
    "shown": "whom the application's page shows as logged in",
    "landed": "the page after login is the one that was asked for",
    "local": "the session at the application of this step",
    "locals": "the sessions at the other applications in this browser",
    "server": "this browser's session at the authorization server",
    "provider": "this browser's session at the identity provider",
    "elsewhere": "all sessions of the other browsers",
    "told": "every application that took part hears of the logout, through the back or the front channel",
    "cookies": "the application's session cookies: HttpOnly, SameSite at least Lax, Secure over https, in no URL",
    "as_cookies": "the authorization server's session cookies: HttpOnly, SameSite set, Secure over https",
    "refreshed": "the refreshed ID token's `auth_time` is that of the login (Core 12.2)",
    "framing": "the login page refuses to be framed",
    "caching": "`Cache-Control` keeps the page out of shared caches",
    "layers": "which layers of this browser are logged in, all together",
}
"""The places that a requirement can be witnessed at, in the cells of the tables."""

CHOICES: dict[str, tuple[str, ...]] = {
    "local session begins when login starts": ("APP-17",),
    "local session begins when login succeeds": ("APP-17",),
    "refuses the answer to a login that another tab overtook": ("APP-19",),
    "silent answer for another user replaces the session": ("APP-28",),
    "silent answer for another user ends the session": ("APP-28",),
    "silent login_required keeps the local session": ("APP-27",),
    "silent login_required ends the local session": ("APP-27",),
    "server session begins at the authorization request": ("AS-01",),
    "server session begins at login": ("AS-01",),
    "asks for consent": ("AS-06",),
    "does not ask for consent": ("AS-06",),
    "a silent check may need consent first": ("AS-13",),
    "login by the same user keeps sid": ("AS-59",),
    "login by the same user gets a new sid": ("AS-59",),
    "refuses a page that is older than the session": ("APP-19",),
    "asks again about a session that another tab changed": ("AS-49",),
    "refuses a refresh token although its session lives": ("AS-41",),
    "a logout without a local session stays at the application": ("SYS-05",),
    "asks before every logout": ("AS-29",),
    "a declined logout goes back to the application, which takes no part any more": ("AS-31",),
    "asks for login before it looks at the rest of the request": ("AS-58",),
    "answers an old form with an error": ("AS-27",),
    "stays at a page of its own": ("AS-30", "AS-38"),
    "logs out, but goes nowhere": ("AS-30",),
    "a logout token with sid and sub ends one session": ("APP-21",),
    "a logout token with sid and sub ends all": ("APP-21",),
    "ignores a front-channel logout of another session": ("APP-23",),
    "a front-channel logout of another session ends this one (anybody can log users out)": ("APP-23",),
    "the former user's cookie still shows the former user": ("APP-13",),
    "login by the same user leaves the old cookie valid": ("AS-59",),
    "asks the identity provider for a fresh login": ("IDP-03",),
    "a re-authentication is not passed on to the identity provider": ("AS-40",),
    "provider session begins at the visit": ("IDP-01",),
    "provider session begins at login": ("IDP-01",),
    "asks for credentials although logged in": ("IDP-03",),
}
"""Each choice, and the requirements that leave it."""

"""The catalogue: what a conforming implementation must do. Ids are stable, they stand in reports that users keep.

`level`: MUST (a violation fails), SHOULD (a warning, and the run goes on from the state the target is really in) or MAY
(both behaviours conform; the report says which was seen). `profile`: the named group that an implementer certifies for.
`needs`: the feature without which the requirement does not apply. `source`: Seed = the use-case page (A1-A6 password
login, B1-B9 identity provider), Core = OpenID Connect Core 1.0, RPL, BCL, FCL, SM = RP-Initiated, Back-Channel,
Front-Channel Logout and Session Management 1.0, 6749, 7636, 9207, 9700 = RFCs, ASVS = OWASP ASVS 5.0, A0 = Auth0.
"""

from typing import Literal, NamedTuple

Level = Literal["MUST", "SHOULD", "MAY"]


class Requirement(NamedTuple):
    """One row of the catalogue."""

    id: str
    level: Level
    profile: str
    needs: str
    sentence: str
    source: str

    @property
    def layer(self) -> str:
        """APP, AS, IDP or SYS."""
        return self.id.partition("-")[0]


# fmt: off
CATALOGUE: tuple[Requirement, ...] = (
    Requirement("APP-01", "MUST", "core", "",
        "A page that needs login is served only while the browser holds an authenticated local session.",
        "Seed (\"to view the My Account pages, the user must log in\"); ASVS 7.2.1"),
    Requirement("APP-02", "MUST", "core", "",
        "A page that needs no login (checkout) is served without a session, and serving it authenticates "
        "nobody.",
        "Seed"),
    Requirement("APP-03", "MUST", "core", "",
        "The local session is checked on every request: the first request after it ends is treated as not "
        "logged in.",
        "Seed; ASVS 7.4.1"),
    Requirement("APP-04", "MUST", "core", "",
        "Asking for a page that needs login without a session sends the browser to the authorization "
        "endpoint.",
        "Seed A1/B1"),
    Requirement("APP-05", "MUST", "core", "",
        "Every authorization request carries a fresh state bound to this browser (or PKCE or nonce used to "
        "the same end).",
        "6749 §10.12; 9700 §4.7; ASVS 10.1.2, 10.2.1"),
    Requirement("APP-06", "MUST", "core", "",
        "A callback whose state is unknown, absent, or belongs to another browser creates no session (login "
        "CSRF).",
        "6749 §10.12; 9700 §4.7"),
    Requirement("APP-07", "MUST", "core", "",
        "A callback that has been used once creates or changes no session when it is sent again.",
        "6749 §4.1.2; 9700 §4.5"),
    Requirement("APP-08", "MUST", "core", "",
        "An ID token whose nonce, iss, aud, signature or expiry is wrong creates no session.",
        "Core §3.1.3.7"),
    Requirement("APP-09", "MUST", "core", "",
        "A successful callback leaves an authenticated local session for exactly the sub in the ID token.",
        "Seed A6/B9"),
    Requirement("APP-10", "MUST", "hygiene", "",
        "The session identifier that the browser holds changes when the session becomes authenticated, and "
        "the old one stops working.",
        "ASVS 7.2.4"),
    Requirement("APP-11", "MUST", "core", "",
        "An error callback (access_denied, login_required, …) authenticates nobody.",
        "6749 §4.1.2.1; Core §3.1.2.6"),
    Requirement("APP-12", "MUST", "core", "local logout",
        "Local logout ends the local session for this browser.",
        "A0 Logout; ASVS 7.4.1"),
    Requirement("APP-13", "SHOULD", "hygiene", "local logout",
        "After local logout the old cookie, sent again, is not accepted (ended on the server, not only in the "
        "browser).",
        "ASVS 7.4.1"),
    Requirement("APP-14", "MUST", "sso", "local logout",
        "Local logout alone leaves the authorization server's session as it was: the next login needs no "
        "prompt.",
        "A0 Session Layers"),
    Requirement("APP-15", "MUST", "core", "switch user",
        "When another user logs in, nothing of the former user's session remains (no mixture of two "
        "identities).",
        "Seed (\"resets the login session\"); ASVS 7.2.4"),
    Requirement("APP-16", "MUST", "isolation", "",
        "Sessions of different browsers are independent: login, logout and expiry of one changes no other "
        "(global logout aside).",
        "Seed (per-user session)"),
    Requirement("APP-17", "MAY", "core", "",
        "The local session may be created when login starts (B1) or when it succeeds (A6); before success it "
        "is not authenticated.",
        "Seed A6, B1, B9"),
    Requirement("APP-18", "SHOULD", "core", "",
        "After login the browser is back at the page that was asked for; never at a foreign site.",
        "9700 §4.11"),
    Requirement("APP-19", "MUST", "isolation", "",
        "Two logins started in two tabs each end in a correct session or a clean error; state, nonce and "
        "verifier of one are never accepted for the other.",
        "ASVS 10.1.2"),
    Requirement("APP-20", "MUST", "logout-rp", "rp_initiated_logout",
        "Logout at the authorization server through RP-initiated logout ends the local session too, before or "
        "at the redirect.",
        "RPL §2, §3"),
    Requirement("APP-21", "MUST", "logout-backchannel", "backchannel_logout",
        "A valid back-channel logout token ends the sessions it names (sid, or all of sub; with both, which "
        "of the two is a variant) and no other, and answers 200 (or 204).",
        "BCL §2.7, §2.8"),
    Requirement("APP-22", "MUST", "logout-backchannel", "backchannel_logout",
        "An invalid logout token (signature, iss, aud, expiry, events missing, nonce present, neither sub nor "
        "sid) answers 400 and ends no session. Refusing a repeated jti is a variant.",
        "BCL §2.6, §2.8"),
    Requirement("APP-23", "MUST", "logout-frontchannel", "frontchannel_logout",
        "A front-channel logout request with the session's own iss and sid ends that session. Ignoring one "
        "with another sid is a variant (the standard says MAY), reported because it allows forced logout.",
        "FCL §2, §3"),
    Requirement("APP-24", "MUST", "expiry", "clock",
        "The local session ends after its idle time and after its absolute time; activity extends the first, "
        "never the second.",
        "ASVS 7.3.1, 7.3.2"),
    Requirement("APP-25", "SHOULD", "hygiene", "",
        "Session cookies are HttpOnly, SameSite at least Lax, and Secure over https; no session id appears in "
        "a URL.",
        "ASVS V3 cookie requirements"),
    Requirement("APP-26", "MUST", "federation", "several_issuers",
        "If the application uses more than one issuer, a response from one is never accepted for the other.",
        "9207 §2.4; 9700 §4.4; ASVS 10.2.2"),
    Requirement("APP-27", "SHOULD", "silent", "silent check",
        "A silent check (prompt=none) that answers login_required never shows the user a login page, and ends "
        "or keeps the local session as documented.",
        "Core §3.1.2.6; A0 silent authentication"),
    Requirement("APP-28", "MUST", "silent", "silent check",
        "A silent check that answers with another sub replaces or ends the local session; it never goes on "
        "under the old identity as if nothing happened.",
        "SM §3 (RP re-checks the subject)"),
    Requirement("APP-29", "MUST", "hygiene", "overlapping_requests",
        "A request that was under way when the session ended (a slow page, a rolling renewal) does not bring "
        "the session back.",
        "ASVS 7.4.1"),
    Requirement("APP-30", "SHOULD", "reauth", "",
        "An application that asked for max_age checks auth_time in the answer.",
        "Core §3.1.3.7"),
    Requirement("APP-31", "SHOULD", "hygiene", "",
        "Pages served from an authenticated session carry Cache-Control that keeps shared caches from giving "
        "them to another user.",
        "ASVS V14 (data protection)"),
    Requirement("APP-32", "MUST", "federation", "account_linking",
        "Linking a second identity needs proof of both, and never switches the session to another account "
        "without a login.",
        "derived; 9700 §4"),
    Requirement("AS-01", "MUST", "core", "",
        "An authorization request without a usable session leads to the login prompt. The session that the "
        "seed creates at this point (A2) MAY also come into being only at login: a variant, reported.",
        "Seed A2/B2–B3; Core §3.1.2.3"),
    Requirement("AS-02", "MUST", "core", "",
        "A session that has been created but not logged in counts as no login: prompt=none answers "
        "login_required.",
        "Seed A2 vs A4; Core §3.1.2.6"),
    Requirement("AS-03", "MUST", "core", "",
        "Right credentials turn that session into a logged-in session for that user.",
        "Seed A4"),
    Requirement("AS-04", "MUST", "core", "",
        "Wrong credentials log nobody in: neither a code nor an authenticated session results.",
        "Core §3.1.2.3"),
    Requirement("AS-05", "MUST", "core", "",
        "The browser is sent back to the registered redirect URI with what response_type asks for (code, ID "
        "token), the same state, and iss where advertised.",
        "Seed A5/B8; Core §3.1.2.5; 9207"),
    Requirement("AS-06", "MAY", "consent", "consent",
        "A consent page may be shown after login; it names the application.",
        "Seed A3"),
    Requirement("AS-07", "MUST", "consent", "consent",
        "Refused consent answers access_denied, yields no code, and the next request asks again (never "
        "treated as given).",
        "6749 §4.1.2.1; Core §3.1.2.4"),
    Requirement("AS-08", "MUST", "sso", "",
        "While the session is logged in, a new request of the same or another application is answered without "
        "asking for credentials.",
        "Seed (two sessions; \"won't need to see a login page\")"),
    Requirement("AS-09", "MUST", "mfa", "mfa",
        "The session remembers that MFA was done: the next visit asks for neither password nor second factor.",
        "Seed (MFA)"),
    Requirement("AS-10", "MUST", "mfa", "mfa",
        "A session without MFA that is asked for it (acr_values, policy) asks for the second factor before it "
        "answers, and the ID token does not claim what did not happen (acr, amr).",
        "Core §2, §3.1.2.1; ASVS 7.5.3"),
    Requirement("AS-11", "MUST", "mfa", "mfa",
        "A wrong or abandoned second factor leaves no MFA session and yields no code that claims it.",
        "Core §2 (`amr`)"),
    Requirement("AS-12", "MUST", "core", "",
        "A new standard login resets the session: new auth_time, lifetimes start anew. If it is another "
        "user's: a new session and sid, and of the former one's (user, MFA, consents, tokens bound to it) "
        "nothing carries over.",
        "Seed (\"When a user performs a new standard login, it resets the login session\"); A0 Session Lifetime "
        "Limits"),
    Requirement("AS-59", "SHOULD", "hygiene", "",
        "A new login by the same user gets a new session identifier in the browser too, and the old one stops "
        "working; whether sid stays is a variant, but if it changes, the applications of the old one are told "
        "or carried over.",
        "ASVS 7.2.4"),
    Requirement("AS-60", "MUST", "core", "native application",
        "An authorization request of a native application may name any port of its registered loopback redirect "
        "URI, and is answered there; nothing else of the URI may differ.",
        "RFC 8252 §7.3, §8.4; 9700 §2.1"),
    Requirement("AS-13", "MUST", "silent", "",
        "prompt=none never shows a page; with a usable session it answers with a code, otherwise with "
        "login_required, interaction_required, consent_required or account_selection_required.",
        "Core §3.1.2.1, §3.1.2.6"),
    Requirement("AS-14", "MUST", "silent", "",
        "prompt=none together with another value is an error.",
        "Core §3.1.2.1"),
    Requirement("AS-15", "MUST", "reauth", "",
        "prompt=login asks for credentials although the session is logged in; where the ID token has "
        "auth_time, it is newer.",
        "Core §3.1.2.3"),
    Requirement("AS-16", "MUST", "reauth", "",
        "A re-authentication that is abandoned, cancelled or fails yields no code and makes the session no "
        "fresher: auth_time stays, and a later prompt=none reports the old login or none.",
        "Core §3.1.2.3"),
    Requirement("AS-17", "MUST", "reauth", "",
        "max_age exceeded asks for credentials; not exceeded, it need not; max_age=0 equals prompt=login.",
        "Core §3.1.2.1"),
    Requirement("AS-18", "MUST", "reauth", "",
        "When max_age is requested the ID token holds auth_time, and auth_time is the time of the last active "
        "authentication: silent answers and consent never move it.",
        "Core §2, §3.1.2.1"),
    Requirement("AS-19", "MUST", "silent", "id_token_hint",
        "id_token_hint for another user than the one logged in never yields a code for the wrong one: with "
        "prompt=none it is login_required.",
        "Core §3.1.2.1, §3.1.2.2"),
    Requirement("AS-20", "MUST", "reauth", "",
        "A re-authentication as a different user never answers with a mixture: the code is for the user who "
        "authenticated, and the session of the former one is gone.",
        "Seed (reset); Core §3.1.2.2"),
    Requirement("AS-21", "MUST", "hygiene", "",
        "The session identifier that the browser holds changes at login, and the old one is not logged in "
        "(fixation).",
        "ASVS 7.2.4"),
    Requirement("AS-22", "MUST", "core", "",
        "A code works once; the second use is refused (and SHOULD revoke what the first gave).",
        "6749 §4.1.2; ASVS 10.4.2"),
    Requirement("AS-23", "MUST", "core", "",
        "A code is bound to client, redirect URI and PKCE verifier.",
        "6749 §4.1.3; 7636 §4.6"),
    Requirement("AS-24", "MUST", "isolation", "",
        "Sessions of different browsers are independent; a code never carries another browser's user.",
        "Seed (per-user session)"),
    Requirement("AS-25", "MUST", "isolation", "",
        "Two authorization requests under way in one browser (two applications, two tabs) are each answered "
        "with their own state, nonce and client, and for the user who authenticated.",
        "Core §3.1.2.5; ASVS 10.1.2"),
    Requirement("AS-26", "MUST", "hygiene", "",
        "Credentials posted without the interaction that asked for them, or from another browser, log nobody "
        "in (login CSRF).",
        "Core §3.1.2.3 (CSRF measures)"),
    Requirement("AS-27", "MUST", "logout-rp", "rp_initiated_logout",
        "A login or consent form that is sent again after logout does not restore the session without "
        "credentials.",
        "ASVS 7.4.1"),
    Requirement("AS-28", "MUST", "logout-rp", "rp_initiated_logout",
        "RP-initiated logout that succeeds ends the session: the next request prompts, prompt=none answers "
        "login_required, for every application.",
        "RPL §2; A0"),
    Requirement("AS-29", "MUST", "logout-rp", "rp_initiated_logout",
        "Logout without id_token_hint, or with one of another session or user, asks the user first.",
        "RPL §2"),
    Requirement("AS-30", "MUST", "logout-rp", "rp_initiated_logout",
        "After logout the browser goes only to a registered post_logout_redirect_uri, with the same state.",
        "RPL §3"),
    Requirement("AS-31", "MUST", "logout-rp", "decline logout",
        "A logout that the user declines leaves the session as it was.",
        "RPL §2"),
    Requirement("AS-32", "MUST", "hygiene", "",
        "The old session cookie, sent again after logout or reset, is not logged in.",
        "ASVS 7.4.1"),
    Requirement("AS-33", "MUST", "logout-backchannel", "backchannel_logout",
        "Logout sends a valid back-channel logout token for the ended session to every application that "
        "registered for it and took part in it; whether the one that asked for the logout is told too is a "
        "variant.",
        "BCL §2.4, §2.5"),
    Requirement("AS-34", "MUST", "logout-frontchannel", "frontchannel_logout",
        "Logout renders the front-channel logout URI of every application that took part, with iss and sid "
        "where registered.",
        "FCL §2"),
    Requirement("AS-35", "SHOULD", "logout-backchannel", "backchannel_logout",
        "sid is the same for one session and one application throughout, and different after reset or logout.",
        "BCL §2.1; FCL §3"),
    Requirement("AS-36", "MUST", "expiry", "clock",
        "The session ends after the declared idle time without a visit and after the declared absolute time "
        "whatever happens; a visit (authorize, silent check, SSO) extends the first, never the second. A "
        "lifetime that is not declared is not judged.",
        "A0 Session Lifecycle, Session Lifetime Limits; ASVS 7.3.1, 7.3.2"),
    Requirement("AS-37", "MUST", "federation", "federation",
        "Choosing an identity provider sends the browser there with a fresh state (and nonce), and the answer "
        "logs the session in as the federated user.",
        "Seed B4–B7"),
    Requirement("AS-38", "MUST", "federation", "federation",
        "An error, cancel, unknown or replayed answer from the identity provider logs nobody in and the user "
        "sees a clear error or the prompt again.",
        "Core §3.1.2.6; 9700 §4.7"),
    Requirement("AS-39", "MUST", "federation", "federation",
        "An answer from the identity provider for another user than the session's resets the session.",
        "Seed (reset)"),
    Requirement("AS-40", "SHOULD", "federation", "federation",
        "Re-authentication (prompt=login, max_age) of a federated login is passed on to the identity "
        "provider; an old identity-provider session alone does not count as fresh.",
        "Core §3.1.2.1; ASVS 7.6.1"),
    Requirement("AS-41", "SHOULD", "logout-rp", "refresh_tokens",
        "Refresh tokens issued without offline_access stop working when the session is logged out; those with "
        "it need not.",
        "BCL §2.7"),
    Requirement("AS-42", "MUST", "admin", "revocation",
        "Ending a session administratively, or a password change where declared, ends it at once for every "
        "application.",
        "ASVS 7.4.3, 7.4.5; A0 Sessions"),
    Requirement("AS-43", "SHOULD", "consent", "consent",
        "prompt=consent asks again although consent is remembered; prompt=select_account lets the user "
        "choose.",
        "Core §3.1.2.1"),
    Requirement("AS-44", "MUST", "consent", "consent",
        "Remembered consent belongs to one user, one application and the scopes that were granted; more "
        "scopes ask again, another user is asked anew.",
        "Core §3.1.2.4"),
    Requirement("AS-45", "SHOULD", "hygiene", "",
        "Session cookies are HttpOnly, Secure over https, SameSite set; login pages refuse framing.",
        "ASVS V3; Core §3.1.2.3 (clickjacking)"),
    Requirement("AS-46", "MUST", "admin", "revocation",
        "A disabled or deleted user is logged in nowhere: no prompt-free answer, no refresh, from that "
        "moment.",
        "ASVS 7.4.2"),
    Requirement("AS-47", "MUST", "hygiene", "overlapping_requests",
        "Of two overlapping uses of a single-use thing (code, refresh token, interaction) at most one "
        "succeeds.",
        "6749 §4.1.2; ASVS 10.4.2"),
    Requirement("AS-48", "MUST", "isolation", "",
        "An interaction (second factor, consent, account choice) that was open when the session ended cannot "
        "be finished into a login or a code.",
        "ASVS 7.4.1"),
    Requirement("AS-49", "MUST", "isolation", "",
        "The answer to an interaction counts for the request, application and user that it was shown for, "
        "never for another one under way.",
        "ASVS 10.1.2"),
    Requirement("AS-50", "MUST", "expiry", "remember_me",
        "A session that is not to be remembered ends with the browser; one that is remembered has its own "
        "idle and absolute time; an interaction never turns one into the other.",
        "A0 Session Lifecycle (persistent, non-persistent)"),
    Requirement("AS-51", "MUST", "expiry", "refresh_tokens",
        "Using a refresh token neither revives nor prolongs the session beyond its limits, and auth_time in "
        "refreshed tokens is the original one.",
        "Core §12.2"),
    Requirement("AS-52", "MUST", "mfa", "mfa",
        "A half-finished login (password given, second factor open) is a login nowhere: not for authorize, "
        "not for account pages, not for logout of others.",
        "Core §3.1.2.3"),
    Requirement("AS-53", "MUST", "logout-rp", "rp_initiated_logout",
        "A logout ends the sessions that it names and no others: other browsers of the user, other users, "
        "other applications' local sessions not notified stay.",
        "BCL §2.7; derived"),
    Requirement("AS-54", "MUST", "federation", "federation",
        "A login that came through an identity provider claims no more than the provider vouched for (acr, "
        "amr, auth_time), and the server's own policy (second factor) still applies.",
        "ASVS 7.6.1; Core §2"),
    Requirement("AS-55", "MUST", "federation", "upstream_logout",
        "A valid logout notification from the identity provider ends the session that came from it, and is "
        "passed on to the applications; an invalid one ends nothing.",
        "BCL §2.6, §2.7"),
    Requirement("AS-56", "MUST", "federation", "account_linking",
        "An identity-provider account is linked to a local account only on proof of both; equal e-mail "
        "addresses alone are no proof.",
        "derived (account pre-hijacking)"),
    Requirement("AS-57", "MUST", "logout-backchannel", "backchannel_logout",
        "An application that took part through a silent or SSO answer is told of the logout as one that "
        "showed a prompt is, and re-authentication forgets none of them.",
        "BCL §2.5; FCL §2"),
    Requirement("AS-58", "MUST", "core", "",
        "A redirect with an error goes to the application that asked, with its state; a page of the server is "
        "shown only where the redirect URI cannot be trusted.",
        "6749 §4.1.2.1; Core §3.1.2.6"),
    Requirement("IDP-01", "MUST", "federation", "federation",
        "A visit without a usable session asks for credentials; when the session comes into being (at the "
        "visit, B6, or at login) is a variant.",
        "Seed B6"),
    Requirement("IDP-02", "MUST", "federation", "federation",
        "Right credentials update that session to logged in; wrong ones do not.",
        "Seed B6"),
    Requirement("IDP-03", "SHOULD", "federation", "federation",
        "A logged-in session answers the next federated login without asking for credentials (SSO).",
        "Seed (\"they will likely not be prompted\")"),
    Requirement("IDP-04", "MUST", "federation", "federation",
        "A logout of the application or of the authorization server that is not federated leaves the identity "
        "provider's session as it was.",
        "A0 Session Layers"),
    Requirement("IDP-05", "MUST", "federation", "federated_logout",
        "A federated logout ends the identity provider's session.",
        "A0 Logout"),
    Requirement("IDP-06", "MUST", "federation", "federation",
        "Everything in AS-04, AS-12, AS-13, AS-15, AS-21, AS-24, AS-32, AS-36 holds for the identity provider "
        "as an OpenID provider of its own.",
        "as there"),
    Requirement("IDP-07", "MUST", "federation", "federation",
        "A new login at the identity provider resets its session (AS-12): afterwards it is the session of the "
        "user who has just authenticated, whoever was logged in before, and auth_time is new.",
        "IDP-06; Seed (reset)"),
    Requirement("IDP-08", "MUST", "federation", "federation",
        "prompt=none at the identity provider never shows a page (AS-13): it answers for the user who is "
        "logged in there, otherwise with login_required, interaction_required, consent_required or "
        "account_selection_required.",
        "IDP-06; Core §3.1.2.1, §3.1.2.6"),
    Requirement("IDP-09", "MUST", "federation", "federation",
        "prompt=login at the identity provider asks for credentials although its session is logged in "
        "(AS-15); where its ID token has auth_time, it is newer.",
        "IDP-06; Core §3.1.2.3"),
    Requirement("IDP-10", "MUST", "hygiene", "federation",
        "The session identifier of the identity provider changes at login, and the old one is not logged in "
        "there (AS-21).",
        "IDP-06; ASVS 7.2.4"),
    Requirement("IDP-11", "MUST", "federation", "federation",
        "Sessions of different browsers at the identity provider are independent (AS-24): a login or logout in "
        "one changes none of the others.",
        "IDP-06; Seed (per-user session)"),
    Requirement("IDP-12", "MUST", "hygiene", "federation",
        "An old session cookie of the identity provider, sent again after logout or reset, is not logged in "
        "there (AS-32).",
        "IDP-06; ASVS 7.4.1"),
    Requirement("IDP-13", "MUST", "expiry", "clock",
        "The identity provider's session ends after its declared idle and absolute times (AS-36).",
        "IDP-06; ASVS 7.3.1, 7.3.2"),
    Requirement("SYS-01", "MUST", "core", "",
        "A password login leaves exactly two sessions logged in: the local one and the authorization "
        "server's.",
        "Seed (\"Two sessions are created\")"),
    Requirement("SYS-02", "MUST", "federation", "federation",
        "A login through the identity provider leaves exactly three.",
        "Seed (\"a third session is created\")"),
    Requirement("SYS-03", "MUST", "core", "",
        "At the moment a local session is authenticated, the user is the one who is logged in at the "
        "authorization server (through the federated identity where federated).",
        "Seed A6/B9"),
    Requirement("SYS-04", "MUST", "core", "",
        "No layer is logged in through a path in which nobody authenticated (no session out of nothing).",
        "Seed; Core §3.1.2.3"),
    Requirement("SYS-05", "MUST", "logout-rp", "rp_initiated_logout",
        "Ending one layer ends exactly the layers it is documented to end: local → local; authorization "
        "server → that and what it notifies; federated → the identity provider too.",
        "A0 Session Layers, Logout"),
    Requirement("SYS-06", "MAY", "sso", "",
        "The local session may outlive the authorization server's (until its own end or a notification); the "
        "next visit to the authorization server then prompts.",
        "A0 Session Layers"),
    Requirement("SYS-07", "MUST", "core", "",
        "Every flow can end: from each reachable state some sequence of steps logs the user in, and some "
        "sequence logs all layers out (no dead end).",
        "derived"),
    Requirement("SYS-08", "MUST", "core", "",
        "ID token or code, web application, native application, or SPA with a light backend: the session "
        "outcome is the same.",
        "Seed (accurate for native, regular web, SPA with backend; \"an ID Token or code\")"),
)
# fmt: on

PARTS = {"IDP-06": ("IDP-02", "IDP-07", "IDP-08", "IDP-09", "IDP-10", "IDP-11", "IDP-12", "IDP-13")}
"""Requirements that are met where all their parts are. What AS-04 says is in IDP-02, the others are named in each."""

BY_ID = {requirement.id: requirement for requirement in CATALOGUE}
PROFILES = tuple(dict.fromkeys(requirement.profile for requirement in CATALOGUE))

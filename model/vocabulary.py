"""The words of the model: who acts, what they do, and what can be seen of it.

A *stimulus* is one thing that a person, an attacker or time does. It runs as a chain of messages between the three
machines until a page stands still; the chain that an observer can see is the *trace* of the step. Everything else that
an observer learns (whose token it was, which sessions exist afterwards) is a *facet*: a name with a value.
"""

from typing import NamedTuple

NOBODY = "nobody"
"""Value of a facet that names a user, where there is none."""

SOMEBODY = "somebody"
"""Value of such a facet where a user was seen to be logged in, but not who: it fits every user, and proves none."""

FEDERATED = "@idp"
"""What the authorization server appends to the name of a user who came through the identity provider."""

ACTIONS: dict[str, str] = {
    # A person at an application
    "visit orders": "open the page that needs login (My Account / All Orders)",
    "visit checkout": "open the page that needs no login",
    "switch user": "log in as somebody else: the application asks with prompt=login",
    "silent check": "the application asks with prompt=none",
    "confirm identity": "the application asks with max_age=0: the user shall authenticate again",
    "require a recent login": "the application asks with max_age: a login of long ago shall not do",
    "step up": "the application asks for a login with a second factor (acr_values)",
    "ask for more": "the application asks for more scopes than before",
    "ask for consent again": "the application asks with prompt=consent",
    "choose account": "the application asks with prompt=select_account",
    "log out here": "end the local session only",
    "log out everywhere": "RP-initiated logout: end the local session, then the authorization server's",
    "log out at the provider too": "federated logout: end all three",
    # A person at the page of a server
    "credentials": "enter the right name and password of a user",
    "credentials to be remembered": "the same, and ask to stay logged in when the browser is closed (remember me)",
    "wrong credentials": "enter a wrong password",
    "second factor": "enter the right one-time password",
    "wrong second factor": "enter a wrong one-time password",
    "cancel": "leave the login page through its cancel button",
    "choose provider": "log in with the identity provider",
    "allow": "grant consent",
    "deny": "refuse consent",
    "confirm logout": "yes, log me out",
    "decline logout": "no, keep me logged in",
    # Made by hand: what an attacker or a broken browser sends
    "replay callback": "send the answer that has been used again to the application",
    "planted callback": "open an unused answer that another browser and user obtained (login CSRF)",
    "planted callback without state": "open an unused answer of another browser and user, without a state parameter",
    "wrong token": "the authorization server's answer holds an ID token with one wrong claim",
    "old login answer": "the answer to a request with max_age=0 tells of a login of long ago",
    "redeem again": "send a used code to the token endpoint again",
    "redeem wrongly": "redeem a fresh code with a wrong verifier, redirect URI or client",
    "refresh": "use the refresh token of the last login",
    "ask none and login": "authorization request with prompt=none login",
    "ask with foreign hint": "authorization request with prompt=none and another user's id_token_hint",
    "ask foreign redirect": "authorization request with an unregistered redirect_uri",
    "ask from another port": "authorization request with prompt=none from another port of the same loopback address",
    "ask unknown response type": "authorization request with an unsupported response_type",
    "end without hint": "end_session without id_token_hint",
    "end with foreign hint": "end_session with the ID token of another user's session",
    "end to foreign address": "end_session with an unregistered post_logout_redirect_uri",
    "resend form": "go back after logout and send the old form of the server again, without a password",
    "deny despite the address": "refuse consent on a page to whose address somebody has added that it is granted",
    "allow after all": "go back to the consent page that was refused, and grant consent",
    "foreign login form": "send the login form of another browser, with another user's password (login CSRF)",
    "redeem twice at once": "send a fresh code to the token endpoint twice at the same time",
    "cookies from before login": "present the application's cookies of before the login, in another browser",
    "cookies of a former session": "present the application's cookies of a session that ended, or of the user before",
    "server cookies from before login": "present the server's cookies of before the login, in another browser",
    "server cookies of a former session": "present the server's cookies of a session that ended or was reset",
    "log out during a slow page": "end the local session while another page of it is still on its way",
    "logout token": "the server tells the application through the back channel that the session has ended",
    "wrong logout token": "the back channel brings the application a logout token with one thing wrong in it",
    "front-channel logout": "open the application's front-channel logout address, as a page of the server would",
    "provider logout token": "the identity provider tells the server through the back channel of a logout there",
    "wrong provider logout token": "the back channel brings the server a logout token with one thing wrong in it",
    "ask provider again": "the authorization server asks the identity provider with prompt=login, for no login here",
    "ask provider silently": "the authorization server asks the identity provider with prompt=none, for no login here",
    "end at provider": "the authorization server asks the identity provider to log out, without id_token_hint",
    "provider cookies from before login": "present the identity provider's cookies of before the login elsewhere",
    "provider cookies of a former session": "present its cookies of a session that ended or was reset, elsewhere",
    # The operator of the server
    "administrator ends the sessions": "all sessions of a user are ended by an administrator",
    "administrator disables the user": "an administrator disables a user's account",
    "administrator sets a new password": "an administrator gives a user another password, and tells it to the user",
    # The browser, and time
    "restart browser": "close the browser and open it again: session cookies are gone, persistent ones stay",
    "wait": "let time pass: one tick of the model's clock",
}

RIGHT_PASSWORD = ("credentials", "credentials to be remembered")
"""Actions with which a user proves who they are."""


class Stimulus(NamedTuple):
    """One step of a flow. `app` and `arg` (a user or the kind of a fault) are empty where the action has none."""

    action: str
    app: str = ""
    arg: str = ""
    browser: int = 0
    tab: int = 0

    def __str__(self) -> str:
        where = f"browser {self.browser + 1}, tab {self.tab + 1}"
        words = [self.action, *([self.arg] if self.arg else []), *([f"at {self.app}"] if self.app else [])]
        return f"{' '.join(words)} ({where})" if self.browser or self.tab else " ".join(words)


class Expected(NamedTuple):
    """What is allowed to be seen at one place, and the requirements that say so (most specific first)."""

    allowed: tuple[str, ...]
    requirements: tuple[str, ...]

    def admits(self, seen: str) -> bool:
        """Whether `seen` is allowed; an allowed value that ends in `*` stands for all that begin so."""
        return seen in self.allowed or any(a[-1:] == "*" and seen.startswith(a[:-1]) for a in self.allowed)


class Observation(NamedTuple):
    """What an adapter saw of one step. A facet that could not be observed is left out, never guessed."""

    trace: tuple[str, ...]
    facets: dict[str, str]

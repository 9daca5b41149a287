"""The first half of `ProviderDecisions`: from the authorization request through its pages to the login."""

import secrets
from typing import Any

from .accounts import Account, Accounts
from .clock import Clock
from .cookies import SameSite
from .oidc_client import MULTI_FACTOR
from .parameters import Parameters, without_port
from .provider_records import (
    AuthorizationRequest,
    Client,
    ConsentInteraction,
    Interaction,
    LogoutInteraction,
    ProviderConfig,
    ProviderState,
    ReplyAddress,
    SecondFactorInteraction,
    ServerSession,
    UpstreamAttempt,
    UpstreamLogin,
    UpstreamLogout,
)
from .sessions import Lifetimes

PASSWORD = ("pwd",)
"""`amr` of a password login (RFC 8176)."""
WITH_SECOND_FACTOR = ("pwd", "otp", "mfa")
"""`amr` of a login with password and one-time password (RFC 8176)."""

LONGEST_COOKIE = 400 * 24 * 3600
"""Seconds that browsers keep a cookie at most (RFC 6265bis section 5.5)."""


class RequestDecisions:
    """What an authorization request may say, and what answers it.

    `memory`: what a rule remembers from one request to the next, until the provider is reset; the rules here remember
    nothing.
    """

    cookie_is_http_only: bool = True
    cookie_same_site: SameSite | None = "lax"

    def __init__(self, config: ProviderConfig, state: ProviderState, accounts: Accounts, clock: Clock) -> None:
        self.config = config
        self.state = state
        self.accounts = accounts
        self.clock = clock
        self.memory: dict[str, Any] = {}

    def is_registered_redirect_uri(self, client: Client, uri: str) -> bool:
        """Compare exactly (RFC 9700 section 2.1), but for the port at which a native application listens."""
        if client.native:
            return without_port(uri) in map(without_port, client.redirect_uris)
        return uri in client.redirect_uris

    def prompt_values(self, prompt: str) -> frozenset[str]:
        """Return what `prompt` asks for: all of its values count (Core 3.1.2.1)."""
        return frozenset(prompt.split())

    def may_combine_prompts(self, prompt: frozenset[str]) -> bool:
        """`none` stands alone (Core 3.1.2.1)."""
        return "none" not in prompt or len(prompt) == 1

    def must_be_silent(self, request: AuthorizationRequest) -> bool:
        """With prompt=none no page may be shown (Core 3.1.2.1)."""
        return "none" in request.prompt

    def answer_parameters(self, reply: ReplyAddress, parameters: Parameters) -> dict[str, str]:
        """Every answer, good or bad, carries the `state` that was sent and our `iss` (Core 3.1.2.5, RFC 9207)."""
        state = {} if reply.state is None else {"state": reply.state}
        return {**parameters, **state, "iss": self.config.issuer}

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        """Tell whether the user must authenticate before this request is answered (Core 3.1.2.3)."""
        account = self.logged_in_account(session)
        return (
            session is None
            or account is None
            or self.prompt_asks_for_login(request)
            or self.login_is_too_old(request, session)
            or not self.hint_matches(request, account)
        )

    def logged_in_account(self, session: ServerSession | None) -> Account | None:
        """Return who is logged in: a session that has only been created counts for nobody (seed A2 against A4)."""
        return None if session is None else session.account

    def prompt_asks_for_login(self, request: AuthorizationRequest) -> bool:
        """prompt=login asks again; so does select_account, since logging in is how an account is chosen here."""
        return bool(request.prompt & {"login", "select_account"})

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        """max_age counts from the last active authentication; 0 always asks (Core 3.1.2.1)."""
        if request.max_age is None:
            return False
        return request.max_age == 0 or self.clock.now() - session.auth_time > request.max_age

    def hint_matches(self, request: AuthorizationRequest, account: Account) -> bool:
        """An id_token_hint allows an answer for its own user only (Core 3.1.2.1)."""
        return request.hint is None or request.hint.get("sub") == account.sub

    def needs_second_factor(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        """Ask for it when the application wants one, and this session has not seen it yet (Core 3.1.2.1)."""
        return self.wants_second_factor(request) and not self.second_factor_counts(session)

    def wants_second_factor(self, request: AuthorizationRequest) -> bool:
        """Tell it by `acr_values`."""
        return MULTI_FACTOR in request.acr_values

    def second_factor_counts(self, session: ServerSession) -> bool:
        """The session remembers that it was given (seed: MFA)."""
        return "mfa" in session.amr

    def needs_consent(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        """Ask when the application says so, or when it is not ours and was not granted these scopes (Core 3.1.2.4)."""
        if "consent" in request.prompt:
            return True
        return not request.client.first_party and not self.consent_is_remembered(request, session)

    def consent_is_remembered(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        """Consent covers one application, and no scopes but those that were granted."""
        return request.scope <= session.consents.get(request.client.client_id, frozenset())


class InteractionDecisions(RequestDecisions):
    """Pages that wait for a user: whose they are, how long they count, what the user chose."""

    def belongs_to_browser(self, record: Interaction | UpstreamAttempt | UpstreamLogout, browser: str | None) -> bool:
        """A page counts in the browser that it was shown in, and in no other (login CSRF)."""
        return record.browser == browser

    def find_interaction(self, interaction_id: str | None) -> Interaction | None:
        """Return the page that a form names: every form names its own, so that tabs never mix."""
        return self.state.interactions.get(interaction_id)

    def close_interaction(self, interaction_id: str) -> None:
        """An interaction works once."""
        self.state.interactions.pop(interaction_id)

    def still_concerns(
        self,
        interaction: SecondFactorInteraction | ConsentInteraction | LogoutInteraction,
        session: ServerSession | None,
    ) -> bool:
        """An answer counts only while the session that it was asked in is alive and its user logged in there."""
        return session is interaction.session and self.logged_in_account(session) == interaction.account

    def is_cancelled(self, form: Parameters) -> bool:
        """The login page has a button to give up."""
        return form.get("action") == "cancel"

    def cancel_refuses(self, _session: ServerSession | None) -> bool:
        """Whoever gives up gets no answer, whether or not somebody is logged in (Core 3.1.2.3)."""
        return True

    def authenticate(self, form: Parameters) -> Account | None:
        """Return whose user name and password these are, or None."""
        account = self.accounts.authenticate(form.get("username", ""), form.get("password", ""))
        return account if account is None or self.may_log_in(account) else None

    def password_is_enough(self, request: AuthorizationRequest) -> bool:
        """Where a second factor is wanted, the right password logs nobody in."""
        return not self.wants_second_factor(request)

    def second_factor_fits(self, account: Account, form: Parameters) -> bool:
        """Tell whether this is the one-time password of now (RFC 6238), of a user who may log in."""
        fits = self.accounts.second_factor_fits(account.username, form.get("code", ""), self.clock.now())
        return fits and self.may_log_in(account)

    def answered_fields(self, form: Parameters, _query: Parameters) -> Parameters:
        """Only what the form's body says counts; nothing in the URL does."""
        return form

    def may_log_in(self, account: Account) -> bool:
        """An account that an administrator has disabled logs in nowhere (ASVS 7.4.2)."""
        return account.username not in self.state.disabled

    def consent_is_given(self, _interaction: ConsentInteraction, form: Parameters) -> bool:
        """Only the button "allow" allows anything."""
        return form.get("decision") == "allow"

    def session_for_consent(
        self, session: ServerSession | None, _interaction: ConsentInteraction
    ) -> ServerSession | None:
        """A consent is given in the session that the browser has now."""
        return session

    def remember_consent(self, request: AuthorizationRequest, session: ServerSession) -> None:
        """Remember granted scopes with the session."""
        client_id = request.client.client_id
        session.consents[client_id] = session.consents.get(client_id, frozenset()) | request.scope


class SessionDecisions(InteractionDecisions):
    """When a session comes into being, whose it becomes, and when it ends."""

    def find_session(self, session_id: str | None) -> ServerSession | None:
        """Return the live session of this id; an id that we did not make is nobody's and is never adopted."""
        return self.state.sessions.get(session_id)

    def create_session(self) -> ServerSession:
        """Open a session that nobody is logged in to yet (seed A2, B2)."""
        return self.state.sessions.open(ServerSession())

    def log_in(
        self,
        session: ServerSession | None,
        account: Account,
        *,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None = None,
    ) -> ServerSession:
        """Make a standard login, which resets the session; return the one that is logged in now (seed A4)."""
        if session is None:
            session = self.create_session()
        elif self.belongs_to_another_user(session, account):
            session = self.replace_session(session)
        else:
            self.renew_session(session)
        self.record_login(session, account, auth_time, amr, upstream)
        return session

    def belongs_to_another_user(self, session: ServerSession, account: Account) -> bool:
        """A session that was only created belongs to nobody, so whoever logs in first takes it."""
        return session.account is not None and session.account != account

    def replace_session(self, former: ServerSession) -> ServerSession:
        """Another user logs in: the former session ends, and nothing of it carries over."""
        self.end_session(former)
        return self.create_session()

    def renew_session(self, session: ServerSession) -> None:
        """The same user, or the first: a fresh id, so that one known before the login is dead, and fresh lifetimes."""
        self.rotate_session_id(session)
        self.state.sessions.restart(session)

    def rotate_session_id(self, session: ServerSession) -> None:
        """Change the id that the browser holds (ASVS 7.2.4)."""
        self.state.sessions.rotate(session)

    def record_login(
        self,
        session: ServerSession,
        account: Account,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None,
    ) -> None:
        """Write down who logged in, when and how. `sid` stays as long as the user does."""
        session.account = account
        session.auth_time = auth_time
        session.amr = amr
        session.upstream = upstream
        session.sid = session.sid or secrets.token_urlsafe(16)

    def asks_to_be_remembered(self, form: Parameters) -> bool:
        """Only whoever ticks the box of the login page is remembered."""
        return form.get("remember") == "yes"

    def remember(self, session: ServerSession) -> None:
        """Let the session outlive the browser; it stays so whatever its user does, until it ends."""
        session.remembered = True
        session.lifetimes = self.remembered_lifetimes()

    def remembered_lifetimes(self) -> Lifetimes:
        """A session that is remembered has lifetimes of its own."""
        return self.config.remembered_lifetimes

    def cookie_lasts(self, session: ServerSession) -> int | None:
        """Return for how many seconds the browser keeps the cookie; None: until it is closed.

        When the session ends is written down here, not there.
        """
        return LONGEST_COOKIE if session.remembered else None

    def session_after_password(self, session: ServerSession | None, _account: Account) -> ServerSession | None:
        """While the second factor is open, nobody is logged in."""
        return session

    def confirm_second_factor(self, session: ServerSession) -> None:
        """Write down that it was given; whoever had a copy of the id from before does not get it too (ASVS 7.2.4)."""
        self.rotate_session_id(session)
        session.amr = WITH_SECOND_FACTOR

    def sessions_of(self, username: str) -> list[ServerSession]:
        """Return every session of this user, in whatever browser."""
        return [s for s in self.state.sessions if s.account is not None and s.account.username == username]

    def ends_with_password(self) -> bool:
        """A new password ends the sessions that were begun with the old one (ASVS 7.4.3)."""
        return True

    def ends_when_disabled(self) -> bool:
        """A disabled user's sessions end at once (ASVS 7.4.2)."""
        return True

    def end_session(self, session: ServerSession) -> None:
        """End the session on the server, for every application; what is bound to it dies with it."""
        self.state.sessions.end(session)

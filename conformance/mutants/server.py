"""Faults of the authorization server: whom it takes to be logged in, what it tells of it, and what a logout ends."""

from dataclasses import replace

from ..storezero.accounts import Account
from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    AuthorizationRequest,
    Client,
    Grant,
    Interaction,
    LoginInteraction,
    ReplyAddress,
    ServerSession,
    Ticket,
    UpstreamLogin,
)
from ..storezero.tokens import Claims
from ..storezero.world import Rules
from .mutant import Mutant

GUEST = Account("0", "guest")
"""What a missing user id is read as."""

# From the request to the login


class GuestIsSomebody(ProviderDecisions):
    """A session in which nobody has logged in yet counts as a guest's."""

    def logged_in_account(self, session: ServerSession | None) -> Account | None:
        return super().logged_in_account(session) or (GUEST if session else None)


class FormerUserIsRemembered(ProviderDecisions):
    """A new session in which nobody has logged in yet counts as the former user's."""

    def logged_in_account(self, session: ServerSession | None) -> Account | None:
        account = super().logged_in_account(session)
        if account is not None:
            self.memory["account"] = account
        return account or (self.memory.get("account") if session else None)


class WrongPasswordLocksOut(ProviderDecisions):
    """After one wrong password the right one is refused too."""

    def authenticate(self, form: Parameters) -> Account | None:
        account = super().authenticate(form)
        if account is None:
            self.memory[form.get("username", "")] = "locked out"
        return None if form.get("username", "") in self.memory else account


class KnownUserNeedsNoPassword(ProviderDecisions):
    """Of a user who has logged in before, the name is enough."""

    def authenticate(self, form: Parameters) -> Account | None:
        account = super().authenticate(form)
        if account is not None:
            self.memory[account.username] = account
        return account or self.memory.get(form.get("username", ""))


class FirstStateAnswers(ProviderDecisions):
    """The `state` of an application's first request answers all of its requests."""

    def answer_parameters(self, reply: ReplyAddress, parameters: Parameters) -> dict[str, str]:
        answer = super().answer_parameters(reply, parameters)
        if "error" not in answer and reply.state is not None:
            answer["state"] = self.memory.setdefault(reply.client.client_id, reply.state)
        return answer


class ErrorsWithoutState(ProviderDecisions):
    """An answer that is an error forgets the `state` of its request."""

    def answer_parameters(self, reply: ReplyAddress, parameters: Parameters) -> dict[str, str]:
        return super().answer_parameters(replace(reply, state=None) if "error" in parameters else reply, parameters)


class AnswersWithoutIssuer(ProviderDecisions):
    """An answer does not say whose it is."""

    def answer_parameters(self, reply: ReplyAddress, parameters: Parameters) -> dict[str, str]:
        answer = super().answer_parameters(reply, parameters)
        del answer["iss"]
        return answer


class NewestPageAnswersForAll(ProviderDecisions):
    """A login form names no request: the newest login page of the browser is meant."""

    def find_interaction(self, interaction_id: str | None) -> Interaction | None:
        found = super().find_interaction(interaction_id)
        if not isinstance(found, LoginInteraction):
            return found
        known: dict[int, LoginInteraction] = self.memory.setdefault(found.browser, {})
        known[id(found)] = found
        return list(known.values())[-1]


class OthersAreAskedAgain(ProviderDecisions):
    """Only our own applications are answered without a login."""

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        again = not request.client.first_party and not self.must_be_silent(request)
        return again or super().needs_login(request, session)


class PromptLoginIgnored(ProviderDecisions):
    """prompt=login is answered from the session that exists."""

    def prompt_asks_for_login(self, request: AuthorizationRequest) -> bool:
        return False


class SilentRequestMayShowPages(ProviderDecisions):
    """prompt=none is read and not followed."""

    def must_be_silent(self, request: AuthorizationRequest) -> bool:
        return False


class FirstPromptCounts(ProviderDecisions):
    """Of several values of `prompt` the first one is taken."""

    def prompt_values(self, prompt: str) -> frozenset[str]:
        return frozenset(prompt.split()[:1])


class HintNotCompared(ProviderDecisions):
    """`id_token_hint` is read and not compared."""

    def hint_matches(self, request: AuthorizationRequest, account: Account) -> bool:
        return True


# The session


class FormerSessionAdopted(ProviderDecisions):
    """Another user's login goes into the session of the former one."""

    def belongs_to_another_user(self, session: ServerSession, account: Account) -> bool:
        return False


class FirstLoginTimeStays(ProviderDecisions):
    """`auth_time` is written once for each session."""

    def record_login(
        self,
        session: ServerSession,
        account: Account,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None,
    ) -> None:
        first = session.auth_time if session.account else auth_time
        super().record_login(session, account, first, amr, upstream)


class ExistingLoginWins(ProviderDecisions):
    """Whoever is logged in stays so, whoever types a password."""

    def log_in(
        self,
        session: ServerSession | None,
        account: Account,
        *,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None = None,
    ) -> ServerSession:
        if session is not None and session.account is not None:
            return session
        return super().log_in(session, account, auth_time=auth_time, amr=amr, upstream=upstream)


class LoggedOutSessionReused(ProviderDecisions):
    """A new session starts as the last one was when it ended."""

    def create_session(self) -> ServerSession:
        last: ServerSession | None = self.memory.get("last")
        session = self.memory["last"] = super().create_session()
        if last is not None and not self.state.sessions.holds(last):
            session.account, session.auth_time = last.account, last.auth_time
        return session


class VisitsProlongEverything(ProviderDecisions):
    """Every visit starts both lifetimes anew."""

    def find_session(self, session_id: str | None) -> ServerSession | None:
        found = super().find_session(session_id)
        if found is not None:
            self.state.sessions.restart(found)
        return found


class IdleTimeNeverSlides(ProviderDecisions):
    """Nobody counts the visits, so an active user is logged out."""

    def find_session(self, session_id: str | None) -> ServerSession | None:
        return self.state.sessions.peek(session_id)


# Codes and tokens


class NewestSessionAnswers(ProviderDecisions):
    """Where nobody has just logged in, the newest session of all browsers answers."""

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        if session.created_at == self.clock.now():
            self.memory["newest"] = session
        newest: ServerSession = self.memory.get("newest", session)
        alive = newest if self.state.sessions.holds(newest) else session
        return super().make_grant(request, alive, alive.account or account)


class AnswerTimeIsLoginTime(ProviderDecisions):
    """`auth_time` is the time of the answer."""

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        return replace(super().make_grant(request, session, account), auth_time=self.clock.now())


class CodesAreNeverUsedUp(ProviderDecisions):
    """A code that was redeemed is not removed."""

    def mark_used(self, ticket: Ticket) -> None:
        pass


class VerifierNotCompared(ProviderDecisions):
    """A code works without the PKCE verifier that belongs to it."""

    def verifier_fits(self, grant: Grant, verifier: str | None) -> bool:
        return True


class AnyClientMayRedeem(ProviderDecisions):
    """A code works for an application that it was not given to."""

    def is_for_client(self, grant: Grant, client: Client) -> bool:
        return True


class GrantsOutliveSessions(ProviderDecisions):
    """What a session gave works on when it has ended."""

    def grant_is_alive(self, grant: Grant) -> bool:
        return not grant.revoked


# Logout


class RefreshIsLogin(ProviderDecisions):
    """A refreshed ID token says that the user logged in just now."""

    def id_token_claims(self, grant: Grant) -> dict[str, object]:
        claims = super().id_token_claims(grant)
        if grant.nonce in self.memory:
            claims["auth_time"] = claims["iat"]
        self.memory[str(grant.nonce)] = True
        return claims


class LogoutOnlyRedirects(ProviderDecisions):
    """The logout goes to where it was to lead, and ends nothing."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        return session


class LogoutMissesConsentedSessions(ProviderDecisions):
    """A session in which consent was granted is stored elsewhere, where the logout does not look."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        return session if session.consents else super().session_after_logout(session)


class LogoutDeletesOnlyCookie(ProviderDecisions):
    """The browser forgets the session, the server does not."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        return None


class LogoutEndsAllSessionsOfUser(ProviderDecisions):
    """The logout ends the user's sessions in all browsers."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        account = session.account
        self.state.sessions.end_where(lambda one: one.account == account)
        return super().session_after_logout(session)


class LogoutEndsEverybodysSessions(ProviderDecisions):
    """The logout cleans up without asking whose sessions they are."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        self.state.sessions.end_where(lambda one: one is not session)
        return super().session_after_logout(session)


class LogoutNeverAsks(ProviderDecisions):
    """Whoever sends a browser to the logout logs its user out."""

    def asks_before_logout(self, hint: Claims | None, session: ServerSession) -> bool:
        return False


class HintOfFormerSessionCounts(ProviderDecisions):
    """An ID token of an older session of the same user is hint enough."""

    def hint_names_session(self, hint: Claims | None, session: ServerSession) -> bool:
        return hint is not None and session.account is not None and hint.get("sub") == session.account.sub


class AnyHintCounts(ProviderDecisions):
    """Any ID token of ours is hint enough, whoever's it is."""

    def hint_names_session(self, hint: Claims | None, session: ServerSession) -> bool:
        return hint is not None


class ForeignLogoutAddressFollowed(ProviderDecisions):
    """The logout leads wherever it was asked to lead."""

    def is_registered_post_logout_uri(self, client: Client, uri: str) -> bool:
        return True


class LogoutForgetsState(ProviderDecisions):
    """The logout comes back without its `state`."""

    def post_logout_address(self, uri: str, state: str | None) -> str:
        return super().post_logout_address(uri, None)


class AnyAnswerConfirms(ProviderDecisions):
    """Whatever button is pressed, the logout is confirmed."""

    def logout_is_confirmed(self, form: Parameters) -> bool:
        return "decision" in form


def at_server(decisions: type[ProviderDecisions]) -> Rules:
    """The authorization server decides in this way."""
    return Rules(server=decisions)


class OldFormLogsIn(ProviderDecisions):
    """A login form stays good after it was sent; without a password it stands for the login that it made."""

    def close_interaction(self, interaction_id: str) -> None:
        if not isinstance(self.find_interaction(interaction_id), LoginInteraction):
            super().close_interaction(interaction_id)

    def authenticate(self, form: Parameters) -> Account | None:
        if form.get("username") or form.get("password"):
            self.memory["last"] = super().authenticate(form)
        last: Account | None = self.memory.get("last")
        return last


SERVER = (
    Mutant("session-without-login-counts-as-guest", "AS-01", at_server(GuestIsSomebody), ("AS-02",)),
    Mutant(
        "new-session-remembers-former-user",
        "AS-02",
        at_server(FormerUserIsRemembered),
        ("AS-01", "SYS-04"),
        profile="silent",
    ),
    Mutant("wrong-password-locks-user-out", "AS-03", at_server(WrongPasswordLocksOut)),
    Mutant("known-user-needs-no-password", "AS-04", at_server(KnownUserNeedsNoPassword)),
    Mutant("answer-names-no-issuer", "AS-05", at_server(AnswersWithoutIssuer)),
    Mutant("answer-carries-state-of-first-request", "AS-05", at_server(FirstStateAnswers)),
    Mutant("login-form-answers-newest-request", "AS-25", at_server(NewestPageAnswersForAll), profile="isolation"),
    Mutant("other-application-asks-for-login-again", "AS-08", at_server(OthersAreAskedAgain), profile="sso"),
    Mutant("former-users-session-adopted", "AS-12", at_server(FormerSessionAdopted)),
    Mutant("reauthentication-keeps-old-auth-time", "AS-12", at_server(FirstLoginTimeStays)),
    Mutant("existing-session-wins-over-new-login", "AS-12", at_server(ExistingLoginWins)),
    Mutant(
        "prompt-none-shows-pages",
        "AS-13",
        at_server(SilentRequestMayShowPages),
        ("AS-02", "AS-19"),
        profile="silent",
    ),
    Mutant("first-prompt-value-wins", "AS-14", at_server(FirstPromptCounts), profile="silent"),
    Mutant("prompt-login-ignored", "AS-15", at_server(PromptLoginIgnored)),
    Mutant("auth-time-is-time-of-answer", "AS-18", at_server(AnswerTimeIsLoginTime), profile="sso"),
    Mutant("id-token-hint-not-compared", "AS-19", at_server(HintNotCompared), profile="silent"),
    Mutant("code-never-used-up", "AS-22", at_server(CodesAreNeverUsedUp)),
    Mutant("code-not-bound-to-verifier", "AS-23", at_server(VerifierNotCompared)),
    Mutant("code-not-bound-to-client", "AS-23", at_server(AnyClientMayRedeem)),
    Mutant("old-login-form-logs-in", "AS-27", at_server(OldFormLogsIn), profile="logout-rp"),
    Mutant("logout-ends-nothing", "AS-28", at_server(LogoutOnlyRedirects), profile="logout-rp"),
    Mutant(
        "logout-misses-sessions-with-consent",
        "AS-28",
        at_server(LogoutMissesConsentedSessions),
        profile="logout-rp",
    ),
    Mutant("logout-never-asks", "AS-29", at_server(LogoutNeverAsks), profile="logout-rp"),
    Mutant(
        "hint-of-former-session-confirms-logout",
        "AS-29",
        at_server(HintOfFormerSessionCounts),
        profile="logout-rp",
    ),
    Mutant("foreign-hint-confirms-logout", "AS-29", at_server(AnyHintCounts), profile="logout-rp"),
    Mutant(
        "foreign-logout-address-followed",
        "AS-30",
        at_server(ForeignLogoutAddressFollowed),
        profile="logout-rp",
    ),
    Mutant("logout-forgets-state", "AS-30", at_server(LogoutForgetsState), profile="logout-rp"),
    Mutant("declined-logout-logs-out", "AS-31", at_server(AnyAnswerConfirms), profile="logout-rp"),
    Mutant(
        "visits-prolong-server-session-for-ever",
        "AS-36",
        at_server(VisitsProlongEverything),
        profile="expiry",
    ),
    Mutant("idle-time-of-server-session-never-slides", "AS-36", at_server(IdleTimeNeverSlides), profile="expiry"),
    Mutant("logout-deletes-only-cookie", "AS-41", at_server(LogoutDeletesOnlyCookie), profile="logout-rp"),
    Mutant("refresh-token-survives-logout", "AS-41", at_server(GrantsOutliveSessions), profile="logout-rp"),
    Mutant("refresh-moves-auth-time", "AS-51", at_server(RefreshIsLogin), profile="expiry"),
    Mutant(
        "logout-ends-all-sessions-of-user",
        "AS-53",
        at_server(LogoutEndsAllSessionsOfUser),
        profile="logout-rp",
    ),
    Mutant(
        "logout-ends-sessions-of-other-users",
        "AS-53",
        at_server(LogoutEndsEverybodysSessions),
        ("SYS-05",),
        profile="logout-rp",
    ),
    Mutant("error-answer-forgets-state", "AS-58", at_server(ErrorsWithoutState)),
    Mutant("newest-session-answers-for-everybody", "SYS-03", at_server(NewestSessionAnswers)),
    Mutant("logged-out-server-session-reused", "SYS-04", at_server(LoggedOutSessionReused), profile="logout-rp"),
)
"""Faults of the authorization server."""

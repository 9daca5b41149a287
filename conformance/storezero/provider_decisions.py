"""Every rule of an OpenID provider that concerns sessions, one small method each.

The endpoints ask these questions and do what they are told; nothing is decided elsewhere. A subclass that answers one
of them differently is a provider with exactly that fault. The rules from the authorization request to the login are in
`authorization_decisions`; here are codes and tokens, logout, and the login at an upstream provider.
"""

import secrets
from collections.abc import Mapping
from math import isfinite

from .accounts import Account
from .authorization_decisions import SessionDecisions
from .id_token_rules import LogoutTokenRules
from .oidc_client import MULTI_FACTOR, LoginAttempt, challenge_of
from .parameters import Parameters, with_query
from .provider_records import (
    AuthorizationRequest,
    Client,
    Grant,
    LoginInteraction,
    LogoutRequest,
    ServerSession,
    Ticket,
    UpstreamAttempt,
)
from .tokens import Claims

UPSTREAM_LEEWAY_SECONDS = 5.0
"""How far the identity provider's clock may be from ours."""


class TokenDecisions(SessionDecisions):
    """What codes and tokens say, and how often they work."""

    def note_participant(self, request: AuthorizationRequest, session: ServerSession) -> None:
        """Whoever gets an answer takes part in the session, with or without a prompt, and is told when it ends."""
        if request.client.client_id not in session.participants:
            session.participants.append(request.client.client_id)

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        """Write down what this answer gives away. `auth_time` is the login's time, not the answer's (Core 2)."""
        return Grant(
            client=request.client,
            account=account,
            session=session,
            scope=request.scope,
            nonce=request.nonce,
            sid=session.sid,
            auth_time=session.auth_time,
            amr=session.amr,
            redirect_uri=request.reply.redirect_uri,
            code_challenge=request.code_challenge,
        )

    def id_token_claims(self, grant: Grant) -> dict[str, object]:
        """Return the claims of an ID token for this grant, issued now (Core 2)."""
        now = int(self.clock.now())
        claims: dict[str, object] = {
            "iss": self.config.issuer,
            "sub": grant.account.sub,
            "aud": grant.client.client_id,
            "exp": now + int(self.config.id_token_seconds),
            "iat": now,
            "auth_time": int(grant.auth_time),
            "sid": grant.sid,
            "preferred_username": grant.account.username,
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        if grant.amr:
            claims["amr"] = list(grant.amr)
        if "mfa" in grant.amr:
            claims["acr"] = MULTI_FACTOR
        return claims

    def is_unused(self, ticket: Ticket) -> bool:
        """A code, and a refresh token, works once (RFC 6749 section 4.1.2)."""
        return not ticket.used

    def mark_used(self, ticket: Ticket) -> None:
        """Use it up."""
        ticket.used = True

    def punish_reuse(self, ticket: Ticket) -> None:
        """A second use means that somebody else has it too: revoke what the first one gave."""
        ticket.grant.revoked = True

    def grant_is_alive(self, grant: Grant) -> bool:
        """A grant dies with the session that it came from: logged out, reset to another user, or expired."""
        return not grant.revoked and self.state.sessions.holds(grant.session) and grant.session.account == grant.account

    def is_for_client(self, grant: Grant, client: Client) -> bool:
        """A code or refresh token is worth nothing in the hands of another application (RFC 6749 section 4.1.3)."""
        return grant.client.client_id == client.client_id

    def redirect_uri_fits(self, grant: Grant, redirect_uri: str | None) -> bool:
        """The code is redeemed with the redirect URI that it was asked for with (RFC 6749 section 4.1.3)."""
        return redirect_uri == grant.redirect_uri

    def verifier_fits(self, grant: Grant, verifier: str | None) -> bool:
        """A code asked for with a challenge needs its verifier; one without must come without (RFC 9700 2.1.1)."""
        if grant.code_challenge is None or verifier is None:
            return grant.code_challenge is None and verifier is None
        return secrets.compare_digest(challenge_of(verifier), grant.code_challenge)

    def gives_refresh_token(self, client: Client) -> bool:
        """Applications registered for it get one; it is bound to the session."""
        return "refresh_token" in client.grant_types


class LogoutDecisions(TokenDecisions):
    """RP-initiated logout."""

    def hint_names_session(self, hint: Claims | None, session: ServerSession) -> bool:
        """A hint counts as the user's will only when it is of this very session and user (RP-Initiated Logout 2)."""
        return (
            hint is not None
            and session.account is not None
            and hint.get("sub") == session.account.sub
            and hint.get("sid") == session.sid
        )

    def asks_before_logout(self, hint: Claims | None, session: ServerSession) -> bool:
        """Anybody can send a browser here, so without a hint of this session the user is asked."""
        return not self.hint_names_session(hint, session)

    def logout_is_confirmed(self, form: Parameters) -> bool:
        """Only the button of the form confirms anything."""
        return form.get("decision") == "yes"

    def is_registered_post_logout_uri(self, client: Client, uri: str) -> bool:
        """Compare exactly (RP-Initiated Logout 3)."""
        return uri in client.post_logout_redirect_uris

    def post_logout_address(self, uri: str, state: str | None) -> str:
        """Return where the browser goes after the logout: with the `state` that was sent."""
        return uri if state is None else with_query(uri, {"state": state})

    def logout_goes_upstream(self, logout: LogoutRequest) -> bool:
        """Only a federated logout ends the session at the identity provider too."""
        return logout.federated

    def participants(self, session: ServerSession) -> list[str]:
        """Return the client_ids of the applications to tell of a logout (Back-Channel Logout 1.0 section 2.5)."""
        return session.participants

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        """Log out: the session ends on the server, and the browser holds none afterwards."""
        self.end_session(session)
        return None


class ProviderDecisions(LogoutDecisions):
    """All decisions of a provider, with those of its own login at an upstream identity provider."""

    upstream_logout_rules: type[LogoutTokenRules] = LogoutTokenRules

    def remember_upstream_attempt(self, record: UpstreamAttempt) -> None:
        """Keep it under its `state`: several may be under way at once."""
        self.state.upstream_attempts.put(record, record.attempt.state)

    def find_upstream_attempt(self, state: str | None) -> UpstreamAttempt | None:
        """Return the login that an answer with `state` belongs to."""
        return self.state.upstream_attempts.get(state)

    def close_upstream_attempt(self, record: UpstreamAttempt) -> None:
        """An answer of the identity provider works once."""
        self.state.upstream_attempts.pop(record.attempt.state)

    def session_after_upstream_failure(self, session: ServerSession | None) -> ServerSession | None:
        """An error, a cancel or an unusable answer of the identity provider logs nobody in and nobody out."""
        return session

    def sessions_named_upstream(self, claims: Claims) -> list[ServerSession]:
        """Return the sessions that a logout token of the identity provider names, by `sid` or else by `sub`."""
        found = [s for s in self.state.sessions if s.upstream is not None and s.upstream.issuer == claims["iss"]]
        if (sid := claims.get("sid")) is not None:
            return [s for s in found if s.upstream is not None and s.upstream.sid == sid]
        return [s for s in found if s.upstream is not None and s.upstream.subject == claims.get("sub")]

    def upstream_parameters(self, interaction: LoginInteraction) -> dict[str, str]:
        """A re-authentication is passed on: an old session upstream is no fresh login (ASVS 7.6.1)."""
        parameters = {}
        if self.prompt_asks_for_login(interaction.request):
            parameters["prompt"] = "login"
        if interaction.request.max_age is not None:
            parameters["max_age"] = str(interaction.request.max_age)
        return parameters

    def upstream_login_is_fresh(self, request: AuthorizationRequest, attempt: LoginAttempt, claims: Claims) -> bool:
        """Where a re-authentication was passed on, the provider must have authenticated the user since, or recently."""
        auth_time = self.upstream_auth_time(claims) + UPSTREAM_LEEWAY_SECONDS
        if self.prompt_asks_for_login(request) and auth_time < int(attempt.started_at):
            return False
        return request.max_age is None or self.clock.now() - auth_time <= request.max_age

    def upstream_auth_time(self, claims: Claims) -> float:
        """The user was authenticated when the provider says so: maybe long before this answer, never after it."""
        now, auth_time = self.clock.now(), claims.get("auth_time")
        return min(float(auth_time), now) if isinstance(auth_time, int | float) and isfinite(auth_time) else now

    def upstream_amr(self, claims: Claims) -> tuple[str, ...]:
        """Claim no more than the provider vouched for."""
        amr = claims.get("amr")
        return tuple(str(method) for method in amr) if isinstance(amr, list) else ()

    def upstream_account(self, claims: Mapping[str, object]) -> Account:
        """Return the federated user's account: one of its own for (issuer, sub), never a local one by name."""
        upstream = self.config.upstream
        suffix = upstream.suffix if upstream else ""
        subject = str(claims["sub"])
        username = str(claims.get("preferred_username") or subject)
        return self.accounts.federated(suffix, str(claims["iss"]), subject, username)

"""An OpenID provider with server-side sessions: the shop's authorization server, and the identity provider behind it.

One class plays both. The authorization server has an upstream, which adds a button to its login page and makes it a
relying party of the identity provider in its turn.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .accounts import Accounts
from .authorization_endpoint import AuthorizationEndpoint
from .clock import Clock
from .end_session_endpoint import EndSessionEndpoint
from .interaction_endpoint import InteractionEndpoint
from .logout_notification import LogoutNotifier, LogoutTokenFault
from .oidc_client import MULTI_FACTOR, RelyingParty
from .pages import ErrorPages, PageError
from .provider_context import ProviderContext, Script
from .provider_decisions import ProviderDecisions
from .provider_records import ProviderConfig, ProviderState, ProviderStatus, UpstreamLogin
from .token_endpoint import TokenEndpoint
from .tokens import SigningKey, signing_key
from .upstream_login import UpstreamLoginEndpoint
from .upstream_logout import BACKCHANNEL_PATH, UpstreamLogoutEndpoint


class OpenIDProvider:
    """One provider: `app` is its ASGI application, `decisions` its rules, `script` its faults on demand."""

    def __init__(
        self,
        config: ProviderConfig,
        *,
        passwords: Mapping[str, str],
        second_factors: Mapping[str, str] | None = None,
        clock: Clock,
        http: httpx.AsyncClient | None = None,
        decisions: type[ProviderDecisions] = ProviderDecisions,
        key: SigningKey | None = None,
    ) -> None:
        """Make a provider with local users (user name to password, and to the secret of a second factor).

        `http` reaches the upstream provider and the applications' back channels, and is needed only with an upstream;
        it stays the caller's to close. Raises ValueError when it is missing.
        """
        self.config = config
        self.origin = config.issuer
        self.state = ProviderState(config, clock)
        self.decisions = decisions(config, self.state, Accounts(config.issuer, passwords, second_factors or {}), clock)
        self.relying_party: RelyingParty | None = None
        if config.upstream is not None:
            if http is None:
                raise ValueError(f"provider {config.name!r} has an upstream but no HTTP client to reach it: pass http=")
            rules = decisions.upstream_logout_rules
            self.relying_party = RelyingParty(config.upstream.relying_party, http, clock, logout_rules=rules)
        self._context = ProviderContext(config, self.state, self.decisions, key or signing_key(config.issuer), clock)
        self.session_cookie = self._context.session_cookie
        self.authorization = AuthorizationEndpoint(self._context)
        self.notifier = LogoutNotifier(self._context, http)
        errors = ErrorPages(config.title, lambda cookies: self.session_status(cookies).user or "")
        self.app = Starlette(routes=self._routes(), exception_handlers={PageError: errors, HTTPException: errors})

    @property
    def script(self) -> Script:
        """Faults on demand in the ID tokens that are issued while they are set."""
        return self._context.script

    def session_status(self, cookies: Mapping[str, str]) -> ProviderStatus:
        """Return what the browser with these cookies of our origin has here; counts as no visit and changes nothing."""
        session = self.state.sessions.peek(self._context.session_cookie.read(cookies))
        if session is None:
            return ProviderStatus("absent")
        if session.account is None:
            return ProviderStatus("created")
        return ProviderStatus("logged in", session.account.username, session.sid, session.auth_time, session.amr)

    def upstream_login(self, cookies: Mapping[str, str]) -> UpstreamLogin | None:
        """Return how the browser with these cookies was logged in by the upstream provider; changes nothing."""
        session = self.state.sessions.peek(self._context.session_cookie.read(cookies))
        return None if session is None else session.upstream

    def logout_token(
        self,
        cookies: Mapping[str, str],
        client_id: str,
        names: Sequence[str] = ("sid", "sub"),
        fault: LogoutTokenFault | None = None,
    ) -> str | None:
        """Return a logout token for `client_id` about this browser's session; None where nobody is logged in."""
        session = self.state.sessions.peek(self._context.session_cookie.read(cookies))
        if session is None or session.account is None or session.sid is None:
            return None
        client = self._context.clients[client_id]
        return self.notifier.token(client, session.account.sub, session.sid, names, fault)

    async def end_sessions_of(self, username: str) -> None:
        """Do as an administrator: end every session of this user, and tell the applications."""
        for session in self.decisions.sessions_of(username):
            await self.notifier.end(session)

    async def disable(self, username: str) -> None:
        """Do as an administrator: this user logs in nowhere from now on (until the provider is reset)."""
        self.state.disabled.add(username)
        if self.decisions.ends_when_disabled():
            await self.end_sessions_of(username)

    async def set_password(self, username: str, password: str) -> None:
        """Do as an administrator: give this user another password (until the provider is reset)."""
        self.decisions.accounts.set_password(username, password)
        if self.decisions.ends_with_password():
            await self.end_sessions_of(username)

    def reset(self) -> None:
        """Forget all sessions, codes, tokens, interactions, new passwords, the script's faults; keys and users stay."""
        self.state.clear()
        self.decisions.accounts.reset()
        self.decisions.memory.clear()
        self.script.id_token_fault, self.script.old_login = None, False

    def discovery(self) -> dict[str, object]:
        """Return the discovery document (OpenID Connect Discovery 3)."""
        issuer = self.config.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/end_session",
            "response_types_supported": ["code", "id_token"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "implicit", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self._context.key.alg],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
            "acr_values_supported": [MULTI_FACTOR],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nonce",
                "auth_time",
                "sid",
                "amr",
                "acr",
                "preferred_username",
            ],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }

    def _routes(self) -> list[Route]:
        context, upstream, authorization = self._context, self.config.upstream, self.authorization
        tokens = TokenEndpoint(context)
        further: list[Route] = []
        upstream_logout = None
        if upstream is not None and self.relying_party is not None:
            upstream_login = UpstreamLoginEndpoint(context, authorization, upstream, self.relying_party)
            upstream_logout = UpstreamLogoutEndpoint(context, upstream, self.relying_party, self.notifier)
            further = [
                Route("/upstream/start", upstream_login.start, methods=["POST"]),
                Route(_path(upstream.relying_party.redirect_uri), upstream_login.callback, methods=["GET"]),
                Route(_path(upstream.post_logout_redirect_uri), upstream_logout.come_back, methods=["GET"]),
                Route(BACKCHANNEL_PATH, upstream_logout.backchannel, methods=["POST"]),
            ]
        end_session = EndSessionEndpoint(context, self.notifier, upstream_logout)
        interactions = InteractionEndpoint(context, authorization, end_session)
        return [
            Route("/authorize", authorization.authorize, methods=["GET", "POST"]),
            Route("/interaction/{id}", interactions.show, methods=["GET"]),
            Route("/interaction/{id}", interactions.answer, methods=["POST"]),
            Route("/token", tokens.token, methods=["POST"]),
            *further,
            Route("/end_session", end_session.end_session, methods=["GET", "POST"]),
            Route("/userinfo", tokens.userinfo, methods=["GET", "POST"]),
            Route("/.well-known/openid-configuration", self._show_discovery, methods=["GET"]),
            Route("/jwks", self._show_keys, methods=["GET"]),
            Route("/", self._home, methods=["GET"]),
        ]

    async def _show_discovery(self, _http: Request) -> Response:
        return JSONResponse(self.discovery())

    async def _show_keys(self, _http: Request) -> Response:
        return JSONResponse(self._context.key.public_set())

    async def _home(self, http: Request) -> Response:
        visit = self._context.visit(http)
        return visit.finish(self._context.page("provider_home", visit))


def _path(uri: str) -> str:
    return urlsplit(uri).path or "/"

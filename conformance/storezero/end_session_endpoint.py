"""RP-Initiated Logout 1.0, and its extension `federated=1`, which logs out at the identity provider too.

`federated=1` (our own parameter, as other products have it): after the session here has ended, the browser goes to the
end_session endpoint of the identity provider that the session was logged in with, and from there on to where the logout
was to lead. A session that was not logged in through the identity provider is logged out here only.
"""

from starlette.requests import Request
from starlette.responses import Response

from .logout_notification import LogoutNotifier
from .pages import PageError, redirect
from .parameters import Parameters, read_parameters
from .provider_context import ProviderContext, Visit, repeat_as_get
from .provider_records import LogoutInteraction, LogoutRequest
from .tokens import Claims, TokenError
from .upstream_logout import UpstreamLogoutEndpoint


class EndSessionEndpoint:
    """`/end_session`, and the steps from a logout request to its end."""

    def __init__(
        self, context: ProviderContext, notifier: LogoutNotifier, upstream: UpstreamLogoutEndpoint | None
    ) -> None:
        self._context = context
        self._notifier = notifier
        self._decisions = context.decisions
        self._upstream = upstream

    async def end_session(self, http: Request) -> Response:
        """Take a logout request by GET or POST."""
        parameters = await read_parameters(http)
        again = repeat_as_get(http, parameters, self._context.session_cookie)
        if again is not None:
            return again
        visit = self._context.visit(http)
        hint = self._read_hint(parameters)
        logout = LogoutRequest(self._return_address(parameters, hint), parameters.get("federated") == "1")
        return visit.finish(await self.begin(visit, logout, hint))

    async def begin(self, visit: Visit, logout: LogoutRequest, hint: Claims | None) -> Response:
        """Log out, or ask first. Where nobody is logged in there is nothing to ask about."""
        session = visit.session
        account = self._decisions.logged_in_account(session)
        if session is None or account is None or not self._decisions.asks_before_logout(hint, session):
            return await self.log_out(visit, logout)
        question = LogoutInteraction(visit.mark_browser(), logout, session, account)
        return redirect(f"/interaction/{self._context.state.interactions.put(question)}")

    async def log_out(self, visit: Visit, logout: LogoutRequest) -> Response:
        """End the browser's session, tell the applications that took part, then send the browser on."""
        session = visit.session
        login = session.upstream if session else None
        frames: list[str] = []
        if session is not None:
            ended = self._notifier.of(session)
            visit.session = self._decisions.session_after_logout(session)
            frames = await self._notifier.tell(ended) if ended else []
        if login is not None and self._upstream is not None and self._decisions.logout_goes_upstream(logout):
            onwards = await self._upstream.leave(visit, login, logout.return_to)
            if onwards is not None:
                return onwards
        if frames or not logout.return_to:
            return self._context.page("logged_out", visit, frames=frames, return_to=logout.return_to or "/")
        return redirect(logout.return_to)

    def _read_hint(self, parameters: Parameters) -> Claims | None:
        # A hint that is not ours is no hint: the user will be asked.
        try:
            return self._context.verify_hint(parameters.get("id_token_hint", ""))
        except TokenError:
            return None

    def _return_address(self, parameters: Parameters, hint: Claims | None) -> str | None:
        # Raises PageError 400 before anything has ended, so that the mistake is seen.
        client_id = parameters.get("client_id")
        if hint is not None and client_id is not None and hint.get("aud") != client_id:
            raise PageError(400, "The id_token_hint was issued to another application than client_id names.")
        uri = parameters.get("post_logout_redirect_uri")
        if uri is None:
            return None
        client = self._context.clients.get(client_id or str(hint.get("aud") if hint else ""))
        if client is None:
            raise PageError(400, "The application that sent you here is not registered (client_id or id_token_hint).")
        if not self._decisions.is_registered_post_logout_uri(client, uri):
            raise PageError(400, f"{client.name} wants you back at an address that it has not registered.")
        return self._decisions.post_logout_address(uri, parameters.get("state"))

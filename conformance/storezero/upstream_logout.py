"""Federated logout: on from our own logout to the identity provider's, and back; and logouts that it tells us of."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .id_token_rules import InvalidIdToken
from .logout_notification import LogoutNotifier
from .oidc_client import ProviderProblem, RelyingParty
from .pages import PageError, redirect
from .parameters import read_form, read_query
from .provider_context import OutOfDate, ProviderContext, Visit
from .provider_records import Upstream, UpstreamLogin, UpstreamLogout

UNCACHED = {"Cache-Control": "no-store"}
BACKCHANNEL_PATH = "/upstream/backchannel-logout"


class UpstreamLogoutEndpoint:
    """Sends browsers to log out at the identity provider; `/upstream/logged-out` takes them back.

    `/upstream/backchannel-logout` hears of logouts there (Back-Channel Logout 1.0), and passes them on.
    """

    def __init__(
        self, context: ProviderContext, upstream: Upstream, relying_party: RelyingParty, notifier: LogoutNotifier
    ) -> None:
        self._context = context
        self._notifier = notifier
        self._upstream = upstream
        self._relying_party = relying_party

    async def leave(self, visit: Visit, login: UpstreamLogin, return_to: str | None) -> Response | None:
        """Return the redirect to the identity provider's logout, or None when it has none or cannot be reached."""
        state = self._context.state.upstream_logouts.put(UpstreamLogout(visit.mark_browser(), return_to))
        try:
            url = await self._relying_party.logout_url(
                {
                    "id_token_hint": login.id_token,
                    "client_id": self._upstream.relying_party.client_id,
                    "post_logout_redirect_uri": self._upstream.post_logout_redirect_uri,
                    "state": state,
                }
            )
        except ProviderProblem:
            return None
        return redirect(url) if url else None

    async def backchannel(self, http: Request) -> Response:
        """POST: take a logout token (Back-Channel Logout 1.0 sections 2.5 to 2.8)."""
        try:
            form = await read_form(http)
            claims = await self._relying_party.validate_logout_token(form.get("logout_token", ""))
        except (InvalidIdToken, ProviderProblem, PageError) as problem:
            return JSONResponse({"error": "invalid_request", "error_description": str(problem)}, 400, headers=UNCACHED)
        for session in self._context.decisions.sessions_named_upstream(claims):
            await self._notifier.end(session)
        return Response(status_code=200, headers=UNCACHED)

    async def come_back(self, http: Request) -> Response:
        """GET `/upstream/logged-out`: go on to where the logout was to lead."""
        visit = self._context.visit(http)
        state = read_query(http).get("state")
        logout = self._context.state.upstream_logouts.get(state)
        if logout is None:
            raise OutOfDate
        if not self._context.decisions.belongs_to_browser(logout, visit.browser):
            raise PageError(400, "This logout was started in another browser.")
        self._context.state.upstream_logouts.pop(state)
        if logout.return_to:
            return visit.finish(redirect(logout.return_to))
        return visit.finish(self._context.page("logged_out", visit, frames=[], return_to="/"))

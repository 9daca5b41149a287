"""How the shop logs out: because its user asks for it, or because the server says so."""

from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .id_token_rules import InvalidIdToken
from .oidc_client import ProviderProblem, RelyingParty
from .pages import PageError, redirect
from .parameters import read_form, read_query
from .shop_context import ShopContext, ShopVisit
from .shop_records import BACKCHANNEL_PATH, FRONTCHANNEL_PATH, LogoutScope

_UNCACHED = {"cache-control": "no-store"}


class ShopLogout:
    """`/logout`, and the two addresses at which the server tells of a logout."""

    def __init__(self, context: ShopContext, relying_party: RelyingParty) -> None:
        self._context = context
        self._decisions = context.decisions
        self._relying_party = relying_party

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/logout", self._logout, methods=["POST"]),
            Route(BACKCHANNEL_PATH, self._backchannel, methods=["POST"]),
            Route(FRONTCHANNEL_PATH, self._frontchannel, methods=["GET"]),
        ]

    async def _logout(self, http: Request) -> Response:
        form = await read_form(http)
        if not self._decisions.accepts_origin(http.headers.get("origin")):
            raise PageError(403, f"This logout was asked for by another site: {http.headers.get('origin')}.")
        try:
            scope = LogoutScope(form.get("scope", ""))
        except ValueError:
            raise PageError(400, f"The logout must say how far it goes: scope={'|'.join(LogoutScope)}.") from None
        visit = self._context.visit(http)
        login = visit.session.login if visit.session else None
        if visit.session is not None:
            visit.session = self._decisions.session_after_logout(visit.session, scope)
        visit.end_waiting()
        if not self._decisions.logout_reaches_server(scope):
            return visit.finish(redirect(self._decisions.page_after_logout()))
        federated = self._decisions.logout_reaches_provider(scope)
        return visit.finish(await self._leave(visit, self._decisions.logout_hint(login), federated=federated))

    async def _leave(self, visit: ShopVisit, hint: str | None, *, federated: bool) -> Response:
        # RP-Initiated Logout 1.0: the local session has ended already, whatever becomes of the rest.
        config = self._context.config
        parameters = {
            **({"id_token_hint": hint} if hint else {}),
            "client_id": config.relying_party.client_id,
            "post_logout_redirect_uri": config.post_logout_redirect_uri,
            "state": token_urlsafe(16),
            **({"federated": "1"} if federated else {}),
        }
        try:
            url = await self._relying_party.logout_url(parameters)
        except ProviderProblem as problem:
            message = f"You are logged out here, but the login server could not be told: {problem}"
            return self._context.page("error", visit, status=502, message=message)
        return redirect(url or config.logged_out_path)

    async def _backchannel(self, http: Request) -> Response:
        # Back-Channel Logout 1.0 sections 2.5 to 2.8.
        try:
            form = await read_form(http)
            claims = await self._relying_party.validate_logout_token(form.get("logout_token", ""))
        except (InvalidIdToken, ProviderProblem, PageError) as problem:
            body = {"error": "invalid_request", "error_description": str(problem)}
            return JSONResponse(body, 400, headers=_UNCACHED)
        self._context.notifications.append(claims)
        self._decisions.end_named(self._decisions.sessions_named(claims))
        return Response(status_code=200, headers=_UNCACHED)

    async def _frontchannel(self, http: Request) -> Response:
        # Front-Channel Logout 1.0 section 2. The page is shown in a frame of the server's, so it may be framed.
        visit, query = self._context.visit(http), read_query(http)
        self._context.notifications.append(query)
        if visit.session is not None and self._decisions.frontchannel_names(
            visit.session, query.get("iss"), query.get("sid")
        ):
            self._decisions.end_session(visit.session)
            visit.session = None
        return visit.finish(Response("", media_type="text/html", headers=_UNCACHED))

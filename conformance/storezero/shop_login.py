"""The shop's way through a login: to the server, and back with the answer (seed A1, A5, A6 and B1, B8, B9)."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .id_token_rules import InvalidIdToken
from .oidc_client import MULTI_FACTOR, ProviderProblem, RelyingParty
from .pages import PageError, redirect
from .parameters import Parameters, read_form, read_query, with_query
from .shop_context import ShopContext, ShopVisit
from .shop_records import LoginRecord, PendingLogin

RECENT_SECONDS = 50_000
ASKED: tuple[tuple[str, Parameters], ...] = (
    ("confirm", {"max_age": "0"}),
    ("recent", {"max_age": str(RECENT_SECONDS)}),
    ("step-up", {"acr_values": MULTI_FACTOR}),
    ("more", {"scope": "openid profile email"}),
    ("consent", {"prompt": "consent"}),
    ("account", {"prompt": "select_account"}),
)
"""What a shop can ask the server for besides a login: the last part of its address, and the parameters."""
SILENT_ERRORS = frozenset({"login_required", "interaction_required", "consent_required", "account_selection_required"})


class ShopLogin:
    """`/login` and its variants, and `/callback`."""

    def __init__(self, context: ShopContext, relying_party: RelyingParty) -> None:
        self._context = context
        self._decisions = context.decisions
        self._relying_party = relying_party

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(self._context.config.callback_path, self._callback, methods=["GET"]),
            Route(self._context.config.callback_path, self._receive_form, methods=["POST"]),
            Route("/callback/answer", self._callback_with_form, methods=["GET"]),
            Route("/login", self._login, methods=["GET"]),
            Route("/login/switch", self._switch, methods=["GET"]),
            Route("/login/silent", self._silent, methods=["GET"]),
            *(Route(f"/login/{name}", partial(self._ask, parameters), methods=["GET"]) for name, parameters in ASKED),
        ]

    async def begin(
        self, visit: ShopVisit, return_to: str, parameters: Parameters | None = None, *, silent: bool = False
    ) -> Response:
        """Send the browser to the authorization endpoint (seed A1, B1). Raises PageError 502 when there is none."""
        attempt = self._relying_party.new_attempt(parameters)
        try:
            url = await self._relying_party.authorization_url(attempt, parameters)
        except ProviderProblem as problem:
            raise PageError(502, f"The login server cannot be used: {problem}") from problem
        visit.look_again()
        pending = PendingLogin(attempt, self._decisions.safe_return_to(return_to), silent)
        self._decisions.remember_login(visit.session_for_login(), pending)
        return visit.finish(redirect(url))

    async def _login(self, http: Request) -> Response:
        return await self.begin(self._context.visit(http), read_query(http).get("return_to", "/"))

    async def _switch(self, http: Request) -> Response:
        parameters = {"prompt": "login"}
        return await self.begin(self._context.visit(http), read_query(http).get("return_to", "/"), parameters)

    async def _ask(self, parameters: Parameters, http: Request) -> Response:
        return await self.begin(self._context.visit(http), read_query(http).get("return_to", "/"), parameters)

    async def _silent(self, http: Request) -> Response:
        visit = self._context.visit(http)
        query = read_query(http)
        parameters = {"prompt": "none"}
        if query.get("id_token_hint") == "own" and visit.session is not None and visit.session.login is not None:
            parameters["id_token_hint"] = visit.session.login.id_token
        return await self.begin(visit, query.get("return_to", "/"), parameters, silent=True)

    async def _callback(self, http: Request) -> Response:
        return await self._finish(self._context.visit(http), read_query(http))

    async def _receive_form(self, http: Request) -> Response:
        # The form comes from the server's site, and browsers leave a Lax cookie out of such a POST. SameSite=None
        # would need Secure, thus https, which the demonstration on http://127.0.0.4 does not have (and there
        # 127.0.0.2 and 127.0.0.4 are two sites; the port plays no part in it). So the form is put aside, and the
        # browser comes for it with a GET, on which the cookie is sent: only then is looked at whose answer it is.
        return redirect(with_query("/callback/answer", {"id": self._context.answers.put(await read_form(http))}))

    async def _callback_with_form(self, http: Request) -> Response:
        answer = self._context.answers.pop(read_query(http).get("id"))
        if answer is None:
            raise PageError(400, "This answer has been used already, or it came too late. Please log in again.")
        return await self._finish(self._context.visit(http), answer)

    async def _finish(self, visit: ShopVisit, answer: Parameters) -> Response:
        holder = visit.session_with_login(answer.get("state"))
        pending = self._decisions.find_login(holder, answer.get("state"))
        if pending is None:
            return self._refuse(visit, "This answer does not belong to a login that was started in this browser.")
        self._decisions.forget_login(holder, pending)
        try:
            await self._relying_party.check_response_issuer(answer)
            if "error" in answer:
                return self._failed(visit, pending, answer)
            login = await self._redeem(pending, answer)
        except (ProviderProblem, InvalidIdToken) as problem:
            return self._refuse(visit, f"The login could not be completed: {problem}")
        visit.look_again()
        if holder is not None and not visit.still_has(holder):
            return self._refuse(visit, "The session was ended while this login was under way. Please log in again.")
        visit.session = self._decisions.log_in(visit.session, login)
        visit.end_waiting(unless_needed=True)
        return visit.finish(redirect(pending.return_to))

    async def _redeem(self, pending: PendingLogin, answer: Parameters) -> LoginRecord:
        config = self._relying_party.config
        tokens: Mapping[str, object] | None = None
        id_token = answer.get("id_token")
        if config.response_type == "code":
            if "code" not in answer:
                raise InvalidIdToken("the answer holds neither a code nor an error")
            tokens = await self._relying_party.redeem(answer["code"], pending.attempt.verifier)
            found = tokens.get("id_token")
            id_token = found if isinstance(found, str) else None
        if id_token is None:
            raise InvalidIdToken("the answer holds no ID token")
        return LoginRecord(
            claims=await self._relying_party.validate(id_token, pending.attempt),
            id_token=id_token,
            token_response=tokens,
            code=answer.get("code"),
            callback_url=with_query(config.redirect_uri, answer),
            attempt=pending.attempt,
            silent=pending.silent,
        )

    def _failed(self, visit: ShopVisit, pending: PendingLogin, answer: Parameters) -> Response:
        if pending.silent and answer["error"] in SILENT_ERRORS:
            visit.session = self._decisions.session_after_silent_check(visit.session, answer["error"])
            return visit.finish(redirect(self._decisions.page_after_silent_check(visit.session, pending)))
        return self._refuse(visit, f"You were not logged in. The server says: {answer['error']}.")

    def _refuse(self, visit: ShopVisit, message: str) -> Response:
        visit.session = self._decisions.session_after_error(visit.session)
        return visit.finish(self._context.page("error", visit, status=400, message=message))

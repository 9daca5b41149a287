"""Login through the identity provider: the server as its relying party (seed B4 to B8)."""

from starlette.requests import Request
from starlette.responses import Response

from .authorization_endpoint import AuthorizationEndpoint
from .id_token_rules import InvalidIdToken
from .oidc_client import ProviderProblem, RelyingParty
from .pages import PageError, redirect
from .parameters import Parameters, read_form, read_query
from .provider_context import OutOfDate, ProviderContext, Visit
from .provider_records import LoginInteraction, Upstream, UpstreamAttempt, UpstreamLogin


class UpstreamLoginEndpoint:
    """`/upstream/start`, which the button on the login page leads to, and `/upstream/callback`."""

    def __init__(
        self,
        context: ProviderContext,
        authorization: AuthorizationEndpoint,
        upstream: Upstream,
        relying_party: RelyingParty,
    ) -> None:
        self._context = context
        self._decisions = context.decisions
        self._authorization = authorization
        self._label = upstream.label
        self._relying_party = relying_party

    async def start(self, http: Request) -> Response:
        """POST: send the browser to the identity provider, with fresh state, nonce and PKCE (seed B5)."""
        form = await read_form(http)
        visit = self._context.visit(http)
        interaction_id = form.get("interaction", "")
        interaction = self._login_interaction(visit, interaction_id)
        parameters = self._decisions.upstream_parameters(interaction)
        attempt = self._relying_party.new_attempt(parameters)
        try:
            url = await self._relying_party.authorization_url(attempt, parameters)
        except ProviderProblem:
            message = f"{self._label} cannot be reached."
            return self._back_to_prompt(visit, interaction_id, interaction, message)
        self._decisions.remember_upstream_attempt(UpstreamAttempt(interaction.browser, interaction_id, attempt))
        return visit.finish(redirect(url))

    async def callback(self, http: Request) -> Response:
        """GET: take the identity provider's answer, once, in the browser that it was asked for (seed B7)."""
        answer = read_query(http)
        visit = self._context.visit(http)
        record = self._take_attempt(visit, answer)
        interaction = self._login_interaction(visit, record.interaction_id)
        try:
            await self._relying_party.check_response_issuer(answer)
            if "error" in answer or "code" not in answer:
                message = f"You were not logged in by {self._label}."
                return self._back_to_prompt(visit, record.interaction_id, interaction, message)
            tokens = await self._relying_party.redeem(answer["code"], record.attempt.verifier)
            id_token = str(tokens.get("id_token", ""))
            claims = await self._relying_party.validate(id_token, record.attempt)
        except (ProviderProblem, InvalidIdToken):
            message = f"The answer of {self._label} could not be used."
            return self._back_to_prompt(visit, record.interaction_id, interaction, message)
        if not self._decisions.upstream_login_is_fresh(interaction.request, record.attempt, claims):
            message = f"{self._label} did not ask for your password again."
            return self._back_to_prompt(visit, record.interaction_id, interaction, message)
        visit.look_again()
        self._login_interaction(visit, record.interaction_id)
        self._decisions.close_interaction(record.interaction_id)
        visit.session = self._decisions.log_in(
            visit.session,
            self._decisions.upstream_account(claims),
            auth_time=self._decisions.upstream_auth_time(claims),
            amr=self._decisions.upstream_amr(claims),
            upstream=UpstreamLogin(str(claims["iss"]), str(claims["sub"]), id_token, claims.get("sid")),
        )
        return visit.finish(self._authorization.proceed(visit, interaction.request, has_just_logged_in=True))

    def _take_attempt(self, visit: Visit, answer: Parameters) -> UpstreamAttempt:
        record = self._decisions.find_upstream_attempt(answer.get("state"))
        if record is None:
            raise OutOfDate
        if not self._decisions.belongs_to_browser(record, visit.browser):
            raise PageError(400, "This login was started in another browser. Please start again in this one.")
        self._decisions.close_upstream_attempt(record)
        return record

    def _login_interaction(self, visit: Visit, interaction_id: str) -> LoginInteraction:
        interaction = self._context.find_interaction(visit, interaction_id)
        if not isinstance(interaction, LoginInteraction):
            raise PageError(400, "This page does not wait for a login.")
        return interaction

    def _back_to_prompt(
        self, visit: Visit, interaction_id: str, interaction: LoginInteraction, message: str
    ) -> Response:
        visit.look_again()
        visit.session = self._decisions.session_after_upstream_failure(visit.session)
        interaction.message = message
        return visit.finish(redirect(f"/interaction/{interaction_id}"))

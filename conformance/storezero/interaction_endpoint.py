"""The pages that wait for a user: login, consent, and the question before a logout; all at `/interaction/{id}`.

Every page is a record of its own that holds its own request, so that two tabs never mix; the id in its address cannot
be guessed, and counts only in the browser that the page was opened in.
"""

from starlette.requests import Request
from starlette.responses import Response

from .authorization_decisions import PASSWORD, WITH_SECOND_FACTOR
from .authorization_endpoint import AuthorizationEndpoint
from .end_session_endpoint import EndSessionEndpoint
from .parameters import Parameters, read_form, read_query
from .provider_context import ProviderContext, Visit
from .provider_records import ConsentInteraction, LoginInteraction, LogoutInteraction, SecondFactorInteraction


class InteractionEndpoint:
    """Shows the pages and takes their answers."""

    def __init__(
        self, context: ProviderContext, authorization: AuthorizationEndpoint, end_session: EndSessionEndpoint
    ) -> None:
        self._context = context
        self._decisions = context.decisions
        self._authorization = authorization
        self._end_session = end_session

    async def show(self, http: Request) -> Response:
        """GET: show the page."""
        visit = self._context.visit(http)
        interaction = self._context.find_interaction(visit, http.path_params["id"])
        if isinstance(interaction, LoginInteraction):
            return visit.finish(self._login_page(visit, http.path_params["id"], interaction))
        if isinstance(interaction, SecondFactorInteraction):
            return visit.finish(self._second_factor_page(visit, http.path_params["id"], interaction))
        if not self._decisions.still_concerns(interaction, visit.session):
            return visit.finish(await self._start_over(visit, http.path_params["id"], interaction))
        if isinstance(interaction, LogoutInteraction):
            return visit.finish(self._context.page("logout", visit, interaction_id=http.path_params["id"]))
        return visit.finish(
            self._context.page(
                "consent",
                visit,
                interaction_id=http.path_params["id"],
                application=interaction.request.client.name,
                scopes=sorted(interaction.request.scope),
            )
        )

    async def answer(self, http: Request) -> Response:
        """POST: take what the user filled in or chose."""
        form = self._decisions.answered_fields(await read_form(http), read_query(http))
        visit = self._context.visit(http)
        interaction_id = http.path_params["id"]
        interaction = self._context.find_interaction(visit, interaction_id)
        if isinstance(interaction, LoginInteraction):
            return visit.finish(self._log_in(visit, interaction_id, interaction, form))
        half = isinstance(interaction, SecondFactorInteraction) and interaction.session is None
        if not half and not self._decisions.still_concerns(interaction, visit.session):
            return visit.finish(await self._start_over(visit, interaction_id, interaction))
        if isinstance(interaction, SecondFactorInteraction):
            return visit.finish(self._second_factor(visit, interaction_id, interaction, form))
        self._decisions.close_interaction(interaction_id)
        if isinstance(interaction, LogoutInteraction):
            return visit.finish(await self._log_out(visit, interaction, form))
        return visit.finish(self._consent(visit, interaction, form))

    def _log_in(self, visit: Visit, interaction_id: str, interaction: LoginInteraction, form: Parameters) -> Response:
        # Right credentials are a new standard login, whatever happened in other tabs since the page was opened (seed
        # A3).
        if self._decisions.is_cancelled(form):
            self._decisions.close_interaction(interaction_id)
            if not self._decisions.cancel_refuses(visit.session):
                return self._authorization.proceed(visit, interaction.request, has_just_logged_in=True)
            reply = interaction.request.reply
            return self._authorization.refuse(reply, "access_denied", "the user cancelled the login")
        account = self._decisions.authenticate(form)
        if account is None:
            interaction.message = "This user name and password do not belong together."
            return self._login_page(visit, interaction_id, interaction, form.get("username", ""))
        self._decisions.close_interaction(interaction_id)
        if not self._decisions.password_is_enough(interaction.request):
            visit.session = self._decisions.session_after_password(visit.session, account)
            return self._authorization.ask_for_second_factor(visit, interaction.request, account, None)
        now = self._context.clock.now()
        visit.session = self._decisions.log_in(visit.session, account, auth_time=now, amr=PASSWORD)
        if self._decisions.asks_to_be_remembered(form):
            self._decisions.remember(visit.session)
        return self._authorization.proceed(visit, interaction.request, has_just_logged_in=True)

    def _second_factor(
        self, visit: Visit, interaction_id: str, interaction: SecondFactorInteraction, form: Parameters
    ) -> Response:
        request, account = interaction.request, interaction.account
        if self._decisions.is_cancelled(form):
            self._decisions.close_interaction(interaction_id)
            return self._authorization.refuse(request.reply, "access_denied", "the user cancelled the second factor")
        if not self._decisions.second_factor_fits(account, form):
            interaction.message = "This is not the one-time password of now."
            return self._second_factor_page(visit, interaction_id, interaction)
        self._decisions.close_interaction(interaction_id)
        if interaction.session is not None:
            self._decisions.confirm_second_factor(interaction.session)
        else:
            now = self._context.clock.now()
            visit.session = self._decisions.log_in(visit.session, account, auth_time=now, amr=WITH_SECOND_FACTOR)
        return self._authorization.proceed(visit, request, has_just_logged_in=True)

    def _consent(self, visit: Visit, interaction: ConsentInteraction, form: Parameters) -> Response:
        if not self._decisions.consent_is_given(interaction, form):
            return self._authorization.refuse(interaction.request.reply, "access_denied", "the user refused consent")
        visit.session = self._decisions.session_for_consent(visit.session, interaction)
        self._decisions.remember_consent(interaction.request, interaction.session)
        return self._authorization.grant(visit, interaction.request)

    async def _log_out(self, visit: Visit, interaction: LogoutInteraction, form: Parameters) -> Response:
        if not self._decisions.logout_is_confirmed(form):
            return self._context.page("still_logged_in", visit)
        return await self._end_session.log_out(visit, interaction.logout)

    async def _start_over(
        self,
        visit: Visit,
        interaction_id: str,
        interaction: SecondFactorInteraction | ConsentInteraction | LogoutInteraction,
    ) -> Response:
        # The session that this page asked about has ended or is another user's by now: its answer counts for nobody.
        self._decisions.close_interaction(interaction_id)
        if isinstance(interaction, LogoutInteraction):
            return await self._end_session.begin(visit, interaction.logout, hint=None)
        return self._authorization.ask_for_login(visit, interaction.request)

    def _second_factor_page(self, visit: Visit, interaction_id: str, interaction: SecondFactorInteraction) -> Response:
        return self._context.page(
            "second_factor",
            visit,
            interaction_id=interaction_id,
            application=interaction.request.client.name,
            message=interaction.message,
        )

    def _login_page(
        self, visit: Visit, interaction_id: str, interaction: LoginInteraction, username: str = ""
    ) -> Response:
        upstream = self._context.config.upstream
        return self._context.page(
            "login",
            visit,
            interaction_id=interaction_id,
            application=interaction.request.client.name,
            message=interaction.message,
            username=username or interaction.request.login_hint,
            offers_to_remember=self._decisions.password_is_enough(interaction.request),
            upstream=upstream.label if upstream else "",
        )

"""The authorization endpoint: answers a request, or opens the page that must come first (Core 3.1.2)."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from .accounts import Account
from .authorization_request import AuthorizationError, read_authorization_request, read_reply_address
from .pages import redirect
from .parameters import read_parameters, with_query
from .provider_context import ProviderContext, Visit, repeat_as_get
from .provider_records import (
    AuthorizationRequest,
    ConsentInteraction,
    Interaction,
    LoginInteraction,
    ReplyAddress,
    SecondFactorInteraction,
    ServerSession,
    Ticket,
)

SilentError = Literal["login_required", "interaction_required", "consent_required"]


class AuthorizationEndpoint:
    """`/authorize`, and the steps from a request to its answer that the interaction pages come back to."""

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        self._decisions = context.decisions

    async def authorize(self, http: Request) -> Response:
        """Take an authorization request by GET or POST (seed A1)."""
        parameters = await read_parameters(http)
        again = repeat_as_get(http, parameters, self._context.session_cookie)
        if again is not None:
            return again
        visit = self._context.visit(http)
        reply = read_reply_address(parameters, self._context.clients, self._decisions)
        try:
            request = read_authorization_request(reply, parameters, self._decisions, self._context.verify_hint)
        except AuthorizationError as problem:
            return visit.finish(self.refuse(reply, problem.error, problem.description))
        return visit.finish(self.proceed(visit, request))

    def proceed(self, visit: Visit, request: AuthorizationRequest, *, has_just_logged_in: bool = False) -> Response:
        """Take the next step that this request still needs: login, consent, or the answer."""
        session = visit.session
        account = self._decisions.logged_in_account(session)
        if session is None or account is None:
            return self._ask_or_refuse(visit, request, "login_required")
        if has_just_logged_in:
            if not self._decisions.hint_matches(request, account):
                # Somebody else logged in than the application named: no answer about the wrong user (Core 3.1.2.1).
                return self.refuse(request.reply, "login_required", "another user logged in than id_token_hint names")
        elif self._decisions.needs_login(request, session) and not self._context.script.old_login:
            return self._ask_or_refuse(visit, request, "login_required")
        if self._decisions.needs_second_factor(request, session):
            return self._ask_or_refuse(visit, request, "interaction_required")
        if self._decisions.needs_consent(request, session):
            return self._ask_or_refuse(visit, request, "consent_required")
        return self.grant(visit, request)

    def ask_for_login(self, visit: Visit, request: AuthorizationRequest) -> Response:
        """Open a login page; the session that the seed creates at this point is created if there is none (seed A2)."""
        if visit.session is None:
            visit.session = self._decisions.create_session()
        return self._show(LoginInteraction(visit.mark_browser(), request))

    def ask_for_second_factor(
        self, visit: Visit, request: AuthorizationRequest, account: Account, session: ServerSession | None
    ) -> Response:
        """Open the page for the second factor; `session`: where the user is logged in, None after a password alone."""
        return self._show(SecondFactorInteraction(visit.mark_browser(), request, session, account))

    def grant(self, visit: Visit, request: AuthorizationRequest) -> Response:
        """Answer with what response_type asks for (seed A5)."""
        session = visit.session
        account = self._decisions.logged_in_account(session)
        if session is None or account is None:
            return self.ask_for_login(visit, request)
        self._decisions.note_participant(request, session)
        grant = self._decisions.make_grant(request, session, account)
        if request.response_type == "id_token":
            return self._answer(request.reply, {"id_token": self._context.id_token(grant)})
        return self._answer(request.reply, {"code": self._context.state.codes.put(Ticket(grant))})

    def refuse(self, reply: ReplyAddress, error: str, description: str) -> Response:
        """Answer with an error (Core 3.1.2.6)."""
        return self._answer(reply, {"error": error, "error_description": description})

    def _ask_or_refuse(self, visit: Visit, request: AuthorizationRequest, need: SilentError) -> Response:
        if self._decisions.must_be_silent(request):
            return self.refuse(request.reply, need, "this needs a page, and prompt=none forbids one")
        account = self._decisions.logged_in_account(visit.session)
        if need == "interaction_required" and account is not None:
            return self.ask_for_second_factor(visit, request, account, visit.session)
        if need == "login_required" or visit.session is None or account is None:
            return self.ask_for_login(visit, request)
        return self._show(ConsentInteraction(visit.mark_browser(), request, visit.session, account))

    def _show(self, interaction: Interaction) -> Response:
        return redirect(f"/interaction/{self._context.state.interactions.put(interaction)}")

    def _answer(self, reply: ReplyAddress, parameters: dict[str, str]) -> Response:
        answer = self._decisions.answer_parameters(reply, parameters)
        if reply.response_mode == "form_post":
            application = reply.client.name
            return self._context.page("form_post", action=reply.redirect_uri, fields=answer, application=application)
        if reply.response_mode == "fragment":
            return redirect(reply.redirect_uri + with_query("", answer).replace("?", "#", 1))
        return redirect(with_query(reply.redirect_uri, answer))

"""The token endpoint (Core 3.1.3, 12) and the userinfo endpoint (Core 5.3)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from secrets import compare_digest
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .oidc_client import ClientAuth
from .pages import PageError
from .parameters import Parameters, read_form
from .provider_context import ProviderContext
from .provider_records import Client, Grant, Ticket


class TokenRefusal(Exception):
    """An error answer of the token endpoint (RFC 6749 section 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class TokenEndpoint:
    """`/token` and `/userinfo`."""

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        self._decisions = context.decisions

    async def token(self, http: Request) -> Response:
        """POST: exchange a code or a refresh token."""
        try:
            form = await read_form(http)
            client = self._authenticate(http.headers.get("authorization", ""), form)
            if form.get("grant_type") == "authorization_code":
                return self._answer(self._redeem(client, form))
            if form.get("grant_type") == "refresh_token" and "refresh_token" in client.grant_types:
                return self._answer(self._refresh(client, form))
            raise TokenRefusal(
                "unsupported_grant_type", "expected authorization_code, or refresh_token where registered"
            )
        except PageError as problem:
            return _json(problem.status, {"error": "invalid_request", "error_description": problem.message})
        except TokenRefusal as problem:
            body = {"error": problem.error, "error_description": problem.description}
            return _json(problem.status, body, {"www-authenticate": "Basic"} if problem.status == 401 else {})

    async def userinfo(self, http: Request) -> Response:
        """GET or POST: the claims about the user for an access token in the Authorization header."""
        scheme, _, token = http.headers.get("authorization", "").partition(" ")
        grant = self._context.state.access_tokens.get(token) if scheme.lower() == "bearer" else None
        if grant is None or not self._decisions.grant_is_alive(grant):
            return _json(401, {"error": "invalid_token"}, {"www-authenticate": 'Bearer error="invalid_token"'})
        return _json(200, {"sub": grant.account.sub, "preferred_username": grant.account.username})

    def _redeem(self, client: Client, form: Parameters) -> Grant:
        ticket = self._usable(self._context.state.codes.get(form.get("code")), client)
        if not self._decisions.redirect_uri_fits(ticket.grant, form.get("redirect_uri")):
            raise TokenRefusal("invalid_grant", "redirect_uri is not the one of the authorization request")
        if not self._decisions.verifier_fits(ticket.grant, form.get("code_verifier")):
            raise TokenRefusal("invalid_grant", "code_verifier does not fit the authorization request")
        self._decisions.mark_used(ticket)
        return ticket.grant

    def _refresh(self, client: Client, form: Parameters) -> Grant:
        ticket = self._usable(self._context.state.refresh_tokens.get(form.get("refresh_token")), client)
        if not set(form.get("scope", "").split()) <= ticket.grant.scope:
            raise TokenRefusal("invalid_scope", "scope is more than what was granted")
        self._decisions.mark_used(ticket)
        return ticket.grant

    def _usable(self, ticket: Ticket | None, client: Client) -> Ticket:
        if ticket is None or not self._decisions.is_for_client(ticket.grant, client):
            raise TokenRefusal("invalid_grant", "unknown, expired, or given to another application")
        if not self._decisions.is_unused(ticket):
            self._decisions.punish_reuse(ticket)
            raise TokenRefusal("invalid_grant", "used already; what it gave is revoked")
        if not self._decisions.grant_is_alive(ticket.grant):
            raise TokenRefusal("invalid_grant", "the session that it came from has ended")
        return ticket

    def _answer(self, grant: Grant) -> Response:
        state = self._context.state
        answer: dict[str, object] = {
            "access_token": state.access_tokens.put(grant),
            "token_type": "Bearer",
            "expires_in": int(self._context.config.access_token_seconds),
            "scope": " ".join(sorted(grant.scope)),
            "id_token": self._context.id_token(grant),
        }
        if self._decisions.gives_refresh_token(grant.client):
            answer["refresh_token"] = state.refresh_tokens.put(Ticket(grant))
        return _json(200, answer)

    def _authenticate(self, authorization: str, form: Parameters) -> Client:
        client_id, secret, method = form.get("client_id", ""), form.get("client_secret"), ClientAuth.POST
        if authorization:
            client_id, secret = _basic_credentials(authorization)
            method = ClientAuth.BASIC
        elif secret is None:
            method = ClientAuth.NONE
        client = self._context.clients.get(client_id)
        if client is None or client.client_auth is not method:
            raise TokenRefusal("invalid_client", "unknown client, or not its registered way to authenticate", 401)
        expected = (client.client_secret or "").encode()
        if method is not ClientAuth.NONE and not compare_digest(expected, (secret or "").encode()):
            raise TokenRefusal("invalid_client", "wrong client secret", 401)
        return client


def _basic_credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        pair = b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    client_id, colon, secret = pair.partition(":")
    if not colon:
        raise TokenRefusal("invalid_client", "the Authorization header is not HTTP Basic", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def _json(status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(dict(body), status, headers={"cache-control": "no-store", **(headers or {})})

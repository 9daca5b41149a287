"""An application that does by hand what a relying party does, so that tests can do it wrong."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from sessionproof.conformance.storezero.clock import Clock
from sessionproof.conformance.storezero.oidc_client import ClientAuth, challenge_of
from sessionproof.conformance.storezero.parameters import with_query
from sessionproof.conformance.storezero.provider import OpenIDProvider
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import Client, ProviderConfig
from sessionproof.conformance.storezero.sessions import Lifetimes
from sessionproof.conformance.storezero.transport import InProcessTransport
from sessionproof.conformance.storezero.world import DEMO_PASSWORDS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .conftest import Browser, Page

ISSUER = "http://op.test"
CALLBACK = "http://app.test/callback"
LOGGED_OUT = "http://app.test/logged-out"
VERIFIER = "v" * 43

CLIENTS = tuple(
    Client(
        client_id=name,
        name=f"The application {name}",
        redirect_uris=(CALLBACK,),
        post_logout_redirect_uris=(LOGGED_OUT,),
        client_secret="a secret/with+signs" if auth is not ClientAuth.NONE else None,
        client_auth=auth,
        response_types=("code", "id_token") if name == "app" else ("code",),
        grant_types=("authorization_code", "refresh_token"),
        first_party=name != "stranger",
    )
    for name, auth in (("app", ClientAuth.BASIC), ("public", ClientAuth.NONE), ("stranger", ClientAuth.POST))
)


class Site:
    """One provider, and an application's site at which nothing happens."""

    def __init__(
        self,
        clock: Clock,
        run: Callable[[Any], Any],
        decisions: type[ProviderDecisions] = ProviderDecisions,
        lifetimes: Lifetimes | None = None,
    ) -> None:
        config = ProviderConfig("op", "The provider", ISSUER, CLIENTS, lifetimes=lifetimes or Lifetimes())
        self.provider = OpenIDProvider(config, passwords=DEMO_PASSWORDS, clock=clock, decisions=decisions)
        self._transport = InProcessTransport()
        self._transport.add({ISSUER: self.provider.app, "http://app.test": _nothing_happens()})
        self._run = run
        self._http = httpx.AsyncClient(transport=self._transport)

    def browser(self) -> Browser:
        return Browser(self._transport, self._run)

    def authorize(self, browser: Browser, client_id: str | None = "app", **changes: str | None) -> Page:
        """Make a correct authorization request with changes; None leaves a parameter out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        query = {name: value for name, value in parameters.items() if value is not None}
        return browser.visit(with_query(f"{ISSUER}/authorize", query))

    def log_in(self, browser: Browser, user: str = "alice", client_id: str = "app", **changes: str | None) -> Page:
        """Make an authorization request and log in."""
        return browser.log_in(self.authorize(browser, client_id, **changes), user)

    def tokens(self, code: str | None, client_id: str | None = "app", **changes: str | None) -> dict[str, Any]:
        """Redeem a code correctly, with changes; None leaves a parameter out."""
        return self.token_request(
            client_id,
            {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
            | changes,
        )

    def refresh(self, refresh_token: str, client_id: str = "app") -> dict[str, Any]:
        return self.token_request(client_id, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def token_request(self, client_id: str | None, form: Mapping[str, str | None]) -> dict[str, Any]:
        fields = {k: v for k, v in form.items() if v is not None}
        headers = {}
        if client_id == "app":
            # "app:a secret/with+signs", both halves form-encoded.
            headers["authorization"] = "Basic " + "YXBwOmErc2VjcmV0JTJGd2l0aCUyQnNpZ25z"
        else:
            fields["client_id"] = client_id or ""
        if client_id == "stranger":
            fields["client_secret"] = "a secret/with+signs"
        return dict(self._run(self._http.post(f"{ISSUER}/token", data=fields, headers=headers)).json())

    def claims(self, answer: Page, client_id: str = "app") -> dict[str, Any]:
        """Redeem the code of an answer; return the ID token's claims."""
        return claims_of(self.tokens(answer_of(answer)["code"], client_id)["id_token"])

    def userinfo(self, access_token: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {access_token}"}
        response: httpx.Response = self._run(self._http.get(f"{ISSUER}/userinfo", headers=headers))
        return response

    def end_session(self, browser: Browser, **parameters: str) -> Page:
        return browser.visit(with_query(f"{ISSUER}/end_session", parameters))


def answer_of(page: Page) -> dict[str, str]:
    """Return the parameters that the application received."""
    assert page.origin == "http://app.test", page.html
    return dict(parse_qsl(urlsplit(page.url).query or urlsplit(page.url).fragment or page.html))


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token without looking at its signature."""
    body = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def _nothing_happens() -> Starlette:
    async def echo(request: Request) -> Response:
        return Response(await request.body(), media_type="text/plain")

    return Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])

"""Looks at a target of which nothing is known but an address, for the target file that `sessionproof init` writes."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from .browser import Browser, Tab
from .buttons import describe
from .discovery import NEEDED, OPTIONAL, discover
from .forms import login_form
from .network import Network
from .problems import DiscoveryMismatch, FlowBroken
from .selectors import Selectors
from .urls import Origin


@dataclass(frozen=True)
class Published:
    """What a discovery document says that matters for a target file; `elsewhere`: other origins of its endpoints."""

    issuer: str
    elsewhere: tuple[str, ...]
    may_log_out: bool
    auth_methods: tuple[str, ...]
    document: dict[str, Any]


def published(network: Network, address: str) -> Published | None:
    """The discovery document at an address; None if there is none: it is an application then.

    Raises DiscoveryMismatch for a document of another issuer, and what Network.send raises.
    """
    url = address.rstrip("/") + "/.well-known/openid-configuration"
    answer = network.run(network.send(httpx.Request("GET", url, headers={"Accept": "application/json"})))
    try:
        document = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        document = None
    if not isinstance(document, dict) or "issuer" not in document:
        return None
    issuer = document["issuer"]
    if not isinstance(issuer, str) or issuer.rstrip("/") != address.rstrip("/"):
        raise DiscoveryMismatch(
            f"{url} is of issuer {str(issuer)[:200]!r}.", "Begin anew with that address, if it is the one you meant."
        )
    elsewhere = dict.fromkeys(
        str(origin)
        for name in (*NEEDED, *OPTIONAL)
        if (origin := _origin(document.get(name))) is not None and origin not in network
    )
    methods = document.get("token_endpoint_auth_methods_supported")
    names = tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",)
    return Published(issuer, tuple(elsewhere), "end_session_endpoint" in document, names, document)


def check_endpoints(network: Network, issuer: str) -> None:
    """Raise DiscoveryMismatch if the endpoints cannot be used; their origins must be reachable by now."""
    discover(network, issuer)


def find_login_form(network: Network, document: dict[str, Any], client_id: str, redirect_uri: str) -> str:
    """Begin a login and say what its page asks for.

    Raises FormNotFound where no login form is recognised, FlowBroken where the server refuses the client.
    """
    challenge = hashlib.sha256(secrets.token_urlsafe(32).encode()).digest()
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = str(document["authorization_endpoint"])
    url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"
    went = Browser(network).navigate(Tab(), "GET", url)
    if went.page is None:
        raise FlowBroken(
            f"A login for client {client_id!r} ended at {(went.foreign or 'nowhere').partition('?')[0][:200]}.",
            "Check client id and redirect URI as they are registered at the server.",
        )
    if went.page.status >= 400:
        raise FlowBroken(
            f"The server refuses a login for client {client_id!r} with status {went.page.status}: "
            f"{went.page.text[:200]}",
            "Check client id and redirect URI as they are registered at the server.",
        )
    form = login_form(went.page, Selectors())
    asked = [name for name, field in (("user name", form.username), ("password", form.password)) if field]
    return f"“{went.page.title}” asks for {' and '.join(asked)}" if went.page.title else describe(went.page)


def _origin(value: object) -> Origin | None:
    try:
        return Origin.of(str(value)) if value is not None else None
    except ValueError:
        return None

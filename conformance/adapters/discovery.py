"""Reads what an issuer publishes (OpenID Connect Discovery 1.0 section 4), and says plainly what is wrong with it."""

from __future__ import annotations

from typing import Any

import httpx

from .exchange import parsed
from .network import Network
from .page import shown
from .problems import DiscoveryMismatch
from .urls import Origin

NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("end_session_endpoint", "userinfo_endpoint")


def discover(network: Network, issuer: str) -> dict[str, Any]:
    """The discovery document of `issuer`. Raises DiscoveryMismatch, and what Network.send raises."""
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    answer = network.run(network.send(httpx.Request("GET", url, headers={"Accept": "application/json"})))
    hint = "Correct `issuer` in the target file: it is compared character by character (Discovery 4.3)."
    if answer.status != 200:
        raise DiscoveryMismatch(f"{url} answered {answer.status}; the discovery document was expected there.", hint)
    try:
        document = parsed(answer.body)
    except ValueError as error:
        raise DiscoveryMismatch(f"{url} is not JSON: {error}.", hint) from error
    if not isinstance(document, dict):
        raise DiscoveryMismatch(f"{url} holds {type(document).__name__}; a JSON object was expected.", hint)
    if document.get("issuer") != issuer:
        found = shown(repr(document.get("issuer")), 120)
        raise DiscoveryMismatch(f"{url} is of issuer {found}; the target file says {issuer!r}.", hint)
    for name in (*NEEDED, *OPTIONAL):
        _check_endpoint(network, document.get(name), name, required=name in NEEDED)
    return document


def _check_endpoint(network: Network, value: object, name: str, *, required: bool) -> None:
    if value is None and not required:
        return
    try:
        origin = Origin.of(str(value))
    except ValueError:
        raise DiscoveryMismatch(
            f"The discovery document has no usable {name}: found {shown(repr(value), 120)}.",
            "An absolute http or https address is expected (Discovery 3): correct the server's configuration.",
        ) from None
    if origin not in network:
        raise DiscoveryMismatch(
            f"The {name} is at {origin}, an origin that the target file does not name.",
            f'If it belongs to the target, add "{origin}" to `origins` in the target file.',
        )

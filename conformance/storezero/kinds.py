"""Storezero's further applications: the other kinds that the seed names, each a public client with PKCE.

Where the kinds differ is how they are registered, and where their answers arrive. What a browser meets is the same
shop: behind the native application's loopback address, behind the light backend of a single-page application, and, for
the one without a backend, in the page itself, whose storage is what the session cookie stands for here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .oidc_client import ClientAuth
from .provider_records import Client


@dataclass(frozen=True)
class Kind:
    """One application: its `title` for people, where it is, and whether it is a native one."""

    title: str
    origin: str
    native: bool = False


KINDS: Mapping[str, Kind] = {
    "native": Kind("Storezero App", "http://127.0.0.1:49152", native=True),
    "spa": Kind("Storezero Express", "http://spa.test"),
    "page": Kind("Storezero Page", "http://page.test"),
}
"""By client_id."""


def clients() -> tuple[Client, ...]:
    """How they are registered: without a secret, which nobody could keep in a page or on a telephone."""
    return tuple(
        Client(
            client_id=name,
            name=kind.title,
            redirect_uris=(f"{kind.origin}/callback",),
            post_logout_redirect_uris=(f"{kind.origin}/logged-out",),
            client_auth=ClientAuth.NONE,
            first_party=True,
            native=kind.native,
        )
        for name, kind in KINDS.items()
    )

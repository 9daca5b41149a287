"""The identity provider's ID tokens, as a server of Storezero's make keeps them: each is looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..storezero.provider import OpenIDProvider
from .probing import unverified_claims


class UpstreamTokens:
    """Tells which tokens are new, browser by browser."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def new(self, server: OpenIDProvider, browser: int, cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
        """What the token says that logged this browser in at the server since it was asked last; None without one.

        `cookies`: the browser's for the server.
        """
        login = server.upstream_login(cookies)
        if login is None or self._known.get(browser) == login.id_token:
            return None
        self._known[browser] = login.id_token
        return unverified_claims(login.id_token)

    def clear(self) -> None:
        """Fresh browsers."""
        self._known.clear()

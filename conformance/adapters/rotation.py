"""Keys that a server changes in the middle of a run (Core 10.1.1): a token that is signed with a new one is no forgery.

An application in the field asks for the keys again, though not for every forged token. A run cannot wait for that: it
asks once for each key that it has not heard of, and plays the flow again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from ..storezero.clock import Clock
from ..storezero.id_token_rules import IdTokenRules, InvalidIdToken
from ..storezero.oidc_client import RelyingParty
from ..storezero.tokens import TokenError
from .exchange import parsed
from .network import Network
from .page import shown
from .problems import KeysChanged


class PublishedKeys:
    """The keys of one server as they are published at `url`, asked for when a token names one that is not known."""

    def __init__(self, network: Network, url: str) -> None:
        """Nothing is asked for yet."""
        self.latest = KeySet([])
        self.asked_for: set[str] = set()
        """Ids of keys for which they were asked for."""
        self._network = network
        self._url = url

    def heed(self, party: RelyingParty, clock: Clock) -> None:
        """Let a relying party of ours go by them."""
        party.rules = _Renewing(party.config.issuer, party.config.client_id, clock, self)

    def ask(self) -> None:
        """Ask for them again; what is no key set leaves them as they are. Raises what Network.send raises."""
        answer = self._network.run(self._network.send(httpx.Request("GET", self._url)))
        with suppress(JoseError, AttributeError, KeyError, TypeError, ValueError):
            usable = [key for key in parsed(answer.body)["keys"] if key.get("use", "sig") == "sig"]
            self.latest = KeySet.import_key_set({"keys": usable})


class _Renewing(IdTokenRules):
    """The checks on an ID token, by the keys known to the relying party or those that were published since."""

    def __init__(self, issuer: str, client_id: str, clock: Clock, published: PublishedKeys) -> None:
        super().__init__(issuer, client_id, clock)
        self._published = published

    def verify_signature(self, id_token: str, keys: KeySet, algorithms: Sequence[str]) -> dict[str, Any]:
        """As the base class. Raises KeysChanged for a key that nobody has heard of, the first time."""
        try:
            return super().verify_signature(id_token, keys, algorithms)
        except TokenError:
            published, kid = self._published, _key_id(id_token)
            if kid in {key.kid for key in published.latest.keys}:
                return super().verify_signature(id_token, published.latest, algorithms)
            if kid and kid not in published.asked_for and kid not in {key.kid for key in keys.keys}:
                published.asked_for.add(kid)
                raise KeysChanged(
                    f"An ID token is signed with a key that was not published before: kid {shown(kid, 60)}.",
                    "Publish new keys some time before they are used (Core 10.1.1).",
                    published.ask,
                ) from None
            raise

    def _seconds(self, claims: Mapping[str, Any], name: str) -> float:
        try:
            return super()._seconds(claims, name)
        except OverflowError:
            raise InvalidIdToken(f"the {self.what} has a {name} that is no time: it is too large") from None


def _key_id(token: str) -> str:
    with suppress(JoseError, ValueError):
        kid = extract_compact(token.encode()).headers().get("kid")
        return kid if isinstance(kid, str) else ""
    return ""

"""Signing keys and signed tokens (JWS), on top of joserfc.

Keys are made once per process and party: tokens of an earlier process mean nothing to the next one, as nothing else
does.
"""

import json
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

Claims = Mapping[str, Any]

ALGORITHMS = ("ES256", "RS256", "EdDSA", "Ed25519")
"""What we verify: never `none`, and nothing symmetric, with which a client could sign for its provider."""

# RFC 9864 renamed EdDSA to Ed25519; providers in the field still say EdDSA, and the user cannot do anything about it.
warnings.filterwarnings("ignore", message="EdDSA is deprecated")


class TokenError(Exception):
    """A token that is not one of ours, or not signed by whom it should be; the message says what is wrong with it."""


@dataclass(frozen=True)
class SigningKey:
    """A private key with its id and the algorithm that it is used for."""

    alg: str
    kid: str
    key: Key

    def public_set(self) -> dict[str, Any]:
        """Return the JWKS document with the public half."""
        return {"keys": [{**self.key.as_dict(private=False), "alg": self.alg, "use": "sig"}]}


_signing_keys: dict[tuple[str, str], SigningKey] = {}


def signing_key(owner: str, alg: str = "ES256") -> SigningKey:
    """Return the key of `owner` for `alg` (ES256, RS256, EdDSA), generated at the first call in this process.

    Raises ValueError for another algorithm.
    """
    if (owner, alg) not in _signing_keys:
        _signing_keys[owner, alg] = _generate(alg)
    return _signing_keys[owner, alg]


def _generate(alg: str) -> SigningKey:
    key: Key
    if alg == "ES256":
        key = ECKey.generate_key("P-256", auto_kid=True)
    elif alg == "RS256":
        key = RSAKey.generate_key(2048, auto_kid=True)
    elif alg == "EdDSA":
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
    else:
        raise ValueError(f"no signing key for algorithm {alg!r}: expected one of ES256, RS256, EdDSA")
    return SigningKey(alg, str(key.kid), key)


def sign(claims: Claims, key: SigningKey, typ: str = "JWT") -> str:
    """Return the compact JWS of `claims`."""
    return jwt.encode({"alg": key.alg, "kid": key.kid, "typ": typ}, dict(claims), key.key, algorithms=[key.alg])


def unsigned(claims: Claims) -> str:
    """Return `claims` as a token that nobody signed (`alg: none`, RFC 7519 section 6), which nobody may accept."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, dict(claims)))
    return ".".join([urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]) + "."


def verify(token: str, keys: KeySet, algorithms: Sequence[str] = ALGORITHMS) -> dict[str, Any]:
    """Return the claims of a token signed by one of `keys`.

    Checks the signature only: what the claims say is for the caller to judge. Raises TokenError.
    """
    try:
        return dict(jwt.decode(token, keys, algorithms=list(algorithms)).claims)
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise TokenError(f"the signature of the token cannot be verified: {problem}") from problem

"""What an ID token says, taken at its word: the suite asks who it is, and leaves the checks to the party under test."""

from __future__ import annotations

import json
from typing import Any

from joserfc.jws import extract_compact


def unverified_claims(token: str) -> dict[str, Any]:
    """What a JWS says. Raises JoseError or ValueError for anything that is none."""
    claims = json.loads(extract_compact(token.encode()).payload)
    return claims if isinstance(claims, dict) else {}

"""Takes secrets out of text that is shown or written, in every form in which a target may send them back."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from html import escape
from json import dumps
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Characters of a secret that is looked for in base64: of a shorter one any word might hold it by chance."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def redacted(text: str, secrets: Mapping[str, str]) -> str:
    """The text with each of the secrets, by their names, replaced by `$NAME`.

    Also where it stands encoded for an address, a form, HTML or JSON, or in base64 (Basic authentication).
    """
    forms = {form: name for name, secret in secrets.items() for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, f"${forms[form]}")
    for found in set(_BASE64.findall(text)):
        inside = _decoded(found)
        if name := next((forms[form] for form in forms if len(form) >= SHORTEST and form in inside), ""):
            text = text.replace(found, f"${name} in base64")
    return text


def _forms(secret: str) -> Iterator[str]:
    yield from {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), dumps(secret)[1:-1]}


def _decoded(text: str) -> str:
    """What base64 of either alphabet says; empty for what is none."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return ""
    return b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")

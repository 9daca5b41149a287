"""Exchanges as `curl` lines that a person can follow: one cookie jar, and nothing secret."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from .exchange import Exchange

SECRETS = {
    "code", "id_token", "id_token_hint", "access_token", "refresh_token", "code_verifier", "client_secret", "password",
    "logout_token", "client_assertion", "request",
}  # fmt: skip
"""Parameters whose values are credentials: they are shown as `<name>`."""
_FORM = "application/x-www-form-urlencoded"
_PAIR = re.compile(r"(?<![^?&#\s])([^?&#=\s]+)=([^&#\s]*)")  # a name begins behind a mark: else it takes quadratic time


def curl_lines(exchanges: Iterable[Exchange], redact: Callable[[str], str] = str) -> Iterator[tuple[Exchange, str]]:
    """Each exchange with its line. `redact` takes out the secrets that the target file knows."""
    for exchange in exchanges:
        yield exchange, curl(exchange, redact)


def curl(exchange: Exchange, redact: Callable[[str], str] = str) -> str:
    """One line for a POSIX shell. Cookies are left to a jar; credentials are masked, whatever `redact` knows.

    curl gets the jar through standard input: a named one it reads once more at its end, which brings back cookies that
    the answer deleted (7.88). `<>` makes it where there is none yet.
    """
    words = ["curl", "-i", "-b", "-", "-c", "jar", masked(redact(exchange.url))]
    if exchange.request_headers.get("authorization"):
        words += ["-u", "$CLIENT_ID:$CLIENT_SECRET"]
    if exchange.request_body:
        kind = exchange.request_headers.get("content-type", _FORM).partition(";")[0].strip().lower()
        words += [] if kind == _FORM else ["-H", f"Content-Type: {kind}"]
        words += ["-d", _body(exchange.request_body.decode("utf-8", "replace"), kind, redact)]
    elif exchange.method != "GET":
        words += ["-X", exchange.method]
    return f"{shlex.join(words)} <>jar"


def _body(text: str, kind: str, redact: Callable[[str], str]) -> str:
    """What was posted, without credentials. JSON is taken apart for that, since quoting would hide them."""
    if kind.endswith("json"):
        with suppress(ValueError, RecursionError):
            return json.dumps(_masked_json(json.loads(text), redact), ensure_ascii=False)
    return masked(redact(text))


def _masked_json(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            masked(redact(name)): f"<{name}>" if _plain(name) in _PLAIN_SECRETS else _masked_json(inner, redact)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked_json(inner, redact) for inner in value]
    return masked(redact(value)) if isinstance(value, str) else value


def masked(text: str) -> str:
    """An address, or a form body, without the values of credentials; also where they stand in a nested address."""
    return _PAIR.sub(lambda pair: f"{pair[1]}={_mask(pair[1], pair[2])}", text)


def _plain(name: str) -> str:
    """Names are spelled in several ways in JSON: idToken, id_token."""
    return re.sub(r"[\W_]", "", name).lower()


_PLAIN_SECRETS = {_plain(name) for name in SECRETS}


def _mask(name: str, value: str) -> str:
    if name in SECRETS:
        return f"<{name}>"
    if any(f"{secret}%3D" in value or f"{secret}%3d" in value for secret in SECRETS):
        inner = set[str]()
        with suppress(ValueError):  # it is no address at all
            inner = {key for key, _ in parse_qsl(urlsplit(value).query)}
        return f"<address with {quote(', '.join(sorted(inner & SECRETS)) or 'credentials')}>"
    return value

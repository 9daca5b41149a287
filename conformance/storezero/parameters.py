"""Reading what a browser or a client sent: query strings and urlencoded forms, both hostile."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from .pages import PageError

Parameters = Mapping[str, str]

_MAX_BODY = 64 * 1024
_MAX_FIELDS = 100


class RepeatedParameter(PageError):
    """A parameter came twice, so that two readers could take different values for it (RFC 6749 section 3.1)."""

    def __init__(self, name: str) -> None:
        super().__init__(400, f"The parameter {name!r} was sent more than once; it must be sent once.")


def parse_parameters(text: str) -> dict[str, str]:
    """Return the parameters of a query string or form body; one without a value counts as omitted (RFC 6749 3.1).

    Raises RepeatedParameter, and PageError 400 for more fields than any of our forms has.
    """
    try:
        pairs = parse_qsl(text, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise PageError(400, f"The request has more than {_MAX_FIELDS} fields.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise RepeatedParameter(name)
        found[name] = value
    return found


def read_query(request: Request) -> dict[str, str]:
    """Return the parameters in the URL."""
    return parse_parameters(request.url.query)


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of the form in the body, and nothing of the URL. Raises PageError 400, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise PageError(415, f"The form came as {kind!r}; expected application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise PageError(413, f"The form is larger than {_MAX_BODY // 1024} KiB.")
    return parse_parameters(body.decode("utf-8", "replace"))


async def read_parameters(request: Request) -> dict[str, str]:
    """Return the parameters of an endpoint that takes GET and POST alike (Core 3.1.2.1, RP-Initiated Logout 2)."""
    return await read_form(request) if request.method == "POST" else read_query(request)


def with_query(url: str, parameters: Parameters) -> str:
    """Return `url` with the parameters added to its query, keeping what it has."""
    if not parameters:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?(/.*)?")
"""An address of this device itself, by number, and on which port (RFC 8252 section 7.3)."""


def without_port(uri: str) -> str:
    """Return a loopback address as it is on any port; every other one as it is."""
    found = LOOPBACK.fullmatch(uri)
    return uri if found is None else found[1] + (found[2] or "")

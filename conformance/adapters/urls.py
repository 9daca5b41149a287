"""Addresses as browsers read them: origins, sites and references (WHATWG URL, HTML "origin" and "site")."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple, Self
from urllib.parse import urljoin

import httpx

_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BEGINNING = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\\s\x00-\x1f\x7f]+(?=[/?#])")
"""Scheme, host and port of a plain address: what follows plays no part in the origin, and is different each time."""
_NOISE = "".join(map(chr, range(0x21)))  # C0 controls and the space, which browsers strip at both ends

FOREIGN = "http://foreign.invalid"
"""An address that nobody has registered."""


class Origin(NamedTuple):
    """Scheme, host and port: what keeps web sites apart in a browser."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str | httpx.URL) -> Self:
        """The origin of an absolute http or https address; ValueError for anything else."""
        try:
            found = _origin(str(url) if isinstance(url, httpx.URL) else url)
        except httpx.InvalidURL as error:
            raise ValueError(f"{url!r} is no address that can be requested: {error}") from error
        return cls(*found)

    @property
    def loopback(self) -> bool:
        """True if the host is this machine by its name or address; browsers trust it as they trust https."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        return self.is_address and ip_address(self.host).is_loopback

    @property
    def is_address(self) -> bool:
        """True if the host is an IP address."""
        return _is_address(self.host)

    @property
    def site(self) -> str:
        """Scheme and registrable domain, for `SameSite`.

        Without the public suffix list the registrable domain is taken to be the last two labels of the host.
        """
        labels = self.host.split(".")
        host = self.host if len(labels) < 3 or self.is_address else ".".join(labels[-2:])
        return f"{self.scheme}://{host}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


@lru_cache(maxsize=1024)
def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _origin(url: str) -> tuple[str, str, int]:
    beginning = _BEGINNING.match(url)
    return _parsed_origin(beginning[0] if beginning else url)


@lru_cache(maxsize=1024)
def _parsed_origin(url: str) -> tuple[str, str, int]:
    parsed = httpx.URL(url)
    if parsed.scheme not in _PORTS or not parsed.raw_host:
        raise ValueError(f"{url!r} is not an absolute http or https address")
    port = parsed.port or _PORTS[parsed.scheme]
    if port > 65535:
        raise ValueError(f"{url!r} is no address that can be requested: there is no port {port}")
    return parsed.scheme, parsed.raw_host.decode("ascii"), port


def resolve(base: str, reference: str) -> str:
    """The absolute address that a browser at `base` opens for `reference`: a Location, an action, an href.

    Follows the WHATWG URL standard where it differs from RFC 3986, because open redirects live in the difference:
    white space is dropped, a backslash is a slash, and any number of slashes before a host counts as two.
    """
    reference = re.sub(r"[\t\n\r]", "", reference.strip(_NOISE))
    cut = min((i for i in (reference.find("?"), reference.find("#")) if i >= 0), default=len(reference))
    head, tail = reference[:cut], reference[cut:]
    scheme = _SCHEME.match(head)
    if scheme and scheme[1].lower() not in _PORTS:
        return reference
    rest = head[scheme.end() if scheme else 0 :].replace("\\", "/")
    if scheme and (rest.startswith("//") or not base.startswith(scheme[1].lower() + ":")):
        return f"{scheme[1].lower()}://{rest.lstrip('/')}{tail}"
    if rest.startswith("//"):
        rest = "//" + rest.lstrip("/")
    try:
        return urljoin(base.partition("#")[0], rest + tail)
    except ValueError:  # no address at all, such as //[
        return reference

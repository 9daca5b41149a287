"""The cookies that one browser holds for one origin (RFC 6265, and what browsers do beyond it).

Own code, because the standard library's jar knows neither SameSite nor name prefixes nor a clock, and takes 0.1 ms more
for each request. A real browser shares cookies between the ports of one host, and between hosts of one domain; here
each origin has a jar of its own, so that parties that all listen on 127.0.0.1 cannot overwrite each other's cookies.
"""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import Self

from .urls import Origin

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PATH = re.compile(r"[^/?#]*//[^/?#]*([^?#]*)")
_MAX_AGE = re.compile(r"-?\d{1,12}")
_MAX_SIZE = 4096  # characters of name and value together, as browsers allow
_MAX_COOKIES = 180  # of one host, as browsers allow


@dataclass(frozen=True, slots=True)
class Cookie:
    """A stored cookie.

    domain -- of the Domain attribute; "" for a cookie of this host alone.
    expires -- seconds since the epoch; None for a session cookie.
    same_site -- the attribute in lower case; None if it was not set.
    """

    name: str
    value: str
    domain: str
    path: str
    expires: float | None
    secure: bool
    http_only: bool
    same_site: str | None


class Jar:
    """One origin's cookies. `header` and `take` are what a browser does before a request and after its answer."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._cookies: dict[tuple[str, str, str], Cookie] = {}  # by name, domain and path, the oldest first
        self._used: dict[tuple[str, str, str], int] = {}
        self._requests = 0
        self._ahead = 0.0
        self._trusted = origin.scheme == "https" or origin.loopback

    def header(self, url: str, method: str = "GET", *, cross_site: bool = False) -> str | None:
        """The Cookie header for a navigation to `url`; None if no cookie fits (RFC 6265 5.4).

        cross_site -- the document whose link or form led here is of another site, which keeps back cookies that are
            `SameSite=Strict`, and on anything but GET those that are `SameSite=Lax`. A cookie without the attribute is
            always sent: browsers differ there.
        """
        if not self._cookies:
            return None
        path, now = _path(url), self._now()
        held_back = {"strict"} if method == "GET" else {"strict", "lax"}
        fitting = [
            (key, cookie)
            for key, cookie in self._cookies.items()
            if (cookie.expires is None or cookie.expires > now)
            and _covers(cookie.path, path)
            and (self._trusted or not cookie.secure)
            and not (cross_site and cookie.same_site in held_back)
        ]
        self._requests += 1
        self._used.update((key, self._requests) for key, _ in fitting)
        fitting.sort(key=lambda pair: -len(pair[1].path))
        return "; ".join(f"{cookie.name}={cookie.value}" for _, cookie in fitting) or None

    def take(self, url: str, set_cookie: Iterable[str]) -> None:
        """Stores, replaces and deletes cookies as the Set-Cookie lines of the answer from `url` say (RFC 6265 5.3)."""
        for line in set_cookie:
            cookie = self._parsed(line, _path(url))
            if cookie is None:
                continue
            key = (cookie.name, cookie.domain, cookie.path)
            if cookie.expires is not None and cookie.expires <= self._now():
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = cookie
                self._used[key] = self._requests
        while len(self._cookies) > _MAX_COOKIES:
            # As browsers do: what was not sent for longest goes first, so a session in use stays.
            del self._cookies[min(self._cookies, key=lambda key: self._used.get(key, 0))]

    def __iter__(self) -> Iterator[Cookie]:
        now = self._now()
        return iter([c for c in self._cookies.values() if c.expires is None or c.expires > now])

    def copy(self, without: str | None = None) -> Self:
        """An independent jar with the same cookies, `without` those of one name (which of them is the session?)."""
        twin = type(self)(self.origin)
        twin._cookies = {key: cookie for key, cookie in self._cookies.items() if cookie.name != without}
        twin._used, twin._requests, twin._ahead = dict(self._used), self._requests, self._ahead
        return twin

    def restart(self) -> None:
        """The browser was closed and opened again: session cookies are gone."""
        self._cookies = {key: cookie for key, cookie in self._cookies.items() if cookie.expires is not None}

    def age(self, seconds: float) -> None:
        """Lets that much time pass for the jar, beside the real clock (for parties with a clock of their own)."""
        self._ahead += seconds

    def _now(self) -> float:
        return time.time() + self._ahead

    def _parsed(self, line: str, request_path: str) -> Cookie | None:
        """The cookie of a Set-Cookie line; None if browsers ignore it (RFC 6265 5.2)."""
        pair, *rest = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals) or _CONTROL.search(line) or len(name) + len(value) > _MAX_SIZE:
            return None
        said = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
        domain = said.get("domain", "").lower().removeprefix(".")
        path = said.get("path", "")
        if not path.startswith("/"):
            path = request_path.rpartition("/")[0] or "/"
        secure, prefix = "secure" in said, name.lower()
        if (domain and not self._may_set(domain)) or (prefix.startswith(("__host-", "__secure-")) and not secure):
            return None
        if prefix.startswith("__host-") and (domain or path != "/"):
            return None
        same_site = said.get("samesite", "").lower() or None
        return Cookie(name, value, domain, path, self._expiry(said), secure, "httponly" in said, same_site)

    def _may_set(self, domain: str) -> bool:
        host = self.origin.host
        return domain == host or (host.endswith("." + domain) and "." in domain and not self.origin.is_address)

    def _expiry(self, said: dict[str, str]) -> float | None:
        if _MAX_AGE.fullmatch(said.get("max-age", "")):
            return self._now() + int(said["max-age"])
        return _seconds(said["expires"]) if "expires" in said else None


def _seconds(date: str) -> float | None:
    """A date of an Expires attribute in any of its spellings; None, as if it were absent, if it is no date."""
    parts = parsedate_tz(date)
    try:
        return timegm(parts[:6]) if parts else None
    except (ValueError, OverflowError):
        return None


def _path(url: str) -> str:
    found = _PATH.match(url)
    return (found[1] if found else "") or "/"


def _covers(cookie_path: str, path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path if cookie_path.endswith("/") else cookie_path + "/")

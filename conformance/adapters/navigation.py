"""What a browser goes through on its way to a page: requests, hops, and the tab in which it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .page import Page
from .urls import Origin


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a navigation, and its answer.

    location -- where it sent the browser next, absolute: by redirect, refresh, or a form that submitted itself.
    fields -- what was posted; of a repeated name the last value.
    """

    method: str
    url: str
    status: int
    location: str | None
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Navigation:
    """All hops of one navigation and how it ended: with a page, stopped, or at a foreign origin.

    page -- what stands still in the tab; None if the navigation ended otherwise.
    stopped_at -- the address that `stop` wanted to keep from being requested.
    foreign -- an address that is not of this network, which was not requested: another origin, another scheme such as
        a native application's, or something that is no address at all. Hostile: `page.shown` makes it fit to print.
    fields -- what would have been posted there (form post response mode), else empty.
    """

    hops: tuple[Hop, ...]
    page: Page | None = None
    stopped_at: str | None = None
    foreign: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def joined(first: Navigation, then: Navigation) -> Navigation:
    """Two navigations of one step as one: all hops, and the end of the second."""
    return replace(then, hops=(*first.hops, *then.hops))


@dataclass(slots=True)
class Tab:
    """One tab: the page that stands still in it, and the pages before it, the latest last."""

    page: Page | None = None
    history: deque[Page] = field(default_factory=lambda: deque(maxlen=20))

    def show(self, page: Page) -> None:
        """Puts a page in front of the present one."""
        if self.page is not None:
            self.history.append(self.page)
        self.page = page

    def back(self) -> Page | None:
        """Shows the page before again, from memory, as the back button may; None if there is none."""
        if not self.history:
            return None
        self.page = self.history.pop()
        return self.page


@dataclass(frozen=True, slots=True)
class Request:
    """The next hop.

    tainted -- a redirect across origins lost the origin of the post (Fetch, "tainted origin").
    body -- what to send, of the kind `enctype`, if a script or another browser has made it already from `fields`.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    enctype: str = ""
    referrer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tainted: bool = False
    body: bytes = field(default=b"", repr=False)

    def redirected(self, status: int, location: str) -> Request:
        """The request after a redirect (Fetch, "HTTP-redirect fetch"): a post becomes a GET, except by 307 and 308."""
        _, mark, fragment = self.url.partition("#")
        url = location if "#" in location else location + mark + fragment
        if status in (307, 308):
            return replace(self, url=url, headers={}, tainted=self.tainted or not same_origin(self.url, location))
        return Request("HEAD" if self.method == "HEAD" else "GET", url, referrer=self.referrer)


def same_origin(one: str, other: str) -> bool:
    """True if both addresses are of one origin, or neither is of any."""
    return origin_of(one) == origin_of(other)


def origin_of(url: str | None) -> Origin | None:
    """The origin of an address, None if it is not an absolute http or https address."""
    try:
        return Origin.of(url) if url else None
    except ValueError:
        return None

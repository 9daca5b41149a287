"""An answer that a browser shows, and what can be read from it. Everything in it comes from the server: hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

import httpx
from selectolax.lexbor import LexborHTMLParser

from .controls import Form, Link, base_of, forms_of, links_of
from .urls import Origin, resolve

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
# Others of Python's codecs are no character sets, or take quadratic time on hostile input.
_SAFE = re.compile(r"utf-?(8|16)|us-ascii|iso-?8859|latin|windows-|cp125|koi8|gb|big5|shift|euc", re.IGNORECASE)
_REFRESH = re.compile(r"""\s*(\d{1,9})(?:\.\d*)?\s*[;,]\s*url\s*=\s*["']?([^"']+)""", re.IGNORECASE)
_SCRIPTED = "script, [onload], [onclick], [onsubmit], [onchange], a[href^='javascript:']"
_PARSED = 512 * 1024  # characters; the parser takes quadratic time on pages that are made to hurt it
_REFRESH_LIMIT = 10  # seconds; a page that stays longer is meant to be read


@dataclass(frozen=True)
class Page:
    """What stands still in a tab. Parsed only when asked, so that pages nobody reads cost nothing.

    url -- address in the location bar, with its fragment.
    """

    url: str
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @cached_property
    def origin(self) -> Origin:
        """Where the page comes from."""
        return Origin.of(self.url)

    @property
    def failed(self) -> bool:
        """True for a client or server error status (400 to 599)."""
        return self.status >= 400

    @cached_property
    def media_type(self) -> str:
        """The media type without parameters in lower case; text/html if the server sent none."""
        declared: str = self.headers.get("content-type", "text/html")
        return declared.partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """True if the page may have forms and links."""
        return self.media_type in ("text/html", "application/xhtml+xml")

    @property
    def has_scripts(self) -> bool:
        """True if scripts of the page may change it, which they have not done."""
        return self.tree.css_first(_SCRIPTED) is not None

    @property
    def blocked(self) -> tuple[str, ...]:
        """Origins that the page wanted something of and that the target file does not name."""
        return ()

    @cached_property
    def source(self) -> str:
        """The body as text; bytes that do not fit the character set are replaced."""
        declared = re.search(r"charset\s*=\s*[\"']?([\w-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        in_page = None if declared else _CHARSET.search(self.body[:1024])
        charset = declared[1] if declared else in_page[1].decode("ascii", "replace") if in_page else "utf-8"
        try:
            return self.body.decode(charset if _SAFE.match(charset) else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed document, of its first 512 Ki characters; empty for anything but HTML. Do not change it."""
        return LexborHTMLParser(self.source[:_PARSED] if self.is_html else "")

    @cached_property
    def title(self) -> str:
        """The title, on one line; "" if there is none."""
        node = self.tree.css_first("title")
        return shown(node.text()) if node else ""

    @cached_property
    def text(self) -> str:
        """The readable text on one line, without scripts and styles (which may still be hidden by a style sheet)."""
        tree = LexborHTMLParser(self.source[:_PARSED] if self.is_html else "")
        tree.strip_tags(["script", "style", "template", "noscript", "title"])
        return shown(tree.body.text(separator=" "), limit=20_000) if tree.body else ""

    @cached_property
    def forms(self) -> list[Form]:
        """All forms in document order."""
        return forms_of(self.tree, self.url)

    @cached_property
    def links(self) -> list[Link]:
        """All links in document order."""
        return links_of(self.tree, self.url)

    @cached_property
    def frames(self) -> list[str]:
        """Absolute addresses of all inline frames (Front-Channel Logout 1.0 section 3 renders these)."""
        base = base_of(self.tree, self.url)
        return [resolve(base, n.attributes["src"] or "") for n in self.tree.css("iframe[src]")]

    @cached_property
    def refresh(self) -> str | None:
        """Where the page sends the browser within 10 seconds by a Refresh header or `<meta http-equiv=refresh>`."""
        content = self.headers.get("refresh", "")
        if not content and self.is_html and b"refresh" in self.body.lower():
            metas = self.tree.css("meta[http-equiv][content]")
            refreshing = (n for n in metas if (n.attributes["http-equiv"] or "").lower() == "refresh")
            content = next((n.attributes["content"] or "" for n in refreshing), "")
        found = _REFRESH.match(content)
        return resolve(base_of(self.tree, self.url), found[2]) if found and int(found[1]) <= _REFRESH_LIMIT else None


def shown(text: str, limit: int = 80) -> str:
    """Text of a server made fit for a terminal or a log: one line, no control characters, at most `limit` long."""
    clean = "".join(c if c.isprintable() else " " for c in text[: limit * 20])
    line = " ".join(clean.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"

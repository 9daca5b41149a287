"""One cookie of one party, always set and deleted with the same attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

SameSite = Literal["lax", "strict", "none"]


@dataclass
class Cookie:
    """A host-only cookie: HttpOnly, SameSite=Lax, Secure where the party is served over https.

    `http_only`, `same_site`: the attributes, where a party decides to set others.

    Lax is what lets a login work: the way back from another site is a top-level GET, on which browsers send it; they
    do not send it on another site's POST.
    """

    name: str
    secure: bool
    http_only: bool = True
    same_site: SameSite | None = "lax"

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """Return its value among a browser's cookies, or None."""
        return cookies.get(self.name)

    def set(self, response: Response, value: str, max_age: int | None = None) -> None:
        """Give the browser a value, for `max_age` seconds; None: until it is closed."""
        response.set_cookie(
            self.name, value, max_age, path="/", secure=self.secure, httponly=self.http_only, samesite=self.same_site
        )

    def delete(self, response: Response) -> None:
        """Take the cookie away; a deletion with other attributes would leave it where it is."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=self.http_only, samesite=self.same_site
        )

    def follow(self, response: Response, before: str | None, after: str | None, max_age: int | None = None) -> None:
        """Tell the browser how the value changed during a request: `before` was valid then, `after` is valid now."""
        if after is None and before is not None:
            self.delete(response)
        elif after is not None and after != before:
            self.set(response, after, max_age)

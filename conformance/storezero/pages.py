"""HTML pages: templates compiled once, every value escaped, no page cached by anybody or framed by anybody."""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)

# Pages say who is logged in, so no cache may keep them; "same-origin" keeps interaction ids out of foreign logs, while
# "no-referrer" would make browsers send `Origin: null` with our own forms.
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class PageError(Exception):
    """A request that ends in an error page: an HTTP status and a sentence for the person who reads it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def page(template: str, *, status: int = 200, party: str, user: str = "", **values: object) -> HTMLResponse:
    """Return the rendered page `template`.html. `party` names the site in its header, `user` who is logged in there."""
    html = _templates.get_template(f"{template}.html").render(party=party, user=user, **values)
    return HTMLResponse(html, status, headers=_HEADERS)


def redirect(url: str) -> RedirectResponse:
    """Return a redirect that is followed with GET, whatever the request was (303), and never cached."""
    return RedirectResponse(url, 303, headers={"cache-control": "no-store"})


class ErrorPages:
    """Turns PageError into the party's error page; registered as the exception handler of its application."""

    def __init__(self, party: str, user_of: Callable[[Mapping[str, str]], str]) -> None:
        """`user_of` names who is logged in, from a browser's cookies and without counting a visit; empty for nobody."""
        self._party = party
        self._user_of = user_of

    async def __call__(self, request: Request, problem: Exception) -> Response:
        """Return the error page for `problem`, with a link home."""
        if isinstance(problem, HTTPException):
            problem = PageError(problem.status_code, problem.detail)
        if not isinstance(problem, PageError):
            raise problem
        user = self._user_of(request.cookies)
        return page("error", status=problem.status, party=self._party, user=user, message=problem.message)

"""Two parties whose answers a test sets, and a browser before them."""

from dataclasses import dataclass, field

from sessionproof.conformance.adapters.browser import Browser, Navigation, Tab
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

AS, SHOP = "http://as.test", "http://shop.test"


@dataclass
class Site:
    """A party whose answers a test sets by path, and that remembers how it was asked."""

    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append((request.method, path, dict(request.headers), await request.body()))
        return self.answers.get(request.url.path, HTMLResponse(f"<title>{path}</title>"))

    @property
    def headers(self) -> dict[str, str]:
        return self.asked[-1][2]


@dataclass
class Web:
    """Two parties, and a browser with one tab."""

    server: Site
    shop: Site
    browser: Browser
    tab: Tab = field(default_factory=Tab)

    def get(self, url: str, **options: object) -> Navigation:
        return self.browser.navigate(self.tab, "GET", url, **options)  # type: ignore[arg-type]

    def post(self, url: str, **options: object) -> Navigation:
        return self.browser.navigate(self.tab, "POST", url, **options)  # type: ignore[arg-type]

    def set_cookie(self, *lines: str, path: str = "/", origin: str = AS) -> dict[str, str]:
        """Lets the origin set cookies by its answer at `path`; gives the cookies that the browser then has."""
        site = self.server if origin == AS else self.shop
        response = HTMLResponse("")
        for line in lines:
            response.headers.append("set-cookie", line)
        site.answers[path] = response
        self.get(origin + path)
        return self.browser.cookies(origin)


def to(location: str, status: int = 302) -> Response:
    return Response(status_code=status, headers={"location": location})

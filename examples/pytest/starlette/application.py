"""A small Starlette application that logs its users in with Authlib; its session is in a signed cookie."""

import os
from urllib.parse import urlencode

from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = os.environ.get("ISSUER", "http://127.0.0.2:8551")

server = OAuth().register(
    "server",
    client_id="app",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "token_endpoint_auth_method": "none"},
)


def page(request: Request, title: str) -> Response:
    """A page that shows who is logged in."""
    name = request.session.get("user", "")
    shown = f"<p>Logged in as <b id=user>{name}</b></p>" if name else ""
    return HTMLResponse(f"<title>{title}</title>{shown}<a href=/logout>Log out</a>")


async def home(request: Request) -> Response:
    return page(request, "Home")


async def account(request: Request) -> Response:
    if "user" in request.session:
        return page(request, "My account")
    return await server.authorize_redirect(request, str(request.url_for("callback")))


async def callback(request: Request) -> Response:
    try:
        token = await server.authorize_access_token(request)
    except OAuthError as error:
        return HTMLResponse(f"<title>Login failed</title>{error.error}", 400)
    request.session.clear()
    request.session.update(user=token["userinfo"]["preferred_username"], id_token=token["id_token"])
    return RedirectResponse("/account", 303)


async def logout(request: Request) -> Response:
    hint = request.session.pop("id_token", "")
    request.session.clear()
    metadata = await server.load_server_metadata()
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": str(request.url_for("home"))})
    return RedirectResponse(f"{metadata['end_session_endpoint']}?{query}", 303)


async def local_logout(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse("/", 303)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/account", account),
        Route("/callback", callback),
        Route("/logout", logout),
        Route("/local-logout", local_logout),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key=os.environ.get("COOKIE_KEY", "only-for-tests"))],
)

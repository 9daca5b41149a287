"""A small Django project in one file that logs its users in with Authlib; its session is in a signed cookie."""

import os
from urllib.parse import urlencode

import django
from authlib.integrations.base_client import OAuthError
from django.conf import settings

ISSUER = os.environ.get("ISSUER", "http://127.0.0.2:8552")

settings.configure(
    ALLOWED_HOSTS=["app.test"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("COOKIE_KEY", "only-for-tests"),
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)
django.setup()

from authlib.integrations.django_client import OAuth  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.urls import path  # noqa: E402

server = OAuth().register(
    "server",
    client_id="app",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "token_endpoint_auth_method": "none"},
)


def page(request: HttpRequest, title: str) -> HttpResponse:
    """A page that shows who is logged in."""
    name = request.session.get("user", "")
    shown = f"<p>Logged in as <b id=user>{name}</b></p>" if name else ""
    return HttpResponse(f"<title>{title}</title>{shown}<a href=/logout>Log out</a>")


def home(request: HttpRequest) -> HttpResponse:
    return page(request, "Home")


def account(request: HttpRequest) -> HttpResponse:
    if "user" in request.session:
        return page(request, "My account")
    return server.authorize_redirect(request, request.build_absolute_uri("/callback"))


def callback(request: HttpRequest) -> HttpResponse:
    try:
        token = server.authorize_access_token(request)
    except OAuthError as error:
        return HttpResponse(f"<title>Login failed</title>{error.error}", status=400)
    request.session.flush()
    request.session.update({"user": token["userinfo"]["preferred_username"], "id_token": token["id_token"]})
    return HttpResponseRedirect("/account")


def logout(request: HttpRequest) -> HttpResponse:
    hint = request.session.get("id_token", "")
    request.session.flush()
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": request.build_absolute_uri("/")})
    return HttpResponseRedirect(f"{server.load_server_metadata()['end_session_endpoint']}?{query}")


def local_logout(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect("/")


urlpatterns = [
    path("", home),
    path("account", account),
    path("callback", callback),
    path("logout", logout),
    path("local-logout", local_logout),
]

app = get_asgi_application()

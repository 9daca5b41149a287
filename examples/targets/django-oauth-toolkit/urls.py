"""The pages of the site: a start page, Django's login, and django-oauth-toolkit below /o/ as documented."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import escape


def home(request: HttpRequest) -> HttpResponse:
    """Who is logged in."""
    return HttpResponse(f"<title>Home</title><p>{escape(request.user.get_username()) or 'Nobody'} is logged in.</p>")


urlpatterns = [
    path("", home),
    path("accounts/", include("django.contrib.auth.urls")),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

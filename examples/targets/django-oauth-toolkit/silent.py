"""What a site has to write itself for `prompt=none`: oauthlib asks its validator two questions that it cannot answer.

Without these classes (`--stock`) django-oauth-toolkit 3.4.1 answers `prompt=none` with status 500.
"""

from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

_USER = "django-user"


class Backend(OAuthLibCore):
    """Tells the validator who is logged in."""

    def extract_headers(self, request: HttpRequest) -> dict:
        """The headers, and the key of the user; "" if nobody is logged in."""
        return {**super().extract_headers(request), _USER: str(request.user.pk or "")}


class Validator(OAuth2Validator):
    """Silent answers for those who are logged in and have allowed the application."""

    def validate_silent_login(self, request: Request) -> bool:
        """Whether somebody is logged in."""
        return bool(request.headers[_USER])

    def validate_silent_authorization(self, request: Request) -> bool:
        """Whether the authorization page would let the request pass (REQUEST_APPROVAL_PROMPT "auto")."""
        tokens = get_access_token_model().objects.filter(
            user_id=request.headers[_USER], application=request.client, expires__gt=timezone.now()
        )
        return any(token.allow_scopes(request.scopes) for token in tokens)

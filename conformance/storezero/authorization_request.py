"""Reading an authorization request: what is wrong with it, and whether its sender can be told (Core 3.1.2.1, 3.1.2.6).

First the reply address: an unknown client or an unregistered redirect URI ends in a page of ours, never in a redirect
(RFC 6749 section 4.1.2.1). Every later mistake is the application's to hear about.
"""

from collections.abc import Callable, Mapping
from typing import Literal, cast

from .oidc_client import ClientAuth, ResponseType
from .pages import PageError
from .parameters import Parameters
from .provider_decisions import ProviderDecisions
from .provider_records import AuthorizationRequest, Client, ReplyAddress
from .tokens import Claims, TokenError

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
RESPONSE_MODES = frozenset({"query", "fragment", "form_post"})


class AuthorizationError(Exception):
    """An error that goes back to the application as `error` and `error_description`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def read_reply_address(
    parameters: Parameters, clients: Mapping[str, Client], decisions: ProviderDecisions
) -> ReplyAddress:
    """Return where the answer may be sent. Raises PageError 400 when that cannot be trusted."""
    client = clients.get(parameters.get("client_id", ""))
    if client is None:
        raise PageError(400, "The application that sent you here is not registered (client_id).")
    redirect_uri = parameters.get("redirect_uri", "")
    if not decisions.is_registered_redirect_uri(client, redirect_uri):
        raise PageError(400, f"{client.name} wants its answer at an address that it has not registered (redirect_uri).")
    mode = parameters.get("response_mode", "")
    if mode not in RESPONSE_MODES or (mode == "query" and parameters.get("response_type") == "id_token"):
        # The mode is wrong or not given: answer, or complain, in the default mode of the response type.
        mode = "fragment" if parameters.get("response_type") == "id_token" else "query"
    return ReplyAddress(
        client, redirect_uri, cast(Literal["query", "fragment", "form_post"], mode), parameters.get("state")
    )


def read_authorization_request(
    reply: ReplyAddress,
    parameters: Parameters,
    decisions: ProviderDecisions,
    verify_hint: Callable[[str], Claims],
) -> AuthorizationRequest:
    """Return the request that `parameters` make. Raises AuthorizationError; `verify_hint` may raise TokenError."""
    for name in ("request", "request_uri"):
        if name in parameters:
            raise AuthorizationError(f"{name}_not_supported", f"{name} is not supported")
    response_type = _response_type(reply, parameters)
    return AuthorizationRequest(
        reply=reply,
        response_type=response_type,
        scope=_scope(parameters),
        nonce=_nonce(parameters, response_type),
        prompt=_prompt(parameters, decisions),
        max_age=_max_age(parameters),
        hint=_hint(parameters, verify_hint),
        login_hint=parameters.get("login_hint", ""),
        code_challenge=_code_challenge(parameters, response_type, reply.client),
        acr_values=frozenset(parameters.get("acr_values", "").split()),
    )


def _response_type(reply: ReplyAddress, parameters: Parameters) -> ResponseType:
    found = parameters.get("response_type")
    if found is None:
        raise AuthorizationError("invalid_request", "response_type is missing")
    if found not in ("code", "id_token"):
        raise AuthorizationError("unsupported_response_type", "response_type must be code or id_token")
    if found not in reply.client.response_types:
        raise AuthorizationError("unauthorized_client", f"this application is not registered for response_type={found}")
    if parameters.get("response_mode", reply.response_mode) != reply.response_mode:
        modes = "query (not for id_token), fragment or form_post"
        raise AuthorizationError("invalid_request", f"response_mode must be {modes}")
    return found


def _scope(parameters: Parameters) -> frozenset[str]:
    scope = frozenset(parameters.get("scope", "").split())
    if "openid" not in scope:
        raise AuthorizationError("invalid_scope", "scope must contain openid")
    return scope


def _nonce(parameters: Parameters, response_type: ResponseType) -> str | None:
    nonce = parameters.get("nonce")
    if response_type == "id_token" and nonce is None:
        raise AuthorizationError("invalid_request", "nonce is required with response_type=id_token")
    return nonce


def _prompt(parameters: Parameters, decisions: ProviderDecisions) -> frozenset[str]:
    prompt = decisions.prompt_values(parameters.get("prompt", ""))
    if not prompt <= PROMPTS:
        raise AuthorizationError("invalid_request", f"prompt must be made of {', '.join(sorted(PROMPTS))}")
    if not decisions.may_combine_prompts(prompt):
        raise AuthorizationError("invalid_request", "prompt=none cannot be combined with another value")
    return prompt


def _max_age(parameters: Parameters) -> int | None:
    found = parameters.get("max_age")
    if found is None:
        return None
    if not (found.isascii() and found.isdigit() and len(found) < 10):
        raise AuthorizationError("invalid_request", "max_age must be a number of seconds")
    return int(found)


def _code_challenge(parameters: Parameters, response_type: ResponseType, client: Client) -> str | None:
    challenge = parameters.get("code_challenge")
    if challenge is not None and parameters.get("code_challenge_method") != "S256":
        raise AuthorizationError("invalid_request", "code_challenge_method must be S256")
    if challenge is None and response_type == "code" and client.client_auth is ClientAuth.NONE:
        raise AuthorizationError("invalid_request", "an application without a secret must send a code_challenge (PKCE)")
    return challenge


def _hint(parameters: Parameters, verify_hint: Callable[[str], Claims]) -> Claims | None:
    hint = parameters.get("id_token_hint")
    try:
        return None if hint is None else verify_hint(hint)
    except TokenError:
        raise AuthorizationError("invalid_request", "id_token_hint is not an ID token of this provider") from None

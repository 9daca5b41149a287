"""The relying-party half, against providers of other makes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.id_token_rules import InvalidIdToken
from sessionproof.conformance.storezero.oidc_client import (
    ClientAuth,
    LoginAttempt,
    ProviderProblem,
    RelyingParty,
    RelyingPartyConfig,
)
from sessionproof.conformance.storezero.tokens import SigningKey, sign, signing_key

ISSUER = "https://foreign.test/realm"
CONFIG = RelyingPartyConfig(ISSUER, "a client", "https://app.test/callback", client_secret="s/e+c")

Run = Callable[[Any], Any]


class ForeignProvider:
    """Answers discovery, keys and tokens as told, and remembers what it was asked."""

    def __init__(self, key: SigningKey) -> None:
        self.key = key
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth?tenant=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "id_token_signing_alg_values_supported": ["HS256", "none", key.alg],
        }
        self.requests: list[httpx.Request] = []
        self.token_answer = httpx.Response(200, json={"id_token": "x"})

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.metadata)
        if request.url.path.endswith("/keys"):
            encryption = {"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}
            return httpx.Response(200, json={"keys": [encryption, {"kty": "future"}, *self.key.public_set()["keys"]]})
        return self.token_answer


@pytest.fixture
def foreign() -> ForeignProvider:
    return ForeignProvider(signing_key("foreign"))


def relying_party(foreign: ForeignProvider, clock: ManualClock, config: RelyingPartyConfig = CONFIG) -> RelyingParty:
    return RelyingParty(config, httpx.AsyncClient(transport=httpx.MockTransport(foreign.answer)), clock)


def id_token(key: SigningKey, attempt: LoginAttempt, clock: ManualClock, **changes: object) -> str:
    now = int(clock.now())
    claims = {
        "iss": ISSUER,
        "sub": "u1",
        "aud": "a client",
        "exp": now + 60,
        "iat": now,
        "nonce": attempt.nonce,
        **changes,
    }
    return sign({name: value for name, value in claims.items() if value is not None}, key)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA"])
def test_signatures_of_every_kind(alg: str, clock: ManualClock, run: Run) -> None:
    foreign = ForeignProvider(signing_key("foreign", alg))
    client = relying_party(foreign, clock)
    attempt = client.new_attempt()
    assert run(client.validate(id_token(foreign.key, attempt, clock), attempt))["sub"] == "u1"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"iss": "https://evil.test"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"]}, "aud"),
        ({"aud": ["a client", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"iat": 10**12}, "future"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
    ],
    ids=str,
)
def test_wrong_claims(
    foreign: ForeignProvider, clock: ManualClock, run: Run, changes: dict[str, object], named: str
) -> None:
    client = relying_party(foreign, clock)
    attempt = client.new_attempt()
    with pytest.raises(InvalidIdToken, match=named):
        run(client.validate(id_token(foreign.key, attempt, clock, **changes), attempt))


def test_several_audiences_with_azp(foreign: ForeignProvider, clock: ManualClock, run: Run) -> None:
    client = relying_party(foreign, clock)
    attempt = client.new_attempt()
    token = id_token(foreign.key, attempt, clock, aud=["a client", "another"], azp="a client")
    assert run(client.validate(token, attempt))["sub"] == "u1"


def test_max_age_is_checked(foreign: ForeignProvider, clock: ManualClock, run: Run) -> None:
    client = relying_party(foreign, clock, replace(CONFIG, parameters={"max_age": "100"}))
    attempt = client.new_attempt()
    good = id_token(foreign.key, attempt, clock, auth_time=int(clock.now()) - 100)
    assert run(client.validate(good, attempt))["sub"] == "u1"
    for auth_time in (int(clock.now()) - 120, None):
        with pytest.raises(InvalidIdToken):
            run(client.validate(id_token(foreign.key, attempt, clock, auth_time=auth_time), attempt))


def test_keys_may_change_but_forged_tokens_cause_no_flood(
    foreign: ForeignProvider, clock: ManualClock, run: Run
) -> None:
    client = relying_party(foreign, clock)
    attempt = client.new_attempt()
    run(client.validate(id_token(foreign.key, attempt, clock), attempt))
    for _ in range(3):
        with pytest.raises(InvalidIdToken, match="signature"):
            run(client.validate(id_token(signing_key("forger"), attempt, clock), attempt))
    assert sum(request.url.path.endswith("/keys") for request in foreign.requests) == 1
    foreign.key = signing_key("the next key")
    clock.advance(60)
    assert run(client.validate(id_token(foreign.key, attempt, clock), attempt))["sub"] == "u1"


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.", "x" * 5000])
def test_rubbish_is_no_token(foreign: ForeignProvider, clock: ManualClock, run: Run, token: str) -> None:
    client = relying_party(foreign, clock)
    with pytest.raises(InvalidIdToken):
        run(client.validate(token, client.new_attempt()))


@pytest.mark.parametrize("auth", list(ClientAuth))
def test_client_authentication(foreign: ForeignProvider, clock: ManualClock, run: Run, auth: ClientAuth) -> None:
    client = relying_party(foreign, clock, replace(CONFIG, client_auth=auth))
    run(client.redeem("the code", "the verifier"))
    request = foreign.requests[-1]
    body = request.content.decode()
    # "a+client:s%2Fe%2Bc": both halves are form-encoded before they are joined.
    basic = "Basic YStjbGllbnQ6cyUyRmUlMkJj"
    assert request.headers.get("authorization") == (basic if auth is ClientAuth.BASIC else None)
    assert ("client_secret=s%2Fe%2Bc" in body) == (auth is ClientAuth.POST)
    assert ("client_id=a+client" in body) == (auth is not ClientAuth.BASIC)
    assert "code_verifier=the+verifier" in body


def test_the_request_keeps_the_endpoints_own_query(foreign: ForeignProvider, clock: ManualClock, run: Run) -> None:
    client = relying_party(foreign, clock)
    url = httpx.URL(run(client.authorization_url(client.new_attempt(), {"prompt": "none"})))
    assert {"tenant": "1", "prompt": "none", "client_id": "a client"}.items() <= dict(url.params).items()


@pytest.mark.parametrize(
    ("supported", "iss", "good"),
    [(True, ISSUER, True), (True, None, False), (True, "x", False), (False, None, True), (False, "x", False)],
)
def test_issuer_of_the_answer(
    foreign: ForeignProvider, clock: ManualClock, run: Run, supported: bool, iss: str | None, good: bool
) -> None:
    foreign.metadata["authorization_response_iss_parameter_supported"] = supported
    check = relying_party(foreign, clock).check_response_issuer({} if iss is None else {"iss": iss})
    if good:
        run(check)
    else:
        with pytest.raises(ProviderProblem, match="iss"):
            run(check)


def test_a_document_of_another_issuer(foreign: ForeignProvider, clock: ManualClock, run: Run) -> None:
    foreign.metadata["issuer"] = ISSUER + "/"
    with pytest.raises(ProviderProblem, match="expected exactly"):
        run(relying_party(foreign, clock).metadata())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, text="<html>"), "without JSON"),
        (httpx.Response(200, json=["x"]), "list"),
        (httpx.Response(400, json={"error": "invalid_grant", "error_description": "used"}), "invalid_grant used"),
    ],
    ids=["html", "list", "error"],
)
def test_token_answers_that_cannot_be_used(
    foreign: ForeignProvider, clock: ManualClock, run: Run, answer: httpx.Response, said: str
) -> None:
    foreign.token_answer = answer
    with pytest.raises(ProviderProblem, match=said):
        run(relying_party(foreign, clock).redeem("code", "verifier"))


def test_an_unreachable_provider(clock: ManualClock, run: Run) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    client = RelyingParty(CONFIG, httpx.AsyncClient(transport=httpx.MockTransport(refuse)), clock)
    with pytest.raises(ProviderProblem, match=r"foreign\.test.*connection refused"):
        run(client.metadata())


def test_no_secret_in_its_representation() -> None:
    assert "s/e+c" not in repr(CONFIG)

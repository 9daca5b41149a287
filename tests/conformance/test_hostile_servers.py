"""Servers whose answers are hostile or broken: what a preflight says of each, and that none of it takes long."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sessionproof.conformance.adapters import remote_server
from sessionproof.conformance.adapters.again import Again
from sessionproof.conformance.adapters.discretion import Discretion
from sessionproof.conformance.adapters.problems import (
    BodyTooLarge,
    DiscoveryMismatch,
    FlowBroken,
    FormNotFound,
    NotHttp,
    TooManyRedirects,
)
from sessionproof.conformance.adapters.sockets import MAX_BODY
from sessionproof.conformance.errors import HarnessProblem
from sessionproof.conformance.opening import open_target
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import Grant
from sessionproof.conformance.storezero.tokens import signing_key
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus
from starlette.types import ASGIApp, Scope

from .command import CANARIES, sessionproof
from .faults import Fault, Faulty, answer
from .serving import Served, serving, target_file

LIMIT = 20.0
"""Seconds that each may take, on a busy machine."""
HTML, JSON = (b"content-type", b"text/html"), (b"content-type", b"application/json")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
DEEP = b'{"a":' * 100_000
HUGE = b"x" * (MAX_BODY + 1)
COOKIES = [(b"set-cookie", b"c%d=%s; Path=/" % (number, b"v" * 20)) for number in range(1000)]
"""More than a browser keeps of one host: the one of the session gives way."""
FORM = b"<form method=post><input name=username><input type=password name=password><button>Log in</button></form>"
CORE = next(scope for scope in SCOPES if scope.name == "core")
VISIT, ALICE = Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice")


def redirect(location: str) -> Fault:
    return answer(302, b"", (b"location", location.encode()))


@dataclass
class Try:
    """Looks at a server whose answers at addresses that begin so are others; `served`: the servers so far."""

    attempt: Callable[..., Again]
    served: list[Served]

    def __call__(self, faults: dict[str, Fault], **options: object) -> Again:
        return self.attempt(faults, **options)


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Try]:
    """Gives the adapter that has found nothing amiss."""
    monkeypatch.setattr(remote_server, "clock_offset", lambda *_: None)  # it takes seconds
    with ExitStack() as stack:
        served: list[Served] = []

        def attempt(faults: dict[str, Fault], decisions: type[ProviderDecisions] = ProviderDecisions) -> Again:
            def choose(scope: Scope, _number: int) -> Fault | None:
                return next((fault for path, fault in faults.items() if scope["path"].startswith(path)), None)

            def around(app: ASGIApp) -> ASGIApp:
                return Faulty(app, choose)

            server = stack.enter_context(serving(around=around, decisions=decisions))
            served.append(server)
            adapter = stack.enter_context(open_target(target_file(tmp_path, server.issuer), CANARIES))
            assert isinstance(adapter, Again)
            inner = adapter._adapter
            monkeypatch.setattr(inner, "discretion", Discretion(inner.network, lambda _: None))
            started = time.monotonic()
            try:
                adapter.declare()
            finally:
                assert time.monotonic() - started < LIMIT
            return adapter

        yield Try(attempt, served)


LOGIN, TOKEN, KEYS, FOUND = "/interaction", "/token", "/jwks", "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("faults", "problem", "cause", "hint"),
    [
        ({LOGIN: redirect("/interaction/again")}, TooManyRedirects, "redirected 20 times", "Look at the redirects"),
        ({"/authorize": redirect("http://evil.test/?a=b")}, FlowBroken, "ended at http://evil.test/,", "`origins`"),
        ({"/authorize": redirect("javascript:alert(1)")}, FlowBroken, "ended at javascript:alert", "`origins`"),
        ({"/authorize": redirect("//[::1")}, FlowBroken, "ended at ", "`origins`"),
        ({LOGIN: answer(200, HUGE, HTML)}, BodyTooLarge, f"larger than {MAX_BODY} bytes", "check that the address"),
        (
            {LOGIN: answer(200, gzip.compress(HUGE * 20), HTML, (b"content-encoding", b"gzip"))},
            BodyTooLarge, f"larger than {MAX_BODY} bytes", "check that the address",
        ),
        (
            {LOGIN: answer(200, FORM, HTML, (b"content-encoding", b"gzip"))},
            NotHttp, "does not match its Content-Encoding", "Check the server",
        ),
        ({LOGIN: answer(200, PNG, (b"content-type", b"image/png"))}, FormNotFound, "No login form", "selectors."),
        ({LOGIN: answer(200, b"\xff\xfe<form>\xc3\x28", HTML)}, FormNotFound, "No login form", "selectors."),
        ({LOGIN: answer(200, b"<form><form><input name='\"><<!--", HTML)}, FormNotFound, "No login form", "selectors."),
        ({LOGIN: answer(407, b"<title>Proxy says no</title>", HTML)}, FlowBroken, "with status 407", "client id"),
        ({FOUND: answer(200, b'{"issuer": "\xff"}', JSON)}, DiscoveryMismatch, "is not JSON", "orrect `issuer`"),
        ({FOUND: answer(200, b"1" * 10_000, JSON)}, DiscoveryMismatch, "is not JSON", "orrect `issuer`"),
        ({FOUND: answer(200, DEEP, JSON)}, DiscoveryMismatch, "is not JSON", "orrect `issuer`"),
        ({TOKEN: answer(200, b"<h1>Welcome</h1>", HTML)}, FlowBroken, "cannot be redeemed", "target's log"),
        ({TOKEN: answer(200, b"[1]", JSON)}, FlowBroken, "expected a JSON object", "target's log"),
        ({TOKEN: answer(200, DEEP, JSON)}, NotHttp, "nested too deeply", "Look at"),
        ({TOKEN: answer(200, b"{}", JSON)}, FlowBroken, "no ID token", "scope openid"),
        ({TOKEN: answer(200, b'{"id_token": {"a": 1}}', JSON)}, FlowBroken, "no ID token", "scope openid"),
        ({TOKEN: answer(200, b'{"id_token": "a.b.c"}', JSON)}, FlowBroken, "no ID token", "scope openid"),
        (
            {TOKEN: answer(400, b'{"error": "\\ud800\\u0000\\u001b[31m"}', JSON)},
            FlowBroken, "cannot be redeemed", "target's log",
        ),
        ({KEYS: answer(200, b"<h1>Keys</h1>", HTML)}, FlowBroken, "without JSON", "target's log"),
        ({KEYS: answer(200, b'{"keys": 3}', JSON)}, FlowBroken, "key set cannot be read", "target's log"),
        ({KEYS: answer(200, b'{"keys": [{"kty": "EC"}]}')}, FlowBroken, "key set cannot be read", "target's log"),
        ({KEYS: answer(200, b'{"keys": []}', JSON)}, FlowBroken, "could not be completed", "target's log"),
    ],
)  # fmt: skip
def test_no_verdict_comes_of_it_but_a_message_that_helps(
    tried: Try, faults: dict[str, Fault], problem: type[HarnessProblem], cause: str, hint: str
) -> None:
    with pytest.raises(HarnessProblem) as raised:
        tried(faults)
    assert type(raised.value) is problem, raised.value
    assert cause in raised.value.cause
    assert hint in raised.value.hint
    assert raised.value.exit_code in (2, 6, 7)


def test_words_of_a_target_cannot_forge_a_terminal(tmp_path: Path) -> None:
    words = answer(400, b'{"error": "\\ud800\\u0000\\u001b[2J\\nCONFORMS\\u202e"}', JSON)

    def around(app: ASGIApp) -> ASGIApp:
        return Faulty(app, lambda scope, _: words if scope["path"] == TOKEN else None)

    with serving(around=around) as server:
        done = sessionproof("check", target_file(tmp_path, server.issuer))
        ran = sessionproof("run", target_file(tmp_path, server.issuer))
    assert (done.code, ran.code) == (2, 2)
    assert "\\ud800\\x00\\x1b[2J\\nCONFORMS\\u202e" in done.out
    assert "\\ud800\\x00\\x1b[2J\\nCONFORMS\\u202e" in ran.err


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://evil.test:3128", "nonsense://"])
def test_proxies_of_the_environment_are_not_asked(tried: Try, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Only the origins of the target file are contacted."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)
    assert "server under test" in tried({}).declare().features


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": float("inf")}, {"iat": float("nan")}, {"iat": 1e308}, {"iat": "yesterday"}, {"iat": 10**400},
        {"auth_time": float("nan")}, {"auth_time": float("-inf")}, {"auth_time": 10**400}, {"exp": 10**400},
        {"exp": []},
    ],
    ids=lambda claims: str(claims)[:24],
)  # fmt: skip
def test_odd_times_in_tokens_are_no_defect_of_the_suite(tried: Try, claims: dict[str, object]) -> None:
    class Odd(ProviderDecisions):
        def id_token_claims(self, grant: Grant) -> dict[str, object]:
            return super().id_token_claims(grant) | claims

    if "auth_time" in claims:
        adapter = tried({}, decisions=Odd)
        adapter.reset(CORE)
        assert "auth_time" not in [adapter.perform(step) for step in (VISIT, ALICE)][-1].facets
        return
    with pytest.raises(FlowBroken, match="The login could not be completed: the ID token"):
        tried({}, decisions=Odd)


@pytest.mark.parametrize(
    ("location", "seen"),
    [
        ("javascript:alert(1)", "javascript:"), ("com.example.app:/callback?code=1", "com.example.app:"),
        ("http://[::1", "http:"), ("http://evil.test:99999/", "http:"), ("http://evil.test/?code=1", "http://evil.test"),
    ],
)  # fmt: skip
def test_where_a_server_sends_the_browser_is_seen_and_not_followed(tried: Try, location: str, seen: str) -> None:
    faults: dict[str, Fault] = {}
    adapter = tried(faults)
    faults["/authorize"] = redirect(location)
    adapter.reset(CORE)
    assert adapter.perform(VISIT).trace == ("authorize", f"foreign address {seen}")


# Keys that change in the middle


def test_a_key_that_was_published_before_it_is_used_costs_nothing(tried: Try) -> None:
    adapter = tried({})
    adapter.reset(CORE)
    adapter.perform(VISIT)
    use_new_key(tried.served[-1])
    assert adapter.perform(ALICE).trace == ("answer", "page account")
    assert ["was not published before" in trouble for trouble in adapter.troubles] == [True]
    adapter.reset(CORE)
    assert [adapter.perform(step).trace[-1] for step in (VISIT, ALICE)] == ["page login", "page account"]
    assert len(adapter.troubles) == 1


def test_a_key_that_is_never_published_is_refused(tried: Try) -> None:
    faults: dict[str, Fault] = {}
    adapter = tried(faults)
    old = tried.served[-1].provider._context.key.public_set()
    faults[KEYS] = answer(200, json.dumps(old).encode(), JSON)
    use_new_key(tried.served[-1])
    for _ in range(2):
        adapter.reset(CORE)
        adapter.perform(VISIT)
        assert adapter.perform(ALICE).trace == ("answer", "page error")
    assert len(adapter.troubles) == 1, "it is asked for once"


def use_new_key(server: Served) -> None:
    server.provider._context.key = signing_key("this provider, later")

"""Malformed answers, and everything that reads answers: each reader takes bytes and says what came of them.

An answer is drawn from a good one by breaking it in several places, or is nonsense altogether. A reader may refuse with
an exception that the suite knows how to tell; anything else is a defect.
"""

import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from json import dumps
from pathlib import Path
from typing import Any, Self

import httpx
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sessionproof.conformance.adapters import json_messages
from sessionproof.conformance.adapters.browser import Browser, Tab
from sessionproof.conformance.adapters.buttons import choose_button
from sessionproof.conformance.adapters.clock import moment
from sessionproof.conformance.adapters.cookies import Jar
from sessionproof.conformance.adapters.curl import masked
from sessionproof.conformance.adapters.discovery import discover
from sessionproof.conformance.adapters.forms import find_code_form, find_login_form, is_auto_submit
from sessionproof.conformance.adapters.json_lines import JsonLinesAdapter
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.page import Page
from sessionproof.conformance.adapters.probing import unverified_claims
from sessionproof.conformance.adapters.reading import ServerSite, Sites, TabMemory, read
from sessionproof.conformance.adapters.rotation import PublishedKeys
from sessionproof.conformance.adapters.selectors import Selectors
from sessionproof.conformance.adapters.target import AdapterTarget
from sessionproof.conformance.adapters.urls import Origin
from sessionproof.conformance.adapters.words import Meaning
from sessionproof.conformance.errors import HarnessProblem, UsageProblem
from sessionproof.conformance.report.visible import visible
from sessionproof.conformance.resume import read_cut
from sessionproof.conformance.runlog import read_log
from sessionproof.conformance.storezero.clock import SystemClock
from sessionproof.conformance.storezero.id_token_rules import InvalidIdToken
from sessionproof.conformance.storezero.oidc_client import (
    LoginAttempt,
    ProviderProblem,
    RelyingParty,
    RelyingPartyConfig,
)
from starlette.types import Receive, Scope, Send

AS = "http://as.test"
REFUSALS = (HarnessProblem, UsageProblem, ProviderProblem, InvalidIdToken)
"""What a reader may say. An exception of a library or of Python is none of them, but where a caller expects it."""
Reader = Callable[[bytes], str]

KEY = ECKey.import_key(
    {
        "kty": "EC", "crv": "P-256", "kid": "k", "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }
)  # fmt: skip
METADATA = (
    b'{"issuer": "http://as.test", "authorization_endpoint": "http://as.test/authorize", "token_endpoint":'
    b' "http://as.test/token", "jwks_uri": "http://as.test/jwks", "end_session_endpoint": "http://as.test/end",'
    b' "id_token_signing_alg_values_supported": ["ES256"]}'
)
JWKS = dumps({"keys": [KEY.as_dict(private=False), {"kty": "oct", "k": "x"}, {"kty": "RSA", "use": "enc"}]}).encode()
CLAIMS = (
    b'{"iss": "http://as.test", "sub": "1", "aud": ["shop"], "exp": 4102444800, "iat": 1700000000, "nonce": "n",'
    b' "auth_time": 1700000000, "amr": ["pwd"], "azp": "shop"}'
)
TOKENS = b'{"access_token": "a", "token_type": "Bearer", "id_token": "eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "expires_in": 60}'
PAGE = b"""<!doctype html><html><head><title>Log in</title><base href="/x/"><meta charset=utf-8>
<meta http-equiv=refresh content="5; url=/next"><script>document.forms[0].submit()</script></head><body onload="f()">
<form method=post action="?a=b" enctype="multipart/form-data"><input type=hidden name=csrf value="1">
<label for=u>User</label><input id=u name=username autocomplete=username><input type=password name=password>
<select name=s><option selected>1</select><textarea name=t></textarea><button name=b value=allow>Allow</button>
<input type=submit></form>
<a href="//other.test/cancel">Cancel</a><iframe src="/frame"></iframe>
<template><form></form></template></body></html>"""
COOKIE = (
    b"__Host-sid=v; Path=/; Domain=as.test; Max-Age=60; Expires=Wed, 21 Oct 2065 07:28:00 GMT; Secure; SameSite=Lax"
)
LOCATION = b"http://u:p@as.test:80/callback?code=1&state=%41#id_token=e"
HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n"
    b"Connection: close\r\nContent-Encoding: identity\r\n\r\n4\r\n<p>a\r\n3;x=y\r\nbcd\r\n0\r\n\r\n"
)
MESSAGE = (
    b'{"number": 1, "ok": {"trace": ["authorize", "page login"], "facets": {"b1/as": "alice", "state": "echoed"}}}'
)
LOG = (
    b'{"event":"header","version":1,"target":{"name":"t"}}\n'
    b'{"event":"flow","id":"1","scope":"core","verdict":"pass","steps":[]}\n{"event":"footer","exit_code":0}\n'
)
JUNK = (
    b"\0", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\r\n", b"\n\n", b" ", b"<", b">", b"&#x110000;", b"&", b"'",
    b'"', b"\\",
    b"\\ud800", b"\\u0000", b"{", b"[" * 3000, b'{"a":' * 3000, b"<div>" * 3000, b"<form>", b"</form>", b"<!--",
    b"<select><optgroup>", b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"null", b"true", b"[]", b"{}", b"http://[",
    b"//", b"javascript:", b"http://as.test:99999999/", b"\xf0\x9f\x8d\xaa", b";", b"=", b",", b"%", b"%ff", b"%00",
    b"charset=utf-7",
    b"\xe2\x80\xae", b"../" * 500,
)  # fmt: skip
"""What is put in."""


def broken(good: bytes) -> st.SearchStrategy[bytes]:
    """A good answer with pieces taken out, doubled, put elsewhere, or replaced by junk; now and then pure nonsense."""
    place = st.integers(0, len(good))
    edits = st.lists(
        st.tuples(place, st.integers(0, 40), st.one_of(st.sampled_from(JUNK), st.binary(max_size=8))), max_size=6
    )
    return st.one_of(edits.map(partial(_edited, good)), edits.map(partial(_edited, good)), st.binary(max_size=200))


def _edited(good: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    text = good
    for place, length, junk in edits:
        text = text[:place] + junk + text[place + length :]
    return text


GOOD: Mapping[str, bytes] = {
    "page": PAGE, "cookie": COOKIE, "location": LOCATION, "discovery": METADATA, "key set": JWKS,
    "token answer": TOKENS,
    "ID token": jws.serialize_compact({"alg": "ES256", "kid": "k"}, CLAIMS, KEY, algorithms=["ES256"]).encode(),
    "claims": CLAIMS, "HTTP": HTTP, "adapter message": MESSAGE, "run log": LOG,
}  # fmt: skip
"""One good answer for each reader."""


@contextmanager
def readers() -> Iterator[Mapping[str, Reader]]:
    """Every reader, by what it reads; each says `read` or why it refused."""
    with ExitStack() as stack:
        network = stack.enter_context(Network(timeout=5))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        site, raw = _Site(), stack.enter_context(_RawServer())
        network.host(AS, site)
        adapter = JsonLinesAdapter(AdapterTarget(role="adapter", name="x", command=["x"]), {})  # type: ignore[arg-type]
        adapter._number = 1
        make: dict[str, Callable[[bytes], object]] = {
            "page": _read_page,
            "cookie": _take_cookie,
            "location": partial(_follow, site, network),
            "discovery": partial(_discover, site, network),
            "key set": partial(_ask_keys, site, network),
            "token answer": partial(_redeem, site, network),
            "ID token": partial(_verify, site, network),
            "claims": partial(_check_claims, site, network),
            "HTTP": partial(_fetch, raw, network),
            "adapter message": lambda text: adapter._valid(text, json_messages.Observation),
            "run log": partial(_read_log, Path(folder) / "log"),
        }
        yield {name: partial(_told, read) for name, read in make.items()}


def _told(read: Callable[[bytes], object], text: bytes) -> str:
    try:
        read(text)
    except REFUSALS as refusal:
        visible(str(refusal)).encode()  # it can be printed
        return type(refusal).__name__
    return "read"


class _Site:
    """Answers as it is told, and sends on who asks for its root."""

    def __init__(self) -> None:
        self.location, self.bodies = b"", dict[str, bytes]()

    def say(self, **bodies: bytes) -> None:
        """These answers, by the last word of the address; and no redirect."""
        self.location, self.bodies = b"", bodies

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        asked = scope["path"].rpartition("/")[2].replace("-", "_")
        body = self.bodies.get(asked, METADATA if asked == "openid_configuration" else b"{}")
        redirects = self.location and not asked
        headers = [(b"location", self.location)] if redirects else [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 302 if redirects else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _RawServer(socketserver.ThreadingTCPServer):
    """Sends the same bytes to whoever asks for anything, and hangs up."""

    daemon_threads = True
    text = b""

    def __init__(self) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(server.text)

        super().__init__(("127.0.0.1", 0), Handler)
        server = self
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _fetch(server: _RawServer, network: Network, text: bytes) -> None:
    server.text = text
    network.reach(server.origin)
    Browser(network).navigate(Tab(), "GET", server.origin)


def _read_page(text: bytes) -> None:
    kind, _, body = text.partition(b"\n") if text.startswith(b"text/") else (b"text/html", b"", text)
    page = Page(f"{AS}/login", 200, httpx.Headers([(b"content-type", kind), (b"refresh", text[:60])]), body)
    for form in page.forms:
        for button in (None, *form.buttons):
            form.submission({}, button)
    for each in (page.title, page.text, page.source, page.links, page.frames, page.refresh, page.has_scripts):
        repr(each)
    find_login_form(page, Selectors()), find_code_form(page, Selectors()), is_auto_submit(page)
    for meaning in Meaning:
        try:
            choose_button(page, meaning, Selectors())
        except HarnessProblem:
            continue


def _take_cookie(text: bytes) -> None:
    jar = Jar(Origin.of(AS))
    jar.take(f"{AS}/a/b", [text.decode("latin-1"), "sid=1"])
    for path in ("/", "/a/b/c"):
        (jar.header(AS + path) or "").encode("latin-1")
    jar.restart()
    list(jar.copy())


def _follow(site: _Site, network: Network, text: bytes) -> None:
    site.location, site.bodies = text, {}
    for stop in (None, lambda url: SITES.party(url) == "shop"):
        went = Browser(network).navigate(Tab(), "GET", f"{AS}/", stop=stop)
        read(SITES, went, TabMemory(), "as")
    masked(text.decode("latin-1"))


def _discover(site: _Site, network: Network, text: bytes) -> None:
    site.say(openid_configuration=text)
    discover(network, AS)
    network.run(_party(network).authorization_url(_ATTEMPT))


def _ask_keys(site: _Site, network: Network, text: bytes) -> None:
    site.say(jwks=text)
    PublishedKeys(network, f"{AS}/jwks").ask()
    network.run(_party(network).verify_signature(GOOD["ID token"].decode()))


def _redeem(site: _Site, network: Network, text: bytes) -> None:
    site.say(token=text)
    tokens = network.run(_party(network).redeem("c", "v"))
    with suppress(JoseError, ValueError):
        unverified_claims(str(tokens.get("id_token")))


def _verify(site: _Site, network: Network, text: bytes) -> None:
    site.say(jwks=JWKS)
    token = text.decode("utf-8", "replace")
    with suppress(JoseError, ValueError):
        unverified_claims(token)
    network.run(_party(network).validate(token, _ATTEMPT))


def _check_claims(site: _Site, network: Network, text: bytes) -> None:
    token = jws.serialize_compact({"alg": "ES256", "kid": "k"}, text, KEY, algorithms=["ES256"])
    claims: dict[str, Any] = {}
    with suppress(JoseError, ValueError):
        claims = unverified_claims(token)
    for name in ("iat", "auth_time"):
        int(moment(claims.get(name)) or 0)
    _verify(site, network, token.encode())


def _read_log(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    try:
        list(read_log(path))
    finally:
        read_cut(path)


SITES = Sites({}, ServerSite(AS, frozenset({Origin.of(AS)}), f"{AS}/authorize", "", False), None, Selectors())
_ATTEMPT = LoginAttempt("s", "n", "v" * 43, 0.0)


def _party(network: Network) -> RelyingParty:
    config = RelyingPartyConfig(AS, "shop", "http://shop.test/callback", "secret")
    party = RelyingParty(config, network.client(), SystemClock())
    PublishedKeys(network, f"{AS}/jwks").heed(party, SystemClock())
    return party

"""How a reader sees a session by hand: the request that shows it, and when there is none."""

import shlex
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser
from sessionproof.conformance.invocation import played_on
from sessionproof.conformance.report.look import APPLICATION, SERVER, Exchange, look
from sessionproof.conformance.report.page import html
from sessionproof.conformance.runlog import Event

from ..logs import finding, footer, header
from .samples import read

ASKED = (
    "https://as.example/auth?response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example%2Fcb"
    "&scope=openid&state=s&prompt=login&max_age=0&id_token_hint=hint&code_challenge=c"
)
PAGE = "https://shop.example/account"
EXCHANGES = [
    Exchange(1, f"GET {PAGE}", "303", f"curl {PAGE}", False),
    Exchange(1, f"GET {ASKED}", "200", "curl asked", False),
    Exchange(2, "POST https://as.example/login", "303", "curl login", False),
]


def _wrong(place: str, browser: int = 0) -> Event:
    mismatch = {"requirement": "AS-28", "rule": "", "place": place, "expected": "absent", "actual": "alice"}
    steps: list[dict[str, Any]] = [
        {"action": "visit orders", "app": "shop"},
        {"action": "credentials", "arg": "alice", "browser": browser},
    ]
    return finding("AS-28", mismatch=mismatch, flow={"sessionproof": 1, "scope": "core", "steps": steps})


def test_a_server_is_asked_the_same_without_a_page() -> None:
    found = look(_wrong("b1/as"), EXCHANGES)
    assert found
    assert found.told == SERVER
    words = shlex.split(found.curl.removesuffix(" <>jar"))
    assert words[:-1] == ["curl", "-i", "-b", "-", "-c", "jar"]
    url = urlsplit(words[-1])
    assert (url.netloc, url.path) == ("as.example", "/auth")
    asked = {name: values for name, values in parse_qs(urlsplit(ASKED).query).items() if name != "prompt"}
    assert parse_qs(url.query) == {
        name: values for name, values in asked.items() if name not in ("max_age", "id_token_hint")
    } | {"prompt": ["none"]}


def test_an_application_shows_it_on_the_page_that_needs_login() -> None:
    assert look(_wrong("b1/shop"), EXCHANGES) == (APPLICATION, f"curl {PAGE}")


@pytest.mark.parametrize("place", ["trace 1", "sid", "b1/idp", "b1/outlet", "b2/as"])
def test_elsewhere_there_is_no_such_request(place: str) -> None:
    assert look(_wrong(place), EXCHANGES) is None


def test_with_two_browsers_one_jar_would_hold_the_cookies_of_both() -> None:
    assert look(_wrong("b1/as", browser=1), EXCHANGES) is None


def test_a_party_of_the_suite_listens_no_more() -> None:
    played = [exchange._replace(played=True) for exchange in EXCHANGES]
    assert look(_wrong("b1/as"), played) is look(_wrong("b1/shop"), played) is None


def _page(folder: Any, found: Event) -> str:
    tree = LexborHTMLParser(html(read(folder / "run.jsonl", [header("sso"), found, footer()])))
    assert tree.body
    return " ".join(tree.body.text().split())


def test_the_page_says_how_to_look(tmp_path: Any) -> None:
    exchanges = [exchange._asdict() for exchange in EXCHANGES]
    assert "Then look. " + SERVER in _page(tmp_path, _wrong("b1/as") | {"exchanges": exchanges})


def test_the_page_says_that_requests_overlapped(tmp_path: Any) -> None:
    found = _wrong("b1/shop")
    assert "on their way at the same time" not in _page(tmp_path, found)
    found["flow"]["steps"][-1] = {"action": "log out during a slow page", "app": "shop"}
    assert "These requests were on their way at the same time." in _page(tmp_path, found)


def test_a_flow_that_is_not_yet_short_is_not_called_the_shortest(tmp_path: Any) -> None:
    assert "The shortest flow that shows it" in _page(tmp_path, finding("AS-08"))
    text = _page(tmp_path, finding("AS-08", cut=True))
    assert "The shortest flow" not in text
    assert "A flow that shows it The time of the run was used up before it was as short as can be." in text


@pytest.mark.parametrize(
    ("role", "more", "words"),
    [
        ("reference", {}, ""),
        ("authorization-server", {}, " target.toml"),
        ("authorization-server", {"file": "my server.toml", "trust": True}, " 'my server.toml' --trust"),
    ],
)
def test_a_replay_names_the_file_of_the_run(role: str, more: Event, words: str) -> None:
    assert played_on({"target": {"role": role}} | more) == words

"""Which cookies a browser keeps, sends, and lets itself be told to forget (RFC 6265)."""

import pytest
from sessionproof.conformance.adapters.cookies import Jar
from sessionproof.conformance.adapters.urls import Origin

AS = "http://as.test"


def jar(*lines: str, origin: str = AS, path: str = "/") -> Jar:
    """A jar after an answer from `path` with these Set-Cookie lines."""
    made = Jar(Origin.of(origin))
    made.take(origin + path, lines)
    return made


def names(kept: Jar) -> set[str]:
    return {cookie.name for cookie in kept}


def test_paths() -> None:
    kept = jar("in=1", "all=1; Path=/", path="/app/login")
    assert kept.header(AS + "/app") == "in=1; all=1"
    assert kept.header(AS + "/app/x?q=1") == "in=1; all=1"
    assert kept.header(AS + "/apple") == "all=1"


@pytest.mark.parametrize(
    ("line", "deleted"),
    [
        ("sid=; Max-Age=0; Path=/", True),
        ("sid=; Max-Age=-1; Path=/", True),
        ("sid=x; expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", True),
        ("sid=; Max-Age=0; Path=/logout", False),
        ("sid=; Max-Age=0", False),
        ("sid=; Max-Age=0; Path=/; Domain=as.test", False),
        ("SID=; Max-Age=0; Path=/", False),
    ],
)
def test_deletion_needs_the_same_name_path_and_domain(line: str, deleted: bool) -> None:
    kept = jar("sid=1; Path=/")
    kept.take(AS + "/deep/logout", [line])
    assert names(kept) == (set() if deleted else {"sid"})


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        ("Wed, 09 Jun 2100 10:18:14 GMT", True),
        ("Wed, 09-Jun-2100 10:18:14 GMT", True),
        ("Wednesday, 09-Jun-68 10:18:14 GMT", True),
        ("Wed Jun  9 10:18:14 2100", True),
        ("tomorrow", True),
        ("Wed, 99 Jun 99999 10:18:14 GMT", True),
        ("Sun, 06 Nov 1994 08:49:37 GMT", False),
        ("Sunday, 06-Nov-94 08:49:37 GMT", False),
        ("0", True),
    ],
)
def test_dates(date: str, kept: bool) -> None:
    assert names(jar(f"a=1; Expires={date}")) == ({"a"} if kept else set())


def test_max_age_goes_before_expires() -> None:
    assert names(jar("a=1; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "b=1; Max-Age=soon")) == {"a", "b"}


def test_empty_value_deletes_nothing() -> None:
    kept = jar("sid=1; Path=/")
    kept.take(AS + "/", ["sid=; Path=/"])
    assert kept.header(AS + "/") == "sid="


def test_attributes_are_visible() -> None:
    cookies = {c.name: c for c in jar("sid=1; HttpOnly; samesite=Strict; Secure", "x=2; Max-Age=60; Domain=as.test")}
    assert (cookies["sid"].http_only, cookies["sid"].same_site, cookies["sid"].secure) == (True, "strict", True)
    assert (cookies["sid"].expires, cookies["x"].http_only, cookies["x"].same_site) == (None, False, None)
    assert cookies["x"].expires is not None


@pytest.mark.parametrize(
    "line",
    [
        "a=1; Domain=other.test",
        "a=1; Domain=test",
        "a=1; Domain=sub.as.test",
        "__Host-a=1; Secure; Path=/x",
        "__Host-a=1; Secure; Path=/; Domain=as.test",
        "__Host-a=1; Path=/",
        "__Secure-a=1",
        "",
        ";",
    ],
)
def test_cookies_that_browsers_refuse(line: str) -> None:
    assert names(jar(line, origin="https://as.test")) == set()


def test_prefixed_cookie_that_keeps_the_rules() -> None:
    assert jar("__Host-a=1; Secure; Path=/", origin="https://as.test").header("https://as.test/x") == "__Host-a=1"


@pytest.mark.parametrize(
    ("origin", "sent"),
    [
        ("http://as.test", {"b=1"}),
        ("https://as.test", {"a=1", "b=1"}),
        ("http://127.0.0.1:1", {"a=1", "b=1"}),
        ("http://localhost:1", {"a=1", "b=1"}),
    ],
)
def test_secure_cookies_need_https_or_loopback(origin: str, sent: set[str]) -> None:
    kept = jar("a=1; Secure; Path=/", f"b=1; Path=/; Domain={Origin.of(origin).host}", origin=origin)
    assert set((kept.header(origin + "/") or "").split("; ")) == sent


@pytest.mark.parametrize(
    ("line", "get", "post"),
    [("a=1; SameSite=Strict", 0, 0), ("a=1; SAMESITE=LAX", 1, 0), ("a=1; SameSite=None", 1, 1), ("a=1", 1, 1)],
)
def test_same_site(line: str, get: bool, post: bool) -> None:
    kept = jar(line)
    assert (kept.header(AS + "/", cross_site=True) is not None) == get
    assert (kept.header(AS + "/", "POST", cross_site=True) is not None) == post
    assert kept.header(AS + "/", "POST") == "a=1"


def test_flood_of_cookies_pushes_out_the_oldest() -> None:
    kept = jar(*(f"c{number}=1" for number in range(200)), "huge=" + "x" * 5000)
    assert len(names(kept)) == 180
    assert names(kept) == {f"c{number}" for number in range(20, 200)}


def test_restart_drops_session_cookies() -> None:
    kept = jar("sid=1", "remember=1; Max-Age=60")
    kept.restart()
    assert names(kept) == {"remember"}


def test_time_passes_for_one_jar_and_not_for_its_copy() -> None:
    kept = jar("short=1; Max-Age=60", "long=1; Max-Age=3600", "session=1")
    copy = kept.copy()
    kept.age(120)
    assert names(kept) == {"long", "session"}
    assert names(copy) == {"short", "long", "session"}
    assert names(copy.copy(without="long")) == {"short", "session"}

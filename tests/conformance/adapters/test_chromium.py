"""Pages in JavaScript on a real socket, in the system's Chromium: what is done on them, and what they cannot do."""

import contextlib
import importlib.util
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.browser import Browser, Navigation, Tab
from sessionproof.conformance.adapters.buttons import choose_button
from sessionproof.conformance.adapters.chromium import NAMES, Chromium
from sessionproof.conformance.adapters.forms import find_login_form, login_form
from sessionproof.conformance.adapters.hosting import Hosted
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.problems import BrowserFailed, FlowBroken, FormNotFound, TargetHungUp
from sessionproof.conformance.adapters.words import Meaning
from sessionproof.conformance.errors import UsageProblem
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..command import sessionproof
from ..serving import target_file

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)), reason="needs Chromium: python3 dev.py test installs it"
)

SHOP = "http://shop.test"
LOGIN = """<!DOCTYPE html><title>Loading</title><noscript><meta http-equiv=refresh content="0; url=/never"></noscript>
<div id=root></div><script type=module src=/application.js></script>"""
APPLICATION = """
document.title = 'Log in';
document.cookie = 'seen=by-script; Path=/';
root.innerHTML = `<label>User <input id=user></label><input type=password id=pass required>
  <div role=button id=go>Log in</div><p id=message></p><button type=button style="display:none">Hidden</button>`;
go.onclick = async () => {
  const answer = await fetch('/api/login', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: user.value, password: pass.value }) });
  const { next, error } = await answer.json();
  if (next) setTimeout(() => { location.href = next; }, 300);
  message.textContent = error ?? 'Welcome';
};
"""


@dataclass
class Site:
    """A server with a login page that does nothing without scripts; it remembers what it was asked."""

    origin: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    next: str = f"{SHOP}/callback#code=1"

    async def answer(self, request: Request) -> Response:
        self.asked.append((f"{request.method} {request.url.path}", dict(request.headers)))
        match request.url.path:
            case "/login":
                return HTMLResponse(LOGIN, headers={"set-cookie": "page=1; HttpOnly"})
            case "/application.js":
                return Response(APPLICATION, media_type="text/javascript")
            case "/api/login":
                body = await request.json()
                if body != {"user": "alice", "password": "pass ö"}:
                    return JSONResponse({"error": "wrong"}, 401)
                answer = JSONResponse({"next": self.next})
                answer.set_cookie("session", "alice", httponly=True)
                answer.set_cookie("hint", "alice")
                return answer
            case "/away":
                return RedirectResponse(request.query_params["to"])
            case path if path in self.pages:
                return HTMLResponse(self.pages[path])
        return PlainTextResponse("nothing", 404)

    def requests(self) -> list[str]:
        return [line for line, _ in self.asked]

    def headers_of(self, line: str) -> dict[str, str]:
        return next(headers for asked, headers in reversed(self.asked) if asked == line)


@dataclass
class Room:
    """A site, a shop in process, and a browser."""

    site: Site
    network: Network
    chromium: Chromium
    browser: Browser
    tab: Tab = field(default_factory=Tab)

    def open(self, path: str) -> Navigation:
        return self.browser.navigate(self.tab, "GET", self.site.origin + path)

    def log_in(self, user: str, password: str, *, stop: str = "nowhere", tab: Tab | None = None) -> Navigation:
        assert self.tab.page is not None
        form = login_form(self.tab.page)
        filled = form.filled(user, password)
        return self.browser.submit(tab or self.tab, form.form, filled, form.button, stop=lambda url: stop in url)


def free_origin() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Network, Chromium, Site]]:
    async def shop(request: Request) -> Response:
        site.asked.append((f"{request.method} {SHOP}{request.url.path}", dict(request.headers)))
        return HTMLResponse(f"<title>shop {request.url.path}</title>")

    site = Site(free_origin())
    served = Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "POST"])])
    with Hosted(site.origin, served), Network(timeout=5) as network:
        network.reach(site.origin)
        network.host(SHOP, Starlette(routes=[Route("/{path:path}", shop)]))
        yield network, Chromium(network), site


@pytest.fixture
def room(started: tuple[Network, Chromium, Site]) -> Room:
    network, chromium, site = started
    site.asked.clear()
    site.pages.clear()
    network.forget()
    return Room(site, network, chromium, chromium.browser())


# What is done on a page


def test_login_page_without_a_form_in_its_source(room: Room) -> None:
    page = room.open("/login").page
    assert page is not None
    assert (page.title, page.url, page.has_scripts) == ("Log in", f"{room.site.origin}/login", False)
    form = login_form(page)
    assert form.username is not None
    assert form.button is not None
    assert (form.username.name, form.button.label) == ("user", "Log in")
    assert [button.label for button in form.form.buttons] == ["Log in"]
    assert "GET /never" not in room.site.requests()


def test_wrong_password_then_the_right_one(room: Room) -> None:
    room.open("/login")
    wrong = room.log_in("alice", "other")
    assert wrong.page is room.tab.page
    assert wrong.page is not None
    assert "wrong" in wrong.page.text
    right = room.log_in("alice", "pass ö", stop="/callback")
    assert (right.stopped_at, right.page) == (f"{SHOP}/callback#code=1", None)
    sent = room.site.headers_of("POST /api/login")
    assert (sent["origin"], sent["referer"]) == (room.site.origin, f"{room.site.origin}/login")
    assert sent["user-agent"] == room.site.headers_of("GET /login")["user-agent"]


def test_a_script_leads_to_a_party_in_process(room: Room) -> None:
    room.open("/login")
    went = room.log_in("alice", "pass ö")
    assert went.page is not None
    assert (went.page.title, [hop.url for hop in went.hops]) == ("shop /callback", [f"{SHOP}/callback#code=1"])


def test_cookies_of_answers_and_of_scripts_are_in_one_jar(room: Room) -> None:
    room.open("/login")
    assert room.browser.cookies(room.site.origin) == {"page": "1", "seen": "by-script"}
    twin = room.browser.copy()
    room.log_in("alice", "pass ö", stop="/callback")
    assert room.site.headers_of("POST /api/login")["cookie"] == "page=1; seen=by-script"
    assert room.browser.cookies(room.site.origin)["session"] == "alice"
    assert "session" not in twin.cookies(room.site.origin)


def test_scripts_see_the_cookies_that_they_may_see(room: Room) -> None:
    room.site.pages["/look"] = "<script>document.title = document.cookie</script>"
    room.open("/login")
    room.log_in("alice", "pass ö", stop="/callback")
    page = room.open("/look").page
    assert page is not None
    assert sorted(page.title.split("; ")) == ["hint=alice", "seen=by-script"]


def test_a_script_cannot_touch_what_is_http_only(room: Room) -> None:
    room.site.pages["/forge"] = "<script>document.cookie = 'page=2'; document.cookie = 'own=1; HttpOnly'</script>"
    room.open("/login")
    room.open("/forge")
    assert room.browser.cookies(room.site.origin) == {"page": "1", "seen": "by-script"}


def test_the_form_of_a_page_that_was_left_can_be_sent_again(room: Room) -> None:
    room.open("/login")
    page = room.tab.page
    room.log_in("alice", "pass ö", stop="/callback")
    assert room.tab.page is page
    again = room.log_in("", "", tab=Tab())
    assert again.page is not None
    assert "wrong" in again.page.text
    assert room.site.requests().count("POST /api/login") == 2


def test_native_form_that_a_script_made(room: Room) -> None:
    room.site.pages["/made"] = """<div id=root></div><script>root.innerHTML =
      '<form method=post action=/posted><input name=a value="ä b"><button name=do value=it>Allow</button></form>'
      </script>"""
    page = room.open("/made").page
    assert page is not None
    went = room.browser.choose(room.tab, choose_button(page, Meaning.ALLOW))
    assert [(hop.method, hop.url, hop.fields) for hop in went.hops] == [
        ("POST", f"{room.site.origin}/posted", {"a": "ä b", "do": "it"})
    ]


def test_link_that_a_script_follows(room: Room) -> None:
    room.site.pages["/link"] = "<a href=# onclick=\"location='/login'; return false\">Continue with Facelog</a>"
    page = room.open("/link").page
    assert page is not None
    went = room.browser.choose(room.tab, choose_button(page, Meaning.PROVIDER))
    assert [hop.url for hop in went.hops] == [f"{room.site.origin}/login"]


def test_frames_are_loaded_once_wherever_they_are(room: Room) -> None:
    room.site.pages["/out"] = f"""<title>out</title><script>document.title = 'gone'</script>
      <iframe src="{SHOP}/frontchannel"></iframe><iframe src="/away?to={SHOP}/redirected"></iframe>"""
    page = room.open("/out").page
    assert page is not None
    assert page.title == "gone"
    asked = room.site.requests()
    assert asked.count(f"GET {SHOP}/frontchannel") == 1
    assert asked.count(f"GET {SHOP}/redirected") == 1


def test_a_question_is_answered_with_yes_and_a_new_window_is_the_tab(room: Room) -> None:
    room.site.pages["/ask"] = """<button id=b>Log out</button><script>
      b.onclick = () => { if (confirm('Really?')) window.open('/asked-and-answered'); }</script>"""
    page = room.open("/ask").page
    assert page is not None
    went = room.browser.choose(room.tab, choose_button(page, Meaning.CONFIRM_LOGOUT))
    assert [hop.url for hop in went.hops] == [f"{room.site.origin}/asked-and-answered"]


def test_restarted_browser_keeps_only_lasting_cookies(room: Room) -> None:
    room.open("/login")
    room.browser.restart()
    assert room.browser.cookies(room.site.origin) == {}
    assert room.open("/login").page is not None


def test_page_without_scripts_does_not_need_chromium(room: Room) -> None:
    room.site.pages["/plain"] = "<title>plain</title><form><input name=user><input type=password name=p></form>"
    page = room.open("/plain").page
    assert page is not None
    assert page.source == room.site.pages["/plain"]


# What goes wrong


def test_a_form_that_scripts_took_away_cannot_be_sent(room: Room) -> None:
    room.site.pages["/once"] = """<form id=f onsubmit="f.remove(); return false"><input name=user>
      <input type=password name=p><button>Log in</button></form><script></script>"""
    room.open("/once")
    page = room.tab.page
    room.log_in("alice", "x")
    assert page is not None
    form = login_form(page)
    with pytest.raises(FlowBroken, match="took it away"):
        room.browser.submit(room.tab, form.form, form.filled("alice", "x"), form.button)


def test_foreign_origins_are_neither_asked_nor_silently_missing(room: Room) -> None:
    asked = []

    async def note(request: Request) -> Response:
        asked.append(request.url.path)
        return PlainTextResponse("document.title = 'foreign'", headers={"access-control-allow-origin": "*"})

    foreign = free_origin()
    with Hosted(foreign, Starlette(routes=[Route("/{path:path}", note)])):
        room.site.pages["/needs"] = f"""<title>Loading</title><script src={foreign}/a.js></script><img src={foreign}/b>
          <iframe src="/away?to={foreign}/c"></iframe><script>fetch('/away?to={foreign}/d');
          new WebSocket('{foreign.replace("http", "ws")}/e'); navigator.sendBeacon('{foreign}/f');</script>"""
        page = room.open("/needs").page
        assert page is not None
        with pytest.raises(FormNotFound) as problem:
            login_form(page)
        assert foreign in problem.value.cause
        assert "`origins`" in problem.value.hint
        room.site.next = f"{foreign}/g"
        room.open("/login")
        assert room.log_in("alice", "pass ö").foreign == f"{foreign}/g"
        room.site.next = Site.next
    assert asked == []


@pytest.mark.parametrize("address", ["myapp://callback?code=1", "http://evil.test/x"])
def test_foreign_address_that_a_script_leads_to_is_observed(room: Room, address: str) -> None:
    room.site.pages["/out"] = f"<script>location.href = '{address}'</script>"
    went = room.open("/out")
    assert (went.foreign, went.page) == (address, None)


def test_trouble_of_a_script_is_no_page_of_the_target(room: Room) -> None:
    def hang_up(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        broken = f"http://127.0.0.1:{listener.getsockname()[1]}"
        room.network.reach(broken)
        threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
        room.site.pages["/broken"] = f"<script>fetch('{broken}/', {{ method: 'POST', mode: 'no-cors' }})</script>"
        with pytest.raises(TargetHungUp):
            room.open("/broken")


def test_exchanges_show_the_requests_of_scripts_and_no_furniture(room: Room) -> None:
    room.open("/login")
    room.log_in("alice", "pass ö", stop="/callback")
    assert [(e.method, e.url.removeprefix(room.site.origin)) for e in room.network.exchanges] == [
        ("GET", "/login"),
        ("POST", "/api/login"),
    ]


# Without it


def test_built_in_browser_says_what_would_help(room: Room) -> None:
    room.site.pages["/login-application"] = "<title>Loading</title><script src=/application.js></script>"
    page = Browser(room.network).navigate(Tab(), "GET", room.site.origin + "/login-application").page
    assert page is not None
    assert find_login_form(page) is None
    with pytest.raises(FormNotFound) as problem:
        login_form(page)
    assert "scripts, which this browser does not run" in problem.value.cause
    assert 'browser = "chromium"' in problem.value.hint
    assert problem.value.exit_code == 7


@pytest.mark.parametrize(("missing", "remedy"), [("playwright", "pip install"), ("chromium", "apt-get install")])
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, network: Network, missing: str, remedy: str) -> None:
    if missing == "playwright":
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    else:
        monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(UsageProblem, match=missing) as problem:
        Chromium(network)
    assert remedy in str(problem.value)


def test_chromium_that_does_not_start_is_no_answer_of_the_target(
    monkeypatch: pytest.MonkeyPatch, network: Network, room: Room
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/false")
    network.reach(room.site.origin)
    with pytest.raises(BrowserFailed) as problem:
        Chromium(network).browser().navigate(Tab(), "GET", room.site.origin + "/login")
    assert problem.value.exit_code == 5


def test_unknown_browser_is_a_mistake_in_the_file(tmp_path: Path) -> None:
    file = target_file(tmp_path, "http://127.0.0.1:1", {'profiles = ["core"]': 'browser = "lynx"'})
    done = sessionproof("run", file)
    assert done.code == 3
    assert "browser" in done.err
    assert "chromium" in done.err

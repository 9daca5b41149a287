"""The lines for people: the real curl, given them one after the other, is the same browser as ours was."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sessionproof.conformance.adapters.browser import Browser, Tab
from sessionproof.conformance.adapters.curl import curl, curl_lines
from sessionproof.conformance.adapters.network import Network

Talk = Callable[[socket.socket], None]

SETS = {
    "/in": ["session=first; Path=/; HttpOnly", "theme=dark; Path=/"],
    "/again": ["session=second; Path=/; HttpOnly; SameSite=Lax"],
    "/out": ["session=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly"],
    "/out everywhere": ["session=; Path=/; Max-Age=0", "theme=; Path=/; Max-Age=0"],
}
"""What the answers at some paths set; a redirect comes with them, since that is how logins and logouts end."""


class Talker:
    """A server that sets and deletes cookies, and remembers what it was asked and with which cookies."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket) -> None:
        head, _, body = connection.recv(65536).decode().partition("\r\n\r\n")
        length = re.search(r"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += connection.recv(65536).decode()
        method, path, _ = head.split("\r\n")[0].split(" ")
        cookies = [line[8:] for line in head.split("\r\n") if line.lower().startswith("cookie: ")]
        with self._lock:
            self.asked.append((f"{method} {path}", "; ".join(sorted("; ".join(cookies).split("; "))), body))
        sets = SETS.get(path.replace("%20", " "), [])
        lines = [
            "HTTP/1.1 303 See Other" if sets else "HTTP/1.1 200 OK",
            *(f"Set-Cookie: {cookie}" for cookie in sets),
            *(["Location: /"] if sets else []),
            "Content-Length: 0",
            "Connection: close",
        ]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_lines_keep_and_lose_the_same_cookies(serve: Callable[[Talk], str], network: Network, tmp_path: Path) -> None:
    talker = Talker()
    origin = serve(talker)
    network.reach(origin)
    browser, tab = Browser(network), Tab()
    for path in ("/", "/in", "/again", "/out", "/in", "/out%20everywhere", "/"):
        browser.navigate(tab, "GET", origin + path)
    browser.navigate(tab, "POST", f"{origin}/form", {"name": "it's", "decision": "yes & no"})
    ours = list(talker.asked)
    talker.asked.clear()
    for exchange, line in list(curl_lines(network.exchanges)):
        assert line == curl(exchange)
        subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True, capture_output=True, timeout=10)
    assert talker.asked == ours
    assert any("session=second" in cookies for _, cookies, _ in ours)
    assert ours[-1][1] == "", "both cookies are gone in the end"


def test_json_goes_without_credentials(network: Network, serve: Callable[[Talk], str]) -> None:
    origin = serve(Talker())
    network.reach(origin)
    body = {
        "user": "alice",
        "password": 'pass"ö',
        "deep": [{"idToken": "abc", "next": "/?code=1&x=2"}],
        "note": 'pass"ö',
    }
    headers = {"Content-Type": "application/json; charset=utf-8"}
    content = json.dumps(body).encode()
    network.run(network.send(httpx.Request("POST", f"{origin}/", headers=headers, content=content)))
    line = curl(network.exchanges[-1], lambda text: text.replace('pass"ö', "$PASSWORD"))
    words = shlex.split(line.removesuffix(" <>jar"))
    assert words[words.index("-H") + 1] == "Content-Type: application/json"
    assert json.loads(words[words.index("-d") + 1]) == {
        "user": "alice",
        "password": "<password>",
        "deep": [{"idToken": "<idToken>", "next": "/?code=<code>&x=2"}],
        "note": "$PASSWORD",
    }

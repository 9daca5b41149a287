"""The network against servers that hang, hang up, flood, lie, redirect away, and against parties in process."""

import asyncio
import gzip
import socket
import subprocess
import time
from collections.abc import Callable

import httpx
import pytest
from sessionproof.conformance.adapters.exchange import Answer
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.problems import (
    BodyTooLarge,
    ForeignOrigin,
    HarnessProblem,
    NotHttp,
    PartyFailed,
    RateLimited,
    TargetHungUp,
    TargetTimeout,
    TargetUnavailable,
    TargetUnreachable,
)
from sessionproof.conformance.adapters.sockets import MAX_BODY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Serve = Callable[[Callable[[socket.socket], None]], str]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"


def get(network: Network, url: str, **headers: str) -> Answer:
    return network.run(network.send(httpx.Request("GET", url, headers=headers)))


def asked(connection: socket.socket) -> bytes:
    """Reads one request without a body."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError
        text += piece
    return text


def saying(reply: bytes, then: Callable[[], object] = bool) -> Callable[[socket.socket], None]:
    """Answers every request of a connection with these bytes, and does something after the first."""

    def talk(connection: socket.socket) -> None:
        while True:
            asked(connection)
            connection.sendall(reply)
            then()

    return talk


def closing(reply: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(reply)

    return talk


def hanging(connection: socket.socket) -> None:
    asked(connection)
    connection.recv(1)  # until the other side has had enough


def dripping(start: bytes) -> Callable[[socket.socket], None]:
    """Never silent for long, and never done."""

    def talk(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(start)
        while True:
            time.sleep(0.02)
            connection.sendall(b"x")

    return talk


def resetting(connection: socket.socket) -> None:
    asked(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_answer_measures_and_records(network: Network, serve: Serve) -> None:
    origin = serve(saying(OK))
    network.reach(origin)
    assert get(network, origin + "/a?b=c", cookie="sid=1").body == b"hi"
    assert network.requests == 1
    (exchange,) = network.exchanges
    assert network.waited == pytest.approx(exchange.seconds, abs=1e-3)
    assert (exchange.method, exchange.url, exchange.status) == ("GET", origin + "/a?b=c", 200)
    assert "sid=1" not in repr(exchange)
    network.forget()
    assert not network.exchanges


@pytest.mark.parametrize(
    ("talk", "problem"),
    [
        pytest.param(hanging, TargetTimeout, id="hangs"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "), TargetTimeout, id="drips-its-headers"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), TargetTimeout, id="drips-its-body"),
        pytest.param(resetting, TargetHungUp, id="resets"),
        pytest.param(closing(b""), TargetHungUp, id="closes-without-a-word"),
        pytest.param(closing(b"HTTP/1.1 200 OK\r\nContent-Le"), TargetHungUp, id="closes-within-headers"),
        pytest.param(closing(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"), TargetHungUp, id="closes-within-body"),
        pytest.param(closing(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), NotHttp, id="speaks-something-else"),
        pytest.param(closing(b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\n\r\n"), RateLimited, id="limits-the-rate"),
        pytest.param(closing(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n"), TargetUnavailable, id="is-overloaded"),
        pytest.param(closing(b"HTTP/1.1 504 Late\r\nContent-Length: 0\r\n\r\n"), TargetUnavailable, id="is-behind"),
    ],
)
def test_misbehaving_server(serve: Serve, talk: Callable[[socket.socket], None], problem: type[HarnessProblem]) -> None:
    origin = serve(talk)
    with Network(timeout=0.3) as network:
        network.reach(origin)
        started = time.perf_counter()
        with pytest.raises(problem) as raised:
            get(network, origin + "/")
    assert time.perf_counter() - started < 1.5
    assert origin in raised.value.cause
    assert raised.value.hint.endswith(".")


def test_endless_body_is_cut_off(network: Network, serve: Serve) -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    origin = serve(flood)
    network.reach(origin)
    with pytest.raises(BodyTooLarge):
        get(network, origin + "/")
    assert sum(sent) < 16 * MAX_BODY


def test_compressed_bomb_is_cut_off(network: Network, serve: Serve) -> None:
    bomb = gzip.compress(b"x" * (MAX_BODY + 1))
    origin = serve(
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    )
    network.reach(origin)
    with pytest.raises(BodyTooLarge):
        get(network, origin + "/")


def test_compressed_body_is_read(network: Network, serve: Serve) -> None:
    body = gzip.compress(b"hello")
    origin = serve(
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    )
    network.reach(origin)
    assert get(network, origin + "/").body == b"hello"


def test_wrong_content_encoding_is_a_problem(network: Network, serve: Serve) -> None:
    origin = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi"))
    network.reach(origin)
    with pytest.raises(NotHttp):
        get(network, origin + "/")


def test_nobody_listens(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    network.reach(origin)
    with pytest.raises(TargetUnreachable):
        get(network, origin + "/")


def test_server_error_is_an_answer(network: Network, serve: Serve) -> None:
    origin = serve(saying(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"))
    network.reach(origin)
    assert get(network, origin + "/").status == 500


def test_connection_is_reused_and_closed_ones_are_replaced(network: Network, serve: Serve) -> None:
    connections = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection)
        for _ in range(3):
            asked(connection)
            connection.sendall(OK)
        asked(connection)  # the fourth request is taken and never answered, as at the end of a keep-alive time

    origin = serve(talk)
    network.reach(origin)
    for _ in range(5):
        assert get(network, origin + "/").status == 200
    assert len(connections) == 2


def test_post_is_never_sent_twice(network: Network, serve: Serve) -> None:
    requests = []

    def talk(connection: socket.socket) -> None:
        while True:
            requests.append(asked(connection))
            if len(requests) == 2:
                return
            connection.sendall(OK)

    origin = serve(talk)
    network.reach(origin)
    get(network, origin + "/")
    with pytest.raises(TargetHungUp):
        network.run(network.send(httpx.Request("POST", origin + "/")))
    assert len(requests) == 2


@pytest.mark.parametrize("url", ["http://foreign.test/x", "http://known.test:81/", "https://known.test/", "app:/x"])
def test_foreign_origin_is_refused_before_anything_is_sent(network: Network, url: str) -> None:
    network.host("http://known.test", Starlette())
    with pytest.raises(ForeignOrigin, match="origins"):
        get(network, url)
    assert network.requests == 0


def test_party_in_process_asks_the_server_meanwhile(network: Network, serve: Serve) -> None:
    origin = serve(saying(OK))

    async def shop(_request: Request) -> Response:
        async with network.client() as client:
            return PlainTextResponse((await client.get(origin + "/token")).text)

    network.reach(origin)
    network.host("http://shop.test", Starlette(routes=[Route("/", shop)]))
    assert get(network, "http://shop.test/").body == b"hi"
    assert [e.url for e in network.exchanges] == [origin + "/token", "http://shop.test/"]
    assert network.waited == pytest.approx(network.exchanges[0].seconds, abs=1e-3)  # the party's own time is ours


def test_problem_that_a_party_swallowed_comes_out(network: Network) -> None:
    async def shop(_request: Request) -> Response:
        try:
            async with network.client() as client:
                await client.get("http://elsewhere.test/token")
        except Exception:
            return PlainTextResponse("login failed", 502)
        return PlainTextResponse("logged in")

    network.host("http://shop.test", Starlette(routes=[Route("/", shop)]))
    with pytest.raises(ForeignOrigin):
        get(network, "http://shop.test/")


def test_failing_party_is_our_defect(network: Network) -> None:
    async def shop(_request: Request) -> Response:
        raise KeyError("state")

    network.host("http://shop.test", Starlette(routes=[Route("/", shop)]))
    with pytest.raises(PartyFailed, match=r"shop\.test.*KeyError"):
        get(network, "http://shop.test/")


def test_server_may_call_back_while_it_is_asked(serve: Serve) -> None:
    """Back-channel logout: without `overlapping` this would hang, as the party's loop would be blocked."""
    with Network(timeout=5, overlapping=True) as network:
        told = []

        async def listen() -> int:
            async def hear(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                told.append(True)
                writer.close()

            server = await asyncio.start_server(hear, "127.0.0.1", 0)
            return int(server.sockets[0].getsockname()[1])

        port = network.run(listen())

        def talk(connection: socket.socket) -> None:
            asked(connection)
            with socket.create_connection(("127.0.0.1", port)) as back:
                back.recv(1)
            connection.sendall(OK)

        origin = serve(talk)
        network.reach(origin)
        assert get(network, origin + "/").status == 200
        assert told


def test_pause_is_kept_apart_from_waiting(serve: Serve) -> None:
    origin = serve(saying(OK))
    with Network(delay=0.01) as network:
        network.reach(origin)
        get(network, origin + "/")
        assert network.paused == 0.01
        assert network.waited < 1


def test_curl_line_repeats_the_request_without_secrets(network: Network) -> None:
    received = []

    async def echo(request: Request) -> Response:
        received.append((request.method, await request.body(), request.headers.get("x-a")))
        return PlainTextResponse("ok")

    network.host("http://shop.test", Starlette(routes=[Route("/p", echo, methods=["POST"])]))
    headers = {"x-a": "it's", "authorization": "Basic c2hvcDpodW50ZXIy"}
    request = httpx.Request("POST", "http://shop.test/p", headers=headers, content=b"password=hunter2&a=$HOME")
    network.run(network.send(request))
    line = network.exchanges[0].curl(lambda text: text.replace("hunter2", "$PASSWORD"))
    assert "hunter2" not in line
    assert "c2hvcDpodW50ZXIy" not in line
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True).stdout.splitlines()
    assert words[:3] == ["curl", "-i", "http://shop.test/p"]
    assert "x-a: it's" in words
    assert words[-2:] == ["--data-raw", "password=$PASSWORD&a=$HOME"]

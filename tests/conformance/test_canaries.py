"""Nothing secret gets out: everything on, everything written, and every canary looked for in all of it."""

import json
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sessionproof.conformance.adapters.redaction import redacted
from sessionproof.conformance.flow import flow_json
from sessionproof.conformance.mutants.server import CodesAreNeverUsedUp
from sessionproof.model.vocabulary import Stimulus
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .command import CANARIES, Done, findings, sessionproof
from .faults import Fault, Faulty, answer
from .leaks import assert_no_leak, forms_of
from .serving import serving, target_file

QUICK = ("--cover", "rules", "--search", "0", "--steps", "40")


class Overheard:
    """Stands before a server and writes down what it hands out: cookies, codes and tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.secrets: dict[str, set[str]] = {"cookie": set(), "code": set(), "token": set()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def listening(message: Message) -> None:
            for name, value in message.get("headers", ()):
                if name == b"set-cookie":
                    self.secrets["cookie"].add(value.decode().partition("=")[2].partition(";")[0])
                elif name == b"location":
                    self.secrets["code"].add(dict(parse_qsl(urlsplit(value.decode()).query)).get("code", ""))
            if scope["path"] == "/token" and message.get("body"):
                body = json.loads(message["body"])
                self.secrets["token"].update(body[name] for name in body if name.endswith("_token"))
            await send(message)

        await self.app(scope, receive, listening)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


class Everything:
    """What all commands printed and wrote about a server with a fault, so that there are findings with exchanges."""

    def __init__(self, folder: Path) -> None:
        heard: list[Overheard] = []

        def around(app: ASGIApp) -> Overheard:
            heard.append(Overheard(app))
            return heard[0]

        written = folder / "written"
        written.mkdir()
        names = ("log", "junit", "sarif", "html", "markdown", "badge", "badge-json", "zip", "summary")
        self.file = {name: written / name for name in names}
        self.file["summary"].touch()
        options = [text for name in ("log", "junit", "sarif") for text in (f"--{name}", str(self.file[name]))]
        shown = [text for name in names[3:7] for text in (f"--{name}", str(self.file[name]))]
        with umask(0), serving(around=around, decisions=CodesAreNeverUsedUp) as server:
            target, log = target_file(folder, server.issuer), self.file["log"]
            environ = CANARIES | {"GITHUB_STEP_SUMMARY": str(self.file["summary"]), "GITHUB_WORKSPACE": str(folder)}
            arguments = (*QUICK, "--verbose", "--github", *options)
            self.run = sessionproof("run", target, *arguments, environ=environ)
            self.done = [
                self.run,
                sessionproof("report", log, *shown),
                sessionproof("bundle", log, "--out", self.file["zip"]),
                sessionproof("verify", self.file["zip"]),
                sessionproof("replay", log, target),
                sessionproof("check", target),
                sessionproof("compare", log),
                sessionproof("diff", log, log),
            ]
        self.heard = heard[0].secrets
        with zipfile.ZipFile(self.file["zip"]) as archive:
            for name in archive.namelist():
                (folder / f"in-zip-{name}").write_bytes(archive.read(name))
        self.texts = [path for path in (*written.iterdir(), *folder.glob("in-zip-*")) if path.name != "zip"]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    return Everything(tmp_path_factory.mktemp("canaries"))


def test_passwords_and_client_secrets_are_in_nothing_that_is_printed_or_written(everything: Everything) -> None:
    [finding] = findings(everything.file["log"])
    assert any("curl" in exchange and "password" in exchange["curl"] for exchange in finding["exchanges"])
    assert len(everything.texts) == 12
    for done in everything.done:
        assert_no_leak(done, *everything.texts)


def test_cookies_codes_and_tokens_are_neither(everything: Everything) -> None:
    assert all(len(values) > 5 for values in everything.heard.values())
    values = {value for values in everything.heard.values() for value in values if len(value) > 8}
    texts = {path.name: path.read_text(encoding="utf-8") for path in everything.texts}
    texts |= {f"output {n}": done.out + done.err for n, done in enumerate(everything.done)}
    for where, text in texts.items():
        assert not [value for value in values if value in text], where
        assert not re.search(r"(?i)\b(set-)?cookie: ", text), where
        assert not re.search(r"\bey[\w-]{10,}\.ey[\w-]{10,}\.", text), f"a token in {where}"


def test_nobody_else_may_change_what_is_written_nor_read_the_log(everything: Everything) -> None:
    """With no umask at all."""
    for path in everything.file.values():
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.name != "summary":  # it is there before
            assert not mode & 0o022, f"{path.name}: {mode:o}"
    assert stat.S_IMODE(everything.file["log"].stat().st_mode) == 0o600


# Servers that say secrets

ECHO = json.dumps({"error": "invalid_client", "error_description": " ".join(forms_of(CANARIES))}).encode()
PAGE = b"<title>Wrong</title><p>" + " ".join(forms_of(CANARIES)).encode() + b"</p>"


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    "echo",
    [
        ("/token", answer(400, ECHO, (b"content-type", b"application/json"))),
        ("/authorize", answer(403, PAGE, (b"content-type", b"text/html; charset=utf-8"))),
    ],
    ids=["token endpoint", "page"],
)
def test_a_server_that_says_them_in_an_error_is_not_quoted(
    tmp_path: Path, command: str, echo: tuple[str, Fault]
) -> None:
    def around(app: ASGIApp) -> ASGIApp:
        return Faulty(app, lambda scope, _: echo[1] if scope["path"] == echo[0] else None)

    with serving(around=around) as server:
        done = sessionproof(command, target_file(tmp_path, server.issuer))
    assert done.code == 2
    assert "$SESSIONPROOF_ALICE_PASSWORD" in done.out + done.err
    assert_no_leak(done)


def test_every_form_is_known() -> None:
    text = " | ".join(forms_of(CANARIES))
    assert_no_leak(Done(0, redacted(text, CANARIES), ""))
    assert redacted("Check the application's login in base64: aGVsbG8gd29ybGQ=", CANARIES).endswith("aGVsbG8gd29ybGQ=")


# A target file from a stranger


def test_a_strangers_file_reads_no_other_file(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (tmp_path / "mine.pem").write_text("-----BEGIN PRIVATE KEY-----\nmine\n", encoding="utf-8")
    (folder / "link.pem").symlink_to(tmp_path / "mine.pem")
    for path in ("../mine.pem", str(tmp_path / "mine.pem"), "link.pem"):
        changes = {'role = "authorization-server"': f'role = "authorization-server"\nca_file = "{path}"'}
        done = sessionproof("run", target_file(folder, "https://127.0.0.1:1", changes))
        assert (done.code, done.out) == (3, "")
        assert "is not in the folder of the target file" in done.err
        assert "--trust" in done.err


@pytest.mark.parametrize("command", ["run", "check", "replay"])
def test_a_strangers_file_runs_nothing(tmp_path: Path, command: str) -> None:
    more = f'[start]\ncommand = ["touch", "{tmp_path}/ran"]\nready = "ready"\n'
    file = target_file(tmp_path, "http://127.0.0.1:1", more=more)
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(flow_json("core", [Stimulus("visit orders", "shop")])), encoding="utf-8")
    done = sessionproof(command, *([flow] if command == "replay" else []), file)
    assert done.code == 5
    assert not (tmp_path / "ran").exists()

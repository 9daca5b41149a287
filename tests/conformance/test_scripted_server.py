"""A server all of whose pages are made by scripts: through Chromium, and in the browser that runs none."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.chromium import NAMES
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .command import CANARIES, sessionproof
from .leaks import forms_of
from .serving import serving, target_file

SSO = next(scope for scope in SCOPES if scope.name == "sso")


def scripted(app: ASGIApp) -> ASGIApp:
    """Stands before a server, and has a script put the content of each page where it belongs."""

    def page(body: bytes) -> bytes:
        def script(found: re.Match[bytes]) -> bytes:
            content = json.dumps(found[2].decode()).replace("<", "\\u003c")
            return found[1] + f"<script>document.body.innerHTML = {content}</script></body>".encode()

        return re.sub(rb"(?s)(<body[^>]*>)(.*)</body>", script, body)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await app(scope, receive, keep)
        body = page(b"".join(message.get("body", b"") for message in messages[1:]))
        unsized = {b"content-length", b"content-security-policy"}
        headers = [pair for pair in messages[0]["headers"] if pair[0].lower() not in unsized]
        length = (b"content-length", str(len(body)).encode())
        await send({**messages[0], "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    return answer


@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="needs Chromium: python3 dev.py test installs it")
def test_steps_through_chromium(tmp_path: Path) -> None:
    with serving() as served:
        served.switch.app = scripted(served.switch.app)
        file = target_file(tmp_path, served.issuer, {'profiles = ["core"]': 'browser = "chromium"'})
        target = load_target(file, {**os.environ, **CANARIES})
        assert isinstance(target, AuthorizationServerTarget)
        adapter = BlackBoxAdapter(target)
        try:
            assert "cancel" in adapter.declare().features
            adapter.reset(SSO)
            steps = {
                ("visit orders", "shop", ""): ("authorize", "page login"),
                ("wrong credentials", "", "alice"): ("page login",),
                ("credentials", "", "alice"): ("answer", "page account"),
                ("visit orders", "outlet", ""): ("authorize", "page consent"),
                ("allow", "", ""): ("answer", "page account"),
            }
            for (action, app, arg), trace in steps.items():
                seen = adapter.perform(Stimulus(action, app, arg))
                assert seen.trace == trace, action
                logged = str(adapter.exchanges())
                assert not [form for form in forms_of(CANARIES) if form in logged]
            assert (seen.facets["b1/as"], seen.facets["b1/outlet"]) == ("alice", "alice")
        finally:
            adapter.close()


def test_without_it_the_message_names_it(tmp_path: Path) -> None:
    with serving() as served:
        served.switch.app = scripted(served.switch.app)
        done = sessionproof("run", target_file(tmp_path, served.issuer))
    assert done.code == 7
    assert 'browser = "chromium"' in done.err

"""The system's Chromium, driven by playwright: what runs the scripts of pages that need them.

It has no way out of its own: every request of a page is answered by the `Network`, see `scripting.py`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import UsageProblem
from .browser import USER_AGENT
from .problems import BrowserFailed
from .scripted import ScriptedBrowser
from .scripting import Scripting

if TYPE_CHECKING:
    from playwright.async_api import Browser as Process
    from playwright.async_api import Playwright

    from .cookies import Jar
    from .network import Network
    from .urls import Origin

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""What the program may be called."""
_NOWHERE = "http://127.0.0.1:9"
_NO_WAY_OUT = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--renderer-process-limit=2",
)


class Chromium:
    """One Chromium for all browsers of a network; started when the first page needs it, closed with the network."""

    def __init__(self, network: Network) -> None:
        """Raises UsageProblem where playwright or Chromium is not installed. Starts nothing yet."""
        if importlib.util.find_spec("playwright") is None:
            raise UsageProblem(
                'The target file says browser = "chromium", which needs the Python package playwright. '
                "Install it: pip install 'sessionproof[browser]'."
            )
        self._program = next(filter(None, map(shutil.which, NAMES)), None)
        if self._program is None:
            raise UsageProblem(
                f'The target file says browser = "chromium", and none of these programs was found: {", ".join(NAMES)}. '
                "Install Chromium (Debian and Ubuntu: apt-get install chromium)."
            )
        self._network = network
        self._playwright: Playwright | None = None
        self._process: Process | None = None
        self._left: list[Scripting] = []
        network.closing.append(self._close)

    def browser(self) -> ScriptedBrowser:
        """A fresh browser on the network."""
        return ScriptedBrowser(self._network, self)

    async def scripting(self, owner: ScriptedBrowser, jars: dict[Origin, Jar]) -> Scripting:
        """What runs scripts for one browser, apart from all others; closed some time after its `owner` is gone."""
        from playwright.async_api import Error

        try:
            while self._left:
                await self._left.pop().close()
            process = self._process or await self._start()
            # The same name as in the requests for documents: some servers bind a session to it.
            context = await process.new_context(
                user_agent=USER_AGENT, locale="en", service_workers="block", accept_downloads=False
            )
            made = Scripting(context, self._network, jars)
            await made.prepare()
        except Error as error:
            raise BrowserFailed(error) from error
        weakref.finalize(owner, self._left.append, made)
        return made

    async def _start(self) -> Process:
        from playwright.async_api import async_playwright

        self._playwright = self._playwright or await async_playwright().start()
        self._process = await self._playwright.chromium.launch(
            executable_path=self._program,
            chromium_sandbox=os.geteuid() != 0,  # which root cannot have
            args=list(_NO_WAY_OUT),
            # Whatever is not answered by the network fails: redirects of what was answered, sockets, look-ups.
            proxy={"server": _NOWHERE, "bypass": "<-loopback>"},
        )
        return self._process

    async def _close(self) -> None:
        if self._playwright is not None:
            from playwright.async_api import Error

            with suppress(Error):  # it may have crashed, or have been interrupted with us
                if self._process is not None:
                    await self._process.close()
                await self._playwright.stop()

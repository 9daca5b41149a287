"""Two things at the same time: a logout while a page is on its way, and a code that is redeemed twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sessionproof.model.vocabulary import Stimulus

from ..storezero.oidc_client import ProviderProblem, RelyingParty
from .browser import Navigation, Tab
from .navigation import Request
from .network import Network
from .problems import FlowBroken, TargetFailed
from .reading import Seen

if TYPE_CHECKING:
    from .driver import Driver, Person


def log_out_during_slow_page(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Ask for a page that takes its time, log out before it comes, and let the browser take what comes with it."""
    app, browser, tab = driver.apps[stimulus.app], person.browser, person.tabs[stimulus.tab]
    slow, logout = app.visit("slow page", browser), app.visit("log out here", browser)
    hold = app.hold()

    async def both() -> tuple[Navigation, bool]:
        page = asyncio.create_task(browser.go(Tab(), Request("GET", slow.url), app.leaves))
        try:
            await hold.arrived()
            went = await browser.go(tab, Request(logout.method, logout.url, tuple(logout.fields.items())))
            early = page.done()
        except BaseException:
            page.cancel()
            raise
        finally:
            hold.release()
        await page
        return went, early

    with _overlapping(driver.network):
        went, early = driver.network.run(both())
    if early:
        raise FlowBroken(
            f"{slow.url} was answered before the logout was done: the two did not overlap.",
            "Make `pages.slow` of the target file take a second or more.",
        )
    return driver.seen(person, stimulus, went)


def redeem_twice(network: Network, party: RelyingParty, code: str, verifier: str) -> str:
    """Send a code to the token endpoint twice at the same time; say how many of the two were answered with tokens."""

    async def both() -> list[Any]:
        await party.metadata()
        one, other = party.redeem(code, verifier), party.redeem(code, verifier)
        return list(await asyncio.gather(one, other, return_exceptions=True))

    with _overlapping(network):
        answers = network.run(both())
    for problem in (a for a in answers if isinstance(a, BaseException)):
        if not isinstance(problem, ProviderProblem):
            raise problem
        if problem.status is None:
            raise TargetFailed(f"The token endpoint could not answer: {problem}.", "Look into the target's log.")
    accepted = sum(isinstance(answer, dict) for answer in answers)
    return f"{('no', 'one', 'each')[accepted]} token of two"


@contextmanager
def _overlapping(network: Network) -> Iterator[None]:
    before, network.overlapping = network.overlapping, True
    try:
        yield
    finally:
        network.overlapping = before

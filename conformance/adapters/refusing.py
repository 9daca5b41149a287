"""Consent that was refused, and is to be taken for granted: by an address that says so, or by a page that is over."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sessionproof.model.vocabulary import Stimulus

from ..storezero.parameters import with_query
from .browser import Tab
from .buttons import Press, choose_button
from .page import Page
from .problems import FlowBroken, FormNotFound, Unobservable
from .reading import Seen
from .selectors import Selectors
from .words import Meaning

if TYPE_CHECKING:
    from .driver import Driver, Person


def note_refusal(person: Person, page: Page, selectors: Selectors) -> None:
    """Remember the button of a consent page that is not pressed."""
    with suppress(FormNotFound):
        allow = choose_button(page, Meaning.ALLOW, selectors)
        person.refused = allow if isinstance(allow, Press) else person.refused


def deny_despite_the_address(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Refuse consent by a form to whose address is added what the other button would have sent."""
    tab = person.tabs[stimulus.tab]
    page, selectors = driver.page(tab), driver.sites.selectors
    note_refusal(person, page, selectors)
    deny, allow = choose_button(page, Meaning.DENY, selectors), person.refused
    if not isinstance(deny, Press) or allow is None or not (name := allow.button.name):
        raise Unobservable(
            "The buttons of the consent page have no name: what was chosen is told in another way.",
            "Nothing can be said about decisions in an address on this target.",
        )
    added = {name: next(iter(allow.button.values), "")}
    first = [True]

    def rewrite(url: str) -> str:
        return with_query(url, added) if first and first.pop() else url

    went = person.browser.choose(tab, deny, rewrite=rewrite)
    return driver.seen(person, stimulus, went, "as")


def allow_after_all(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Go back to the page that was refused last, and press the other button."""
    if person.refused is None:
        raise FlowBroken("There is no consent page to go back to.", "This is a defect of the suite: please report it.")
    return driver.seen(person, stimulus, person.browser.choose(Tab(), person.refused), "as")

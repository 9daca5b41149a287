"""What the pages of a server offer a person, looked at once before a run: ways to give up, to refuse, to stay."""

from __future__ import annotations

from sessionproof.model.vocabulary import Stimulus

from .browser import Tab
from .buttons import choose_button
from .driver import Driver
from .page import Page
from .problems import FormNotFound
from .words import Meaning


def offers(driver: Driver, page: Page, meaning: Meaning) -> bool:
    """Whether the page has a button or link of this meaning."""
    try:
        return bool(choose_button(page, meaning, driver.sites.selectors_at(page.url)))
    except FormNotFound:
        return False


def offers_cancel(driver: Driver, app: str) -> bool:
    """Whether the server's login page has a way to give up."""
    browser = driver.fresh_person().browser
    method, url, fields = driver.apps[app].visit("visit orders", browser)
    page = browser.navigate(Tab(), method, url, fields).page
    return page is not None and offers(driver, page, Meaning.CANCEL)


def offers_deny(driver: Driver, app: str) -> bool:
    """Whether a consent page, if one comes after a login, has a way to refuse."""
    page = driver.page_after_password(driver.fresh_person(), next(iter(driver.users)), app)
    return page is None or offers(driver, page, Meaning.DENY)


def offers_decline(driver: Driver, app: str) -> bool:
    """Whether the question before a logout has a way to say no; True where no question comes."""
    if not driver.sites.server.end_session:
        return False
    person = driver.fresh_person()
    driver.page_after_password(person, next(iter(driver.users)), app)
    page = person.browser.navigate(Tab(), "GET", driver.sites.server.end_session).page
    return (
        page is None or not offers(driver, page, Meaning.CONFIRM_LOGOUT) or offers(driver, page, Meaning.DECLINE_LOGOUT)
    )


def provider_offers(driver: Driver, app: str) -> tuple[bool, bool]:
    """Whether the provider has a way to give up its login page, and to refuse its consent page, if one comes."""
    driver.reset(1, 1)
    for stimulus in (Stimulus("visit orders", app), Stimulus("choose provider")):
        driver.perform(stimulus)
    tab = driver.people[0].tabs[0]
    cancel = tab.page is not None and offers(driver, tab.page, Meaning.CANCEL)
    driver.perform(Stimulus("credentials", "", next(iter(driver.provider_users))))
    deny = tab.page is None or driver.sites.party(tab.page.url) != "idp" or offers(driver, tab.page, Meaning.DENY)
    return cancel, deny

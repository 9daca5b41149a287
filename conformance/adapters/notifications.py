"""The server tells an application of a logout: logout tokens and front-channel requests, made by the suite's server."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from sessionproof.model.vocabulary import Stimulus

from ..storezero.logout_notification import LogoutTokenFault
from ..storezero.parameters import with_query
from ..storezero.provider import OpenIDProvider
from ..storezero.upstream_logout import BACKCHANNEL_PATH
from .browser import Tab
from .problems import FlowBroken
from .reading import Seen

if TYPE_CHECKING:
    from .driver import Driver, Person


def logout_token(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the application a logout token about this browser's session, right or wrong (Back-Channel Logout 1.0)."""
    token = _token(_server(driver), person, stimulus, driver.client_ids[stimulus.app])
    return _send(driver, driver.apps[stimulus.app].backchannel_logout_uri, token)


def provider_logout_token(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Let the identity provider tell the server of a logout of this browser's session there, rightly or wrongly."""
    provider, client = driver.provider, driver.provider_client().party
    if provider is None:
        raise FlowBroken("The provider is not played by the suite.", "This is a defect of the suite: please report it.")
    token = _token(provider, person, stimulus, client.config.client_id)
    origin = driver.sites.server.issuer
    return _send(driver, origin + BACKCHANNEL_PATH, token)


def frontchannel_logout(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Open the application's front-channel logout address in this browser (Front-Channel Logout 1.0)."""
    provider, app = _server(driver), driver.apps[stimulus.app]
    sid = provider.session_status(person.browser.cookies(provider.origin)).sid or _gone()
    parameters = {"iss": provider.config.issuer, "sid": sid if stimulus.arg == "own sid" else f"not-{sid}"}
    url = with_query(app.frontchannel_logout_uri, parameters)
    person.browser.navigate(Tab(), "GET", url, referrer=provider.origin + "/")
    return Seen()


def _token(provider: OpenIDProvider, person: Person, stimulus: Stimulus, client_id: str) -> str:
    fault = stimulus.arg if stimulus.arg in get_args(LogoutTokenFault) else None
    names = stimulus.arg.split(" and ") if fault is None else ["sid", "sub"]
    cookies = person.browser.cookies(provider.origin)
    return provider.logout_token(cookies, client_id, names, cast("LogoutTokenFault | None", fault)) or _gone()


def _send(driver: Driver, address: str, token: str) -> Seen:
    answer = driver.network.run(driver.network.client().post(address, data={"logout_token": token}))
    kind = {200: "accepted", 204: "accepted", 400: "refused"}.get(answer.status_code, f"answered {answer.status_code}")
    return Seen([f"notification {kind}"])


def _server(driver: Driver) -> OpenIDProvider:
    if driver.server is None:
        raise FlowBroken("The server is not played by the suite.", "This is a defect of the suite: please report it.")
    return driver.server


def _gone() -> str:
    raise FlowBroken("The server has no session of this browser.", "This is a defect of the suite: please report it.")

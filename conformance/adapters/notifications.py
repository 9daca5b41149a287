"""The server tells an application of a logout: logout tokens and front-channel requests, made by the suite's server."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from sessionproof.model.vocabulary import Stimulus

from ..storezero.logout_notification import LogoutTokenFault
from ..storezero.parameters import with_query
from ..storezero.provider import OpenIDProvider
from .browser import Tab
from .problems import FlowBroken
from .reading import Seen

if TYPE_CHECKING:
    from .driver import Driver, Person


def logout_token(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the application a logout token about this browser's session, right or wrong (Back-Channel Logout 1.0)."""
    provider, app = _server(driver), driver.apps[stimulus.app]
    fault = stimulus.arg if stimulus.arg in get_args(LogoutTokenFault) else None
    names = stimulus.arg.split(" and ") if fault is None else ["sid", "sub"]
    token = provider.logout_token(
        person.browser.cookies(provider.origin),
        driver.client_ids[stimulus.app],
        names,
        cast("LogoutTokenFault | None", fault),
    )
    client = driver.network.client()
    answer = driver.network.run(client.post(app.backchannel_logout_uri, data={"logout_token": token or _gone()}))
    kind = {200: "accepted", 204: "accepted", 400: "refused"}.get(answer.status_code, f"answered {answer.status_code}")
    return Seen([f"notification {kind}"])


def frontchannel_logout(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Open the application's front-channel logout address in this browser (Front-Channel Logout 1.0)."""
    provider, app = _server(driver), driver.apps[stimulus.app]
    sid = provider.session_status(person.browser.cookies(provider.origin)).sid or _gone()
    parameters = {"iss": provider.config.issuer, "sid": sid if stimulus.arg == "own sid" else f"not-{sid}"}
    url = with_query(app.frontchannel_logout_uri, parameters)
    person.browser.navigate(Tab(), "GET", url, referrer=provider.origin + "/")
    return Seen()


def _server(driver: Driver) -> OpenIDProvider:
    if driver.server is None:
        raise FlowBroken("The server is not played by the suite.", "This is a defect of the suite: please report it.")
    return driver.server


def _gone() -> str:
    raise FlowBroken("The server has no session of this browser.", "This is a defect of the suite: please report it.")

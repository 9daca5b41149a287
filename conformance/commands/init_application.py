"""What `sessionproof init` asks and finds out about an application."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..adapters.drafts import load_draft
from ..adapters.hosting import Hosted
from ..adapters.network import Network
from ..adapters.played import played_provider
from ..adapters.survey_application import Recognised, Registration, recognise, registration
from ..adapters.target import ApplicationTarget
from ..asking import Asker, Given, tell
from ..drafting import DraftApplication, DraftClient, secrets_of
from ..errors import HarnessProblem


def application_file(
    network: Network,
    asker: Asker,
    title: str,
    base: str,
    provider: str,
    given: Given,
    pages: Mapping[str, str | None],
) -> str:
    """The text of the target file for an application; asks what neither the options nor its pages say."""
    protected = asker.ask("Path of a page that needs login", "--protected", pages["protected"])
    public = asker.ask("Path of a page that needs none", "--public", pages["public"], "/")
    asker.settle()
    with Hosted(provider, played_provider("as", provider, "ES256").app):
        sent = registration(network, base, protected, provider)
    if isinstance(sent, Registration):
        tell("registration", f"client {sent.client_id}, redirect URI {sent.redirect_uri}")
    else:
        tell("registration", f"{protected} led to {sent}; {provider} must be the application's issuer", wrong=True)
    known = sent if isinstance(sent, Registration) else None
    client_id = asker.ask(
        "Client id of the application", "--client-id", given.of(given.ids, 0), known.client_id if known else None
    )
    redirect_uri = asker.ask(
        "Its redirect URI", "--redirect-uri", given.of(given.redirects, 0), known.redirect_uri if known else None
    )
    asker.settle()
    client = DraftClient("app", client_id, redirect_uri, secret=given.secret)
    found: dict[str, str | dict[str, str]] = {"protected": protected, "public": public}
    seen = _recognised(title, base, provider, client, found)
    found |= seen.pages
    leave = asker.ask(
        "Its post-logout redirect URI (Enter for none)",
        "--post-logout-redirect-uri",
        given.of(given.leaves, 0),
        seen.leave,
    )
    client = replace(client, post_logout_redirect_uri=leave)
    default = found.get("user")
    selector = asker.ask(
        "CSS selector of the element that shows who is logged in",
        "--user-selector",
        pages["user"],
        default if isinstance(default, str) else None,
    )
    asker.settle()
    if selector != default:
        found.pop("user_prefix", None)
    found["user"] = selector
    profiles = ["core", *(["logout-rp"] if "logout" in found else [])]
    return DraftApplication(title, base, profiles, provider, client, found).toml()


def _recognised(
    title: str, base: str, provider: str, client: DraftClient, pages: Mapping[str, str | dict[str, str]]
) -> Recognised:
    """What a login shows of the application's pages; needs the client's secret, if it has one."""
    text = DraftApplication(title, base, ["core"], provider, client, {**pages, "user": "body"}).toml()
    if missing := [variable for variable in secrets_of(text) if variable not in os.environ]:
        tell("login", f"not tried: {', '.join(missing)} is not set in the environment", wrong=True)
        return Recognised({}, "")
    target = load_draft(text, Path.cwd(), os.environ)
    found = Recognised({}, "")
    try:
        if isinstance(target, ApplicationTarget):
            found = recognise(target)
    except HarnessProblem as problem:
        tell("login", str(problem), wrong=True)
    for key, value in found.pages.items():
        tell(f"pages.{key}", str(value))
    return found

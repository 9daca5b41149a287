"""What `sessionproof init` asks and finds out about an authorization server."""

from collections.abc import Sequence

from ..adapters.network import Network
from ..adapters.survey import Published, check_endpoints, find_login_form
from ..asking import APPS, USERS, Asker, Given, tell
from ..drafting import DraftClient, DraftServer
from ..errors import HarnessProblem


def server_file(
    network: Network,
    asker: Asker,
    title: str,
    found: Published,
    given: Given,
    users: Sequence[str] | None,
    origins: Sequence[str],
) -> str:
    """The text of the target file for a server; asks what neither the options nor discovery say."""
    tell("discovery", f"{found.issuer}" + ("; it can log out (end_session_endpoint)" if found.may_log_out else ""))
    for elsewhere in found.elsewhere:
        answer = asker.ask(
            f"Endpoints are at {elsewhere}. May it be contacted? (yes/no)", f"--origin {elsewhere}", None
        )
        if answer.lower() in ("y", "yes"):
            network.reach(elsewhere)
            origins = [*origins, elsewhere]
    asker.settle()
    check_endpoints(network, found.issuer)
    if given.secret:
        answer = asker.ask("Have the suite's clients a secret? (yes/no)", "--public-client", None, "yes")
        given.secret = not answer.lower().startswith("n")
    method = "client_secret_post" if given.secret and "client_secret_basic" not in found.auth_methods else ""
    clients: list[DraftClient] = []
    for at, app in enumerate(APPS):
        first = not at
        which = "the suite" if first else "a second application (Enter for none)"
        identifier = asker.ask(f"Client id of {which}", "--client-id", given.of(given.ids, at), None if first else "")
        if not identifier and not first:
            break
        uri = asker.ask(f"Redirect URI of {identifier}", "--redirect-uri", given.of(given.redirects, at))
        leave = asker.ask(
            f"Registered post-logout redirect URI of {identifier} (Enter for none)",
            "--post-logout-redirect-uri",
            given.of(given.leaves, at) if found.may_log_out else "",
            "",
        )
        clients.append(DraftClient(app, identifier, uri, leave, given.secret, method))
    names: dict[str, str] = {}
    for at, person in enumerate(USERS):
        known = users[at] if users and at < len(users) else "" if users else None
        question = f"User name of {'a test user' if not at else 'a second test user (Enter for none)'}"
        if username := asker.ask(question, "--user", known, None if not at else ""):
            names[person] = username
    asker.settle()
    remarks: list[str] = []
    try:
        tell("login form", find_login_form(network, found.document, clients[0].client_id, clients[0].redirect_uri))
    except HarnessProblem as problem:
        tell("login form", str(problem), wrong=True)
        remarks = [f"login form: {problem}", "[selectors]", 'username = "#username"', 'password = "#password"']
    logout = found.may_log_out and all(client.post_logout_redirect_uri for client in clients)
    profiles = ["core", *(["sso"] if len(clients) > 1 else []), "silent", *(["logout-rp"] if logout else [])]
    tell("profiles", ", ".join(profiles))
    return DraftServer(title, found.issuer, origins, profiles, clients, names, remarks).toml()

"""`sessionproof init`: a target file for a server or an application of which only the address is known."""

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ..asking import Asker, Given
from ..console import check_writable, out, problems
from ..drafting import secrets_of
from ..errors import UsageProblem
from ..report.visible import shown
from .check import preflight

PROVIDER = "http://127.0.0.2:8102"

Texts = Annotated[list[str] | None, typer.Option(help="In the order of --client-id.")]


def init(
    address: Annotated[str, typer.Argument(help="The issuer of a server, or the origin of an application.")],
    target: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("target.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    name: Annotated[str | None, typer.Option(help="The product's name, for reports.")] = None,
    client_id: Annotated[
        list[str] | None, typer.Option(help="A client registered for the suite; twice for what needs two applications.")
    ] = None,
    redirect_uri: Texts = None,
    post_logout_redirect_uri: Texts = None,
    public_client: Annotated[bool, typer.Option("--public-client", help="The clients have no secret.")] = False,
    user: Annotated[
        list[str] | None, typer.Option(help="Name of a test user; twice for what needs two of them.")
    ] = None,
    origin: Annotated[list[str] | None, typer.Option(help="A further origin that may be contacted.")] = None,
    provider: Annotated[
        str, typer.Option(help="For an application: where the suite plays its server (a loopback address).")
    ] = PROVIDER,
    protected: Annotated[str | None, typer.Option(help="For an application: a page that needs login.")] = None,
    public: Annotated[str | None, typer.Option(help="For an application: a page that needs none.")] = None,
    user_selector: Annotated[
        str | None, typer.Option(help="For an application: CSS selector of what shows who is logged in.")
    ] = None,
) -> None:
    """Write a target file: what can be found out is found out, the rest is asked, or given by options."""
    from ..adapters.network import Network
    from ..adapters.survey import published
    from ..adapters.urls import Origin
    from .init_application import application_file
    from .init_server import server_file

    with problems():
        check_writable("--out", target)
        if target.exists() and not force:
            raise UsageProblem(f"{target} exists already: give --out with another name, or --force")
        try:
            own = str(Origin.of(address))
        except ValueError:
            raise UsageProblem(f"{address!r}: an address such as https://login.example.com is expected") from None
        with closing(Network()) as network:
            for each in (own, *(origin or ())):
                network.reach(each)
            found = published(network, address)
            asker, title = Asker(), name or urlsplit(own).netloc
            clients = Given(client_id or [], redirect_uri or [], post_logout_redirect_uri or [], not public_client)
            if found is not None:
                text = server_file(network, asker, title, found, clients, user, origin or [])
            else:
                if own != address.rstrip("/"):
                    raise UsageProblem(f"{address} has no discovery document; give the issuer, or an origin: {own}")
                out.print(f"no discovery document at {own}: it is taken to be an application", markup=False)
                pages = {"protected": protected, "public": public, "user": user_selector}
                text = application_file(network, asker, title, own, provider, clients, pages)
        _write(target, text)
        _next_steps(target, text)


def _write(target: Path, text: str) -> None:
    from ..adapters.drafts import load_draft

    try:
        load_draft(text, target.parent)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"cannot write {target}: {error.strerror}; give another --out") from error


def _next_steps(target: Path, text: str) -> None:
    out.print(shown(f"written: {target}", "bold"))
    missing = [name for name in secrets_of(text) if name not in os.environ]
    for variable in missing:
        out.print(shown(f"  set {variable} in the environment: secrets do not belong into the file"))
    ready = not missing and preflight(target) == 0
    out.print(shown(f"next: sessionproof {'run' if ready else 'check'} {target}"))

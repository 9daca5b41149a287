"""The role identity-provider: Storezero's provider on a real socket, behind a server that the suite plays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.identity_provider import IdentityProviderAdapter
from sessionproof.conformance.adapters.target import IdentityProviderTarget, TargetFileError, load_target
from sessionproof.conformance.mutants.server import LogoutEndsAllSessionsOfUser, PromptLoginIgnored
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import AuthorizationRequest, Client, ServerSession
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus

from .command import CANARIES
from .serving import Served, serving

TARGET = """
role = "identity-provider"
name = "Facelog"
issuer = "{issuer}"

[client]
client_id = "server-at-idp"
client_secret = "env:SESSIONPROOF_UPSTREAM_SECRET"
redirect_uri = "http://login.test/back/from/facelog"
post_logout_redirect_uri = "http://login.test/left/facelog"

[users]
alice = {{ username = "alice", password = "env:SESSIONPROOF_ALICE_PASSWORD" }}
bob = {{ username = "bob", password = "env:SESSIONPROOF_BOB_PASSWORD" }}
"""
ENVIRON = {**os.environ, **CANARIES, "SESSIONPROOF_UPSTREAM_SECRET": "canary-upstream"}
SERVER_AT_PROVIDER = Client(
    "server-at-idp",
    "The shop's login server",
    ("http://login.test/back/from/facelog",),
    ("http://login.test/left/facelog",),
    client_secret="canary-upstream",
    first_party=True,
)
RULES = Plan(("federation",), cover="rules", search=0)
SCOPE = {scope.name: scope for scope in SCOPES}


@contextmanager
def behind(
    folder: Path, decisions: type[ProviderDecisions] = ProviderDecisions, *, first_party: bool = True
) -> Iterator[tuple[IdentityProviderAdapter, Served]]:
    """A provider that decides in this way, and the adapter for it; one that is not `first_party` asks for consent."""
    client = replace(SERVER_AT_PROVIDER, first_party=first_party)
    with serving(decisions=decisions, clients=(client,)) as server:
        adapter = opened(folder, server.issuer)
        try:
            yield adapter, server
        finally:
            adapter.close()


def opened(folder: Path, issuer: str) -> IdentityProviderAdapter:
    file = folder / "target.toml"
    file.write_text(TARGET.format(issuer=issuer), encoding="utf-8")
    target = load_target(file, ENVIRON)
    assert isinstance(target, IdentityProviderTarget)
    return IdentityProviderAdapter(target)


def test_a_conforming_provider_conforms(tmp_path: Path) -> None:
    with behind(tmp_path, first_party=False) as (adapter, _):
        results = Results()
        Runner(adapter, RULES, results.add).run()
    assert results.findings == []
    assert results.footer["stopped"] == ""
    lines = {line.requirement.id: line for line in results.lines()}
    seen = {name for name, line in lines.items() if line.verdict is Verdict.PASS}
    assert seen == {f"IDP-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11)}
    assert lines["IDP-06"].reason.endswith(
        "not of the chosen profiles: IDP-10 (hygiene), IDP-12 (hygiene), IDP-13 (expiry)"
    )
    assert results.verdict() is Verdict.PASS
    assert "provider asks for consent" in {choice for choice, *_ in results.variants()}


class AsksAgain(ProviderDecisions):
    """Who is logged in is asked for credentials all the same, unless nobody may be asked."""

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        return "none" not in request.prompt or super().needs_login(request, session)


@pytest.mark.parametrize(
    ("decisions", "scope", "requirement", "verdict"),
    [
        (AsksAgain, "federation", "IDP-03", Verdict.WARNING),
        (PromptLoginIgnored, "federation: the provider alone", "IDP-09", Verdict.FAIL),
        (LogoutEndsAllSessionsOfUser, "federation: two browsers", "IDP-11", Verdict.FAIL),
    ],
)
def test_a_fault_is_found_and_named(
    tmp_path: Path, decisions: type[ProviderDecisions], scope: str, requirement: str, verdict: Verdict
) -> None:
    with behind(tmp_path, decisions) as (adapter, _):
        results = Results()
        runner = Runner(adapter, replace(RULES, fail_fast=True), results.add)
        runner.scopes = [SCOPE[scope]]
        runner.run()
    assert [f["requirement"] for f in results.findings if f["confirmed"]] == [requirement]
    assert next(line.verdict for line in results.lines() if line.requirement.id == requirement) is verdict


def test_the_probe_disturbs_nothing_and_is_no_part_of_the_step(tmp_path: Path) -> None:
    with behind(tmp_path) as (adapter, server):
        adapter.declare()
        adapter.reset(SCOPE["federation"])
        for stimulus in (Stimulus("visit orders", "shop"), Stimulus("choose provider")):
            seen = adapter.perform(stimulus)
        assert seen.trace == ("provider authorize", "page provider login")
        assert seen.facets["b1/idp"] == "nobody"
        seen = adapter.perform(Stimulus("credentials", "", "bob"))
        assert (seen.facets["b1/idp"], seen.facets["b1/as"], seen.facets["b1/shop"]) == ("bob", "bob@idp", "bob@idp")
        assert seen.facets["provider_sub"] == "bob"
        assert seen.facets["layers"] == "shop+as+idp"
        cookies = adapter.driver.people[0].browser.cookies(server.issuer)
        assert server.provider.session_status(cookies).user == "bob"
        assert not [exchange for exchange in adapter.exchanges() if "prompt=none" in exchange["request"]]


def test_what_is_asked_by_hand_gets_to_no_server(tmp_path: Path) -> None:
    with behind(tmp_path) as (adapter, _):
        adapter.declare()
        adapter.reset(SCOPE["federation: the provider alone"])
        seen = adapter.perform(Stimulus("ask provider silently"))
        assert (seen.trace, seen.facets["provider_error"]) == (("provider error",), "login_required")
        assert adapter.perform(Stimulus("ask provider again")).trace == ("page provider login",)
        seen = adapter.perform(Stimulus("credentials", "", "alice"), distinct=True)
        assert seen.trace == ("provider answer",)
        assert seen.facets["provider_auth_time"] == "now"
        assert (seen.facets["b1/idp"], seen.facets["b1/as"]) == ("alice", "absent")


def test_a_profile_without_requirements_for_this_role_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text('profiles = ["core"]' + TARGET.format(issuer="http://127.0.0.1:1"), encoding="utf-8")
    with pytest.raises(TargetFileError, match=r"profiles\.0: .*expected one of expiry, federation, hygiene"):
        load_target(file, ENVIRON)

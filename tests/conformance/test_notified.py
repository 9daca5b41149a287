"""A server over HTTP that tells the applications of a logout: at once, later, or not at all."""

import asyncio
import os
import socket
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.logout_notification import EndedSession, LogoutNotifier
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import ServerSession
from sessionproof.conformance.verdict import Verdict

from .command import CANARIES
from .serving import client, serving, target_file

TOLD = {"AS-33", "AS-57"}


class NobodyTold(ProviderDecisions):
    """The list of those who take part is lost."""

    def participants(self, _session: ServerSession) -> list[str]:
        return []


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def certified(folder: Path, decisions: type[ProviderDecisions] = ProviderDecisions) -> Results:
    """What a run of the profile says of a server with these decisions."""
    addresses = {name: f"{free_address()}/backchannel-logout" for name in ("shop", "outlet")}
    changes = {
        f'post_logout_redirect_uri = "http://{name}.test/logged-out"': (
            f'post_logout_redirect_uri = "http://{name}.test/logged-out"\nbackchannel_logout_uri = "{address}"'
        )
        for name, address in addresses.items()
    }
    clients = tuple(client(name, address) for name, address in addresses.items())
    with serving(decisions=decisions, clients=clients) as served:
        target = load_target(target_file(folder, served.issuer, changes), {**os.environ, **CANARIES})
        assert isinstance(target, AuthorizationServerTarget)
        adapter, results = BlackBoxAdapter(target), Results()
        adapter.patience = 1.0
        try:
            plan = Plan(("logout-backchannel",), cover="rules", search=0, seconds=12)
            Runner(adapter, plan, results.add).run()
        finally:
            adapter.close()
    return results


def passed(results: Results) -> set[str]:
    return {line.requirement.id for line in results.lines() if line.verdict is Verdict.PASS}


def test_who_is_told_at_once_is_seen(tmp_path: Path) -> None:
    results = certified(tmp_path)
    assert results.findings == []
    assert passed(results) >= TOLD


def test_who_is_told_after_the_answer_is_seen_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tell, tasks = LogoutNotifier.tell, set[asyncio.Task[object]]()

    async def later(notifier: LogoutNotifier, ended: EndedSession) -> list[str]:
        async def soon() -> None:
            await asyncio.sleep(0.2)
            await tell(notifier, ended)

        tasks.add(asyncio.create_task(soon()))
        return []

    monkeypatch.setattr(LogoutNotifier, "tell", later)
    results = certified(tmp_path)
    assert results.findings == []
    assert passed(results) >= TOLD


def test_who_is_not_told_is_a_finding(tmp_path: Path) -> None:
    findings = certified(tmp_path, NobodyTold).findings
    assert findings
    assert {(finding["requirement"], finding["confirmed"]) for finding in findings} <= {(i, True) for i in TOLD}

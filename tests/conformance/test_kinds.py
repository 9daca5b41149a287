"""Applications of other kinds before a real server: a native one at a loopback address, and two in a page."""

import os
from pathlib import Path

from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.conformance.mutants.kinds import PortCompared
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.kinds import KINDS, clients
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.verdict import Verdict

from .command import CANARIES
from .serving import client, serving, target_file

MORE = "".join(
    f"""
[clients.{name}]
client_id = "{name}"
redirect_uri = "{kind.origin}/callback"
post_logout_redirect_uri = "{kind.origin}/logged-out"
"""
    for name, kind in KINDS.items()
)


def certified(folder: Path, decisions: type[ProviderDecisions]) -> Results:
    """The results of the profile core for these kinds, at a server that decides so."""
    registered = (client("shop"), client("outlet"), *clients())
    with serving(decisions=decisions, clients=registered) as served:
        target = load_target(target_file(folder, served.issuer, more=MORE), {**os.environ, **CANARIES})
        assert isinstance(target, AuthorizationServerTarget)
        adapter, results = BlackBoxAdapter(target), Results()
        runner = Runner(adapter, Plan(("core",), cover="rules", search=0), results.add)
        runner.scopes = [scope for scope in runner.scopes if KINDS.keys() >= set(scope.apps)]
        assert len(runner.scopes) == len(KINDS)
        try:
            runner.run()
        finally:
            adapter.close()
    return results


def verdicts(results: Results) -> dict[str, Verdict]:
    return {line.requirement.id: line.verdict for line in results.lines()}


def test_every_kind_ends_in_the_same_sessions(tmp_path: Path) -> None:
    results = certified(tmp_path, ProviderDecisions)
    assert results.findings == []
    assert {verdicts(results)[i] for i in ("AS-03", "AS-23", "AS-60", "SYS-08")} == {Verdict.PASS}


def test_a_server_that_compares_the_port_is_found(tmp_path: Path) -> None:
    [finding] = certified(tmp_path, PortCompared).findings
    assert finding["requirement"] == "AS-60"
    assert len(finding["flow"]["steps"]) == 1

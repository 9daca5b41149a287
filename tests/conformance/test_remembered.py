"""Logins that outlive the browser, before a real server on a real socket: the box is found, ticked, and judged."""

import os
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.problems import FormNotFound
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.conformance.mutants.remembering import CookieOfTheBrowserSession, EveryCookiePersistent
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.verdict import Verdict

from .command import CANARIES
from .serving import serving, target_file


def certified(folder: Path, decisions: type[ProviderDecisions], more: str = "") -> Results:
    """The results of the profile expiry for a server that decides so, and offers to remember its users."""
    with serving(decisions=decisions) as served:
        file = target_file(folder, served.issuer, more=f"\n[features]\nremember_me = true\n{more}")
        target = load_target(file, {**os.environ, **CANARIES})
        assert isinstance(target, AuthorizationServerTarget)
        adapter, results = BlackBoxAdapter(target), Results()
        try:
            Runner(adapter, Plan(("expiry",), cover="rules", search=0), results.add).run()
        finally:
            adapter.close()
    return results


def verdicts(results: Results) -> dict[str, Verdict]:
    return {line.requirement.id: line.verdict for line in results.lines()}


def test_a_server_that_remembers_whom_it_shall_remember_conforms(tmp_path: Path) -> None:
    results = certified(tmp_path, ProviderDecisions)
    assert results.findings == []
    assert verdicts(results)["AS-50"] is Verdict.PASS


@pytest.mark.parametrize("decisions", [CookieOfTheBrowserSession, EveryCookiePersistent])
def test_a_cookie_of_the_wrong_kind_is_found(tmp_path: Path, decisions: type[ProviderDecisions]) -> None:
    [finding] = certified(tmp_path, decisions).findings
    assert finding["requirement"] == "AS-50"
    assert len(finding["flow"]["steps"]) == 3


def test_a_box_that_is_not_there_is_told_of_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(FormNotFound, match="outlives the browser"):
        certified(tmp_path, ProviderDecisions, '[selectors]\nremember = "input[name=username]"\n')

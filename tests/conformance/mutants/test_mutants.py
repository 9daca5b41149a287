"""Every mutant is caught, by the requirement that its one wrong decision breaks."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.mutants.catalogue import MUTANTS
from sessionproof.conformance.mutants.mutant import Mutant
from sessionproof.conformance.mutants.trial import trial
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.id_token_rules import IdTokenRules, LogoutTokenRules
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.shop_decisions import ShopDecisions
from sessionproof.conformance.storezero.world import Rules
from sessionproof.model.requirements import BY_ID, PROFILES

TOKEN_RULES = ("id_token_rules", "logout_token_rules")
CERTIFIED = ("core", "sso", "silent", "logout-rp")


def names(mutants: tuple[Mutant, ...]) -> list[str]:
    return [mutant.name for mutant in mutants]


REMEMBERING = {
    "old-login-form-logs-in",
    "answer-to-an-earlier-login-ends-session",
    "open-consent-revives-session",
    "re-authentication-answered-for-former-user",
    "second-factor-forgotten",
    "second-factor-of-former-user-counts",
}
"""Those whose one fault shows in several decisions: what one of them remembers, another one uses."""


def overridden(mutant: Mutant) -> Iterator[tuple[type, str]]:
    """Every decision that the mutant's classes make anew, with the class of the reference that they take it from."""
    mutated: set[type] = {getattr(mutant.rules, party.name) for party in fields(Rules)} - {
        ShopDecisions,
        ProviderDecisions,
    }
    shops = [cls for cls in mutated if issubclass(cls, ShopDecisions)]
    mutated |= {cls.id_token_rules for cls in shops} | {cls.logout_token_rules for cls in shops}
    for cls in mutated - {IdTokenRules, LogoutTokenRules}:
        yield from ((cls.__mro__[1], name) for name in vars(cls) if name[:2] != "__" and name not in TOKEN_RULES)


def test_the_reference_that_they_are_made_of_is_clean() -> None:
    profiles = tuple(dict.fromkeys(mutant.profile for mutant in MUTANTS))
    runner = Runner(InProcessAdapter(), Plan(profiles, cover="rules", search=0), lambda _event: None)
    runner.run()
    assert not runner.findings


@pytest.mark.parametrize("mutant", MUTANTS, ids=names(MUTANTS))
def test_is_caught_by_the_requirement_that_it_breaks(mutant: Mutant) -> None:
    result = trial(mutant)
    assert result.right, f"caught by {result.caught_by or 'nothing'}, expected {mutant.requirement}"
    assert result.length <= result.found_after


@pytest.mark.parametrize("mutant", MUTANTS, ids=names(MUTANTS))
def test_makes_one_decision_differently(mutant: Mutant) -> None:
    made = list(overridden(mutant))
    assert len(made) == 1 or mutant.name in REMEMBERING
    for reference, name in made:
        assert hasattr(reference, name), f"{name} is no decision of {reference.__name__}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=names(MUTANTS))
def test_names_known_requirements(mutant: Mutant) -> None:
    assert {mutant.requirement, *mutant.also} <= BY_ID.keys()
    assert mutant.requirement not in mutant.also
    assert mutant.profile in PROFILES


def test_names_are_unique() -> None:
    assert len(set(names(MUTANTS))) == len(MUTANTS)


def test_there_are_enough_for_what_is_certified_most() -> None:
    assert sum(mutant.profile in CERTIFIED for mutant in MUTANTS) >= 28


def test_a_finding_about_what_a_mutant_breaks_too_is_passed_over() -> None:
    """2 seconds."""
    both = next(mutant for mutant in MUTANTS if mutant.name == "session-without-login-counts-as-guest")
    first = trial(replace(both, also=())).caught_by
    assert first in (both.requirement, *both.also)
    [second] = {both.requirement, *both.also} - {first}
    other = replace(both, requirement=second, also=())
    assert trial(other).caught_by == first
    assert trial(replace(other, also=(first,))).right

"""Altered tables: one rule is changed as it is said, for as long as that lasts."""

import pytest
from sessionproof.model.alterations import Alteration, alterations, altered
from sessionproof.model.context import Outcome
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus

SILENT = next(scope for scope in SCOPES if scope.name == "silent")
PAIRS = next(scope for scope in SCOPES if scope.browsers == 2)
LOG_OUT = [Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice"), Stimulus("log out here", "shop")]


def named(what: str, rule: str, scope: str = "silent") -> Alteration:
    bounds = next(s for s in SCOPES if s.name == scope)
    return next(a for a in alterations(bounds, FEATURES) if a.what == what and rule in a.key)


def played(flow: list[Stimulus], network: Network) -> list[Outcome]:
    world, outcomes = network.scope.start(), list[Outcome]()
    for stimulus in flow:
        outcomes.append(network.step(world, stimulus)[0])
        world = outcomes[-1].after
    return outcomes


def test_names_are_unique_and_every_rule_that_does_something_is_altered() -> None:
    for scope in (SILENT, PAIRS):
        names = [alteration.name for alteration in alterations(scope, FEATURES)]
        assert len(names) == len(set(names))
    keys = {alteration.key for alteration in alterations(SILENT, FEATURES)}
    assert keys == {rule.key for machine in MACHINES for rule in machine.compiled}


def test_rules_that_a_target_does_not_have_are_not_altered() -> None:
    assert not any(a.rule.rule.needs == "consent" for a in alterations(SILENT, FEATURES - {"consent"}))


def test_an_effect_is_forgotten_and_the_table_is_itself_again() -> None:
    before = [dict(machine.by_message) for machine in MACHINES]
    alteration = next(a for a in alterations(SILENT, FEATURES) if a.what == "does not log in" and not a.rule.variants)
    with altered(alteration):
        assert [dict(machine.by_message) for machine in MACHINES] != before
    assert [dict(machine.by_message) for machine in MACHINES] == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_the_table_is_itself_again_after_trouble(error: type[BaseException]) -> None:
    before = [dict(machine.by_message) for machine in MACHINES]
    with pytest.raises(error), altered(named("stays where it was", "authenticated / log out here")):
        raise error
    assert [dict(machine.by_message) for machine in MACHINES] == before


def test_another_target_state() -> None:
    assert played(LOG_OUT, Network(SILENT, FEATURES))[-1].after.browsers[0].locals[0].session == "absent"
    with altered(named("stays where it was", "authenticated / log out here")):
        network = Network(SILENT, FEATURES)
        assert played(LOG_OUT, network)[-1].after.browsers[0].locals[0].session == "authenticated"


def test_another_browser_is_spoilt() -> None:
    end = named("ends the sessions of the other browser", "authenticated / log out here", PAIRS.name)
    here = [step._replace(browser=1) for step in LOG_OUT]
    with altered(end):
        after = played([*LOG_OUT[:2], *here], Network(PAIRS, FEATURES))[-1].after
    assert after.browsers[0] == PAIRS.start().browsers[0]

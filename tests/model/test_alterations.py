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


def test_what_was_refused_is_accepted() -> None:
    again = [*LOG_OUT[:2], Stimulus("redeem again", "shop")]
    core = next(s for s in SCOPES if s.name == "core")
    assert played(again, Network(core, FEATURES))[-1].trace[-1].allowed == ("token refused",)
    with altered(named("answers with token accepted", "redeem again", "core")):
        assert played(again, Network(core, FEATURES))[-1].trace[-1].allowed == ("token accepted",)


def test_one_of_two_browsers_is_forgotten() -> None:
    scope = next(s for s in SCOPES if s.name == "admin: two browsers")
    login = [*LOG_OUT[:2], *(step._replace(browser=1) for step in LOG_OUT[:2])]
    flow = [*login, Stimulus("administrator ends the sessions", "", "alice")]
    users = {browser.server.user for browser in played(flow, Network(scope, FEATURES))[-1].after.browsers}
    assert users == {""}
    with altered(named("only in browser 2", "administrator ends the sessions [session of that user]", scope.name)):
        after = played(flow, Network(scope, FEATURES))[-1].after
    assert [browser.server.user for browser in after.browsers] == ["alice", ""]


@pytest.mark.parametrize(("other", "spoilt"), [("alice", True), ("bob", False)])
def test_sessions_of_the_same_user_are_found_by_the_user(other: str, spoilt: bool) -> None:
    elsewhere = [LOG_OUT[0]._replace(browser=1), Stimulus("credentials", "", other, 1)]
    end = named("ends the same user's sessions in the other browser", "authenticated / log out here", PAIRS.name)
    with altered(end):
        after = played([*elsewhere, *LOG_OUT], Network(PAIRS, FEATURES))[-1].after
    assert (after.browsers[1] == PAIRS.start().browsers[1]) == spoilt


def test_the_other_application_is_spared() -> None:
    scope = next(s for s in SCOPES if s.name == "logout-backchannel")
    flow = [*LOG_OUT[:2], Stimulus("visit orders", "outlet"), Stimulus("log out everywhere", "shop")]
    with altered(named("spares the other application", "logged in / end session [hint of this session]", scope.name)):
        after = played(flow, Network(scope, FEATURES))[-1].after
    assert after.browsers[0].locals[1].user == "alice"
    assert played(flow, Network(scope, FEATURES))[-1].after.browsers[0].locals[1].user == ""

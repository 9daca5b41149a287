"""MUST, SHOULD, MAY: a choice of the target gives several outcomes, and a broken SHOULD is one of them."""

from collections import defaultdict
from collections.abc import Callable

import pytest
from sessionproof.model.context import Outcome
from sessionproof.model.explore import Graph
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import Stimulus

LOGIN = (Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice"))


def network(name: str, features: frozenset[str] = FEATURES) -> Network:
    return Network(next(scope for scope in SCOPES if scope.name == name), features)


def outcomes(model: Network, *flow: Stimulus, before: Callable[[Outcome], bool] = lambda _: True) -> list[Outcome]:
    """All outcomes of the last stimulus, in every state that the ones before may lead to (those with `before` only)."""
    worlds: dict[World, None] = {model.scope.start(): None}
    for stimulus in flow[:-1]:
        steps = [outcome for world in worlds for outcome in model.step(world, stimulus)]
        worlds = dict.fromkeys(outcome.after for outcome in steps if before(outcome))
    return [o for world in worlds for o in model.step(world, flow[-1])]


def choices(found: list[Outcome]) -> set[frozenset[str]]:
    return {frozenset(variant for variant, _ in outcome.choices) for outcome in found}


def test_both_sessions_may_begin_early_or_late() -> None:
    found = outcomes(network("core"), LOGIN[0])
    assert choices(found) == {
        frozenset({f"local session begins when login {local}", f"server session begins at {server}"})
        for local in ("starts", "succeeds")
        for server in ("the authorization request", "login")
    }
    assert len({outcome.after for outcome in found}) == 4
    assert all(outcome.choices[0][1] == "shop" for outcome in found)


@pytest.mark.parametrize(
    ("features", "pages"),
    [(FEATURES, {"page landing", "page consent"}), (FEATURES - {"consent"}, {"page landing"})],
    ids=["with consent", "without"],
)
def test_consent_may_be_asked_for_where_it_is_offered(features: frozenset[str], pages: set[str]) -> None:
    assert {o.rules[-1].rule.reply for o in outcomes(network("core", features), *LOGIN)} == pages


def test_a_login_by_the_same_user_keeps_the_session_or_not() -> None:
    model = network("core", FEATURES - {"consent"})
    found = outcomes(model, *LOGIN, Stimulus("switch user", "shop"), LOGIN[1])
    assert choices(found) == {
        frozenset({"does not ask for consent", "login by the same user keeps sid"}),
        frozenset({"does not ask for consent", "login by the same user gets a new sid"}),
    }
    assert {outcome.facets["sid"].allowed for outcome in found} == {("same",), ("new",)}


def test_a_silent_check_that_needs_login_keeps_or_ends_the_local_session() -> None:
    model = network("silent: two applications", FEATURES - {"consent"})
    out_elsewhere = (Stimulus("visit orders", "outlet"), Stimulus("log out everywhere", "outlet"))

    def at_once(outcome: Outcome) -> bool:
        return "asks before every logout" not in {variant for variant, _ in outcome.choices}

    found = outcomes(model, *LOGIN, *out_elsewhere, Stimulus("silent check", "shop"), before=at_once)
    assert {outcome.after.browsers[0].locals[0].user for outcome in found} == {"alice", ""}
    assert choices(found) == {
        frozenset({f"silent login_required {does} the local session"}) for does in ("keeps", "ends")
    }


def test_a_password_asked_for_in_vain_breaks_a_should_and_goes_on() -> None:
    flow = (
        LOGIN[0], Stimulus("choose provider"), LOGIN[1],
        Stimulus("log out everywhere", "shop"), LOGIN[0], Stimulus("choose provider"),
    )  # fmt: skip
    model = network("federation")

    def goes_on(outcome: Outcome) -> bool:
        return {"asks for consent", "asks before every logout"}.isdisjoint(v for v, _ in outcome.choices)

    found = outcomes(model, *flow, before=goes_on)
    broken = [outcome for outcome in found if outcome.breaks]
    assert {outcome.breaks for outcome in found} == {(), ("IDP-03",)}
    for outcome in broken:
        assert outcome.trace[-1].allowed == ("page provider login",)
        [after] = {
            o.trace[-1].allowed for o in model.step(outcome.after, LOGIN[1]) if "page home" in o.trace[-1].allowed
        }
        assert "page account" in after


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_who_has_a_choice_has_an_alternative(scope: Scope, graph: Callable[[str], Graph]) -> None:
    explored = graph(scope.name)
    for edges in explored.out:
        together: dict[Stimulus, list[set[tuple[str, str]]]] = defaultdict(list)
        for edge in edges:
            together[edge.stimulus].append(set(edge.outcome.choices))
        for stimulus, made in together.items():
            assert not set.intersection(*made), stimulus


def test_no_rule_demands_what_is_left_open() -> None:
    """A MAY is never blamed: it is not the first requirement of any expectation."""
    for machine in MACHINES:
        for rule in machine.compiled:
            for ids in (rule.requirements, *rule.facets.values()):
                assert not ids or BY_ID[ids[0]].level != "MAY", rule.key

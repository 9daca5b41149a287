"""`sessionproof explain`: a requirement with all that belongs to it, and the nearest ids for one that is none."""

import pytest
from sessionproof.conformance.cli import app
from sessionproof.conformance.errors import UsageProblem
from sessionproof.conformance.explain import citing, fault, mutants_caught, requirement, shortest_flow
from sessionproof.conformance.mutants.catalogue import MUTANTS
from sessionproof.model.intents import INTENTS
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.requirements import BY_ID, CATALOGUE, PARTS
from typer.testing import CliRunner

from .command import sessionproof

STATED = [r.id for r in CATALOGUE if citing(r.id)]
QUICK = ["APP-01", "APP-06", "AS-04", "AS-19", "AS-28", "AS-31", "AS-53", "IDP-05", "SYS-02"]


def explained(identifier: str) -> str:
    done = CliRunner().invoke(app, ["explain", identifier])
    assert done.exit_code == 0
    return " ".join(done.output.split())


def test_a_requirement_is_told_with_everything_that_belongs_to_it() -> None:
    text = explained("as-19")
    assert text.startswith(f"AS-19 (MUST) {BY_ID['AS-19'].sentence} why: {INTENTS['AS-19']} ")
    assert "source: OpenID Connect Core 1.0 §3.1.2.1" in text
    assert "layer AS, profile silent, for targets with: id_token_hint" in text
    assert "authorization server: logged in / authorize prompt=none hint -> logged in / error" in text
    assert "3. ask with foreign hint at shop: authorization request with prompt=none and another" in text
    assert "id-token-hint-not-compared: `id_token_hint` is read and not compared." in text


def test_what_no_rule_states_says_so_and_why() -> None:
    text = explained("APP-32")
    assert "in the model none: the model has no accounts that can be linked; one that is merged by its name" in text
    assert "a run reports it untested" in text
    assert "shortest flow that exercises it none mutants that it catches none" in text


def test_what_has_parts_names_them() -> None:
    text = explained("IDP-06")
    assert f"in the model met where all its parts are: {', '.join(PARTS['IDP-06'])} " in text
    assert "shortest flow that exercises it none: shown where its parts are" in text


def test_a_may_is_told_by_its_choices() -> None:
    assert "choice: local session begins when login starts" in explained("APP-17")


@pytest.mark.parametrize("identifier", QUICK)
def test_the_flow_is_possible_and_its_last_step_witnesses_the_requirement(identifier: str) -> None:
    found = shortest_flow(identifier)
    assert found is not None
    scope, steps = found
    network, world = Network(scope, FEATURES), scope.start()
    for stimulus, outcome in steps:
        assert stimulus in network.enabled(world)
        assert outcome.after in [o.after for o in network.step(world, stimulus)]
        assert not outcome.breaks
        world = outcome.after
    witnessed = [identifier in e.requirements for _, o in steps for e in (*o.trace, *o.facets.values())]
    assert any(witnessed)
    before = [identifier in e.requirements for _, o in steps[:-1] for e in (*o.trace, *o.facets.values())]
    assert not any(before), "a shorter flow would do"


def test_every_mutant_is_told_by_the_requirement_that_catches_it() -> None:
    assert sorted(m.name for r in CATALOGUE for m in mutants_caught(r.id)) == sorted(m.name for m in MUTANTS)
    assert all(fault(mutant).endswith(".") for mutant in MUTANTS)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("AS-191", "AS-19"), ("APP1", "APP-1"), ("as_19", "AS-19"), ("zzz", "ids look like this: APP-01")],
)
def test_an_unknown_id_names_the_nearest(wrong: str, hint: str) -> None:
    with pytest.raises(UsageProblem, match=hint):
        requirement(wrong)


def test_an_unknown_id_is_a_usage_problem() -> None:
    done = sessionproof("explain", "AS-999")
    assert done.code == 3
    assert done.err.startswith("usage: there is no requirement 'AS-999'; the nearest are: AS-")

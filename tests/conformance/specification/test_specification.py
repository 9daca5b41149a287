"""How SPEC.md says that each requirement is tested: no hole without a reason, no reason without a hole."""

import re

import pytest
from sessionproof.conformance.adapters.target import target_schema
from sessionproof.conformance.adapters.target_sections import Features
from sessionproof.conformance.explain import shortest_flow
from sessionproof.conformance.mutants.catalogue import MUTANTS
from sessionproof.conformance.specification.catalogue import requirements
from sessionproof.conformance.specification.exercise import exercises
from sessionproof.conformance.specification.holes import holes, needless, reasons, unexplained
from sessionproof.conformance.specification.matrix import matrix, seed_steps, steps_of
from sessionproof.conformance.specification.statement_form import statement_form
from sessionproof.model.intents import INTENTS
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.requirements import BY_ID, CATALOGUE, PROFILES

STATED = [r.id for r in CATALOGUE if r.id not in holes().rows]
TEXT = "\n\n".join(map(requirements, ("APP", "AS", "IDP", "SYS")))


def test_every_hole_has_a_reason() -> None:
    assert unexplained() == [], "say why in conformance/specification/holes.py, or mend it"


def test_every_reason_has_a_hole() -> None:
    assert needless() == [], "this is no hole any more: delete the reason in conformance/specification/holes.py"


def test_a_reason_that_is_missing_or_needless_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionproof.conformance.specification.holes.REASONS", (("mutant", "AS-28", "none"),))
    assert needless() == [("mutant", "AS-28")]
    assert len(unexplained()) == sum(map(len, holes()))


@pytest.mark.parametrize("identifier", ["APP-01", "AS-19", "AS-28", "IDP-05", "SYS-02"])
def test_the_flow_is_the_one_that_explain_tells(identifier: str) -> None:
    found = shortest_flow(identifier)
    assert found is not None
    scope, steps = found
    told = exercises()[identifier]
    assert told.scope.name == scope.name
    assert [edge.stimulus for edge in told.steps] == [stimulus for stimulus, _ in steps]


@pytest.mark.parametrize("identifier", STATED)
def test_a_flow_is_possible_and_only_its_last_step_shows_the_requirement(identifier: str) -> None:
    if identifier not in exercises():
        assert ("flow", identifier) in reasons()
        return
    scope, steps = exercises()[identifier]
    network, world = Network(scope, FEATURES), scope.start()
    shown = []
    for edge in steps:
        assert edge.stimulus in network.enabled(world)
        outcome, expected = edge.outcome, (edge.outcome.after, edge.outcome.rules)
        assert expected in [(o.after, o.rules) for o in network.step(world, edge.stimulus)]
        assert not outcome.breaks
        shown.append(any(identifier in e.requirements for e in (*outcome.trace, *outcome.facets.values())))
        world = outcome.after
    assert shown == [False] * (len(steps) - 1) + [True]


def test_every_requirement_has_its_sentence_its_intent_and_what_tests_it() -> None:
    entries = dict(zip(re.findall(r'<a id="([^"]+)">', TEXT), re.split(r'<a id="[^"]+">', TEXT)[1:], strict=True))
    assert set(entries) == set(BY_ID)
    for r in CATALOGUE:
        entry = re.sub(r"\[([A-Z]+-\d+)\]\(#\1\)", r"\1", entries[r.id])
        assert r.sentence in entry
        assert INTENTS[r.id] in entry
        assert r.source in entry
        assert ("Not in the model yet" in entry) == (r.id in holes().rows)
        assert ("- *Shown by*: " in entry) == (r.id in exercises())
        assert all(f"`{m.name}`" in entry for m in MUTANTS if m.requirement == r.id)


def test_each_step_of_the_seed_leads_to_a_requirement_and_each_requirement_stands_in_the_matrix() -> None:
    assert seed_steps() == (*(f"A{n}" for n in range(1, 7)), *(f"B{n}" for n in range(1, 10)))
    assert set(seed_steps()) <= {step for r in CATALOGUE for step in steps_of(r)}
    rows = [line.split(" | ") for line in matrix().splitlines()[2:]]
    assert {re.findall(r"\[([A-Z]+-\d+)\]", row[1])[0] for row in rows} == set(BY_ID)
    assert all(cell.strip(" |") for row in rows for cell in row[1:]), "an empty cell hides a hole"


@pytest.mark.parametrize(
    ("identifier", "steps"),
    [("APP-04", ("A1", "B1")), ("AS-37", ("B4", "B5", "B6", "B7")), ("AS-02", ("A2", "A4")), ("AS-09", ("Seed",)),
     ("AS-01", ("A2", "B2", "B3")), ("APP-08", ())],
)  # fmt: skip
def test_the_steps_of_the_seed_are_read_from_the_source(identifier: str, steps: tuple[str, ...]) -> None:
    assert steps_of(BY_ID[identifier]) == steps


def test_the_form_asks_for_everything_that_a_target_file_can_declare() -> None:
    form = statement_form(target_schema())
    assert all(f"| `{key}` | " in form for key in Features.model_fields)
    assert all(f"| `{profile}` | ☐ |" in form for profile in PROFILES)
    for role in ("application", "authorization-server", "identity-provider", "whole"):
        assert f"☐ `{role}`: " in form
        assert f"#### Only for `{role}`" in form
    for key in ("issuer", "clients", "pages.protected", "upstream.issuer", "server.issuer"):
        assert f"| `{key}` | " in form


def test_the_form_asks_nothing_twice_of_one_role_and_nothing_about_how_to_drive_it() -> None:
    general, *roles = statement_form(target_schema()).split("#### Only for ")
    assert "`idle_lifetime`" in general
    for role in roles:
        keys = re.findall(r"^\| `([^`]+)` \|", role, re.MULTILINE)
        assert keys
        assert len(keys) == len(set(keys))
        assert not {key.partition(".")[0] for key in keys} & {"features", "selectors", "pace", "origins", "browser"}

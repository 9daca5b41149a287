"""The tables: what is refused, and that every row, state, guard, effect and citation is there for something."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sessionproof.model.explore import Graph
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.requirements import BY_ID, CATALOGUE
from sessionproof.model.scopes import SCOPES
from sessionproof.model.table import Machine, Rule, group

each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def door(*rules: Rule) -> Machine:
    return Machine(
        name="door",
        title="Door",
        states={"open": "", "closed": "", "locked": ""},
        rules=rules,
        guards={"warm": lambda _: True, "dark": lambda _: False},
        effects={"squeak": lambda _: None, "slam": lambda _: None},
        read=lambda _: "open",
        write=lambda _context, _state: None,
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("ajar", "push", "", "closed", "", "", ""), r"door: 'push' names unknown states \['ajar'\]"),
        (Rule("open|ajar", "push", "", "closed", "", "", ""), r"door: 'push' names unknown states \['ajar'\]"),
        (Rule("open", "push", "", "shut", "", "", ""), r"door: 'push' names unknown states \['shut'\]"),
        (Rule("open", "push", "warm and not wet", "=", "", "", ""), r"door: 'push' names unknown guards \['wet'\]"),
        (Rule("open", "push", "", "=", "slam, creak", "", ""), r"door: 'push' names unknown effects \['creak'\]"),
    ],
    ids=["source", "one of the sources", "target", "guard", "effect"],
)
def test_an_unknown_name_is_refused(rule: Rule, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        door(rule)


def test_the_same_row_twice_is_refused() -> None:
    row = Rule("open", "push", "warm", "closed", "", "", "")
    with pytest.raises(ValueError, match=r"door: rules with the same .*door: open / push \[warm\]"):
        door(row, row._replace(to="locked"))


def test_rows_that_differ_in_guard_or_variant_are_several() -> None:
    row = Rule("open", "push", "warm", "closed", "", "", "")
    assert len({c.key for c in door(row, row._replace(guard=""), row._replace(variant="slowly")).compiled}) == 3


def test_a_row_is_read_as_it_is_documented() -> None:
    row = Rule("open|closed", "push", "warm and not dark", "=", "squeak, slam", "page x", "B a:C A a:D b:C", "v; w")
    machine = door(row)
    [rule] = machine.compiled
    assert rule.sources == ("open", "closed")
    assert rule.guards == ((True, machine.guards["warm"]), (False, machine.guards["dark"]))
    assert rule.effects == (machine.effects["squeak"], machine.effects["slam"])
    assert rule.requirements == ("B", "A")
    assert rule.facets == {"a": ("C", "D"), "b": ("C",)}
    assert rule.variants == ("v", "w")
    assert machine.by_message == {("open", "push"): (rule,), ("closed", "push"): (rule,)}


@each_machine
def test_keys_do_not_depend_on_the_position_of_a_row(machine: Machine) -> None:
    turned = replace(machine, rules=machine.rules[::-1], by_message={}, compiled=())
    assert {(c.key, c.rule) for c in turned.compiled} == {(c.key, c.rule) for c in machine.compiled}


@each_machine
def test_nothing_is_defined_in_vain(machine: Machine) -> None:
    rules = machine.compiled
    assert {s for r in rules for s in (*r.sources, r.rule.to)} - {"="} == machine.states.keys()
    assert {g.removeprefix("not ") for r in rules for g in r.rule.guard.split(" and ")} - {""} == machine.guards.keys()
    assert {e for r in rules for e in r.rule.effects.split(", ")} - {""} == machine.effects.keys()


@each_machine
def test_every_cited_requirement_is_in_the_catalogue(machine: Machine) -> None:
    for rule in machine.compiled:
        cited = {*rule.requirements, *(i for ids in rule.facets.values() for i in ids)}
        assert cited <= BY_ID.keys(), rule.key
        assert not rule.rule.breaks or BY_ID[rule.rule.breaks].level == "SHOULD", rule.key


def test_ids_of_the_catalogue_are_unique() -> None:
    assert len(BY_ID) == len(CATALOGUE)


def test_every_rule_fires_in_some_scope(graph: Callable[[str], Graph]) -> None:
    assert set.intersection(*(set(graph(scope.name).never_fired()) for scope in SCOPES)) == set()


def test_a_rule_that_cannot_fire_is_told(graph: Callable[[str], Graph]) -> None:
    never = graph("core").never_fired()
    assert "identity provider: absent / provider authorize [provider session begins at login]" in never
    assert "application: absent|anonymous / visit checkout" not in never


def test_what_a_target_does_not_offer_is_not_in_its_model() -> None:
    for scope in SCOPES:
        bare = Network(scope, frozenset())
        assert {rule.rule.needs for rule in bare.rules()} == {""}
        assert "choose provider" not in {stimulus.action for stimulus in bare.stimuli}
    assert len(bare.rules()) < len(Network(scope, FEATURES).rules())


def test_several_sources_in_one_cell() -> None:
    assert group("open", group("closed", "locked")) == "open|closed|locked"

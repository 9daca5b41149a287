"""The drawn graphs say what the tables do, neither more nor less."""

import pytest
from sessionproof.diagrams.graph import CHOICE, MUST, TOLERATED, View, changes_nothing, extract
from sessionproof.diagrams.replay import follow
from sessionproof.diagrams.views import VIEWS
from sessionproof.model.context import BACK_CHANNEL, Context
from sessionproof.model.explore import explore
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.table import Machine, Rule

SMALL = [scope for scope in SCOPES if scope.name in ("core", "silent", "logout-rp", "federation")]


def _machine(*rules: Rule) -> Machine:
    return Machine(
        name="application",
        title="Test",
        states={"absent": "", "created": "", "logged in": "", "created+login": ""},
        rules=rules,
        guards={"warm": lambda _: True},
        effects={"close": lambda _: None, "end": lambda _: None},
        read=lambda _: "",
        write=lambda _context, _state: None,
    )


def _lines(*rules: Rule, merge: bool = False) -> dict[tuple[str, str], list[tuple[str, str, str, str]]]:
    graph = extract(View("test", "Test", _machine(*rules), merge, lambda _source, _rule: True))
    return {
        (edge.source, edge.target): [
            (", ".join(line.messages), line.guard, line.reply, line.level) for line in edge.lines
        ]
        for edge in graph.edges
    }


def test_every_row_that_changes_something_is_drawn_in_a_chart_of_its_machine() -> None:
    for machine in MACHINES:
        views = [view for view in VIEWS if view.machine is machine]
        shown = {r.key for view in views for r in machine.compiled if any(view.shows(s, r) for s in r.sources)}
        assert {r.key for r in machine.compiled if not changes_nothing(r)} <= shown


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_caption_accounts_for_every_row(view: View) -> None:
    graph = extract(view)
    assert graph.drawn > 0
    assert graph.drawn + graph.quiet <= graph.rows == len(view.machine.rules)
    assert (graph.drawn + graph.quiet < graph.rows) == bool(view.elsewhere)


@pytest.mark.parametrize("scope", SMALL, ids=lambda scope: scope.name)
def test_the_drawn_targets_are_the_states_that_the_model_reaches(scope: Scope) -> None:
    """Replays every transition by the tables alone and compares the last row's target with the model's own reading."""
    graph = explore(Network(scope, FEATURES))
    compared = 0
    for edge in graph.edges():
        *_, last = follow(scope, graph.states[edge.source], edge.stimulus, edge.outcome)
        if edge.stimulus.action in BACK_CHANNEL:
            continue
        after = Context(scope, edge.outcome.after, edge.stimulus)
        after.app = edge.outcome.app or scope.apps[0]
        machine = next(m for m in MACHINES if m.name == last.rule.machine)
        assert machine.read(after) == last.after, last.rule.key
        compared += 1
    assert compared > 100


def test_refusals_are_left_out() -> None:
    assert _lines(Rule("absent", "knock", "", "=", "", "page refused", "")) == {}


def test_a_refusal_that_closes_the_page_is_drawn() -> None:
    lines = _lines(Rule("created+login", "knock", "", "=", "close", "page refused", ""))
    assert lines == {("created+login", "created"): [("knock", "", "page refused", MUST)]}


def test_opposite_guards_with_the_same_answer_become_one_line_without_a_guard() -> None:
    lines = _lines(
        Rule("absent", "knock", "warm", "created", "", "page login", ""),
        Rule("absent", "knock", "not warm", "created", "", "page login", ""),
        Rule("absent", "ring", "warm", "created", "", "page login", ""),
    )
    assert lines == {("absent", "created"): [("knock", "", "page login", MUST), ("ring", "warm", "page login", MUST)]}


def test_messages_that_are_answered_alike_share_a_line() -> None:
    lines = _lines(
        Rule("absent", "knock", "", "created", "", "page login", ""),
        Rule("absent", "ring", "", "created", "", "page login", ""),
    )
    assert lines == {("absent", "created"): [("knock, ring", "", "page login", MUST)]}


def test_a_choice_is_named_only_where_it_shows() -> None:
    rules = (
        Rule("absent", "knock", "", "absent", "end", "page login", "", "waits"),
        Rule("absent", "knock", "", "created", "end", "page login", "", "begins"),
    )
    assert _lines(*rules) == {
        ("absent", "absent"): [("knock", "", "page login", CHOICE)],
        ("absent", "created"): [("knock", "", "page login", CHOICE)],
    }
    assert _lines(*rules, merge=True) == {("nobody", "nobody"): [("knock", "", "page login", MUST)]}


def test_a_row_that_breaks_a_should_is_tolerated() -> None:
    lines = _lines(Rule("absent", "knock", "", "created", "", "page login", "", "asks again", "", "IDP-03"))
    assert lines == {("absent", "created"): [("knock", "", "page login", TOLERATED)]}

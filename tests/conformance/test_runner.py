"""The runner on a target that conforms: what is played in which order, what is counted, and that it can be repeated."""

from collections.abc import Sequence

import pytest
from sessionproof.conformance.covers import LONGEST
from sessionproof.conformance.plan import Plan, offered, selected
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.network import LOCAL, SERVER
from sessionproof.model.requirements import BY_ID

from .fake import Choose, FakeAdapter, Lie, choosing, first, network, rule, scope_named, with_facet
from .running import never_passed_unseen, of, run, verdicts


@pytest.mark.parametrize("choose", [first, choosing("asks for consent")], ids=["reserved", "eager"])
def test_a_target_that_conforms_passes(choose: Choose) -> None:
    events = run(FakeAdapter(choose=choose), whole=True)
    results = Results.of(events)
    assert results.verdict() is Verdict.PASS
    assert set(verdicts(events).values()) <= {Verdict.PASS, Verdict.UNTESTED}
    assert {v for i, v in verdicts(events).items() if BY_ID[i].level == "MUST"} == {Verdict.PASS}
    assert of(events, "finding") == of(events, "problem") == []
    assert {event["verdict"] for event in of(events, "flow")} == {"pass"}
    never_passed_unseen(events)


def test_the_stories_come_first_then_the_covers_then_the_search() -> None:
    events = run(FakeAdapter(), Plan(("silent",), cover="transitions", search=5))
    assert list(dict.fromkeys(event["generator"] for event in of(events, "flow"))) == [
        "seed A", "seed B", "fault-directed", "rules cover", "transitions cover", "search",
    ]  # fmt: skip
    assert events[0]["event"] == "header"
    assert events[-1]["event"] == "footer"
    assert len(of(events, "header")) == len(of(events, "footer")) == 1


def test_stories_that_the_target_does_not_offer_are_left_out() -> None:
    events = run(FakeAdapter(features=frozenset({"switch user", "silent check", "client at the server"})))
    assert "seed A" in {event["generator"] for event in of(events, "flow")}
    assert "seed B" not in {event["generator"] for event in of(events, "flow")}


def test_the_footer_counts_what_was_done() -> None:
    adapter = FakeAdapter()
    events = run(adapter, Plan(("silent",), cover="transitions", search=0))
    footer, flows = events[-1], of(events, "flow")
    assert footer["flows"] == len(flows) == len(adapter.played)
    assert footer["steps"] == sum(len(flow["steps"]) for flow in flows) == adapter.steps == footer["requests"]
    assert [list(step["do"]) for flow in flows for step in flow["steps"]] == [
        list(stimulus) for flow in adapter.played for stimulus in flow
    ]
    assert max(len(flow["steps"]) for flow in flows) <= LONGEST
    rules = {rule.key for rule in network("silent").rules()}
    # A choice that cannot be seen counts as either.
    assert len(adapter.fired.keys() & rules) <= footer["rules"][0] == len(rules) - len(footer["unfired"])
    assert not adapter.fired.keys() & {key for key, _ in footer["unfired"]}
    assert footer["coverage"]["transitions"]["silent"][0] == footer["coverage"]["transitions"]["silent"][1] > 30
    assert footer["states"]["silent"][0] == len(adapter.visited["silent"])
    assert footer["stopped"] == ""


def test_every_unfired_rule_has_a_reason() -> None:
    reasons = dict(run(FakeAdapter())[-1]["unfired"])
    allowed = rule(SERVER, "logged in+consent", "allow")
    assert reasons[allowed] == "only behind an answer that this target does not give"
    asks = next(r.key for r in SERVER.by_message["logged in", "authorize"] if "asks for consent" in r.variants)
    assert reasons[asks] == "a choice that this target does not make"
    planted = rule(LOCAL, "absent", "planted answer")
    assert reasons[planted] == "no flow of the chosen profiles can reach it"


def test_choices_are_told() -> None:
    variants = {
        (choice, app): (made, declined) for choice, app, made, declined in Results.of(run(FakeAdapter())).variants()
    }
    assert variants["does not ask for consent", "shop"][0] > 0
    assert variants["does not ask for consent", "shop"][1] == 0
    assert ("asks for consent", "shop") not in variants


# The same again


def without_time(events: Sequence[Event]) -> list[Event]:
    return [{k: v for k, v in event.items() if k not in ("seconds", "requests", "spent")} for event in events]


def test_the_same_run_has_the_same_log() -> None:
    plan = Plan(("silent",), cover="transitions", search=20, seed=4)
    change = with_facet("b1/as", "mallory")
    answered = rule(SERVER, "logged in", "authorize prompt=none")
    one, other = (without_time(run(FakeAdapter(lies=[Lie(answered, change)]), plan)) for _ in range(2))
    assert of(one, "finding")
    assert one == other


def test_another_seed_searches_elsewhere() -> None:
    def searched(seed: int) -> list[str]:
        events = run(FakeAdapter(), Plan(("silent",), cover="rules", search=20, seed=seed))
        return [event["id"] for event in of(events, "flow") if event["generator"] == "search"]

    assert len(searched(1)) >= 20
    assert set(searched(1)) != set(searched(2))


def test_few_drawn_flows_are_drawn_although_there_are_more_scopes() -> None:
    events: list[Event] = []
    runner = Runner(
        FakeAdapter(profiles=("silent", "sso")), Plan(("silent", "sso"), cover="rules", search=2), events.append
    )
    assert len(runner.scopes) > 2
    runner.run()
    searched = [event["scope"] for event in of(events, "flow") if event["generator"] == "search"]
    assert len(searched) == len(set(searched)) == 2


# What is to be run


def test_selected_are_requirements_of_profile_layer_and_feature() -> None:
    statement = FakeAdapter(layers=frozenset({"AS"}), features=frozenset({"id_token_hint"})).declare()
    chosen = selected(statement, ("silent",))
    assert {"AS-13", "AS-14", "AS-19"} <= chosen
    assert all(i.startswith("AS-") and BY_ID[i].profile == "silent" for i in chosen)
    assert "AS-19" not in selected(FakeAdapter(features=frozenset()).declare(), ("silent",))


@pytest.mark.parametrize(
    ("scope", "features", "expected"),
    [
        ("core", frozenset(), True),
        ("core: ID token", frozenset(), False),
        ("federation", frozenset(), False),
        ("federation", frozenset({"federation"}), True),
        ("expiry", frozenset({"clock"}), True),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_scopes_that_the_target_offers_nothing_for_are_left_out(
    scope: str, features: frozenset[str], expected: bool
) -> None:
    assert offered(scope_named(scope), FakeAdapter(features=features).declare()) is expected


def test_the_profiles_can_be_chosen_once_the_target_is_known() -> None:
    runner = Runner(FakeAdapter(profiles=("sso",)), Plan(()), lambda _: None, lambda statement: statement.profiles)
    assert runner.plan.profiles == ("sso",)
    assert {scope.name for scope in runner.scopes} == {"sso", "sso: other kinds"}
    assert runner.selected == selected(runner.statement, ("sso",))

"""Results: one verdict for every requirement and one for the run, from the events of a log and nothing else."""

from dataclasses import replace

import pytest
from sessionproof.conformance.results import CITED, MAY_CHOICES, MODELLED, Line, Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.verdict import BEHIND, LEFT, NOT_HERE, ROUTED_AROUND, Verdict
from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import BY_ID, CATALOGUE

from .logs import finding, flow, footer, header, results, trouble

SILENT = [r for r in CATALOGUE if r.profile == "silent"]
MUSTS = [r.id for r in SILENT if r.level == "MUST"]
OFFERED = ("id_token_hint", "silent check")
CONFORMS = (header("silent", features=OFFERED), flow(*MUSTS), footer())


def line(found: Results, identifier: str) -> Line:
    return next(line for line in found.lines() if line.requirement.id == identifier)


# One requirement


def test_there_is_a_line_for_every_requirement_of_the_profiles() -> None:
    lines = results(header("silent", "sso")).lines()
    assert [line.requirement for line in lines] == [r for r in CATALOGUE if r.profile in ("silent", "sso")]


def test_what_was_witnessed_passes_and_is_counted() -> None:
    found = results(header("silent"), flow("AS-13", "AS-14"), flow("AS-13"), footer())
    assert line(found, "AS-13")[1:] == (Verdict.PASS, 2, "")
    assert line(found, "AS-14")[1:] == (Verdict.PASS, 1, "")


def test_what_was_not_witnessed_is_untested_with_a_reason() -> None:
    found = results(header("silent"), flow("AS-13"), footer())
    assert line(found, "AS-14")[1:] == (Verdict.UNTESTED, 0, "no flow of this cover reached it")
    found = results(header("silent"), footer("the budget of 5 steps was used up before: pairs of silent"))
    assert line(found, "AS-14").reason == "the budget of 5 steps was used up before: pairs of silent"


def test_the_reason_is_what_kept_the_rules_of_a_requirement_from_firing() -> None:
    key = next(key for key, ids in CITED.items() if "AS-14" in ids)
    stop = "the budget of 5 steps was used up before: pairs of silent"
    routed = f"{ROUTED_AROUND} AS-13"
    for why, stopped, told in (
        (routed, "", routed),
        (routed, stop, routed),
        (BEHIND, "", BEHIND),
        (BEHIND, stop, stop),  # a run that goes on may find a way
        (LEFT, stop, stop),
        (NOT_HERE, "", LEFT),
    ):
        found = results(header("silent"), footer(stopped, unfired=[[key, why]]))
        assert line(found, "AS-14")[1:] == (Verdict.UNTESTED, 0, told)


def test_what_no_rule_states_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionproof.conformance.results.MODELLED", MODELLED - {"AS-14"})
    found = results(header("silent"), flow(), footer("stopped"))
    assert line(found, "AS-14")[1:] == (Verdict.UNTESTED, 0, "no rule of the model states it yet")


def test_what_trouble_may_have_hidden_is_inconclusive() -> None:
    found = results(header("silent"), flow("AS-13"), trouble("No answer in time."), footer())
    assert line(found, "AS-14")[1:] == (Verdict.INCONCLUSIVE, 0, "No answer in time.")
    assert line(found, "AS-13").verdict is Verdict.PASS


def test_a_confirmed_finding_of_a_must_fails_although_it_was_met_before() -> None:
    found = results(header("silent"), flow("AS-13"), finding("AS-13", actual="page login"), footer())
    assert line(found, "AS-13")[1:] == (Verdict.FAIL, 1, "page login")


def test_a_confirmed_finding_of_a_should_is_a_warning() -> None:
    assert BY_ID["APP-27"].level == "SHOULD"
    found = results(header("silent", features=OFFERED), finding("APP-27"), footer())
    assert line(found, "APP-27").verdict is Verdict.WARNING


@pytest.mark.parametrize("identifier", ["AS-13", "APP-27"])
def test_a_finding_that_is_not_confirmed_is_inconclusive_with_its_doubt(identifier: str) -> None:
    found = results(header("silent", features=OFFERED), flow(identifier), finding(identifier, doubt="it flickers"))
    assert line(found, identifier)[1:] == (Verdict.INCONCLUSIVE, 1, "it flickers")


def test_of_several_findings_a_confirmed_one_decides() -> None:
    found = results(header("silent"), finding("AS-13", doubt="it flickers"), finding("AS-13", actual="page consent"))
    assert line(found, "AS-13").verdict is Verdict.FAIL


def test_a_party_that_the_suite_plays_is_not_applicable() -> None:
    found = results(header("silent", layers=["AS"], features=OFFERED), flow("APP-28", "AS-13"), footer())
    assert line(found, "APP-28")[1:] == (Verdict.NOT_APPLICABLE, 1, "this party is played by the suite")
    assert line(found, "AS-13").verdict is Verdict.PASS


def test_what_the_target_does_not_offer_is_not_applicable() -> None:
    found = results(header("silent"), flow(), footer())
    assert line(found, "AS-19")[1:] == (Verdict.NOT_APPLICABLE, 0, "the target does not declare id_token_hint")
    assert line(results(header("silent", features=OFFERED), footer()), "AS-19").verdict is Verdict.UNTESTED


def test_a_may_tells_what_was_seen() -> None:
    choices = [["asks for consent", "shop", 3, 1], ["does not ask for consent", "outlet", 1, 3], ["other", "", 1, 0]]
    found = results(header("consent", features=["consent"]), footer(choices=choices))
    assert line(found, "AS-06")[1:] == (
        Verdict.PASS, 2, "seen: asks for consent (shop); does not ask for consent (outlet)",
    )  # fmt: skip
    assert found.variants()[0] == ("asks for consent", "shop", 3, 1)
    found = results(header("consent", features=["consent"]), flow("AS-06"), footer())
    assert line(found, "AS-06")[1:] == (Verdict.UNTESTED, 0, "which choice the target makes was not seen")


@pytest.mark.parametrize(
    ("facets", "outlived"),
    [
        ({"b1/shop": "alice", "b1/as": "absent"}, True),
        ({"b1/shop": "absent", "b1/outlet": "alice", "b1/as": "created"}, True),
        ({"b1/shop": "somebody", "b1/as": "nobody"}, True),
        ({"b1/shop": "alice", "b1/as": "alice"}, False),
        ({"b1/shop": "alice", "b2/as": "absent"}, False),
        ({"b1/shop": "anonymous", "b1/as": "absent", "b1/idp": "alice"}, False),
        ({"b1/shop": "alice"}, False),
    ],
    ids=["ended", "at another application", "black box", "alive", "another browser", "only the provider", "unknown"],
)
def test_a_local_session_that_outlives_the_servers_is_seen(facets: dict[str, str], outlived: bool) -> None:
    found = results(header("sso"), flow(facets=facets), footer())
    assert line(found, "SYS-06").verdict is (Verdict.PASS if outlived else Verdict.UNTESTED)


def test_every_may_has_its_choices_and_they_are_choices_of_the_tables() -> None:
    variants = {variant for machine in MACHINES for rule in machine.compiled for variant in rule.variants}
    assert MAY_CHOICES.keys() == {r.id for r in CATALOGUE if r.level == "MAY"}
    assert {choice for choices in MAY_CHOICES.values() for choice in choices} - variants == {
        "local session outlives the server's"
    }


# The whole run


def test_a_run_in_which_every_must_was_witnessed_passes() -> None:
    assert results(*CONFORMS).verdict() is Verdict.PASS
    assert [line.verdict for line in results(*CONFORMS).lines() if line.requirement.level == "SHOULD"] == [
        Verdict.UNTESTED
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((*CONFORMS, finding("AS-13")), Verdict.FAIL),
        ((*CONFORMS, finding("APP-27")), Verdict.PASS),
        ((*CONFORMS, finding("AS-13", doubt="it flickers")), Verdict.INCONCLUSIVE),
        ((*CONFORMS, finding("AS-13", doubt="it flickers"), finding("AS-14")), Verdict.FAIL),
        ((*CONFORMS, trouble("No answer.")), Verdict.PASS),
        (CONFORMS[:-1], Verdict.INCONCLUSIVE),
        ((CONFORMS[0], footer()), Verdict.INCONCLUSIVE),
        ((CONFORMS[0], flow(*MUSTS[1:]), footer()), Verdict.INCONCLUSIVE),
        ((*CONFORMS[:-1], footer("the budget was used up")), Verdict.PASS),
        ((*CONFORMS[:-1], footer("3 problems in a row", exit_code=5)), Verdict.INCONCLUSIVE),
        ((*CONFORMS[:-1], finding("AS-13"), footer("3 problems in a row", exit_code=5)), Verdict.FAIL),
        ((header("silent", layers=["IDP"]), footer()), Verdict.INCONCLUSIVE),
        ((header(), flow(*MUSTS), footer()), Verdict.INCONCLUSIVE),
        ((), Verdict.INCONCLUSIVE),
    ],
    ids=[
        "a MUST", "a SHOULD", "flickers", "flickers and fails", "trouble in one flow", "cut off", "nothing seen",
        "one unseen", "budget", "target gone", "fails before", "nothing applies", "no profile", "no log",
    ],
)  # fmt: skip
def test_the_verdict_of_a_run(events: tuple[Event, ...], expected: Verdict) -> None:
    assert results(*events).verdict() is expected


def test_deviations_outside_the_profiles_are_counted_and_judge_nothing() -> None:
    found = results(*CONFORMS, flow(outside=["AS-05", "AS-05", "AS-30"]))
    assert found.outside == {"AS-05": 2, "AS-30": 1}
    assert found.verdict() is Verdict.PASS


def test_results_can_be_asked_at_any_time() -> None:
    found = Results()
    for event in CONFORMS:
        before = replace(found, header=dict(found.header))
        assert before.verdict() is Verdict.INCONCLUSIVE
        found.add(event)
    assert found.verdict() is Verdict.PASS

"""A deviation is blamed on the requirement that it breaks and the place where it shows; what is not selected never."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from sessionproof.conformance.judge import BROKEN_ONLY_BY
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.requirements import BY_ID
from sessionproof.model.vocabulary import Stimulus

from .fake import choosing
from .playing import ALICE, BOB, IN, OUT, OUT_HERE, OUTLET, REFRESH, SILENT, SWITCH, VISIT, WRONG, Play


class Deviation(NamedTuple):
    """After `before`, `stimulus` is seen with other `facets` or another `trace`; `place` is where it must be blamed."""

    title: str
    requirement: str
    place: str
    before: tuple[Stimulus, ...]
    stimulus: Stimulus
    facets: Mapping[str, str] = MappingProxyType({})
    trace: tuple[str, ...] | None = None
    scope: str = "core"
    verdict: Verdict = Verdict.FAIL


BESIDE = ("state", "iss", "sid", "auth_time")
"""Where a deviation leaves no doubt about the state that follows."""
BROWSERS = "logout-rp: two browsers"
VISIT_2, ALICE_2, OUT_HERE_2 = (stimulus._replace(browser=1) for stimulus in (VISIT, ALICE, OUT_HERE))
CHECKOUT, PLANTED = Stimulus("visit checkout", "shop"), Stimulus("planted callback", "shop")
UNKNOWN_TYPE = Stimulus("ask unknown response type", "shop")

TRACES = (
    ("page without login", "APP-01", 1, (), VISIT, ("page account",)),
    ("page after logout", "APP-03", 1, (*IN, OUT_HERE), VISIT, ("page account",)),
    ("no way to log in", "APP-04", 1, (), VISIT, ("page error",)),
    ("an error in place of a login page", "AS-01", 2, (), VISIT, ("authorize", "page server")),
    ("wrong password accepted", "AS-04", 1, (VISIT,), WRONG, ("answer", "page account")),
    ("right password refused", "AS-03", 1, (VISIT,), ALICE, ("page login",)),
    ("prompt=login asks nobody", "AS-15", 2, IN, SWITCH, ("authorize", "answer", "page account")),
    ("stops on its way", "APP-09", 2, (VISIT,), ALICE, ("answer",)),
    ("goes on at the end", "APP-09", 2, IN, VISIT, ("page account", "authorize")),
    ("logout at the provider", "IDP-04", 1, IN, OUT_HERE, ("provider end session", "page home")),
)
"""Other messages or pages than allowed: the first that is wrong is blamed."""

ANSWERS = (
    ("other state", "AS-05", "state", (VISIT,), ALICE, {"state": "altered"}),
    ("wrong issuer", "AS-05", "iss", (VISIT,), ALICE, {"iss": "wrong"}),
    ("error with another state", "AS-58", "state", (), UNKNOWN_TYPE, {"state": "altered"}),
    ("other user in the token", "AS-03", "sub", (VISIT,), ALICE, {"sub": "bob"}),
    ("other user in token and page", "AS-03", "sub", (VISIT,), ALICE, {"shown": "bob", "sub": "bob"}),
    ("former user in the token", "AS-12", "sub", (*IN, SWITCH), BOB, {"sub": "alice"}),
    ("former sid after a reset", "AS-12", "sid", (*IN, SWITCH), BOB, {"sid": "same"}),
    ("a login that is not new", "AS-12", "auth_time", (*IN, SWITCH), BOB, {"auth_time": "before"}),
)
"""What an answer carries is blamed before the page that follows it."""

SESSIONS = (
    ("page of another user", "APP-09", "shown", IN, VISIT, {"shown": "bob"}),
    ("page of the former user", "APP-15", "shown", (*IN, SWITCH), BOB, {"shown": "alice"}),
    ("no session at the application", "APP-09", "b1/shop", (VISIT,), ALICE, {"b1/shop": "absent"}),
    ("no session at the server", "AS-03", "b1/as", (VISIT,), ALICE, {"b1/as": "absent"}),
    ("a third session", "SYS-04", "b1/idp", (VISIT,), ALICE, {"b1/idp": "alice"}),
    ("layers that do not add up", "SYS-01", "layers", (VISIT,), ALICE, {"layers": "shop"}),
    ("logout that ends nothing", "APP-12", "b1/shop", IN, OUT_HERE, {"b1/shop": "alice"}),
    ("logout that ends too much", "APP-14", "b1/as", IN, OUT_HERE, {"b1/as": "absent"}),
    ("session out of nothing", "SYS-04", "b1/as", (), CHECKOUT, {"b1/as": "bob"}),
    ("login by a planted answer", "APP-06", "b1/shop", (), PLANTED, {"b1/shop": "bob"}),
)
ELSEWHERE = (
    ("another browser logged in", "SYS-04", "b2/shop", (), VISIT, {"b2/shop": "alice"}),
    ("another browser logged out", "SYS-05", "b1/shop", (*IN, VISIT_2), OUT_HERE_2, {"b1/shop": "absent"}),
    ("another user elsewhere", "SYS-05", "b1/as", (*IN, VISIT_2), OUT_HERE_2, {"b1/as": "bob"}),
    ("full logout elsewhere, too", "AS-53", "b2/shop", (*IN, VISIT_2, ALICE_2), OUT, {"b2/shop": "absent"}),
)
DEVIATIONS = (
    *(Deviation(title, id_, f"trace {n}", before, do, {}, seen) for title, id_, n, before, do, seen in TRACES),
    *(Deviation(*row) for row in (*ANSWERS, *SESSIONS)),
    *(Deviation(*row)._replace(scope=BROWSERS) for row in ELSEWHERE),
    Deviation("state and page", "AS-05", "state", (VISIT,), ALICE, {"state": "altered"}, ("answer", "page server")),
    Deviation("single sign-on asks", "AS-08", "trace 2", IN, OUTLET, {}, ("authorize", "page login"), "sso"),
    Deviation("single sign-on is a new login", "AS-18", "auth_time", IN, OUTLET, {"auth_time": "now"}, scope="sso"),
    Deviation("silent check asks", "AS-13", "trace 2", (), SILENT, {}, ("authorize", "page login"), "silent"),
    # SHOULD
    Deviation(
        "landing elsewhere", "APP-18", "landed", (VISIT,), ALICE,
        {"landed": "page home"}, ("answer", "page home"), verdict=Verdict.WARNING,
    ),
    Deviation(
        "sid of an ended session", "AS-35", "sid", (*IN, OUT, VISIT), ALICE,
        {"sid": "same"}, scope="logout-rp", verdict=Verdict.WARNING,
    ),
    Deviation(
        "refresh after logout", "AS-41", "trace 1", (*IN, OUT), REFRESH,
        {}, ("token accepted",), "logout-rp", Verdict.WARNING,
    ),
)  # fmt: skip
each_deviation = pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.title)


@each_deviation
def test_a_deviation_is_blamed_on_its_requirement_and_place(deviation: Deviation) -> None:
    play = Play(deviation.scope).after(*deviation.before)
    before = play.judge.worlds
    judgement = play.do(deviation.stimulus, deviation.facets, deviation.trace)
    assert judgement.verdict is deviation.verdict
    mismatch = judgement.mismatches[0]
    assert (mismatch.requirement, mismatch.place) == (deviation.requirement, deviation.place)
    assert mismatch.actual != mismatch.expected
    assert any(mismatch.rule == rule.key for rule in play.network.rules())
    if deviation.verdict is Verdict.FAIL and all(m.place in BESIDE for m in judgement.mismatches):
        assert judgement.after == play.judge.worlds
        assert judgement.rules
    elif deviation.verdict is Verdict.FAIL:
        assert not any((judgement.after, judgement.witnessed, judgement.rules))
        assert play.judge.worlds == before
    else:
        assert play.judge.worlds == (play.world,)
        assert deviation.requirement not in judgement.witnessed or deviation.place == "landed"


@each_deviation
def test_what_is_not_selected_is_outside_and_no_verdict_of_the_target(deviation: Deviation) -> None:
    play = Play(deviation.scope, frozenset()).after(*deviation.before)
    judgement = play.do(deviation.stimulus, deviation.facets, deviation.trace)
    assert judgement.mismatches == ()
    assert deviation.requirement in [m.requirement for m in judgement.outside]
    seen_state = deviation.place.startswith("trace") or "/" in deviation.place
    lost = deviation.verdict is Verdict.FAIL and (seen_state or deviation.trace is not None)
    assert judgement.verdict is (Verdict.INCONCLUSIVE if lost else Verdict.PASS)
    assert bool(judgement.after) is not lost


def test_only_the_selected_of_several_deviations_count() -> None:
    play = Play("core", frozenset({"AS-03"})).after(VISIT)
    judgement = play.do(ALICE, {"sub": "bob", "state": "altered", "b1/as": "absent"})
    assert judgement.verdict is Verdict.FAIL
    assert [(m.requirement, m.place) for m in judgement.mismatches] == [("AS-03", "sub"), ("AS-03", "b1/as")]
    assert [(m.requirement, m.place) for m in judgement.outside] == [("AS-05", "state")]


def test_what_follows_from_an_answer_that_was_not_asked_about_is_nobodys_fault() -> None:
    """A server that takes prompt=login for nothing (AS-15, not selected) logs alice in: no session out of nothing."""
    play = Play("core", frozenset({"SYS-04"})).after(*IN, OUT_HERE)
    judgement = play.do(SWITCH, {"b1/shop": "alice"}, ("authorize", "answer", "page account"))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.mismatches == ()
    assert "AS-15" in {m.requirement for m in judgement.outside}


def test_a_password_asked_for_in_vain_is_a_warning_and_the_flow_goes_on() -> None:
    play = Play("federation").after(VISIT, Stimulus("choose provider"), ALICE, OUT, VISIT)
    judgement = play.do(Stimulus("choose provider"), choose=choosing("asks for credentials although logged in"))
    assert judgement.verdict is Verdict.WARNING
    assert [m.requirement for m in judgement.mismatches] == ["IDP-03"]
    assert play.do(ALICE).verdict is Verdict.PASS


def test_requirements_that_forbid_one_thing_are_known() -> None:
    assert BROKEN_ONLY_BY.keys() <= BY_ID.keys()

"""The judge: what conforms passes, what was not seen proves nothing, and hidden state is kept as a set of states."""

from collections.abc import Callable

import pytest
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.explore import Graph
from sessionproof.model.vocabulary import NOBODY, SOMEBODY, Observation, Stimulus

from .fake import choosing, perfect
from .playing import ALICE, ALL, BOB, IN, OUT, OUT_HERE, OUTLET, SILENT, SWITCH, VISIT, WRONG, Play

# What conforms


@pytest.mark.parametrize("scope", ["core", "silent", "logout-rp", "federation", "expiry"])
def test_whatever_a_conforming_target_does_passes(scope: str, graph: Callable[[str], Graph]) -> None:
    explored = graph(scope)
    judge = Judge(explored.network, ALL)
    for edge in explored.edges():
        outcome, judge.worlds = edge.outcome, (explored.states[edge.source],)
        seen = perfect(outcome)
        judgement = judge.step(edge.stimulus, seen)
        assert judgement.verdict is (Verdict.WARNING if outcome.breaks else Verdict.PASS)
        assert tuple(m.requirement for m in judgement.mismatches) == outcome.breaks
        assert judgement.outside == ()
        assert outcome.after in judgement.after == judge.worlds
        assert {rule.key for rule in outcome.rules} <= set(judgement.rules)
        assert set(judgement.variants) <= set(outcome.choices)
        assert not set(judgement.declined) & set(outcome.choices)
        cited = [e.requirements for e in (*outcome.trace, *outcome.facets.values())]
        assert set(judgement.witnessed) == {identifier for ids in cited for identifier in ids}


def test_a_target_that_tells_everything_is_in_one_state() -> None:
    play = Play("core").after(VISIT, ALICE, SWITCH, BOB, OUT_HERE)
    assert play.judge.worlds == (play.world,)


def test_reset_forgets_the_flow() -> None:
    play = Play("core").after(VISIT, ALICE)
    play.judge.reset()
    assert play.judge.worlds == (play.network.scope.start(),)


def test_the_same_step_again_is_judged_alike() -> None:
    play = Play("core").after(VISIT)
    failed = play.do(ALICE, {"sub": "bob"})
    seen = failed.observation
    assert play.judge.step(ALICE, seen) == failed
    assert play.judge.step(ALICE, seen._replace(facets={**seen.facets, "sub": "alice"})).verdict is Verdict.PASS


def test_what_was_never_asked_was_not_declined() -> None:
    """A server that asks for a fresh login each time: how the provider answers other requests is not in that."""
    choose = Stimulus("choose provider")
    play = Play("federation").after(VISIT, choose, ALICE, OUT, VISIT)
    fresh = next(o for o in play.network.step(play.judge.worlds[0], choose) if "prompt=login" in o.trace[0].allowed[0])
    declined = dict(play.judge.step(choose, perfect(fresh)).declined)
    assert "asks for credentials although logged in" not in declined


def test_what_was_declined_is_told() -> None:
    play = Play("core").after(VISIT)
    made, declined = ("does not ask for consent", "shop"), ("asks for consent", "shop")
    judgement = play.do(ALICE)
    assert (judgement.variants, judgement.declined) == ((made,), (declined,))
    judgement = play.do(SWITCH)
    assert (judgement.variants, judgement.declined) == ((), ())


def test_what_the_model_does_not_know_to_be_possible_is_inconclusive() -> None:
    play = Play("core")
    assert not play.judge.possible(ALICE)
    judgement = play.judge.step(ALICE, Observation(("answer", "page account"), {"b1/as": "alice"}))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert not any((judgement.mismatches, judgement.outside, judgement.witnessed))


# What was not seen


def test_a_facet_that_was_not_observed_is_not_witnessed() -> None:
    seen = Play("core").after(VISIT).do(ALICE)
    assert {"AS-03", "AS-05", "AS-12", "APP-09", "SYS-01", "SYS-03"} <= set(seen.witnessed)
    blind = Play("core").after(VISIT).do(ALICE, {"auth_time": None, "layers": None, "sub": None, "b1/as": None})
    assert blind.verdict is Verdict.PASS
    assert set(seen.witnessed) - set(blind.witnessed) == {"AS-12", "SYS-01", "SYS-07", "SYS-08"}


def test_somebody_fits_every_user_and_proves_none() -> None:
    play = Play("core").after(*IN)
    judgement = play.do(OUT_HERE, {"b1/as": SOMEBODY})
    assert judgement.verdict is Verdict.PASS
    assert play.judge.worlds == (play.world,)
    assert "APP-14" not in judgement.witnessed
    assert "APP-14" in Play("core").after(*IN).do(OUT_HERE, {"b1/as": "alice"}).witnessed


def test_somebody_where_nobody_may_be_is_wrong() -> None:
    judgement = Play("core").do(VISIT, {"b1/as": SOMEBODY})
    assert (judgement.verdict, judgement.mismatches[0].requirement) == (Verdict.FAIL, "SYS-04")


def test_nobody_where_somebody_must_be_is_wrong() -> None:
    judgement = Play("core").after(VISIT).do(ALICE, {"b1/as": NOBODY})
    assert (judgement.verdict, judgement.mismatches[0].requirement) == (Verdict.FAIL, "AS-03")


# Hidden state


def hidden(play: Play) -> list[str]:
    """What the sessions of the server may be in the states that fit."""
    return sorted({world.browsers[0].server.session for world in play.judge.worlds})


@pytest.mark.parametrize("unseen", [None, NOBODY], ids=["not observed", "nobody is all that is known"])
def test_states_that_look_alike_are_all_kept_and_told_apart_later(unseen: str | None) -> None:
    play = Play("core")
    judgement = play.do(VISIT, {"b1/as": unseen, "b1/shop": None})
    assert judgement.verdict is Verdict.PASS
    assert len(play.judge.worlds) == 4
    assert hidden(play) == ["absent", "created"]
    assert judgement.variants == judgement.declined == ()
    play.do(WRONG, {"b1/as": unseen, "b1/shop": None})
    assert len(play.judge.worlds) == 4
    play.do(WRONG, {"b1/as": "created", "b1/shop": "absent"})
    assert (len(play.judge.worlds), hidden(play)) == (1, ["created"])
    assert play.do(WRONG, {"b1/as": "created", "b1/shop": "absent"}).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("keeps", "trace"), [(True, ("page account",)), (False, ("authorize", "page login"))], ids=["kept", "ended"]
)
def test_an_answer_that_fits_one_of_several_states_filters_the_others(keeps: bool, trace: tuple[str, ...]) -> None:
    """A silent check finds the server's session ended; what the application makes of that is not seen at once."""
    choose = choosing("silent login_required " + ("keeps" if keeps else "ends") + " the local session")
    play = Play("silent: two applications").after(*IN, OUTLET, OUT._replace(app="outlet"))
    play.do(SILENT, {"b1/shop": None}, choose=choose)
    assert {world.browsers[0].locals[0].user for world in play.judge.worlds} == {"alice", ""}
    judgement = play.do(VISIT)
    assert (judgement.verdict, judgement.observation.trace) == (Verdict.PASS, trace)
    assert play.judge.worlds == (play.world,)


def test_a_stimulus_is_possible_only_if_it_is_in_every_state_that_fits() -> None:
    play = Play("core").after(VISIT)
    open_login = play.judge.worlds
    play.judge.worlds = (*open_login, play.network.scope.start())
    assert play.judge.possible(VISIT)
    assert not play.judge.possible(ALICE)
    play.judge.worlds = open_login
    assert play.judge.possible(ALICE)


def test_rules_that_say_what_auth_time_must_be() -> None:
    play = Play("core").after(VISIT)
    timed = play.judge.timed_rules(ALICE)
    login = "authorization server: absent+login|created+login / credentials"
    assert timed == {f"{login} [consent may be skipped] [does not ask for consent]"}
    assert play.judge.timed_rules(WRONG) == set()

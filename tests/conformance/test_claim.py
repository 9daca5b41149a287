"""What a run claims: no more than its covers and what was seen of the sessions allow, and under which assumption."""

from typing import Any

from sessionproof.conformance.claim import claim

WHOLE = {"rules": {"sso": [5, 5]}, "transitions": {"sso": [1200, 1200]}}
PART = {"rules": {"sso": [5, 5], "core": [7, 9]}, "transitions": {"sso": [1200, 1200], "core": [30, 90]}}


def claimed(*, status: bool = True, **footer: Any) -> str:
    states = {name: [10, 10] for name in footer.get("coverage", {}).get("rules", ())}
    return " ".join(claim({"status": status}, {"exit_code": 0, "states": states, "findings": [], **footer}))


def test_a_whole_tour_with_status_is_complete_for_targets_of_that_size() -> None:
    said = claimed(coverage=WHOLE)
    assert "In 1 scope every transition that this target's choices leave was taken: 1,200, between 10 states, " in said
    assert "the names of users, browsers and tabs tell apart counts once" in said
    assert "treats all users alike" in said
    assert "conforms there for all flows of any length, if it has no more states" in said
    assert "nothing is claimed" not in said


def test_from_outside_nothing_is_complete() -> None:
    said = claimed(status=False, coverage=WHOLE)
    assert "1,200" in said
    assert "of any length" not in said
    assert "may have gone unseen" in said


def test_what_was_not_taken_is_not_claimed() -> None:
    said = claimed(coverage=PART)
    assert "In 1 scope every transition" in said
    assert "In the other 1 scope, 30 of 90 transitions were taken. Of what was not taken nothing is claimed." in said


def test_rules_alone_prove_nothing() -> None:
    said = claimed(coverage={"rules": {"sso": [5, 6]}, "transitions": {}})
    assert said.startswith("In 1 scope no tour of the transitions was made; 5 of 6 rules in their circumstances")
    assert "any length" not in said


def test_what_comes_after_a_deviation_is_not_claimed() -> None:
    assert "What comes after an answer that deviates was left out" in claimed(
        coverage=WHOLE, findings=[["AS-14", 1, True]]
    )


def test_a_run_that_did_not_end_claims_nothing() -> None:
    for footer in ({}, {"exit_code": 5}):
        assert claim({"status": True}, footer) == [
            "Nothing is claimed beyond what was seen: the run did not come to its end."
        ]

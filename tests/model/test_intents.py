"""Every requirement says why it matters, in one sentence of its own words."""

from sessionproof.model.intents import INTENTS
from sessionproof.model.requirements import CATALOGUE


def test_every_requirement_has_an_intent() -> None:
    assert sorted(INTENTS) == sorted(requirement.id for requirement in CATALOGUE)


def test_an_intent_is_one_sentence_and_does_not_repeat_the_requirement() -> None:
    for requirement in CATALOGUE:
        intent = INTENTS[requirement.id]
        assert intent.endswith(".")
        assert intent[0].isupper()
        assert intent.count(". ") == 0, f"{requirement.id}: more than one sentence"
        assert intent not in requirement.sentence

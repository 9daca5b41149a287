"""`sessionproof walk`: the three layers, the steps that are possible, the choices of a target, back and quit."""

import re

from sessionproof.conformance.cli import app
from typer.testing import CliRunner, Result


def walked(*lines: str, scope: str = "core") -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["walk", scope], input="".join(f"{line}\n" for line in lines))


def states(done: Result) -> list[list[str]]:
    """The line of states after each step, from the beginning."""
    lines = done.output.split("\n")
    return [
        re.split(r"\s{2,}", lines[at + 1].strip())
        for at, line in enumerate(lines)
        if line.rstrip().endswith("identity provider")
    ]


LOGIN = ("visit orders", "1", "credentials alice", "does not ask for consent")


def test_a_login_is_walked_by_words_and_numbers() -> None:
    done = walked(*LOGIN, "quit")
    assert done.exit_code == 0
    assert states(done) == [
        ["absent", "absent", "absent"],
        ["absent, login pending", "absent, login page open", "absent"],
        ["authenticated: alice", "logged in: alice", "absent"],
    ]
    assert "2. credentials alice\n   Authorization server: credentials -> answer  (AS-03, AS-05, " in done.output
    assert "   Local application: answer -> page landing  (APP-09" in done.output


def test_several_answers_are_choices_of_the_target() -> None:
    done = walked("1")
    assert "the standards leave several answers; which does the target give?" in done.output
    assert (
        "local session begins when login starts; server session begins at login: authorize -> page login" in done.output
    )
    assert len(states(done)) == 1


def test_back_goes_back_and_not_further_than_the_beginning() -> None:
    done = walked("1", "1", "back", "back")
    assert [line[0] for line in states(done)] == ["absent", "absent, login pending", "absent", "absent"]
    assert "this is the beginning" in done.output
    done = walked("1", "back", "2")  # back from the choices: nothing was done yet
    assert [line[0] for line in states(done)][:2] == ["absent", "absent"]


def test_what_does_not_fit_is_asked_again() -> None:
    done = walked("99", "nonsense", "planted callback", "", "checkout", "quit")
    assert "'99' is none of these" in done.output
    assert "'nonsense' is none of these" in done.output
    assert "fits several: planted callback at shop; planted callback without state at shop" in done.output
    assert "1. visit checkout at shop\n" in done.output


def test_the_end_of_input_ends_the_walk() -> None:
    assert walked().exit_code == 0
    assert walked("1").exit_code == 0


def test_two_browsers_stand_below_each_other() -> None:
    done = walked("quit", scope="logout-rp: two browsers")
    assert re.search(
        r"^browser +application shop +authorization server +identity provider *\n1 +absent", done.output, re.M
    )
    assert "visit orders at shop (browser 2, tab 1)" in done.output


def test_an_unknown_scope_lists_the_known() -> None:
    done = walked(scope="nowhere")
    assert done.exit_code == 3

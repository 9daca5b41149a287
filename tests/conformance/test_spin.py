"""The model written out for SPIN: it stores as many states, and finds the same seeded violation. Needs spin and gcc."""

from pathlib import Path

import pytest
from sessionproof.conformance import exploring_pairs
from sessionproof.conformance.errors import HarnessProblem, UsageProblem
from sessionproof.conformance.exploring_pairs import compiled, seeded
from sessionproof.conformance.spinning import SpinProblem, spin
from sessionproof.model.network import FEATURES
from sessionproof.model.product import Dependent, Product
from sessionproof.model.promela import promela
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.sweep import Sweep

from .command import sessionproof

TWO_BROWSERS = "isolation: two browsers"


def named(name: str) -> Scope:
    return next(scope for scope in SCOPES if scope.name == name)


SHARING = (
    named("consent: after a logout")._replace(actions=("visit orders", "credentials", "allow", "deny")),
    named("admin: two browsers"),
    named("logout-backchannel: two browsers"),
)
"""One in which moves change what is shared, two with steps of both browsers."""


@pytest.mark.parametrize("scope", SHARING, ids=lambda scope: scope.name)
def test_spin_stores_as_many_states(scope: Scope, tmp_path: Path) -> None:
    product = Product(scope, FEATURES)
    states = Sweep(product).run().states
    found = spin(promela(product), tmp_path, states=states)
    assert (found.states, found.violation) == (states, ())
    assert states > 250


def test_the_command_compares_and_writes_the_model(tmp_path: Path) -> None:
    done = sessionproof("spin", "--scope", TWO_BROWSERS, "--check", "--output", tmp_path / "model.pml")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split()[:2] for line in lines[2:4]] == [["sessionproof", "400"], ["SPIN", "400"]]
    assert "/* shop: absent */" in (tmp_path / "model.pml").read_text()


def test_both_find_the_same_seeded_violation() -> None:
    done = sessionproof(
        "spin", "--scope", TWO_BROWSERS, "--check", "--without-effects", "application: authenticated / log out here"
    )
    assert (done.code, done.err) == (0, "")
    way = "visit orders at shop -> credentials alice -> log out here at shop"
    assert done.out.splitlines()[-2:] == [f"sessionproof: {way}", f"SPIN: {way}"]


def test_without_check_it_only_writes() -> None:
    done = sessionproof("spin", "--scope", TWO_BROWSERS)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\np") == 20
    assert "active [2] proctype Browser()" in done.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "name one --scope or one --profile"),
        (("--scope", "core", "--profile", "core"), "name one --scope or one --profile"),
        (("--scope", "cor"), "--scope 'cor': no such scope; expected one of: core,"),
        (("--profile", "cor"), "--profile 'cor': no such profile; expected one of: core,"),
        (("--scope", "core", "--without-effects", "x"), "--without-effects 'x': no such rule"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments: tuple[str, ...], complaint: str) -> None:
    done = sessionproof("spin", *arguments)
    assert done.code == 3
    assert complaint in done.err


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageProblem, match="the program spin is missing"):
        spin("", tmp_path, states=1)


def test_what_spin_cannot_read_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(SpinProblem, match="spin ended with 1"):
        spin("this is no Promela", tmp_path, states=1)


def test_explore_two_browsers() -> None:
    done = sessionproof("explore", "--two-browsers", "--scope", "core")
    assert (done.code, done.err) == (0, "")
    assert "3,844" in done.out
    assert "4 properties of single steps hold" in done.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--profile", "core"), "--profile and --without-effects are for --two-browsers"),
        (("--without-effects", "x"), "--profile and --without-effects are for --two-browsers"),
        (("--two-browsers", "--paths"), "--paths cannot be used with --two-browsers"),
    ],
)
def test_options_that_would_do_nothing_are_refused(arguments: tuple[str, ...], complaint: str) -> None:
    done = sessionproof("explore", *arguments)
    assert done.code == 3
    assert complaint in done.err


def test_a_failing_block_is_not_taken_for_a_missing_rule() -> None:
    with pytest.raises(KeyError, match="ours"), seeded("application: authenticated / log out here"):
        raise KeyError("ours")


def test_tables_that_allow_for_no_product_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Dependent("a step looks around")

    monkeypatch.setattr(exploring_pairs, "Product", fail)
    with pytest.raises(HarnessProblem, match="in core: a step looks around"):
        compiled(named("core"))


def test_explore_with_a_seeded_fault() -> None:
    rule = "application: authenticated / log out here"
    done = sessionproof("explore", "--two-browsers", "--scope", TWO_BROWSERS, "--without-effects", rule)
    assert done.code == 1
    assert "FAILS in isolation: two browsers: a logout ends what it is documented to end" in done.out
    assert "3. log out here at shop" in done.out

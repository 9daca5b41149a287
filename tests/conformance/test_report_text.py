"""The summary: the answer first, findings with their flow, and nothing that a target says is ever interpreted."""

import re
from io import StringIO

import pytest
from rich.console import Console
from sessionproof.conformance.report.seen import flow_words
from sessionproof.conformance.report.text import print_summary
from sessionproof.conformance.report.visible import visible
from sessionproof.conformance.report.wording import reached
from sessionproof.conformance.results import Results
from sessionproof.model.network import SERVER

from .fake import FakeAdapter, Lie, rule, showing
from .logs import finding, flow, footer, header, results
from .running import run

HOSTILE = {
    "markup": "[red]x[/red] [/] [bold",
    "link": "[link=https://evil.example]here[/link]",
    "emoji": ":bug: x",
    "backslash": "x \\[red] \\",
    "escape": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "C1": "\x9b2J",
    "line": "x\nCONFORMS: everything\r\rCONFORMS",
    "backspace": "fail\b\b\b\bpass",
    "bidi": "abc\u202edef",
    "surrogate": "\ud800",
    "nul": "\0",
}


def summary(found: Results, verbose: bool = False, width: int = 200, terminal: bool = False) -> str:
    out = StringIO()
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system="truecolor" if terminal else None, highlight=False
    )
    print_summary(console, found, verbose)
    return out.getvalue()


@pytest.mark.parametrize(
    ("found", "first"),
    [
        (results(header("sso"), flow("AS-08", "APP-14"), footer()), "CONFORMS: target (model)"),
        (results(header("sso"), flow("AS-08"), finding("AS-08"), footer()), "DOES NOT CONFORM: target (model)"),
        (results(header("sso"), footer()), "INCONCLUSIVE: target (model)"),
    ],
    ids=["conforms", "does not", "inconclusive"],
)
def test_the_answer_comes_first(found: Results, first: str) -> None:
    assert summary(found).split("\n")[:2] == ["", first]


def test_a_finding_is_told_with_its_flow_and_the_last_step_by_hand() -> None:
    text = summary(results(header("sso"), finding("AS-08"), footer()))
    start = text.index("fail: AS-08 (MUST)")
    assert text[start:].split("\n")[3:10] == [
        "  shortest flow, in core, from fresh browsers:",
        "    1. visit orders at shop (browser 1)",
        "    2. credentials alice (browser 2)   <- here",
        "  at trace 2: expected answer",
        "              actual   page login",
        "  the last step by hand (cookies and secrets left out; all steps are in the log):",
        "    curl last",
    ]
    assert "curl first" not in text


def test_the_kind_of_a_finding_is_named() -> None:
    assert "\nwarning: APP-27 (SHOULD)\n" in summary(results(header("silent"), finding("APP-27"), footer()))
    text = summary(results(header("sso"), finding("AS-08", doubt="it flickers"), footer()))
    assert "\nnot confirmed: AS-08 (MUST)\n  it flickers\n" in text
    assert "fail: AS-08" not in text


def test_only_what_did_not_simply_pass_is_listed_unless_asked_for() -> None:
    found = results(header("silent"), flow("AS-13"), footer())
    short, long = summary(found), summary(found, verbose=True)
    assert re.search(r"^AS-14 +MUST +untested +0 +no flow of this cover reached it *$", short, re.MULTILINE)
    assert not re.search("^AS-13 ", short, re.MULTILINE)
    assert re.search(r"^AS-13 +MUST +pass +1 *$", long, re.MULTILINE)
    assert "not applicable, the target does not declare id_token_hint: AS-19" in short
    assert long.count("AS-19") == 1


def test_a_run_that_was_cut_off_or_stopped_says_so() -> None:
    assert "the log has no footer: the run was cut off" in summary(results(header("sso"), flow()))
    assert "stopped early: the budget was used up" in summary(results(header("sso"), footer("the budget was used up")))


def test_what_was_exercised_is_told() -> None:
    events = run(FakeAdapter())
    fired, rules = events[-1]["rules"]
    text = summary(Results.of(events))
    assert f"rules of the tables: {fired} of {rules}" in text
    assert "rules never exercised, a choice that this target does not make: " in text
    assert "  does not ask for consent (shop): always" in text
    assert "choices that this target makes where the standards leave one" in text


def test_choices_that_vary_are_counted() -> None:
    text = summary(results(header("sso"), footer(choices=[["asks for consent", "shop", 2, 3]])))
    assert "  asks for consent (shop): 2 of 5 times" in text


def test_deviations_outside_the_profiles_are_told_without_a_verdict() -> None:
    text = summary(results(header("sso"), flow(outside=["AS-05", "AS-05"]), footer()))
    assert "seen to deviate outside the chosen profiles (no verdict): AS-05 (2x)" in text


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_a_target_says_is_shown_and_not_obeyed(hostile: str, terminal: bool) -> None:
    exchanges = [{"step": 2, "curl": f"curl '{hostile}'"}]
    events = (
        header("sso", name=hostile),
        flow(),
        finding("AS-08", actual=hostile, exchanges=exchanges),
        finding("APP-14", doubt=hostile),
        footer(hostile, choices=[[hostile, hostile, 1, 0]], unfired=[[hostile, hostile]]),
    )
    text = summary(results(*events), terminal=terminal, width=1_000)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text) if terminal else text
    assert not re.search(r"[^\x20-\x7e\n§–\"„“’…]", plain)
    for start in ("DOES NOT CONFORM: ", "stopped early: ", "              actual   ", "    curl '", "  "):
        assert f"\n{start}{visible(hostile)}" in plain
    if terminal:
        mine, quiet = (summary(results(*_said(what)), terminal=True, width=1_000) for what in (hostile, "x"))
        assert re.findall(r"\x1b\[[0-9;]*m", mine) == re.findall(r"\x1b\[[0-9;]*m", quiet)


def _said(what: str) -> tuple[dict[str, object], ...]:
    return header("sso", name=what), finding("AS-08", actual=what), footer(what)


def test_long_words_are_printed_whole() -> None:
    long = "x" * 5_000
    text = summary(results(header("sso", name=long), finding("AS-08", actual=long), footer()), width=80)
    assert f"DOES NOT CONFORM: {long} (model)\n" in text
    assert f"actual   {long}\n" in text


def test_visible_leaves_what_prints() -> None:
    assert visible("Straße „§ 3“ – 日本 [x]") == "Straße „§ 3“ – 日本 [x]"
    assert visible("a\tb\n\x1b\u202e\ud800") == r"a\tb\n\x1b\u202e\ud800"


def test_steps_in_words() -> None:
    assert flow_words([{"action": "allow"}]) == ["allow"]
    wrong = {"action": "wrong token", "app": "shop", "arg": "iss", "tab": 1}
    assert flow_words([{"action": "allow"}, wrong]) == ["allow (tab 1)", "wrong token iss at shop (tab 2)"]
    assert flow_words([wrong, {"action": "allow", "browser": 1}]) == [
        "wrong token iss at shop (browser 1, tab 2)",
        "allow (browser 2, tab 1)",
    ]


def test_a_real_finding_is_printed() -> None:
    lie = Lie(rule(SERVER, "absent", "authorize prompt=none login"), showing("page login"))
    text = summary(Results.of(run(FakeAdapter(lies=[lie]))))
    assert "fail: AS-14 (MUST)" in text
    assert "    1. ask none and login at shop   <- here" in text
    assert re.search(r"^    curl \d+$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        ({}, "none"),
        ({"rules": {"core": [9, 10]}, "pairs": {}, "transitions": {}}, "none; of the rules, 9 of 10 in 1 of 1 scopes"),
        ({"rules": {"core": [10, 10]}, "pairs": {}, "transitions": {}}, "rules, all 10 in 1 scope"),
        (
            {"rules": {"core": [10, 10], "sso": [3, 3]}, "pairs": {"core": [20, 20]}, "transitions": {}},
            "rules, all 13 in 2 scopes; of the pairs, 20 of 20 in 1 of 2 scopes",
        ),
        (
            {"rules": {"core": [1, 1]}, "pairs": {"core": [2, 2]}, "transitions": {"core": [5000, 5000]}},
            "transitions, all 5,000 in 1 scope",
        ),
    ],
)
def test_the_cover_that_was_reached_is_told(coverage: dict[str, dict[str, list[int]]], words: str) -> None:
    found = results(header("core"), footer(coverage=coverage))
    assert reached(found) == words
    assert f"cover reached: {words}" in summary(found)

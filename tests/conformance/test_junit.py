"""JUnit XML: one case per requirement, each verdict where a CI system looks for it, valid whatever a target says."""

from xml.etree import ElementTree as ET

import pytest
from sessionproof.conformance.report.junit import junit_xml
from sessionproof.conformance.results import Results
from sessionproof.model.requirements import BY_ID

from .fake import FakeAdapter
from .logs import finding, flow, footer, header, results, trouble
from .running import run


def suite(found: Results) -> ET.Element:
    text = junit_xml(found)
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n")
    return ET.fromstring(text.encode())


def case(found: Results, identifier: str) -> ET.Element:
    [case] = [case for case in suite(found).iter("testcase") if case.get("name") == identifier]
    return case


def test_there_is_a_case_for_every_requirement() -> None:
    found = Results.of(run(FakeAdapter()))
    cases = list(suite(found).iter("testcase"))
    assert [case.get("name") for case in cases] == [line.requirement.id for line in found.lines()]
    assert {case.get("classname") for case in cases} == {"sessionproof.silent"}
    assert suite(found).get("name") == "sessionproof fake"


def test_the_counts_are_those_of_the_cases() -> None:
    found = results(
        header("sso", "silent", "core"), flow("AS-13"), finding("AS-08"), finding("AS-14", doubt="?"), footer()
    )
    root = suite(found)
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "testcase")):
        assert root.get(attribute) == str(len(list(root.iter(tag))))
    assert [root.get(attribute) for attribute in ("failures", "errors")] == ["1", "1"]


def test_pass_is_an_empty_case() -> None:
    assert list(case(results(header("silent"), flow("AS-13"), footer()), "AS-13")) == []


def test_fail_is_a_failure_with_the_flow() -> None:
    [failure] = case(results(header("sso"), finding("AS-08"), footer()), "AS-08")
    assert failure.tag == "failure"
    assert failure.get("message") == BY_ID["AS-08"].sentence
    assert failure.text == (
        "1. visit orders at shop (browser 1)\n2. credentials alice (browser 2)\n"
        "at trace 2: expected answer, actual page login"
    )


def test_a_warning_is_a_passed_case_with_a_message() -> None:
    [out] = case(results(header("silent", features=["silent check"]), finding("APP-27"), footer()), "APP-27")
    assert out.tag == "system-out"
    assert out.text is not None
    assert out.text.startswith(f"warning: {BY_ID['APP-27'].sentence}\n1. visit orders at shop (browser 1)\n")


def test_inconclusive_is_an_error_and_never_a_failure() -> None:
    [error] = case(results(header("sso"), finding("AS-08", doubt="it flickers"), footer()), "AS-08")
    assert (error.tag, error.get("message")) == ("error", "it flickers")
    [error] = case(results(header("sso"), trouble("No answer."), footer()), "AS-08")
    assert (error.tag, error.get("message")) == ("error", "No answer.")


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        (["APP"], "not applicable: this party is played by the suite"),
        (["AS"], "untested: no flow of this cover reached it"),
    ],
    ids=["not applicable", "untested"],
)
def test_what_was_not_tested_is_skipped_with_the_reason(layers: list[str], reason: str) -> None:
    [skipped] = case(results(header("sso", layers=layers), flow(), footer()), "AS-08")
    assert (skipped.tag, skipped.get("message")) == ("skipped", reason)


def test_a_may_tells_what_was_seen() -> None:
    choices = [["asks for consent", "shop", 1, 0]]
    [out] = case(results(header("consent", features=["consent"]), footer(choices=choices)), "AS-06")
    assert (out.tag, out.text) == ("system-out", "seen: asks for consent (shop)")


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[31m\0\x07\x0b\r", "\ud800 \udfff \ufffe \uffff", "</failure>]]><evil a='\"'>&amp;", "\x85\x9f\u2028\u202e"],
    ids=["controls", "no characters", "markup", "other controls"],
)
def test_the_xml_is_valid_whatever_a_target_says(hostile: str) -> None:
    found = results(
        header("sso", name=hostile), finding("AS-08", actual=hostile), finding("APP-14", doubt=hostile), footer(hostile)
    )
    root = suite(found)
    assert [root.get("failures"), root.get("errors")] == ["1", "1"]
    assert {element.tag for element in root.iter()} <= {"testsuite", "testcase", "failure", "error", "skipped"}
    shown = "".join(c for c in hostile if c.isprintable())
    assert shown in (root.find(".//failure").text or "")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (results(header("silent"), flow("AS-13"), footer("no answer any more", exit_code=5)), "no answer any more"),
        (results(header("silent"), flow("AS-13")), "the run was cut off: its log has no end"),
    ],
)
def test_a_run_that_did_not_come_to_its_end_is_an_error(found: Results, why: str) -> None:
    [error] = case(found, "came to its end")
    assert (error.tag, error.get("message")) == ("error", why)
    root = suite(found)
    assert (root.get("errors"), root.get("failures")) == ("1", "0")
    assert root.get("tests") == str(len(list(root.iter("testcase"))))


def test_a_budget_that_is_used_up_is_none() -> None:
    found = results(header("silent"), flow("AS-13"), footer("the budget of 5 steps was used up before: more"))
    assert suite(found).get("errors") == "0"

"""Charts of flows and of machines: what they show is what the log says, and every part of a diagram is found."""

import re
from collections import Counter
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sessionproof.conformance.report.flow_chart import flow_chart
from sessionproof.conformance.report.flow_steps import Arrow, Session, flow_steps
from sessionproof.conformance.report.machine_charts import FOLDER, SVG, machine_charts, status
from sessionproof.conformance.report.seen import (
    APP,
    AS,
    BROWSER,
    IDP,
    facet,
    parties,
    place_words,
    seen_words,
    value_words,
)
from sessionproof.conformance.report.usage import Usage
from sessionproof.conformance.runlog import Event
from sessionproof.diagrams.graph import View, extract
from sessionproof.diagrams.views import VIEWS
from sessionproof.model.network import MACHINES, REPLIES, STILL
from sessionproof.model.vocabulary import Stimulus

from ..logs import finding
from .samples import HINT, failing, read


def shows(place: str, expected: str, actual: str, trace: list[str], facets: dict[str, str]) -> Event:
    """A finding of one step."""
    mismatch = {"requirement": "AS-12", "rule": "", "place": place, "expected": expected, "actual": actual}
    step = {"do": list(Stimulus("visit orders", "shop")), "trace": trace, "facets": facets}
    return finding("AS-12", mismatch=mismatch, steps=[step])


def test_a_wrong_message_stands_beside_the_one_expected() -> None:
    [step] = flow_steps(shows("trace 2", "error login_required or error x", "answer", ["authorize", "answer"], {}))
    assert step.arrows == (
        Arrow(BROWSER, APP, "visit orders"),
        Arrow(APP, AS, "authorization request"),
        Arrow(AS, APP, "error response: login_required or x", "expected"),
        Arrow(AS, APP, "authentication response (code or ID token)", "wrong"),
    )


def test_a_message_that_did_not_come_is_shown_as_expected() -> None:
    [step] = flow_steps(shows("trace 2", "page login", "nothing more", ["authorize"], {}))
    assert [arrow.kind for arrow in step.arrows] == ["seen", "seen", "expected"]


def test_a_message_too_many_is_wrong_and_nothing_is_expected() -> None:
    [step] = flow_steps(shows("trace 2", "the page stands still", "page login", ["authorize", "page login"], {}))
    assert [arrow.kind for arrow in step.arrows] == ["seen", "seen", "wrong"]


def test_a_wrong_claim_stands_at_the_message_that_carries_it() -> None:
    [step] = flow_steps(shows("auth_time", "now", "before", ["authorize", "answer", "page account"], {}))
    assert [arrow.kind for arrow in step.arrows] == ["seen", "seen", "carries", "seen"]
    assert "the ID token's auth_time: an earlier time (expected: the time of this step)" in step.arrows[2].text
    assert step.notes == ()


def test_a_wrong_session_is_shown_with_what_is_expected_also_if_it_did_not_change() -> None:
    [step] = flow_steps(shows("b2/as", "alice", "absent", [], {"b1/shop": "absent", "b2/as": "absent"}))
    assert step.sessions == (Session(AS, "authorization server, browser 2", "no session", "alice logged in"),)


def test_a_choice_is_a_note() -> None:
    [step] = flow_steps(shows("choice", "the recommended behaviour", "asks again", ["page login"], {}))
    assert step.notes == ("the behaviour that the target chose: asks again (expected: the recommended behaviour)",)


@pytest.mark.parametrize(
    ("item", "ends"),
    [
        ("authorize", (APP, AS)),
        ("answer", (AS, APP)),
        ("error access_denied", (AS, APP)),
        ("return", (AS, APP)),
        ("page account", (APP, BROWSER)),
        ("page question", (AS, BROWSER)),
        ("page provider login", (IDP, BROWSER)),
        ("provider authorize", (AS, IDP)),
        ("provider return", (IDP, AS)),
        ("foreign address https://x.example", (AS, BROWSER)),
    ],
)
def test_who_sends_what_to_whom(item: str, ends: tuple[str, str]) -> None:
    assert parties(item) == ends


def test_everything_that_the_model_says_of_a_step_has_words() -> None:
    rules = [rule.rule for machine in MACHINES for rule in machine.compiled]
    replies = {item for rule in rules for item in (REPLIES[rule.reply].seen if rule.reply in REPLIES else ())}
    replies |= {rule.reply for rule in rules if rule.reply.startswith(STILL) and rule.reply not in REPLIES}
    assert not [item for item in replies if seen_words(item) == item and item != "nothing more"]
    sessions = {"local", "locals", "server", "provider", "elsewhere"}
    sessions |= {"local_elsewhere", "server_elsewhere", "provider_elsewhere"}
    names = {name for machine in MACHINES for rule in machine.compiled for name in rule.facets}
    assert not [name for name in names - sessions if not facet(name)]
    assert facet("told shop") == "told"


@pytest.mark.parametrize(
    ("stimulus", "item", "arrows"),
    [
        (Stimulus("refresh", "shop"), "token refused", [(APP, AS), (AS, APP)]),
        (Stimulus("logout token", "shop", "sid"), "notification accepted", [(AS, APP), (APP, AS)]),
        (Stimulus("cookies of a former session", "shop"), "let in", [(BROWSER, APP), (APP, BROWSER)]),
        (Stimulus("server cookies of a former session", "shop"), "turned away", [(BROWSER, AS), (AS, BROWSER)]),
    ],
    ids=lambda value: str(value) if isinstance(value, Stimulus) else "",
)
def test_what_no_page_offers_goes_to_whom_it_is_meant_for(
    stimulus: Stimulus, item: str, arrows: list[tuple[str, str]]
) -> None:
    event = shows("trace 2", "page login", "nothing more", [item], {})
    event["steps"][0]["do"] = list(stimulus)
    assert [arrow[:2] for arrow in flow_steps(event)[0].arrows[:2]] == arrows


def test_layers_are_told_by_name() -> None:
    mismatch = {"place": "layers", "expected": "shop+as", "actual": "nobody"}
    assert value_words(mismatch, "expected") == "logged in at shop, authorization server"
    assert value_words(mismatch, "actual") == "nobody is logged in anywhere"
    other = {"place": "sub", "expected": "alice@idp", "actual": "alice"}
    assert value_words(other, "expected") == "alice@idp (the identity provider's alice)"
    assert value_words(other, "actual") == "alice"
    assert place_words({"place": "b1/idp"}) == "the session at the identity provider"


def test_nothing_in_a_chart_is_outside_of_it(tmp_path: Path) -> None:
    for found in read(tmp_path / "run.jsonl", failing()).results.findings:
        root = ET.fromstring(flow_chart(flow_steps(found), "x"))
        width, height = (float(root.get("viewBox", "").split()[at]) for at in (2, 3))
        for element in root.iter("rect"):
            x, y, w, h = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
            assert x >= 0
            assert x + w <= width
            assert y + h <= height
        tops = [float(text.get("y", "0")) for text in root.iter("text")]
        assert max(tops) < height


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_state_and_edge_of_a_view_is_in_its_committed_picture(view: View) -> None:
    titles = set(re.findall(r"<title>(.*?)</title>", unescape((FOLDER / f"{view.name}.svg").read_text())))
    graph = extract(view)
    assert set(graph.nodes) <= titles
    assert {f"{e.source} to {e.target}" for e in graph.edges if e.source != e.target} <= titles


def test_an_edge_names_the_rows_behind_it() -> None:
    for view in VIEWS:
        keys = {rule.key for rule in view.machine.compiled}
        edges = extract(view).edges
        assert all(edge.rules and keys.issuperset(edge.rules) for edge in edges)
        assert len({key for edge in edges for key in edge.rules}) == extract(view).drawn


def test_parts_of_a_machine_are_marked_by_what_was_exercised(tmp_path: Path) -> None:
    run = read(tmp_path / "run.jsonl", failing())
    charts = machine_charts(run.usage, frozenset({HINT}))
    assert len(charts) == len(VIEWS)
    overview = next(chart for chart in charts if chart.title == "Authorization server: overview")
    marks = Counter(re.findall(r'class="(?:node|edge) (passed|part|failed|unseen)"', overview.svg))
    assert marks["failed"] == 1
    assert marks["passed"] > 3
    assert marks["unseen"] > 3
    assert "✗ authorize" in overview.svg
    assert f"{HINT.partition(': ')[2]}: not exercised, FAILED (AS-19" in overview.svg
    assert 0 < overview.exercised < overview.edges
    assert not re.search(r'\bid="', overview.svg)


def test_status_of_rules() -> None:
    usage = Usage()
    usage.fired["a"] = 2
    assert status(["a"], usage, frozenset()) == "passed"
    assert status(["a", "b"], usage, frozenset()) == "part"
    assert status(["b"], usage, frozenset()) == "unseen"
    assert status(["a", "b"], usage, frozenset({"b"})) == "failed"


def test_counts_are_those_of_the_footer(tmp_path: Path) -> None:
    run = read(tmp_path / "run.jsonl", failing())
    footer = run.results.footer
    exercised = {key for key, times in run.usage.fired.items() if times}
    unfired = {key for key, _ in footer["unfired"]}
    rules = {rule.key for machine in MACHINES for rule in machine.compiled}
    assert not exercised & unfired
    assert footer["rules"][0] == len(exercised & rules)
    assert run.usage.differing == 0
    assert run.usage.steps == footer["steps"]


def test_charts_in_a_report_lead_nowhere_outside(tmp_path: Path) -> None:
    """The committed files link to SPEC.md, which does not come with a report."""
    assert "SPEC.md#" in (FOLDER / f"{VIEWS[0].name}.svg").read_text(encoding="utf-8")
    for chart in machine_charts(read(tmp_path / "run.jsonl", failing()).usage, frozenset()):
        assert "href" not in chart.svg
        assert "<a" not in chart.svg
        groups = [g for g in ET.fromstring(chart.svg).iter(f"{SVG}g") if g.get("class", "").startswith("edge ")]
        assert len(groups) > 5
        assert all(group.find(f"{SVG}path") is not None for group in groups), "where the style sheet looks for it"

"""The charts of the profiles: small, complete, and made without knowing any profile by its name."""

import re

import pytest
from sessionproof.diagrams import profile_views as module
from sessionproof.diagrams.citations import cited
from sessionproof.diagrams.endings import USUAL
from sessionproof.diagrams.explored import fired
from sessionproof.diagrams.graph import View, extract
from sessionproof.diagrams.profile_views import ARROWS, profile_views, rows_of
from sessionproof.diagrams.replay import choose
from sessionproof.diagrams.sequence import Act, Arrow, Change, Play, events
from sessionproof.diagrams.state_chart import state_chart
from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import CATALOGUE, PROFILES
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.vocabulary import Stimulus

VIEWS = [view for views in profile_views().values() for view in views]
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)


def test_every_profile_with_rows_has_a_chart() -> None:
    assert set(profile_views()) == set(PROFILES)
    stated = {i for m in MACHINES for rule in m.compiled for i in cited(rule)}
    for profile, views in profile_views().items():
        assert bool(views) == any(r.id in stated for r in CATALOGUE if r.profile == profile), profile


@each_view
def test_a_chart_is_small(view: View) -> None:
    arrows = [edge for edge in extract(view).edges if edge.source != edge.target]
    assert len(arrows) <= ARROWS


def test_every_row_that_states_a_requirement_is_in_its_profile_s_charts() -> None:
    for profile, views in profile_views().items():
        own = {r.id for r in CATALOGUE if r.profile == profile}
        scopes = [scope for scope in SCOPES if profile_of(scope) == profile] or SCOPES
        used = {key for scope in scopes for key, _ in fired(scope)}
        drawn = {key for view in views for edge in extract(view).edges for key in edge.rules}
        about = {rule.key for m in MACHINES for rule in m.compiled if own & set(cited(rule))} & used
        assert about <= drawn, profile
        assert drawn == {key for key, _ in rows_of(profile)}, profile


def test_every_row_that_fires_is_in_the_chart_of_some_profile() -> None:
    everything = {row for scope in SCOPES for row in fired(scope)}
    assert {row for profile in PROFILES for row in rows_of(profile)} == everything


@each_view
def test_words_and_arrows_lead_to_a_requirement(view: View) -> None:
    source = state_chart(view).source
    known = {requirement.id for requirement in CATALOGUE}
    links = re.findall(r'(?:URL|HREF)="([^"]+)"', source)
    assert links or not any(line.ids for edge in extract(view).edges for line in edge.lines)
    assert all(link.removeprefix("../SPEC.md#") in known for link in links)


def test_a_chart_with_too_many_arrows_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EASY", 3)
    monkeypatch.setattr(module, "ARROWS", 5)
    split = [view for profile in PROFILES for view in module.views_of(profile)]
    assert len({view.name for view in split}) == len(split) > len(VIEWS)
    assert all(extract(view).edges for view in split)
    whole, parts = ({key for view in views for e in extract(view).edges for key in e.rules} for views in (VIEWS, split))
    assert parts == whole


def test_what_time_does_to_several_sessions_at_once_is_a_change_without_a_message() -> None:
    scope = next(s for s in SCOPES if s.name == "expiry")._replace(apps=("shop", "outlet"))
    wait = Stimulus("wait")
    flow = [Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice"), Stimulus("visit orders", "outlet")]
    play = Play("", "", "", scope, choose(scope, [*flow, wait, wait], USUAL, frozenset()), {})
    found = list(events(play))
    waits = [at for at, event in enumerate(found) if isinstance(event, Act) and "wait" in event.text]
    after = [event for event in found[waits[-1] :] if not isinstance(event, Act)]
    assert {event.party for event in after if isinstance(event, Change)} == {
        "Application shop", "Application outlet", "Authorization server"
    }  # fmt: skip
    assert not any(isinstance(event, Arrow) for event in after)

"""Refusing consent at an address that grants it, and granting it on a page that was refused: what is really sent."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sessionproof.conformance.adapters.browser import Tab
from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.adapters.page import Page
from sessionproof.conformance.adapters.problems import Unobservable
from sessionproof.conformance.adapters.refusing import deny_despite_the_address
from sessionproof.conformance.adapters.selectors import Selectors
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus

SCOPE = next(scope for scope in SCOPES if "allow after all" in scope.actions)
AT_CONSENT = (Stimulus("visit orders", "outlet"), Stimulus("credentials", "", "alice"))


def posted(*steps: Stimulus) -> list[tuple[str, str]]:
    """The forms of consent that were sent in the last step: query and answer."""
    adapter = InProcessAdapter()
    adapter.reset(SCOPE)
    for step in (*AT_CONSENT, *steps):
        adapter.perform(step)
    sent = [(e.url.partition("?")[2], e.status) for e in adapter.network.exchanges if e.method == "POST"]
    return [(query, str(status)) for query, status in sent]


def test_the_address_says_what_the_other_button_would_have_sent_and_only_there() -> None:
    asked, answered = posted(Stimulus("deny despite the address"))
    assert asked == ("decision=allow", "200")
    assert answered == ("", "303"), "the form in which the application gets its answer"


def test_what_was_refused_can_be_sent_again_either_way() -> None:
    for refusal in ("deny", "deny despite the address"):
        assert posted(Stimulus(refusal), Stimulus("allow after all", "outlet")) == [("", "400")]


@pytest.mark.parametrize(
    "buttons",
    ["<button>Allow</button><button>Deny</button>", "<a href=/yes>Allow</a><button name=d value=n>Deny</button>"],
)
def test_a_page_whose_buttons_tell_it_otherwise_shows_nothing(page: Callable[..., Page], buttons: str) -> None:
    shown = page(f"<form method=post action=/consent>{buttons}</form>")
    driver = cast(Any, SimpleNamespace(page=lambda _tab: shown, sites=SimpleNamespace(selectors=Selectors())))
    person = cast(Any, SimpleNamespace(tabs=[Tab()], refused=None))
    with pytest.raises(Unobservable, match="have no name"):
        deny_despite_the_address(driver, person, Stimulus("deny despite the address"))

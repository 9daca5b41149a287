"""Recognition of the buttons of consent, logout and login pages of different make."""

from collections.abc import Callable

import pytest
from sessionproof.conformance.adapters.buttons import Press, choose_button, describe
from sessionproof.conformance.adapters.controls import Link
from sessionproof.conformance.adapters.page import Page
from sessionproof.conformance.adapters.problems import FormNotFound
from sessionproof.conformance.adapters.selectors import Selectors
from sessionproof.conformance.adapters.words import Meaning

Make = Callable[..., Page]


def chosen(page: Page, meaning: Meaning, **options: str) -> str:
    action = choose_button(page, meaning, **options)  # type: ignore[arg-type]
    return action.url if isinstance(action, Link) else f"{action.button.name}={''.join(action.button.values)}"


CONSENTS = {
    "same name": ("<button name=d value=a>Allow</button><button name=d value=d>Deny</button>", "d=a", "d=d"),
    "inputs": ("<input type=submit name=y value=Yes><input type=submit name=n value=Cancel>", "y=Yes", "n=Cancel"),
    "negated": ("<button name=n>Don’t allow</button><button name=y>Allow</button>", "y=", "n="),
    "negated de": ("<button name=n>Nicht zulassen</button><button name=y>Zulassen</button>", "y=", "n="),
    "french": ("<button name=n>Ne pas autoriser</button><button name=y>Autoriser</button>", "y=", "n="),
    "by value": ("<button name=c value=no>✗</button><button name=c value=yes>✓</button>", "c=yes", "c=no"),
    "by name": ("<button name=deny_it>A</button><button name=allow_it>B</button>", "allow_it=", "deny_it="),
    "wordy": ("<button name=a>Yes, continue</button><button name=b>No, cancel</button>", "a=", "b="),
    "three": ("<button name=x>Abort</button><button name=y>Allow</button><button name=z>Cancel</button>", "y=", "z="),
}  # fmt: skip


@pytest.mark.parametrize("make", CONSENTS)
def test_consent(page: Make, make: str) -> None:
    buttons, allow, deny = CONSENTS[make]
    shown = page(f"<form method=post action=/consent>{buttons}</form><a href=/help>Why allow or deny?</a>")
    assert chosen(shown, Meaning.ALLOW) == allow
    assert chosen(shown, Meaning.DENY) == deny


def test_deny_may_be_a_link(page: Make) -> None:
    shown = page(
        "<form method=post><button name=go>Continue</button></form><a href=abort>Cancel</a><a href=/x>No account?</a>"
    )
    assert chosen(shown, Meaning.ALLOW) == "go="
    assert chosen(shown, Meaning.DENY) == chosen(shown, Meaning.CANCEL) == "http://as.test/dir/abort"


LOGOUTS = {
    "outside the form": (
        "<form id=op method=post action=/end><input type=hidden name=x value=1></form>"
        "<button type=submit form=op value=yes name=logout>Yes, sign me out</button>"
        "<button type=submit form=op name=stay>No, stay signed in</button>",
        "logout=yes",
        "stay=",
    ),
    "german": ("<form><button name=a>Abmelden</button><button name=b>Angemeldet bleiben</button></form>", "a=", "b="),
    "french": ("<form><button name=a>Se déconnecter</button><a href=/no>Annuler</a></form>", "a=", "http://as.test/no"),
    "two forms": (
        "<form action=/y><button name=y>Log out</button></form><form action=/n><button name=n>Cancel</button></form>",
        "y=",
        "n=",
    ),
    "with navigation": (
        "<a href=/logout>Log out</a><form><button name=ok>Log out</button><button name=no>Stay</button></form>",
        "ok=",
        "no=",
    ),
}


@pytest.mark.parametrize("make", LOGOUTS)
def test_logout_question(page: Make, make: str) -> None:
    html, confirm, decline = LOGOUTS[make]
    assert chosen(page(html), Meaning.CONFIRM_LOGOUT) == confirm
    assert chosen(page(html), Meaning.DECLINE_LOGOUT) == decline


def test_single_button_confirms_unless_it_declines(page: Make) -> None:
    assert chosen(page("<form><button name=b>OK</button></form>"), Meaning.CONFIRM_LOGOUT) == "b="
    with pytest.raises(FormNotFound):
        choose_button(page("<form><button name=b>Stay signed in</button></form>"), Meaning.CONFIRM_LOGOUT)
    with pytest.raises(FormNotFound):
        choose_button(page("<form><button name=b>OK</button></form>"), Meaning.DECLINE_LOGOUT)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Do not allow", Meaning.ALLOW),
        ("Nicht abmelden", Meaning.CONFIRM_LOGOUT),
        ("I have no account", Meaning.DENY),
        ("Not now", Meaning.DENY),
    ],
)
def test_words_that_only_look_alike(page: Make, text: str, meaning: Meaning) -> None:
    shown = page(f"<form><button name=a>{text}</button><button name=b>Other</button></form>")
    with pytest.raises(FormNotFound, match="None of them"):
        choose_button(shown, meaning)


def test_provider(page: Make) -> None:
    shown = page("<a href=/up/acme>Log in with Acme</a><a href=/up/other>Log in with Other</a><a href=/r>Register</a>")
    assert chosen(shown, Meaning.PROVIDER, provider="acme") == "http://as.test/up/acme"
    with pytest.raises(FormNotFound, match="2 of them"):
        choose_button(shown, Meaning.PROVIDER)
    assert chosen(page("<a href=/up>Continue with Acme</a>"), Meaning.PROVIDER) == "http://as.test/up"


def test_equally_good_buttons_need_a_selector(page: Make) -> None:
    shown = page("<form><button name=a>Allow once</button><button name=b>Allow always</button></form>")
    with pytest.raises(FormNotFound, match=r"2 of them fit.*selectors\.allow"):
        choose_button(shown, Meaning.ALLOW)
    assert chosen(shown, Meaning.ALLOW, selectors=Selectors(allow="[name=b]")) == "b="  # type: ignore[arg-type]


def test_selector_that_selects_no_button(page: Make) -> None:
    shown = page("<p class=x>hi</p><form><button>Allow</button></form>")
    for selector in (".x", "#absent"):
        with pytest.raises(FormNotFound, match=r"selectors\.allow"):
            choose_button(shown, Meaning.ALLOW, Selectors(allow=selector))


def test_invisible_actions_are_not_chosen(page: Make) -> None:
    shown = page("<form><button name=trap hidden>Allow</button></form><a href=/x style='display:none'>Allow</a>")
    with pytest.raises(FormNotFound):
        choose_button(shown, Meaning.ALLOW)


def test_description_lists_what_is_there_without_values(page: Make) -> None:
    text = describe(
        page(
            "<title>Up\x1b[31mdate</title><form id=main>"
            "<input name=nick value=secret1><input type=hidden name=t value=secret2>"
            "<button name=save value=secret3>Save</button></form><a href=/o?secret4>Other</a>",
            status=403,
        )
    )
    assert all(part in text for part in ("Up", "403", "main", "nick", "“Save”", "“Other”"))
    assert "secret" not in text
    assert "\x1b" not in text


def test_press_and_link_are_told_apart(page: Make) -> None:
    shown = page("<form><button>Allow</button></form><a href='javascript:void(0)'>Cancel</a><a href=/c>Cancel</a>")
    assert isinstance(choose_button(shown, Meaning.ALLOW), Press)
    assert choose_button(shown, Meaning.CANCEL) == shown.links[0]

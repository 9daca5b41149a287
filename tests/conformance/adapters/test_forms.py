"""What a browser sends for a form, and recognition of login forms on pages of different make."""

from collections.abc import Callable

import pytest
from sessionproof.conformance.adapters.forms import find_login_form, is_auto_submit, login_form, ticked
from sessionproof.conformance.adapters.page import Page
from sessionproof.conformance.adapters.problems import FormNotFound
from sessionproof.conformance.adapters.selectors import Selectors

Make = Callable[..., Page]
URL = "http://as.test/dir/login?x=1"


def sent(page: Page, values: dict[str, str | None] | None = None, button: int | None = None) -> list[tuple[str, str]]:
    form = page.forms[0]
    return list(form.submission(values, form.buttons[button] if button is not None else None).fields)


# What a browser sends


def test_fields_are_sent_as_a_browser_sends_them(page: Make) -> None:
    html = """<form method=post>
      <input name=text value="a b"><input value=nameless><input type=PASSWORD name=pw>
      <input type=checkbox name=no><input type=checkbox name=yes checked><input type=checkbox name=v value=1 checked>
      <input type=radio name=r value=1><input type=radio name=r value=2 checked>
      <select name=one><option disabled>x<option>first<option value=s>second</select>
      <select name=set><option value=a selected>A<option value=b selected>B</select>
      <select name=many multiple><option selected>p<option>q<option selected>r</select>
      <select name=none multiple><option>p</select>
      <textarea name=area>
line &amp; line</textarea>
      <input name=off disabled value=1><fieldset disabled><input name=off2 value=1></fieldset>
      <input type=file name=file><input type=reset name=re value=x><button type=button name=script>Go</button>
      <input type=unheard-of name=odd value=1><input type=submit name=s value=Send>
    </form>"""
    assert sent(page(html)) == [
        ("text", "a b"), ("pw", ""), ("yes", "on"), ("v", "1"), ("r", "2"), ("one", "first"), ("set", "b"),
        ("many", "p"), ("many", "r"), ("area", "line & line"), ("odd", "1"),
    ]  # fmt: skip


def test_values_replace_add_and_leave_out(page: Make) -> None:
    html = (
        "<form method=post><input name=csrf value=t><input type=radio name=r value=1><input type=radio name=r value=2>"
    )
    assert sent(page(html), {"csrf": None, "r": "2", "extra": "x"}) == [("r", "2"), ("extra", "x")]


def test_buttons_that_share_one_name(page: Make) -> None:
    html = """<form method=post action=/consent><input type=hidden name=id value=7>
      <button name=decision value=deny>No</button><button name=decision value=switch>Other user</button>
      <button name=decision value=accept>Yes</button></form>"""
    assert sent(page(html), button=2) == [("id", "7"), ("decision", "accept")]
    assert sent(page(html), button=0) == [("id", "7"), ("decision", "deny")]
    assert sent(page(html)) == [("id", "7")]


def test_controls_outside_of_their_form(page: Make) -> None:
    html = """<button form=f name=b value=1>Go</button><form id=f method=post action=/x><input name=a value=2></form>
      <input form=f name=late value=3><input name=stray value=4><form id=g><input form=nowhere name=lost></form>"""
    shown = page(html)
    assert sent(shown, button=0) == [("b", "1"), ("a", "2"), ("late", "3")]
    assert [form.fields for form in shown.forms[1:]] == [[]]


def test_form_opened_between_table_rows_owns_the_cells(page: Make) -> None:
    html = """<input name=before><table><form method=post action=/x><tr><td><input name=user></td></tr>
      <tr><td><input type=password name=pw></td></tr><tr><td><input type=submit value=Go></td></tr></form></table>
      <input name=after>"""
    assert sent(page(html)) == [("user", ""), ("pw", "")]


def test_image_button_sends_where_it_was_hit(page: Make) -> None:
    html = "<form method=post><input type=image name=go alt=Allow><input type=image alt=other></form>"
    assert sent(page(html), button=0) == [("go.x", "0"), ("go.y", "0")]
    assert sent(page(html), button=1) == [("x", "0"), ("y", "0")]


@pytest.mark.parametrize(
    ("form", "method", "url"),
    [
        ("<form method=post>", "POST", URL),
        ("<form method=post action=''>", "POST", URL),
        ("<form method=post action=go>", "POST", "http://as.test/dir/go"),
        ("<base href=/other/><form method=post action=go>", "POST", "http://as.test/other/go"),
        ("<base href=/other/><form method=post>", "POST", URL),
        ("<form action='/go?old=1'>", "GET", "http://as.test/go?f=1"),
        ("<form method=dialog>", "GET", "http://as.test/dir/login?f=1"),
        ("<form method=POST action=//elsewhere.test>", "POST", "http://elsewhere.test"),
    ],
)
def test_where_a_form_goes(page: Make, form: str, method: str, url: str) -> None:
    submission = page(form + "<input name=f value=1></form>").forms[0].submission()
    assert (submission.method, submission.url) == (method, url)
    assert submission.fields == ((("f", "1"),) if method == "POST" else ())


def test_button_overrides_action_and_method(page: Make) -> None:
    form = page("<form action=/a><input name=f><button formaction=/b formmethod=post name=x>B</button></form>").forms[0]
    submission = form.submission({"f": "1"}, form.buttons[0])
    assert (submission.method, submission.url) == ("POST", "http://as.test/b")
    assert submission.fields == (("f", "1"), ("x", ""))


@pytest.mark.parametrize(
    "hiding", ["hidden", "style='display: none'", "style='color:red;visibility:hidden'"], ids=["attr", "display", "vis"]
)
def test_hidden_controls_are_not_seen_but_sent(page: Make, hiding: str) -> None:
    form = page(f"<form method=post><div {hiding}><input name=pot><button>b</button></div><input name=a></form>").forms[
        0
    ]
    assert [field.visible for field in form.fields] == [False, True]
    assert form.buttons == []
    assert form.submission().fields == (("pot", ""), ("a", ""))


# Login forms

CLASSIC = """<html><head><title>Sign in</title></head><body><form action="/search"><input type=search name=q></form>
  <form method="post" action="/login"><input type="hidden" name="csrf" value="csrf-token">
  <label>Name <input name="username" autocomplete="username"></label><label>Word <input type="password" name="password">
  </label><label><input type=checkbox name=remember> Stay</label><button name=p value=x>Sign in with Acme</button>
  <button type="submit" name="cancel" value="1">Cancel
  </button><button type="submit">Sign in</button></form><form action=/news><input type=email name=mail></form></body>"""


def test_classic_login(page: Make) -> None:
    found = login_form(page(CLASSIC))
    assert "csrf-token" not in repr(found.form.submission({"password": "pw"})) + repr(found)
    assert found.filled("alice", "pw") == {"username": "alice", "password": "pw"}
    assert found.button is not None
    assert found.button.label == "Sign in"


@pytest.mark.parametrize(
    ("fields", "username"),
    [
        ("<input name=realm><input name=j_username>", "j_username"),
        ("<input name=loginfmt><input name=tenant>", "loginfmt"),
        ("<input name=f1><input name=f2>", "f2"),
        ("<input name=x type=email autocomplete='section-a username'><input name=user_hint>", "x"),
        ("<input name=user readonly value=alice>", None),
        ("<input name=user type=hidden value=alice>", None),
        ("", None),
    ],
)
def test_field_for_the_user_name(page: Make, fields: str, username: str | None) -> None:
    html = (
        f"<form method=post>{fields}<input type=password name=secret><input name=user_after><button>Go</button></form>"
    )
    found = login_form(page(html))
    assert (found.username.name if found.username else None) == username
    assert found.password is not None
    assert found.password.name == "secret"


@pytest.mark.parametrize(
    "html",
    [
        "<title>Log in</title><form method=post><input name=foo><button>Next</button></form>",
        "<form method=post><input type=email name=e><input type=password name=p style='display:none'></form>",
        "<form method=post><input id=identifierId name=x><input type=checkbox name=remember></form>",
    ],
)
def test_identifier_first(page: Make, html: str) -> None:
    found = login_form(page(html))
    assert found.username is not None
    assert found.password is None
    assert list(found.filled("alice", "pw")) == [found.username.name]


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<form><input type=password name=old><input type=password name=new></form>", "password change"),
        ("<form><input name=user><input type=password name=p autocomplete=new-password></form>", "registration"),
        ("<title>Log in</title><form><input name=otp autocomplete=one-time-code></form>", "second factor"),
        ("<title>Sign in</title><form><input name=totp_code></form>", "second factor"),
        ("<form><input name=coupon></form>", "shop"),
        ("<form action=/s><input type=search name=user></form>", "search"),
        ("<form><input name=user><textarea name=message></textarea></form>", "contact"),
        ("<form><input type=hidden name=x><button>Allow</button></form>", "consent"),
        ("<title>Log in</title><script src=app.js></script><div id=root></div>", "script"),
        ("", "nothing"),
    ],
)
def test_other_forms_are_no_login_forms(page: Make, html: str, why: str) -> None:
    shown = page(html)
    assert find_login_form(shown) is None, why
    with pytest.raises(FormNotFound, match=r"selectors\.username"):
        login_form(shown)


def test_two_login_forms_need_a_selector(page: Make) -> None:
    one = "<form id={0} method=post><input name=user-{0}><input type=password name=pw-{0}><button>Go</button></form>"
    shown = page(one.format("local") + one.format("ldap"))
    with pytest.raises(FormNotFound, match="2 forms") as raised:
        login_form(shown)
    assert "user-ldap" in raised.value.cause
    found = login_form(shown, Selectors(username="#ldap [name^=user]", password="#ldap [type=password]"))
    assert list(found.filled("a", "b")) == ["user-ldap", "pw-ldap"]


def test_configured_submit_button(page: Make) -> None:
    html = "<form method=post><input name=user><input type=password name=p><button>Go</button><button id=x>Los</button>"
    found = login_form(page(html), Selectors(submit="#x"))
    assert found.button is not None
    assert found.button.label == "Los"


def test_broken_html(page: Make) -> None:
    html = (
        "<form method=post action=/l><p><b>Name<input name=login></p></b><input type=password name=p><form><button>Go"
    )
    found = login_form(page(html))
    assert found.form.action == "http://as.test/l"
    assert found.button is not None


def test_page_made_by_scripts_is_explained(page: Make) -> None:
    with pytest.raises(FormNotFound, match="does not run"):
        login_form(page("<div id=app></div><script src=/app.js></script>"))


# Forms that submit themselves


@pytest.mark.parametrize(
    ("html", "automatic"),
    [
        ("<body onload='document.forms[0].submit()'><form><input type=hidden name=a></form>", True),
        ("<form><noscript><button>Go on</button></noscript></form><script>document.forms[0].submit()</script>", True),
        ("<form name=f><input type=hidden name=a></form><script>setTimeout('document.f.submit()', 0)</script>", True),
        ("<form><input type=hidden name=a></form>", False),
        ("<form><input type=hidden name=a><button>Log out</button></form>", False),
        ("<form><button id=b>Log out</button></form><script>b.onclick = () => f.submit()</script>", False),
        ("<form><button>Yes</button><button>No</button></form><script>f.submit()</script>", False),
        ("<form><input name=user></form><script>f.submit()</script>", False),
        ("<form></form><form></form><script>f.submit()</script>", False),
        ("<script>document.title='submit()'</script>", False),
    ],
)  # fmt: skip
def test_auto_submit(page: Make, html: str, automatic: bool) -> None:
    assert is_auto_submit(page(html)) is automatic


# The box for a login that outlives the browser

WITH_BOX = "<form method=post><input name=u><input type=password name=p>{}</form>"


@pytest.mark.parametrize(
    ("box", "value"),
    [
        ("<input type=checkbox name=rememberMe>", {"rememberMe": "on"}),
        ("<input type=checkbox name=x id=keep-me-in aria-label='Keep me signed in' value=1>", {"x": "1"}),
        ("<input type=checkbox name=terms><input type=checkbox name=persistent value=yes>", {"persistent": "yes"}),
    ],
)
def test_the_box_is_recognised_and_ticked(page: Make, box: str, value: dict[str, str]) -> None:
    shown = page(WITH_BOX.format(box))
    assert ticked(shown, login_form(shown)) == value


def test_the_file_may_say_which_box_it_is(page: Make) -> None:
    shown = page(WITH_BOX.format("<input type=checkbox name=a><input type=checkbox name=b value=2>"))
    assert ticked(shown, login_form(shown, Selectors(remember="[name=b]"))) == {"b": "2"}


def test_a_form_without_a_box_is_told_of_with_what_to_do(page: Make) -> None:
    shown = page(WITH_BOX.format("<input type=checkbox name=terms>"))
    with pytest.raises(FormNotFound) as found:
        ticked(shown, login_form(shown))
    assert "selectors.remember" in found.value.hint

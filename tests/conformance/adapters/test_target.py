"""The target file: what a good one gives, and what a bad one is told."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.selectors import Selectors
from sessionproof.conformance.adapters.target import (
    AnyTarget,
    AuthorizationServerTarget,
    ReferenceTarget,
    TargetFileError,
    load_target,
    target_schema,
)
from sessionproof.conformance.adapters.target_sections import Features
from sessionproof.conformance.adapters.words import Meaning
from sessionproof.model.requirements import CATALOGUE

GOOD = """
role = "authorization-server"
name = "example"
issuer = "http://127.0.0.1:8201"
profiles = ["core", "sso"]
[clients.shop]
client_id = "shop"
client_secret = "env:SESSIONPROOF_SHOP_SECRET"
redirect_uri = "http://shop.test/callback"
[users.alice]
username = "alice"
password = "env:SESSIONPROOF_ALICE_PASSWORD"
[features]
refresh_tokens = true
session_lifetime = 15
"""
ENVIRON = {"SESSIONPROOF_SHOP_SECRET": "shop/secret+1", "SESSIONPROOF_ALICE_PASSWORD": "hunter2"}

Load = Callable[..., AnyTarget]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def from_text(text: str, environ: dict[str, str] = ENVIRON) -> AnyTarget:
        (tmp_path / "target.toml").write_text(text)
        return load_target(tmp_path / "target.toml", environ)

    return from_text


def problems(load: Load, text: str, environ: dict[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(TargetFileError) as raised:
        load(text, environ)
    assert "hunter2" not in str(raised.value)
    return raised.value.problems


def test_good_file(load: Load, tmp_path: Path) -> None:
    target = load(GOOD)
    assert isinstance(target, AuthorizationServerTarget)
    assert target.allowed_origins == ["http://127.0.0.1:8201"]
    assert target.folder == tmp_path.resolve()
    assert target.users["alice"].password.get_secret_value() == "hunter2"
    assert target.clients["shop"].token_endpoint_auth_method == "client_secret_basic"
    assert target.features.declared == {"refresh_tokens": True}
    assert (target.features.session_lifetime, target.features.idle_lifetime) == (15, None)
    assert (target.pace.timeout, target.pace.delay) == (10, 0)
    assert "hunter2" not in repr(target) + target.model_dump_json()


def test_reference_needs_no_more_than_its_role(load: Load) -> None:
    assert isinstance(load('role = "reference"'), ReferenceTarget)


def test_secrets_are_redacted_in_every_spelling(load: Load) -> None:
    text = load(GOOD).redact("password=hunter2&client_secret=shop%2Fsecret%2B1 shop/secret+1")
    assert text == (
        "password=$SESSIONPROOF_ALICE_PASSWORD&client_secret=$SESSIONPROOF_SHOP_SECRET $SESSIONPROOF_SHOP_SECRET"
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            'role = "authorization-server"',
            "",
            "role: missing, expected one of authorization-server, application, identity-provider, whole, *",
        ),
        (
            "authorization-server",
            "authorisation-server",
            "role: found text ('authorisation-server'), expected one of *`authorization-server`?)",
        ),
        ('"authorization-server"', "5", "role: found a number (5), expected one of *"),
        ('"sso"', '"ss0"', "profiles.1: found text ('ss0'), expected one of * (did you mean `sso`?)"),
        ("client_id =", "client_ld =", "clients.shop.client_ld: unknown key; did you mean `client_id`?"),
        ('client_id = "shop"', "", "clients.shop.client_id: missing; add it. *"),
        ("[features]", "[feature]", "feature: unknown key; did you mean `features`?"),
        (
            "refresh_tokens = true",
            'refresh_tokens = "yes please"',
            "features.refresh_tokens: found text ('yes please'), expected *",
        ),
        (
            "session_lifetime = 15",
            "session_lifetime = 0",
            "features.session_lifetime: found a number (0), expected greater than 0. *",
        ),
        ('issuer = "http', 'issuer = "ftp', "issuer: found text ('ftp://127.0.0.1:8201'), expected an absolute *"),
        (":8201", ":8201/#x", "issuer: found *, expected * without query and fragment *"),
        ("http://shop.test/callback", "/callback", "clients.shop.redirect_uri: found text, expected an absolute URI *"),
        (
            'name = "example"',
            'name = "example"\norigins = ["http://a.test/x"]',
            "origins.0: found *, expected an origin such as *",
        ),
        ('name = "example"', 'name = "example"\nca_file = "ca.pem"', "ca_file: found *, expected an existing file*"),
        (
            "env:SESSIONPROOF_ALICE_PASSWORD",
            "hunter2",
            "users.alice.password: found text, expected a reference such as 'env:*set the *",
        ),
        (
            "env:SESSIONPROOF_ALICE_PASSWORD",
            "env:AWS_SECRET",
            "users.alice.password: found text, expected a variable whose name begins with SESSIONPROOF_*",
        ),
        (
            'password = "env:SESSIONPROOF_ALICE_PASSWORD"',
            'pasword = "hunter2"',
            "users.alice.pasword: unknown key; did you mean `password`?",
        ),
        (
            '[users.alice]\nusername = "alice"\npassword = "env:SESSIONPROOF_ALICE_PASSWORD"',
            '[users]\nalice = "hunter2"',
            "users.alice: found text, expected a table*",
        ),
        (
            'client_secret = "env:SESSIONPROOF_SHOP_SECRET"',
            'auth_method = "client_secret_post"',
            "clients.shop: *expected client_secret, which client_secret_post needs*",
        ),
        (
            "[features]",
            "[selectors]\nallow = 'a[['\n[features]",
            "selectors.allow: found text ('a[['), expected a CSS selector *",
        ),
        ("[features]", "[start]\ncommand = []\nready = 'x'\n[features]", "start.command: found a list, expected *"),
    ],
)
def test_mistakes_are_explained(load: Load, old: str, new: str, line: str) -> None:
    assert old in GOOD
    found = problems(load, GOOD.replace(old, new))
    assert any(_like(line, text) for text in found), found


def test_variable_that_is_not_set(load: Load) -> None:
    assert problems(load, GOOD, {"SESSIONPROOF_SHOP_SECRET": "x"}) == [
        "users.alice.password: refers to the environment variable SESSIONPROOF_ALICE_PASSWORD, which is not set; set it"
    ]


def test_all_problems_are_told_at_once(load: Load) -> None:
    assert len(problems(load, GOOD.replace("client_id", "client").replace("username", "user"))) == 4


def test_hostile_key_cannot_write_to_the_terminal(load: Load) -> None:
    assert "\x1b" not in str(problems(load, GOOD + '"\\u001b[2J" = 1'))


def test_files_that_are_no_target_files(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("role = \nname = 1")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    for name, part in (
        ("absent.toml", "No such file"),
        ("", "directory"),
        ("wrong.toml", "line 1"),
        ("latin.toml", "UTF-8"),
    ):
        with pytest.raises(TargetFileError, match=part):
            load_target(tmp_path / name, {})


def test_schema_describes_every_key_of_a_file() -> None:
    schema = target_schema()
    json.dumps(schema)
    sections = schema["$defs"]
    for name, section in sections.items():
        for key, value in section.get("properties", {}).items():
            assert "description" in value or "$ref" in value, (name, key)
    server = sections["AuthorizationServerTarget"]
    assert tomllib.loads(GOOD).keys() <= server["properties"].keys()
    assert server["additionalProperties"] is False
    assert sections["User"]["properties"]["password"]["pattern"].startswith("^env:SESSIONPROOF_")
    for key in ("session_lifetime", "idle_lifetime", "lifetime_tolerance"):
        assert "Seconds" in sections["Features"]["properties"][key]["description"]


def test_names_agree_with_the_catalogue_and_the_words() -> None:
    flags = set(Features.model_fields) - {"session_lifetime", "idle_lifetime", "lifetime_tolerance"}
    assert flags <= {requirement.needs for requirement in CATALOGUE}
    assert set(Meaning) <= Selectors.model_fields.keys()


def _like(pattern: str, text: str) -> bool:
    """True if the text is the pattern, in which `*` stands for anything."""
    head, *parts = pattern.split("*")
    place = len(head) if text.startswith(head) else -1
    for part in parts:
        found = text.find(part, place) if place >= 0 else -1
        place = found + len(part) if found >= 0 else -1
    return place == len(text) or (place >= 0 and pattern.endswith("*"))

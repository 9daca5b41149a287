"""The text of a target file, from what is known of a target. Secrets stand in it as references only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import UsageProblem

PREFIX = "env:SESSIONPROOF_"


@dataclass(frozen=True)
class DraftClient:
    """An application: `name` is the model's, `secret` whether it has one."""

    name: str
    client_id: str
    redirect_uri: str
    post_logout_redirect_uri: str = ""
    secret: bool = True
    auth_method: str = ""

    def lines(self, key: str) -> list[str]:
        """Its section."""
        lines = [f"[{key}]", f"client_id = {_text(self.client_id)}"]
        if self.secret:
            lines.append(f"client_secret = {_text(f'{PREFIX}{self.name.upper()}_SECRET')}")
        if self.auth_method:
            lines.append(f"auth_method = {_text(self.auth_method)}")
        lines.append(f"redirect_uri = {_text(self.redirect_uri)}")
        if self.post_logout_redirect_uri:
            lines.append(f"post_logout_redirect_uri = {_text(self.post_logout_redirect_uri)}")
        return [*lines, ""]


@dataclass(frozen=True)
class DraftServer:
    """An authorization server; `users`: user names by the model's names."""

    name: str
    issuer: str
    origins: Sequence[str]
    profiles: Sequence[str]
    clients: Sequence[DraftClient]
    users: Mapping[str, str]
    remarks: Sequence[str] = ()

    def toml(self) -> str:
        """The file."""
        lines = [
            'role = "authorization-server"',
            f"name = {_text(self.name)}",
            f"issuer = {_text(self.issuer)}",
            *([f"origins = {_texts(self.origins)}"] if self.origins else []),
            f"profiles = {_texts(self.profiles)}",
            "",
        ]
        for client in self.clients:
            lines += client.lines(f"clients.{client.name}")
        lines.append("[users]")
        for name, username in self.users.items():
            password = f"{PREFIX}{name.upper()}_PASSWORD"
            lines.append(f"{name} = {{ username = {_text(username)}, password = {_text(password)} }}")
        return _joined(lines, self.remarks)


@dataclass(frozen=True)
class DraftApplication:
    """An application; `provider`: the address at which the suite plays its server; `pages`: as in the target file."""

    name: str
    base: str
    profiles: Sequence[str]
    provider: str
    client: DraftClient
    pages: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def toml(self) -> str:
        """The file."""
        lines = [
            'role = "application"',
            f"name = {_text(self.name)}",
            f"base = {_text(self.base)}",
            f"profiles = {_texts(self.profiles)}",
            "",
            "[provider]",
            f"issuer = {_text(self.provider)}",
            "",
            *self.client.lines("client"),
            "[pages]",
        ]
        for key, value in self.pages.items():
            if isinstance(value, str):
                lines.append(f"{key} = {_text(value)}")
            else:
                inner = ", ".join(f"{name} = {_text(text)}" for name, text in value.items())
                lines.append(f"{key} = {{ {inner} }}")
        return _joined(lines, self.remarks)


def secrets_of(text: str) -> list[str]:
    """The environment variables that a file refers to."""
    pieces = text.split(f'"{PREFIX}')[1:]
    return list(dict.fromkeys(f"SESSIONPROOF_{piece.partition(chr(34))[0]}" for piece in pieces))


def _joined(lines: Sequence[str], remarks: Sequence[str]) -> str:
    comments = [f"# {''.join(c if c.isprintable() else ' ' for c in remark)}" for remark in remarks]
    return "\n".join([*lines, *([""] if comments else []), *comments]) + "\n"


def _text(value: str) -> str:
    if not all(c.isprintable() for c in value):
        raise UsageProblem(f"{value!r} holds characters that do not print: give it without them")
    return json.dumps(value, ensure_ascii=False)  # for what prints, the strings of JSON are strings of TOML


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"

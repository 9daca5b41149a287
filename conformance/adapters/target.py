"""The target file: one TOML file that says what is tested, how it is reached, and as whom.

Each role is a class with the keys that it has; what all roles share is in `target_sections.py`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from sessionproof.model.requirements import CATALOGUE

from ..errors import UsageProblem
from .redaction import redacted
from .selectors import Selectors
from .target_errors import explain, one_of
from .target_sections import (
    Client,
    Features,
    Issuer,
    Pace,
    Pages,
    Party,
    Provider,
    Seconds,
    Section,
    Start,
    TwoUsers,
    Upstream,
    User,
    origin,
)
from .urls import Origin

PROFILES = sorted({requirement.profile for requirement in CATALOGUE})
"""The groups of requirements that a target can be certified for."""


class TargetFileError(UsageProblem):
    """The target file cannot be used; `problems` has one line for each thing to correct."""

    def __init__(self, path: Path, problems: list[str], exit_code: int = 3) -> None:
        super().__init__("\n".join([f"{path} cannot be used:", *(f"  {line}" for line in problems)]))
        self.problems = problems
        self.exit_code = exit_code


class Role(StrEnum):
    """What kind of party the target is. A new role is a new class of the `Target` union below."""

    AUTHORIZATION_SERVER = "authorization-server"
    APPLICATION = "application"
    IDENTITY_PROVIDER = "identity-provider"
    WHOLE = "whole"
    REFERENCE = "reference"
    ADAPTER = "adapter"


def _profile(value: str) -> str:
    if value not in PROFILES:
        raise ValueError(one_of(PROFILES, value))
    return value


def _profile_of(layer: str) -> Callable[[str], str]:
    known = sorted({requirement.profile for requirement in CATALOGUE if requirement.layer == layer})

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(one_of(known, value))
        return value

    return check


def _file(value: Path, info: ValidationInfo) -> Path:
    path: Path = (info.context or {}).get("folder", Path()) / value
    if not path.is_file():
        raise ValueError("an existing file")
    return path


Browsers = Literal["built-in", "chromium"]


Profile = Annotated[str, AfterValidator(_profile), WithJsonSchema({"enum": PROFILES})]


class Described(Section):
    """What every target file says, whatever the role."""

    name: str = Field(min_length=1, description="The product, as it shall stand in reports.")

    _folder: Path = PrivateAttr(default=Path())
    _secrets: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the file, which paths and commands in it are relative to."""
        return self._folder

    def redact(self, text: str) -> str:
        """The text without the secrets that the file refers to, see `redaction`."""
        return redacted(text, self._secrets)


class _Target(Described):
    profiles: list[Profile] = Field(
        default=["core"], min_length=1, description="The groups of requirements to certify for."
    )
    features: Features = Field(default_factory=Features, description="What it offers, where discovery does not say.")
    selectors: Selectors = Field(default_factory=Selectors, description="CSS selectors where recognition fails.")
    pace: Pace = Field(default_factory=Pace, description="How fast the target may be asked.")


class ReferenceTarget(_Target):
    """The suite's own Storezero, in process."""

    role: Literal[Role.REFERENCE] = Field(description="What kind of party it is.")
    name: str = Field(default="storezero", min_length=1, description="The name in reports.")


class Deployed(_Target):
    """What runs somewhere else, and is reached over the network."""

    origins: list[Annotated[str, AfterValidator(origin)]] = Field(
        default=[], description="Further origins that may be contacted, beside the target's own."
    )
    ca_file: Annotated[Path, AfterValidator(_file)] | None = Field(
        default=None, description="Certificates to trust instead of the system's (PEM), relative to this file."
    )
    browser: Browsers = Field(default="built-in", description="chromium runs JavaScript, where pages need it.")
    start: Start | None = Field(default=None, description="How to start it; left out if it runs already.")

    def own_origins(self) -> list[str]:
        """The origins of what its file names."""
        raise NotImplementedError

    @property
    def advice(self) -> str:
        """How to start it, if its file says so."""
        if self.start is None:
            return ""
        command = " ".join(self.start.command)
        return f"Start it with `{command}` in {self.folder.name}/, or let the suite do so: --trust."

    @property
    def allowed_origins(self) -> list[str]:
        """All origins that may be contacted, beside our own."""
        return list(dict.fromkeys([*self.own_origins(), *self.origins]))


class AuthorizationServerTarget(Deployed):
    """A real authorization server (OpenID provider); the suite plays the applications."""

    role: Literal[Role.AUTHORIZATION_SERVER] = Field(description="What kind of party it is.")
    issuer: Issuer = Field(description="Its issuer, character by character; discovery is read from below it.")
    clients: dict[str, Client] = Field(
        min_length=1,
        description="The applications: shop, outlet for what needs two; native, spa and page for these kinds of them.",
    )
    users: dict[str, User] = Field(min_length=1, description="The users: alice, and bob for what needs two of them.")
    workers: list[dict[str, User]] = Field(
        default=[], description="Users of their own for each further worker of `run -j`: [[workers]] alice = …, bob = …"
    )
    upstream: Upstream | None = Field(
        default=None, description="The identity provider that it offers for login; the suite plays it."
    )

    def for_worker(self, number: int) -> AuthorizationServerTarget:
        """The target as a worker sees it, counted from 1: with users of its own."""
        return self.model_copy(update={"users": self.workers[number - 2]}) if number > 1 else self

    def own_origins(self) -> list[str]:
        """The issuer's."""
        return [str(Origin.of(self.issuer))]


class ApplicationTarget(Deployed):
    """A real application (relying party); the suite plays its authorization server."""

    role: Literal[Role.APPLICATION] = Field(description="What kind of party it is.")
    base: Annotated[str, AfterValidator(origin)] = Field(description="The application's origin.")
    provider: Provider = Field(description="The authorization server that the suite plays for it.")
    client: Client = Field(description="How the application is registered there.")
    pages: Pages = Field(description="How a person uses it.")

    def own_origins(self) -> list[str]:
        """The application's."""
        return [self.base]


class IdentityProviderTarget(Deployed):
    """A real OpenID provider behind an authorization server; the suite plays that server, and an application."""

    role: Literal[Role.IDENTITY_PROVIDER] = Field(description="What kind of party it is.")
    issuer: Issuer = Field(description="Its issuer, character by character; discovery is read from below it.")
    profiles: list[Annotated[str, AfterValidator(_profile_of("IDP"))]] = Field(
        default=["federation"], min_length=1, description="The groups of requirements to certify for."
    )
    client: Client = Field(
        description="How the suite's authorization server is registered there: http://as.test/upstream/callback, say."
    )
    users: TwoUsers = Field(description="The users: alice and bob.")

    def own_origins(self) -> list[str]:
        """The issuer's."""
        return [str(Origin.of(self.issuer))]


class WholeTarget(Deployed):
    """A deployed application with its server and the provider behind that, judged through the browser alone."""

    role: Literal[Role.WHOLE] = Field(description="What kind of party it is.")
    base: Annotated[str, AfterValidator(origin)] = Field(description="The application's origin.")
    pages: Pages = Field(description="How a person uses the application.")
    server: Party = Field(description="The authorization server, and its users.")
    provider: Party = Field(description="The identity provider that the server offers for login, and its users.")

    @field_validator("selectors")
    @classmethod
    def _of_a_party(cls, selectors: Selectors) -> Selectors:
        if selectors != Selectors():
            raise ValueError("them in [server.selectors] or [provider.selectors]: whose pages they are for")
        return selectors

    def own_origins(self) -> list[str]:
        """Of all three."""
        return [self.base, *self.server.all_origins, *self.provider.all_origins]


class AdapterTarget(Described):
    """Anything that an adapter in another language drives: a program that speaks JSON lines, which runs if trusted."""

    role: Literal[Role.ADAPTER] = Field(description="What kind of party it is.")
    command: Annotated[list[str], Field(min_length=1)] = Field(
        description="Program and arguments, no shell; the working folder is the folder of this file."
    )
    timeout: Seconds = Field(default=30, description="Seconds for one answer.")
    profiles: list[Profile] = Field(default=[], description="The groups of requirements; else what the adapter says.")


AnyTarget = (
    AuthorizationServerTarget
    | ApplicationTarget
    | IdentityProviderTarget
    | WholeTarget
    | ReferenceTarget
    | AdapterTarget
)
Target = Annotated[AnyTarget, Field(discriminator="role")]
"""One class per role."""

_CLASSES: dict[str, type[BaseModel]] = {
    Role.AUTHORIZATION_SERVER: AuthorizationServerTarget,
    Role.APPLICATION: ApplicationTarget,
    Role.IDENTITY_PROVIDER: IdentityProviderTarget,
    Role.WHOLE: WholeTarget,
    Role.REFERENCE: ReferenceTarget,
    Role.ADAPTER: AdapterTarget,
}
_TARGET: TypeAdapter[AnyTarget] = TypeAdapter(Target)


def load_target(path: Path, environ: Mapping[str, str]) -> AnyTarget:
    """Reads and checks a target file, with its secrets from `environ`. Contacts nobody and runs nothing.

    Raises TargetFileError with all problems at once.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise TargetFileError(path, [f"it cannot be read: {error.strerror}; give the path of a TOML file"]) from error
    except UnicodeDecodeError as error:
        raise TargetFileError(path, [f"byte {error.start} is not UTF-8, which TOML requires"]) from error
    except tomllib.TOMLDecodeError as error:
        raise TargetFileError(path, [f"it is not TOML: {error}"]) from error
    folder = path.resolve().parent
    context: dict[str, Any] = {"environ": environ, "folder": folder}
    try:
        target = _TARGET.validate_python(content, context=context)
    except ValidationError as error:
        only_secrets = all(problem["type"] == "secret_unset" for problem in error.errors(include_url=False))
        raise TargetFileError(path, explain(error, content, _CLASSES), 4 if only_secrets else 3) from None
    target._folder = folder
    target._secrets = context.get("secrets", {})
    return target


def target_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a target file, for editors and for people."""
    schema = _TARGET.json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sessionproof target file", **schema}

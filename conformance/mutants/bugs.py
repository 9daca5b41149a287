"""Bugs of login systems in the field, and which faulty copies of the reference do the same: reads `bugs.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator


class Bug(BaseModel):
    """One bug: `what` happened, in a sentence; where it was told of; and its copies, or why there is none.

    `copies`: names of mutants that the steps of the bug would show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    what: str = Field(min_length=20, pattern=r"\.$")
    references: tuple[str, ...] = Field(min_length=1)
    copies: tuple[str, ...] = ()
    why_not: str = ""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Bug":
        if bool(self.copies) == bool(self.why_not):
            raise ValueError("give either `copies`, names of mutants, or `why_not`, the reason why there is none")
        return self


def read(text: str) -> dict[str, Bug]:
    """Return the bugs by their ids. Raises ValueError: pydantic's, or tomllib's where it is no TOML."""
    return TypeAdapter(dict[str, Bug]).validate_python(tomllib.loads(text))


@cache
def bugs() -> dict[str, Bug]:
    """All of them, in the order of the file."""
    return read(files(__package__).joinpath("bugs.toml").read_text("utf-8"))


def copied_by(name: str) -> tuple[str, ...]:
    """The ids of the bugs that the mutant of this name copies; none where it was made for its requirement alone."""
    return tuple(identifier for identifier, bug in bugs().items() if name in bug.copies)

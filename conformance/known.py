"""Known deviations: a file that says what a target does not do yet, why, and until when that is accepted.

    [AS-22]
    reason = "codes are not used up yet, ticket 1234"
    until = 2026-12-31

A deviation that is named there does not make a run fail. The file cannot rot: an entry whose date has passed fails, and
so does one whose requirement was exercised and kept.
"""

import tomllib
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError
from sessionproof.model.requirements import BY_ID

from .errors import UsageProblem
from .report.visible import visible


class Deviation(BaseModel):
    """One entry; the day in `until` is the last one on which it counts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    reason: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    until: date


Known = dict[str, Deviation]
_FILE: TypeAdapter[Known] = TypeAdapter(Known)
_EXPECTED = {
    "missing": "missing; add it",
    "date_type": "expected a date without quotes, such as 2026-12-31",
    "string_type": "expected text",
    "string_too_short": "expected a reason, so that others know why",
    "extra_forbidden": "unknown key; known are reason and until",
    "model_type": 'expected a table: [AS-22] with `reason = "..."` and `until = 2026-12-31`',
}


def load_known(path: Path | None) -> Known:
    """The entries of a file, by requirement. Raises UsageProblem with all that is wrong with it."""
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageProblem(f"cannot read --known {path}: {error.strerror}; give the path of a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageProblem(f"--known {path} is not TOML: {error}") from error
    wrong = [line for name in content if (line := _wrong_id(name))]
    try:
        known = _FILE.validate_python(content)
    except ValidationError as error:
        wrong += [_line(problem) for problem in error.errors(include_url=False)]
    if wrong:
        raise UsageProblem("\n".join([f"--known {path} cannot be used:", *(f"  {visible(line)}" for line in wrong)]))
    return known


def known_json(known: Known, today: date) -> dict[str, Any]:
    """The entries for the header of a run log; whether a date has passed is decided here, once."""
    return {
        name: {"reason": entry.reason, "until": entry.until.isoformat(), "expired": entry.until < today}
        for name, entry in known.items()
    }


def _wrong_id(name: str) -> str:
    if name not in BY_ID:
        near = get_close_matches(name, BY_ID, n=1)
        return f"{name}: no such requirement" + (f"; did you mean {near[0]}?" if near else "; SPEC.md lists them")
    if BY_ID[name].level == "MAY":
        return f"{name}: it leaves a choice (MAY), from which nothing can deviate; remove it"
    return ""


def _line(problem: Any) -> str:
    return f"{'.'.join(map(str, problem['loc']))}: {_EXPECTED.get(problem['type'], problem['msg'])}"

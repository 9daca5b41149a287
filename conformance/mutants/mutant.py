"""What a mutant is: the reference with one decision made differently, and the requirement that must notice."""

from dataclasses import dataclass

from ..storezero.world import Rules


@dataclass(frozen=True)
class Mutant:
    """One fault. Which bugs in the field it copies stands in `bugs.toml`, which names it.

    `requirement`: the id that must catch it. `also`: further ids that the same wrong decision breaks, so that a finding
    about them is no false alarm. `profile`: where it can be seen.
    """

    name: str
    requirement: str
    rules: Rules
    also: tuple[str, ...] = ()
    profile: str = "core"

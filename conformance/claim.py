"""What a run has proved, and under which assumption.

A tour of all transitions in which every state is told is complete for targets with no more states than the model: one
that deviates anywhere would have been seen to. Where states are only looked at from outside, or the tour has gaps, a
run has shown what it has shown, and no more.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .runlog import Event


class _Scopes(NamedTuple):
    """Scopes of a run, and their transitions and states: those taken or visited, and all that the target can show."""

    names: list[str]
    taken: int
    wanted: int
    states: int


def claim(target: Event, footer: Event) -> list[str]:
    """Sentences for people. `target`: the header's entry about it; `footer`: the end of the same log."""
    if not footer or footer.get("exit_code"):
        return ["Nothing is claimed beyond what was seen: the run did not come to its end."]
    coverage, every = footer.get("coverage", {}), footer.get("states", {})
    tours = coverage.get("transitions", {})
    whole = _of([name for name, (taken, wanted) in tours.items() if taken == wanted], tours, every)
    rest = _of([name for name in every if name not in whole.names], tours, every)
    sentences = _whole(target, whole) if whole.names else []
    if rest.names:
        where = f"In {'the other ' if whole.names else ''}{_scopes(len(rest.names))}"
        if rest.wanted:
            sentences.append(f"{where}, {rest.taken:,} of {rest.wanted:,} transitions were taken.")
        else:
            rules = coverage.get("rules", {})
            fired, wanted = (sum(rules[name][at] for name in rest.names if name in rules) for at in (0, 1))
            sentences.append(f"{where} no tour of the transitions was made; {fired:,} of {wanted:,} rules in their ")
            sentences[-1] += "circumstances were exercised."
        sentences.append("Of what was not taken nothing is claimed.")
    if footer.get("findings"):
        sentences.append("What comes after an answer that deviates was left out, and nothing is claimed of it.")
    return sentences


def _whole(target: Event, scopes: _Scopes) -> list[str]:
    taken = f"In {_scopes(len(scopes.names))} every transition that this target's choices leave was taken: "
    taken += f"{scopes.wanted:,}, between {scopes.states:,} states, where what only the names of users, browsers and "
    taken += "tabs tell apart counts once."
    if target["status"]:
        return [
            taken,
            "After each step every party told its session. So the target conforms there for all flows of any length, "
            "if it has no more states than the model has there, answers the same way each time, and treats all users "
            "alike.",
        ]
    return [
        taken,
        "Sessions were looked at from outside. A fault in what no page, token or session shows may have gone unseen, "
        "and so may one of a target that remembers more than the model does.",
    ]


def _of(names: list[str], tours: Event, states: Event) -> _Scopes:
    pairs: Sequence[Sequence[int]] = [tours[name] for name in names if name in tours]
    taken, wanted = (sum(pair[at] for pair in pairs) for at in (0, 1))
    return _Scopes(names, taken, wanted, sum(states[name][1] for name in names if name in states))


def _scopes(number: int) -> str:
    return f"{number} scope{'s' * (number != 1)}"

"""Annotations of a GitHub workflow: one line each, on standard output, which the runner turns into a message."""

from collections.abc import Iterator

from ..results import Results
from ..verdict import Verdict
from .seen import flow_words
from .visible import visible
from .wording import headline

COMMANDS = {Verdict.FAIL: "error", Verdict.WARNING: "warning", Verdict.KNOWN: "notice"}
UNSEEN = (Verdict.INCONCLUSIVE, Verdict.UNTESTED)


def annotations(results: Results, place: str) -> Iterator[str]:
    """What is wrong, each with the flow that shows it, and what was not seen; `place`: the target file."""
    for line in results.lines():
        requirement = line.requirement
        title = f"{requirement.id} ({requirement.level})"
        if line.verdict in COMMANDS:
            flows = [f for f in results.findings if f["requirement"] == requirement.id and f["confirmed"]]
            words = [requirement.sentence, line.reason, *(_steps(finding["flow"]["steps"]) for finding in flows[:1])]
            yield _command(COMMANDS[line.verdict], place, title, words)
        elif line.verdict in UNSEEN and requirement.level == "MUST":
            yield _command("warning", place, f"{title} is {line.verdict}", [requirement.sentence, line.reason])
    for name, why in results.stale():
        yield _command("error", place, f"known deviation {name}", [why])
    if results.verdict() is Verdict.INCONCLUSIVE:
        yield _command("error", place, headline(results), [results.footer.get("stopped") or "too little was seen"])


def _steps(steps: list[dict[str, object]]) -> str:
    return "; ".join(f"{number}. {words}" for number, words in enumerate(flow_words(steps), 1))


def _command(name: str, place: str, title: str, lines: list[str]) -> str:
    properties = [*([f"file={_property(place)}"] if place else []), f"title={_property(title)}"]
    return f"::{name} {','.join(properties)}::{_data(lines)}"


def _data(lines: list[str]) -> str:
    """No line of a target ends the command: what does not print is written as its escape, line ends of ours as %0A."""
    return "%0A".join(visible(line).replace("%", "%25") for line in lines if line)


def _property(text: str) -> str:
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")

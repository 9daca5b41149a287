"""The bugs of the field, each with where it was told of, and what catches its copy, or why there is none."""

import re
from collections.abc import Iterator

from sessionproof.diagrams.tables import code, link, table
from sessionproof.model.requirements import BY_ID

from ..mutants.bugs import Bug, bugs
from ..mutants.catalogue import MUTANTS

HEADS = ("bug", "what happened", "told of in", "faulty copy, and what catches it")
REQUIREMENTS = re.compile(rf"\b({'|'.join(BY_ID)})\b")
ADDRESSES = (
    (r"https://github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)", r"[\1#\2](\g<0>)"),
    (r"https://(?:www\.)?([^/]+)/.*", r"[\1](\g<0>)"),
    (r"GHSA(-[0-9a-z]{4}){3}", r"[\g<0>](https://github.com/advisories/\g<0>)"),
    (r"CVE-\d+-\d+", r"[\g<0>](https://www.cve.org/CVERecord?id=\g<0>)"),
    (r"([\w.-]+/[\w.-]+)@([0-9a-f]+)", r"[\1@\2](https://github.com/\1/commit/\2)"),
    (r"([\w.-]+/[\w.-]+)#(\d+)", r"[\1#\2](https://github.com/\1/issues/\2)"),
)
"""How a reference looks, and the link that it becomes; one that looks otherwise is a text to search for."""


def field_bugs() -> str:
    """The table, in the order of the ids; each row begins with its anchor."""
    return table(HEADS, (_row(identifier, bug) for identifier, bug in bugs().items()))


def summary() -> str:
    """How many bugs there are, and how many have a copy."""
    copied = [bug for bug in bugs().values() if bug.copies]
    copies = {name for bug in copied for name in bug.copies}
    alone = len({mutant.name for mutant in MUTANTS} - copies)
    return (
        f"Of {len(bugs())} bugs {len(copied)} have a copy, {len(copies)} copies together; of the others the last "
        f"column says why not. {alone} more faulty copies were made for the requirement that they break, after no bug "
        "of this list."
    )


def reference(text: str) -> str:
    """A link to where a bug was told of, or the text itself where there is no address."""
    for pattern, as_link in ADDRESSES:
        if found := re.fullmatch(pattern, text):
            return found.expand(as_link)
    return text


def _row(identifier: str, bug: Bug) -> tuple[str, ...]:
    anchor = f'<a id="{identifier}"></a>[{identifier}](#{identifier})'
    return anchor, bug.what, ", ".join(map(reference, bug.references)), "<br>".join(_copies(bug))


def _copies(bug: Bug) -> Iterator[str]:
    caught = {mutant.name: mutant.requirement for mutant in MUTANTS}
    yield from (f"{code(name)}: {link(caught[name])}" for name in bug.copies)
    if bug.why_not:
        yield f"none: {REQUIREMENTS.sub(lambda found: link(found[0]), bug.why_not)}"

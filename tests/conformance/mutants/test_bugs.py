"""Every bug of the field has a faulty copy of the reference that does the same, or a reason why there is none."""

import json
from pathlib import Path

import pytest
from sessionproof.conformance.mutants.bugs import bugs, copied_by, read
from sessionproof.conformance.mutants.catalogue import MUTANTS
from sessionproof.conformance.specification.field import field_bugs, reference, summary

NAMES = {mutant.name for mutant in MUTANTS}
COLLECTED = Path(__file__).resolve().parents[3].parent / "shared" / "session-bugs.json"
"""The list that the bugs were taken from, which is no part of the repository."""
COPIED = '[SB-1]\nwhat = "The session outlives its logout."\nreferences = ["CVE-2000-1"]\n'


@pytest.mark.parametrize("identifier", bugs())
def test_every_copy_of_a_bug_is_a_mutant(identifier: str) -> None:
    missing = set(bugs()[identifier].copies) - NAMES
    assert not missing, f"{identifier} in bugs.toml names {missing}; mutants are in conformance/mutants/*.py"


def test_what_a_mutant_copies_is_told_by_the_bugs_that_name_it() -> None:
    told = {name: copied_by(name) for name in NAMES}
    assert told["slow-page-brings-session-back"] == ("SB-139", "SB-140")
    assert told["logout-forgets-state"] == ()
    assert {i for ids in told.values() for i in ids} == {i for i, bug in bugs().items() if bug.copies}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("", "either `copies`"),
        ('copies = ["a"]\nwhy_not = "it cannot be"', "either `copies`"),
        ('why_not = " "', "either `copies`"),
        ('why = "no"', "Extra inputs"),
    ],
)
def test_a_bug_without_the_one_or_the_other_is_refused(more: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(COPIED + more)


@pytest.mark.skipif(not COLLECTED.is_file(), reason="the list that the bugs were taken from is not here")
def test_every_bug_that_was_collected_is_there() -> None:
    collected = {bug["id"]: bug for bug in json.loads(COLLECTED.read_text("utf-8"))}
    assert list(bugs()) == list(collected)
    for identifier, bug in collected.items():
        assert bugs()[identifier].what not in (bug["title"], bug["description"]), "in words of our own"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://github.com/a/b/pull/7", "[a/b#7](https://github.com/a/b/pull/7)"),
        ("https://www.example.com/papers/1", "[example.com](https://www.example.com/papers/1)"),
        ("GHSA-aaaa-1111-bbbb", "[GHSA-aaaa-1111-bbbb](https://github.com/advisories/GHSA-aaaa-1111-bbbb)"),
        ("CVE-2024-7341", "[CVE-2024-7341](https://www.cve.org/CVERecord?id=CVE-2024-7341)"),
        ("a/b@0123abc", "[a/b@0123abc](https://github.com/a/b/commit/0123abc)"),
        ("a/b#7", "[a/b#7](https://github.com/a/b/issues/7)"),
        ("a/b ChangeLog 08/10/2026", "a/b ChangeLog 08/10/2026"),
    ],
)
def test_a_reference_becomes_a_link_where_it_has_an_address(text: str, link: str) -> None:
    assert reference(text) == link


def test_the_table_has_a_row_for_each_bug_with_what_catches_it_or_the_reason() -> None:
    rows = dict(zip(bugs(), field_bugs().splitlines()[2:], strict=True))
    for identifier, row in rows.items():
        assert row.startswith(f'| <a id="{identifier}"></a>[{identifier}](#{identifier}) | ')
        assert all(f"`{name}`: [" in row for name in bugs()[identifier].copies)
        assert (" none: " in row) == bool(bugs()[identifier].why_not)
    assert summary().startswith(f"Of {len(rows)} bugs {sum('none: ' not in row for row in rows.values())} have a copy")

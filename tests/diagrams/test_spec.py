"""SPEC.md is complete and every link leads somewhere: read as a reader does, not through the code that wrote it."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sessionproof.diagrams.citations import NOT_STATED
from sessionproof.diagrams.data import DATA, FIELDS
from sessionproof.diagrams.tables import linked
from sessionproof.diagrams.words import CHOICES, EFFECTS, FACETS, GUARDS, MESSAGES
from sessionproof.model.network import MACHINES, PROVIDER
from sessionproof.model.properties import PROPERTIES
from sessionproof.model.requirements import CATALOGUE, PARTS
from sessionproof.model.table import SAME, Machine
from sessionproof.model.vocabulary import ACTIONS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SPEC.md").read_text(encoding="utf-8")
BUG = "SB-"
"""How the ids of bugs from the field begin."""
ANCHORS = re.findall(r'<a id="([^"]+)"></a>', TEXT)


def _rows(title: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    lines = TEXT.partition(f"\n### {title}\n")[2].splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| ---"))
    end = next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[start + 1 : end]]


def _plain(cell: str) -> str:
    return cell.replace("`", "").replace("\u00a0", " ").strip()


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_row_of_a_machine_is_in_its_table(machine: Machine) -> None:
    shown = [
        [_plain(cell) for cell in row] for row in _rows(f"Rows of the {machine.title.lower().replace('local ', '')}")
    ]
    assert len(shown) == len(machine.rules)
    for rule in machine.rules:
        mine = [
            row
            for row in shown
            if row[0].split("<br>") == rule.state.split("|")
            and row[1:3] == [rule.message, rule.guard]
            and (row[3].startswith("the same") if rule.to == SAME else row[3] == rule.to)
            and row[4:6] == [rule.effects, rule.reply]
            and all(variant in row[7] for variant in rule.variant.split("; "))
            and (not rule.needs or f"needs {rule.needs}" in row[7])
        ]
        assert len(mine) == 1, rule
        assert set(re.findall(r"\[([A-Z]+-\d+)\]", mine[0][6])) == set(re.findall(r"[A-Z]+-\d+", rule.ids))
        assert not rule.breaks or rule.breaks in mine[0][7]


def test_every_requirement_has_one_anchor() -> None:
    assert len(ANCHORS) == len(set(ANCHORS))
    ids = [anchor for anchor in ANCHORS if not anchor.startswith(BUG)]
    assert sorted(ids) == sorted(requirement.id for requirement in CATALOGUE)


def test_every_id_that_a_row_cites_has_an_anchor() -> None:
    cited = {i for m in MACHINES for rule in m.rules for i in re.findall(r"[A-Z]+-\d+", f"{rule.ids} {rule.breaks}")}
    assert cited
    assert cited <= set(ANCHORS)


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) > 100
    for link in links:
        if link.startswith("#"):
            assert link[1:] in headings | set(ANCHORS), link
        elif link.startswith("https:"):  # where a bug was reported
            assert all(urlsplit(link)[1:3]), link
        else:
            assert (ROOT / link).exists(), link


def test_every_id_that_is_named_is_a_link_or_the_anchor_itself() -> None:
    rest = re.sub(r'\[([A-Z]+-\d+)\]\(#\1\)|<a id="([^"]+)"></a>\*\*\2\*\*', "", TEXT)
    assert not re.findall(r"\b(?:APP|AS|IDP|SYS)-\d+\b", rest)


def test_what_the_model_does_not_state_yet_is_said() -> None:
    cited = {i for m in MACHINES for rule in m.rules for i in re.findall(r"[A-Z]+-\d+", f"{rule.ids} {rule.breaks}")}
    cited |= {prop.requirement for prop in PROPERTIES} | PARTS.keys()
    missing = {r.id for r in CATALOGUE if r.id not in cited and r.level != "MAY"}
    assert {r.id for r in NOT_STATED} == missing
    for requirement in CATALOGUE:
        entry = TEXT.partition(f'<a id="{requirement.id}"></a>')[2].partition("<a id=")[0]
        assert ("*Not in the model yet*" in entry) == (requirement.id in missing), entry


def test_every_word_of_the_tables_is_explained_and_no_other() -> None:
    rules = [rule for machine in MACHINES for rule in machine.rules]
    used = {rule.message for rule in rules} | {rule.reply for rule in rules if rule.reply}
    assert used - set(ACTIONS) == set(MESSAGES)
    assert {m.name: list(m.guards) for m in MACHINES} == {name: list(words) for name, words in GUARDS.items()}
    assert {m.name: list(m.effects) for m in MACHINES} == {name: list(words) for name, words in EFFECTS.items()}
    assert {v for rule in rules for v in rule.variant.split("; ") if v} == set(CHOICES)
    assert {i for ids in CHOICES.values() for i in ids} <= {r.id for r in CATALOGUE}
    assert {facet for m in MACHINES for c in m.compiled for facet in c.facets} <= set(FACETS)


def test_everything_that_a_machine_remembers_is_explained() -> None:
    """The provider's sessions have the form of the server's, which is why the former may use less of it."""
    for machine in MACHINES:
        fields = set(FIELDS[machine.name]) - {"session"}
        assert set(DATA[machine.name]) == fields if machine is not PROVIDER else set(DATA[machine.name]) <= fields
        for name, meaning in DATA[machine.name].items():
            assert f"| `{name}` | {linked(meaning)} |" in TEXT

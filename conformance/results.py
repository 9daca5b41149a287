"""What a run says in the end: a verdict for every requirement, computed from the events of its log and nothing else."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import BY_ID, CATALOGUE, PARTS, Requirement

from .runlog import Event
from .verdict import LEFT, NOT_HERE, ROUTED_AROUND, UNOBSERVABLE, Verdict


class Line(NamedTuple):
    """The verdict on one requirement: how often it was witnessed, and the reason where that is not plain."""

    requirement: Requirement
    verdict: Verdict
    witnessed: int
    reason: str


CITED = {rule.key: rule.cited for machine in MACHINES for rule in machine.compiled}
"""By rule of the tables: the requirements that it cites."""
MODELLED = frozenset(identifier for ids in CITED.values() for identifier in ids)

MAY_CHOICES = {
    "APP-17": ("local session begins when login starts", "local session begins when login succeeds"),
    "AS-06": ("asks for consent", "does not ask for consent"),
    "SYS-06": ("local session outlives the server's",),
}
"""The choices that a MAY leaves; the report says which were seen."""


@dataclass
class Results:
    """Takes the events of a run one by one; `lines` and `verdict` may be asked at any time."""

    header: Event = field(default_factory=dict)
    footer: Event = field(default_factory=dict)
    findings: list[Event] = field(default_factory=list)
    problems: list[Event] = field(default_factory=list)
    witnessed: Counter[str] = field(default_factory=Counter)
    outside: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    outlived: int = 0

    def add(self, event: Event) -> None:
        """Take one event."""
        match event["event"]:
            case "header":
                self.header = event
            case "footer":
                self.footer = event
            case "finding":
                self.findings.append(event)
            case "problem":
                self.problems.append(event)
            case "flow":
                self.flows[event["verdict"]] += 1
                if event["verdict"] == "inconclusive" and "cause" in event and not event.get("lasting"):
                    self.problems.append(event)
                for step in event["steps"]:
                    self.witnessed.update(step["witnessed"])
                    self.outside.update(m["requirement"] for m in step.get("outside", ()))
                    self.outlived += _outlived(step["facets"])

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Results":
        """The results of a whole log."""
        results = cls()
        for event in events:
            results.add(event)
        return results

    def lines(self) -> list[Line]:
        """Every requirement of the chosen profiles with its verdict."""
        profiles = self.header.get("profiles", ())
        return [self._line(r) for r in CATALOGUE if r.profile in profiles]

    def verdict(self) -> Verdict:
        """Of the whole run: fail if anything fails; pass only if every MUST that applies was witnessed.

        A run that trouble beside the target stopped does not pass by what it had seen until then, and one in which
        nothing applies passes nothing.
        """
        lines = [line for line in self.lines() if line.verdict is not Verdict.NOT_APPLICABLE]
        if any(line.verdict is Verdict.FAIL for line in lines):
            return Verdict.FAIL
        unsure = any(
            line.verdict in (Verdict.INCONCLUSIVE, Verdict.UNTESTED) and line.requirement.level == "MUST"
            for line in lines
        )
        stopped = not self.footer or self.footer.get("exit_code")
        return Verdict.INCONCLUSIVE if unsure or stopped or not lines else Verdict.PASS

    def variants(self) -> list[tuple[str, str, int, int]]:
        """The choices that this target made: (choice, application, times made, times not made); sorted."""
        return [(v, app, made, declined) for v, app, made, declined in self.footer.get("choices", ())]

    def _line(self, requirement: Requirement) -> Line:
        count = self.witnessed[requirement.id]
        target = self.header["target"]
        mine = [f for f in self.findings if f["requirement"] == requirement.id]
        if any(f["confirmed"] for f in mine):
            bad = Verdict.WARNING if requirement.level == "SHOULD" else Verdict.FAIL
            return Line(requirement, bad, count, mine[0]["mismatch"]["actual"])
        if mine:
            return Line(requirement, Verdict.INCONCLUSIVE, count, mine[0]["doubt"])
        if requirement.layer not in target["layers"]:
            return Line(requirement, Verdict.NOT_APPLICABLE, count, "this party is played by the suite")
        if requirement.needs and requirement.needs not in target["features"]:
            return Line(requirement, Verdict.NOT_APPLICABLE, count, f"the target does not declare {requirement.needs}")
        if beyond := target.get("beyond", {}).get(requirement.id):
            return Line(requirement, Verdict.NOT_APPLICABLE, count, beyond)
        if requirement.id in PARTS:
            return self._sum(requirement, PARTS[requirement.id])
        if requirement.level == "MAY":
            return self._may(requirement)
        if count:
            return Line(requirement, Verdict.PASS, count, "")
        if requirement.id not in MODELLED:
            return Line(requirement, Verdict.UNTESTED, 0, "no rule of the model states it yet")
        if self.problems:
            return Line(requirement, Verdict.INCONCLUSIVE, 0, self.problems[0]["cause"])
        why = self._why_not(requirement.id)
        return Line(requirement, Verdict.INCONCLUSIVE if UNOBSERVABLE in why else Verdict.UNTESTED, 0, why)

    def _why_not(self, identifier: str) -> str:
        """Why nothing exercised a requirement: what kept its rules from firing, as the footer says it."""
        unfired = self.footer.get("unfired", ())
        reasons = {why for key, why in unfired if identifier in CITED.get(key, ())} - {NOT_HERE}
        stopped = str(self.footer.get("stopped") or "")
        if LEFT in reasons or not reasons:
            return stopped or LEFT
        found = {why for why in reasons if ROUTED_AROUND in why or UNOBSERVABLE in why}
        return "; ".join(sorted(found)) or stopped or "; ".join(sorted(reasons))

    def _sum(self, requirement: Requirement, parts: tuple[str, ...]) -> Line:
        """A requirement that is met where all its parts are; those of profiles that were not chosen are named."""
        profiles = self.header.get("profiles", ())
        lines = [self._line(BY_ID[part]) for part in parts if BY_ID[part].profile in profiles]
        others = [f"{part} ({BY_ID[part].profile})" for part in parts if BY_ID[part].profile not in profiles]
        left = f"; not of the chosen profiles: {', '.join(others)}" if others else ""
        count = sum(line.witnessed for line in lines)
        for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.UNTESTED):
            if found := [line.requirement.id for line in lines if line.verdict is verdict]:
                return Line(requirement, verdict, count, f"{', '.join(found)}: {verdict}{left}")
        met = [line.requirement.id for line in lines if line.verdict is Verdict.PASS]
        verdict = Verdict.PASS if met else Verdict.UNTESTED
        return Line(requirement, verdict, count, f"by its parts {', '.join(met)}{left}")

    def _may(self, requirement: Requirement) -> Line:
        if requirement.id == "SYS-06":
            seen = ["the local session outlived the server's"] if self.outlived else []
        else:
            choices = MAY_CHOICES.get(requirement.id, ())
            seen = sorted({f"{v} ({app})" if app else v for v, app, *_ in self.variants() if v in choices})
        count = len(seen)
        if not seen:
            return Line(requirement, Verdict.UNTESTED, 0, "which choice the target makes was not seen")
        return Line(requirement, Verdict.PASS, count, "seen: " + "; ".join(seen))


def _outlived(facets: dict[str, str]) -> bool:
    """Whether some browser is logged in at an application, but not at the server."""
    for name, server in facets.items():
        if name.endswith("/as") and server in ("absent", "created", "nobody"):
            prefix = name.removesuffix("as")
            others = (v for k, v in facets.items() if k.startswith(prefix) and not k.endswith(("/as", "/idp")))
            if any(v not in ("absent", "anonymous", "nobody") for v in others):
                return True
    return False

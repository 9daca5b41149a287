"""The words in which results are told, the same on a terminal, in a report and in a pull request.

What comes from a target may stand in them as it is: whoever shows them makes it harmless (`visible`, and the escaping
of the format).
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from sessionproof.model.requirements import BY_ID

from ..results import Results
from ..runlog import Event
from ..verdict import Verdict

ANSWERS = {
    Verdict.PASS: "CONFORMS",
    Verdict.FAIL: "DOES NOT CONFORM",
    Verdict.INCONCLUSIVE: "INCONCLUSIVE",
}


SOURCES = {
    "Seed": "Auth0, Sample Use Cases: Sessions",
    "Core": "OpenID Connect Core 1.0",
    "RPL": "OpenID Connect RP-Initiated Logout 1.0",
    "BCL": "OpenID Connect Back-Channel Logout 1.0",
    "FCL": "OpenID Connect Front-Channel Logout 1.0",
    "SM": "OpenID Connect Session Management 1.0",
    "6749": "RFC 6749 (OAuth 2.0)",
    "7636": "RFC 7636 (PKCE)",
    "9207": "RFC 9207 (issuer identification)",
    "9700": "RFC 9700 (OAuth 2.0 security)",
    "ASVS": "OWASP ASVS 5.0",
    "A0": "Auth0 documentation",
}
_SOURCE = re.compile(rf"\b({'|'.join(SOURCES)})\b")


def source(short: str) -> str:
    """A source of the catalogue with the names of the standards written out."""
    return _SOURCE.sub(lambda match: SOURCES[match[1]], short)


def headline(results: Results) -> str:
    """The answer: whether the target conforms, and its name and role."""
    target = results.header["target"]
    return f"{answer(results)}: {target['name']} ({target['role']})"


def answer(results: Results) -> str:
    """The verdict on the whole run in words; what a file of the user's makes of it, too."""
    verdicts = {line.verdict for line in results.lines()}
    if results.stale() and Verdict.FAIL not in verdicts:
        return "KNOWN DEVIATIONS OUT OF DATE"
    if (shard := results.header.get("shard")) and results.verdict() is not Verdict.FAIL:
        what = "NOTHING WRONG SO FAR" if results.exit_code() == 0 else "INCONCLUSIVE"
        return f"PART {shard[0]} OF {shard[1]}: {what}"
    but = ", but for known deviations" if Verdict.KNOWN in verdicts and results.verdict() is Verdict.PASS else ""
    return ANSWERS[results.verdict()] + but


def counts(results: Results) -> dict[Verdict, int]:
    """How many requirements have which verdict; only verdicts that occur."""
    lines = results.lines()
    numbers = {verdict: sum(line.verdict is verdict for line in lines) for verdict in Verdict}
    return {verdict: number for verdict, number in numbers.items() if number}


def numbers(results: Results) -> str:
    """The profiles, and how many of their requirements have which verdict."""
    found = ", ".join(f"{number} {verdict}" for verdict, number in counts(results).items())
    return f"profiles {', '.join(results.header['profiles'])}: {found}"


def effort(results: Results) -> str:
    """How much was played, and how long it took."""
    footer, seconds = results.footer, results.footer.get("seconds", {})
    return (
        f"{footer.get('flows', 0)} flows, {footer.get('steps', 0)} steps, {footer.get('requests', 0)} requests"
        f" in {seconds.get('total', 0):.1f} s, of which {seconds.get('waited', 0):.1f} s were the target's"
    )


def cut_short(results: Results) -> str:
    """Why the run ended before its plan did; empty if it went to its end."""
    if not results.footer:
        return "the log has no footer: the run was cut off"
    stopped = results.footer.get("stopped")
    return f"stopped early: {stopped}" if stopped else ""


def exercised(results: Results) -> dict[str, tuple[int, int]]:
    """What was exercised out of how much, by name."""
    lines, footer = results.lines(), results.footer
    fired, rules = footer.get("rules", (0, 0))
    visited, states = (sum(pair[i] for pair in footer.get("states", {}).values()) for i in (0, 1))
    return {
        "requirements": (sum(line.witnessed > 0 for line in lines), len(lines)),
        "rules of the tables": (fired, rules),
        "states of the model": (visited, states),
    }


def covers(results: Results) -> Iterator[str]:
    """How far each cover beyond the rules came, and in which scopes it fell short."""
    for strength, scopes in results.footer.get("coverage", {}).items():
        if scopes and strength != "rules":
            done, wanted = (sum(pair[i] for pair in scopes.values()) for i in (0, 1))
            short = ", ".join(f"{name} {pair[0]}/{pair[1]}" for name, pair in scopes.items() if pair[0] < pair[1])
            yield f"{strength}: {done} of {wanted}" + (f"; short in {short}" if short else "")


def reached(results: Results) -> str:
    """The strongest cover that was reached in every scope, of what the target's choices leave; and where it ended."""
    coverage = results.footer.get("coverage", {})
    whole, every = "none", len(coverage.get("rules", ()))
    for strength, scopes in coverage.items():
        done, wanted = (sum(pair[i] for pair in scopes.values()) for i in (0, 1))
        if not scopes:
            return whole
        if done < wanted or len(scopes) < every:
            return f"{whole}; of the {strength}, {done:,} of {wanted:,} in {len(scopes)} of {every} scopes"
        whole = f"{strength}, all {wanted:,} in {every} scope{'s' * (every > 1)}"
    return whole


def by_reason(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """What was left, under the reason why: (reason, names), sorted by reason."""
    found: dict[str, list[str]] = {}
    for name, reason in pairs:
        found.setdefault(reason, []).append(name)
    return sorted(found.items())


def often(made: int, declined: int) -> str:
    """How often a choice was made."""
    return "always" if not declined else f"{made} of {made + declined} times"


def finding_kind(finding: Event, accepted: Mapping[str, Event]) -> str:
    """`fail`, `warning`, `known deviation`, or `not confirmed`; `accepted`: the known deviations of the run."""
    if not finding["confirmed"]:
        return "not confirmed"
    if not accepted.get(finding["requirement"], {"expired": True})["expired"]:
        return str(Verdict.KNOWN)
    known = BY_ID.get(finding["requirement"])
    return str(Verdict.WARNING if known and known.level == "SHOULD" else Verdict.FAIL)

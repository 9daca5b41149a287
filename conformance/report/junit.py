"""JUnit XML for CI systems: one test case per requirement, and one for a run that trouble beside the target ended."""

from xml.etree import ElementTree as ET

from ..results import Results
from ..verdict import Verdict
from .seen import flow_words

SKIPPED = (Verdict.UNTESTED, Verdict.NOT_APPLICABLE, Verdict.KNOWN)


def junit_xml(results: Results) -> str:
    """The run as JUnit XML. A warning is a passed case with a message; inconclusive is an error, never a failure."""
    lines, stale = results.lines(), results.stale()
    trouble = not results.footer or bool(results.footer.get("exit_code"))
    suite = ET.Element(
        "testsuite",
        name=f"sessionproof {_clean(results.header['target']['name'])}",
        tests=str(len(lines) + len(stale) + trouble),
        failures=str(sum(line.verdict is Verdict.FAIL for line in lines) + len(stale)),
        errors=str(sum(line.verdict is Verdict.INCONCLUSIVE for line in lines) + trouble),
        skipped=str(sum(line.verdict in SKIPPED for line in lines)),
    )
    for line in lines:
        case = ET.SubElement(
            suite, "testcase", classname=f"sessionproof.{line.requirement.profile}", name=line.requirement.id
        )
        details = "\n".join(_detail(f) for f in results.findings if f["requirement"] == line.requirement.id)
        match line.verdict:
            case Verdict.FAIL:
                ET.SubElement(case, "failure", message=_clean(line.requirement.sentence)).text = _clean(details)
            case Verdict.INCONCLUSIVE:
                ET.SubElement(case, "error", message=_clean(line.reason)).text = _clean(details)
            case Verdict.UNTESTED | Verdict.NOT_APPLICABLE | Verdict.KNOWN:
                ET.SubElement(case, "skipped", message=_clean(f"{line.verdict}: {line.reason}"))
            case Verdict.WARNING:
                ET.SubElement(case, "system-out").text = _clean(f"warning: {line.requirement.sentence}\n{details}")
            case Verdict.PASS:
                if line.reason:
                    ET.SubElement(case, "system-out").text = _clean(line.reason)
    for name, why in stale:
        case = ET.SubElement(suite, "testcase", classname="sessionproof.known", name=name)
        ET.SubElement(case, "failure", message=_clean(f"known deviation {name} {why}"))
    if trouble:
        case = ET.SubElement(suite, "testcase", classname="sessionproof.run", name="came to its end")
        why = results.footer.get("stopped") or "the run was cut off: its log has no end"
        ET.SubElement(case, "error", message=_clean(str(why)))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _detail(finding: dict[str, object]) -> str:
    flow, mismatch = finding["flow"], finding["mismatch"]
    if not isinstance(flow, dict) or not isinstance(mismatch, dict):
        return ""
    steps = "\n".join(f"{n}. {words}" for n, words in enumerate(flow_words(flow["steps"]), 1))
    return f"{steps}\nat {mismatch['place']}: expected {mismatch['expected']}, actual {mismatch['actual']}"


def _clean(text: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )

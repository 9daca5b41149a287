"""The bundled reference in process, all four profiles, rules, pairs and the full tour of transitions."""

from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner


def main() -> None:
    """Run it and print what it was."""
    results = Results()
    runner = Runner(InProcessAdapter(), Plan(("core", "sso", "silent", "logout-rp"), search=0), results.add)
    runner.run()
    footer = results.footer
    by_cover = {name: sum(pair[0] for pair in scopes.values()) for name, scopes in footer["coverage"].items()}
    print(f"tour: {results.verdict()}, {footer['flows']} flows, {footer['steps']} steps, {footer['requests']} requests")
    print(f"      in {footer['seconds']['total']:.1f} s; covered {by_cover}")


if __name__ == "__main__":
    main()

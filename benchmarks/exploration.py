"""Two browsers explored by us and by SPIN, side by side: states, time, memory, ratio; needs spin and gcc.

With names of scopes: these instead of `sso` (two applications, two users). gcc needs minutes for the largest.
"""

import sys
import time

from rich.console import Console
from sessionproof.conformance.exploring_pairs import chosen, compiled
from sessionproof.conformance.spin_comparison import print_comparison
from sessionproof.model.promela import promela


def main() -> None:
    """Compare both on each scope."""
    out = Console(width=120)
    for scope in chosen(tuple(sys.argv[1:]) or ("sso",), ()):
        start = time.perf_counter()
        product = compiled(scope)
        if not print_comparison(out, out, product, promela(product), time.perf_counter() - start):
            sys.exit("exploration: both disagree")


if __name__ == "__main__":
    main()

"""An application made with Authlib and Flask, to be certified by sessionproof: `python server.py --help`.

Prints one line on standard output when it can be used, `ready http://127.0.0.1:8321`; all else on standard error.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from application import make_application
from waitress import create_server

YEAR = 365 * 24 * 3600


def main() -> None:
    """Serve until SIGTERM or SIGINT. Exit code 2 is for mistakes of the person who starts it."""
    options = _options()
    secret = os.environ.get("SESSIONPROOF_APP_SECRET")
    if not secret:
        _fail("SESSIONPROOF_APP_SECRET is missing in the environment (start.sh has a demo value)")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    sessions = Path(tempfile.mkdtemp())
    try:
        app = make_application(
            issuer=options.issuer, secret=secret, sessions=sessions, regenerate=options.regenerate, idle=options.idle
        )
        try:
            server = create_server(app, host="127.0.0.1", port=options.port, threads=8)
        except OSError as problem:
            _fail(f"cannot listen on port {options.port}: {problem.strerror}; choose another with --port")
        print(f"ready http://127.0.0.1:{server.effective_port}", flush=True)
        server.run()
    finally:
        shutil.rmtree(sessions, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="server.py", epilog="Environment, needed: SESSIONPROOF_APP_SECRET")
    parser.add_argument("--port", type=int, default=8321, help="port to listen on (8321); 0 takes a free one")
    parser.add_argument(
        "--issuer",
        default="http://127.0.0.2:8102",
        help="the authorization server (http://127.0.0.2:8102); it need not run yet",
    )
    parser.add_argument("--regenerate", action="store_true", help="give the session a new identifier at login")
    parser.add_argument(
        "--idle",
        type=int,
        metavar="SECONDS",
        help="how long a session lasts without a visit (Flask's default: 31 days)",
    )
    options = parser.parse_args()
    if options.idle is not None and not 1 <= options.idle <= YEAR:
        parser.error(f"--idle is {options.idle}, expected a number from 1 to {YEAR}")
    return options


def _fail(message: str) -> NoReturn:
    print(f"server.py: {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()

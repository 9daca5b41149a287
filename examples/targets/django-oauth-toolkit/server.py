"""Makes a fresh database in a temporary folder and serves the site until SIGTERM or SIGINT, then removes the folder.

One line on standard output says when it is ready.
"""

import argparse
import os
import signal
import sys
from tempfile import TemporaryDirectory
from typing import NoReturn

import django
from django.core.management import call_command
from waitress import create_server


def main() -> None:
    """Serves the site; ends with status 2 and a sentence if it cannot."""
    parser = argparse.ArgumentParser(description=__doc__, prog="start.sh")
    parser.add_argument("--port", type=int, default=8221, help="listen on 127.0.0.1 at this port (default 8221)")
    parser.add_argument(
        "--stock", action="store_true", help="no validator of ours for prompt=none, and consent asked for every time"
    )
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with TemporaryDirectory(prefix="django-oauth-toolkit-") as folder:
        os.environ["TARGET_FOLDER"] = folder
        os.environ["TARGET_STOCK"] = "yes" if options.stock else ""
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        django.setup()
        call_command("migrate", verbosity=0)
        add_users_and_clients()

        from django.core.wsgi import get_wsgi_application

        try:
            server = create_server(get_wsgi_application(), host="127.0.0.1", port=options.port)
        except (OSError, OverflowError) as error:
            fail(f"127.0.0.1:{options.port} cannot be had: {error}. Choose another one with --port.")
        print(f"ready http://127.0.0.1:{options.port}", flush=True)
        server.run()


def add_users_and_clients() -> None:
    """The users alice and bob, and the applications shop and outlet."""
    from django.contrib.auth import get_user_model
    from oauth2_provider.models import get_application_model

    for name in ("alice", "bob"):
        get_user_model().objects.create_user(name, password=secret(f"{name.upper()}_PASSWORD"))
    application = get_application_model()
    for name in ("shop", "outlet"):
        application.objects.create(
            client_id=name,
            client_secret=secret(f"{name.upper()}_SECRET"),
            name=name.capitalize(),
            client_type=application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
            algorithm=application.RS256_ALGORITHM,
            redirect_uris=f"http://{name}.test/callback",
            post_logout_redirect_uris=f"http://{name}.test/logged-out",
        )


def secret(name: str) -> str:
    """A secret of the environment."""
    return os.environ.get(f"SESSIONPROOF_{name}") or fail(f"set SESSIONPROOF_{name}, or start this by ./start.sh")


def stop(_number: int, _frame: object) -> NoReturn:
    """Ends the server, which then removes its folder."""
    raise SystemExit(0)


def fail(why: str) -> NoReturn:
    """Ends with status 2."""
    print(why, file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()

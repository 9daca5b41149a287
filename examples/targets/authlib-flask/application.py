"""The application: its pages, and the configuration of Authlib and Flask-Session, whose rules hold for all else."""

import time
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from authlib.integrations.flask_client import OAuth, OAuthError
from cachelib import FileSystemCache
from flask import Flask, redirect, render_template, request, session, url_for
from flask_session import Session

SLOW_SECONDS = 1.5


def make_application(
    *, issuer: str, secret: str, sessions: Path, regenerate: bool = False, idle: int | None = None
) -> Flask:
    """Make the application; sessions are kept in the folder `sessions`.

    With `regenerate`, a login gives the session a new identifier. `idle` is how many seconds a session lasts without a
    visit; None leaves it to Flask.
    """
    app = Flask(__name__)
    # The default store forgets the oldest of more than 500 sessions.
    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(str(sessions), threshold=0))
    if idle is not None:
        app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=idle)
    Session(app)
    server = OAuth(app).register(
        "server",
        client_id="app",
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile"},
    )

    def log_in(return_to: str, **parameters: str) -> Any:
        redirect_uri = url_for("callback", _external=True)
        begun = server.create_authorization_url(redirect_uri, **parameters)
        server.save_authorize_data(redirect_uri=redirect_uri, **begun)
        session[f"return_to_{begun['state']}"] = return_to
        return redirect(begun["url"])

    def needs_login(view: Any) -> Any:
        @wraps(view)
        def guarded() -> Any:
            return view() if "user" in session else log_in(request.full_path.rstrip("?"))

        return guarded

    def page(title: str) -> Any:
        user = session.get("user", {})
        return render_template("page.html", title=title, user=user.get("preferred_username", user.get("sub")))

    @app.get("/")
    def home() -> Any:
        return page("Shop")

    @app.get("/account")
    @needs_login
    def account() -> Any:
        return page("My account")

    @app.get("/slow")
    @needs_login
    def slow() -> Any:
        time.sleep(SLOW_SECONDS)
        return page("A page that takes its time")

    @app.get("/login")
    def login() -> Any:
        return log_in("/")

    @app.get("/switch")
    def switch() -> Any:
        return log_in("/", prompt="login")

    @app.get("/silent")
    def silent() -> Any:
        return log_in("/", prompt="none")

    @app.get("/callback")
    def callback() -> Any:
        token = server.authorize_access_token()
        if regenerate:
            app.session_interface.regenerate(session)  # type: ignore[attr-defined]
        session["user"] = token["userinfo"]
        session["id_token"] = token["id_token"]
        return redirect(session.pop(f"return_to_{request.args['state']}"))

    @app.get("/local-logout")
    def local_logout() -> Any:
        session.clear()
        return redirect("/")

    @app.get("/logout")
    def logout() -> Any:
        id_token = session.get("id_token")
        session.clear()
        return server.logout_redirect(url_for("logged_out", _external=True), id_token, client_id="app")

    @app.get("/logged-out")
    def logged_out() -> Any:
        server.validate_logout_response()
        return redirect("/")

    @app.errorhandler(OAuthError)
    def show_error(error: OAuthError) -> Any:
        if error.error == "login_required":  # the answer to /silent
            return redirect("/")
        return render_template("error.html", error=error), 400

    return app

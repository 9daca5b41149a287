"""node-oidc-provider over sockets: how much of the time is ours, and the same flows driven by a bare httpx script.

The bare script does what the recorded flows did, request for request where it can be told: the same steps in the same
order with fresh cookie jars, the silent probe after each step and its code redeemed; no model, no judge, no log, no
recognition of forms (it knows this one server's pages by heart).
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner

TARGETS = Path(__file__).resolve().parent.parent / "examples" / "targets"
SECRETS = {
    "SESSIONPROOF_SHOP_SECRET": "shop-secret",
    "SESSIONPROOF_OUTLET_SECRET": "outlet-secret",
    "SESSIONPROOF_ALICE_PASSWORD": "alice-password",
    "SESSIONPROOF_BOB_PASSWORD": "bob-password",
}
SECONDS = 60.0
ISSUER = "http://127.0.0.1:8201"


class TimedTransport(httpx.HTTPTransport):
    """Counts the seconds until each answer is complete, as the suite's own transport does."""

    waited = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send and read."""
        start = time.perf_counter()
        response = super().handle_request(request)
        response.read()
        self.waited += time.perf_counter() - start
        return response


TRANSPORT = TimedTransport()


class Bare:
    """One browser and what its two applications would keep, as somebody would write it for this server alone."""

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=False, timeout=10, transport=TRANSPORT)
        self.user: dict[str, str] = {}
        self.tokens: dict[str, dict[str, str]] = {}
        self.codes: dict[str, str] = {}
        self.page = ""
        self.at = ""

    def authorize(self, app: str, **more: str) -> str:
        """An authorization request as far as a page or the application; returns where it ended."""
        query = {
            "response_type": "code", "client_id": app, "redirect_uri": f"http://{app}.test/callback", "scope": "openid",
            "state": "s", "nonce": "n", **more,
        }  # fmt: skip
        return self.follow(self.http.get(f"{ISSUER}/auth", params=query), app)

    def follow(self, response: httpx.Response, app: str) -> str:
        """Follow redirects to a page or out to an application; redeem a code there."""
        while True:
            location = response.headers.get("location")
            if location is None:
                if "op.logoutForm" in response.text and "onload" in response.text:
                    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', response.text))
                    response = self.http.post(f"{ISSUER}/session/end/confirm", data=fields)
                    continue
                self.page, self.at = response.text, str(response.url)
                return "page"
            url = httpx.URL(str(response.url)).join(location)
            if url.host.endswith(".test"):
                found = parse_qs(urlsplit(str(url)).query)
                if "code" in found:
                    self.codes[app] = found["code"][0]
                    answer = self.redeem(app, found["code"][0])
                    if answer.is_success:
                        self.tokens[app] = answer.json()
                return "code" if "code" in found else "out"
            response = self.http.get(url)

    def redeem(self, app: str, code: str, **more: str) -> httpx.Response:
        """The token request."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"http://{app}.test/callback", **more}
        return self.http.post(f"{ISSUER}/token", data=form, auth=(app, f"{app}-secret"))

    def submit(self, app: str, fields: dict[str, str]) -> str:
        """Post the page's form."""
        hidden = dict(re.findall(r'name="(xsrf)" value="([^"]*)"', self.page))
        action = re.search(r'action="([^"]+)"', self.page)
        url = httpx.URL(self.at).join(action[1] if action else "")
        return self.follow(self.http.post(url, data={**hidden, **fields}), app)

    def probe(self, app: str) -> None:
        """The silent check in a copy of the cookies, its code redeemed."""
        twin = Bare()
        twin.http.cookies = httpx.Cookies(self.http.cookies)
        twin.authorize(app, prompt="none")


def play(bare: Bare, do: list[str]) -> None:
    """One recorded step."""
    action, app, arg = do[0], do[1] or "shop", do[2]
    hint = bare.tokens.get(app, {}).get("id_token", "")
    leave = {"client_id": app, "post_logout_redirect_uri": f"http://{app}.test/logged-out", "state": "s"}
    match action:
        case "visit orders" | "redeem wrongly" if app not in bare.user:
            if bare.authorize(app) == "code":
                bare.user[app] = "somebody"
        case "switch user":
            bare.authorize(app, prompt="login")
        case "silent check":
            bare.authorize(app, prompt="none")
        case "credentials":
            fields = {"username": arg, "password": SECRETS[f"SESSIONPROOF_{arg.upper()}_PASSWORD"], "decision": "login"}
            if bare.submit(app, fields) == "code":
                bare.user[app] = arg
        case "wrong credentials":
            bare.submit(app, {"username": "alice", "password": "wrong", "decision": "login"})
        case "cancel" | "deny" | "allow":
            if bare.submit(app, {"decision": action}) == "code":
                bare.user[app] = "somebody"
        case "confirm logout":
            bare.submit(app, {"logout": "yes"})
        case "decline logout":
            bare.submit(app, {})
        case "log out here":
            bare.user.pop(app, None)
        case "log out everywhere":
            bare.user.pop(app, None)
            bare.follow(bare.http.get(f"{ISSUER}/session/end", params={**leave, "id_token_hint": hint}), app)
        case "end without hint" | "end with foreign hint":
            bare.follow(bare.http.get(f"{ISSUER}/session/end", params=leave), app)
        case "end to foreign address":
            foreign = {**leave, "post_logout_redirect_uri": "http://foreign.invalid/logged-out"}
            bare.follow(bare.http.get(f"{ISSUER}/session/end", params=foreign), app)
        case "redeem again":
            bare.redeem(app, bare.codes.get(app, "none"))
        case "refresh":
            form = {"grant_type": "refresh_token", "refresh_token": bare.tokens.get(app, {}).get("refresh_token", "")}
            bare.http.post(f"{ISSUER}/token", data=form, auth=(app, f"{app}-secret"))
        case "ask none and login":
            bare.authorize(app, prompt="none login")
        case "ask foreign redirect":
            bare.authorize(app, redirect_uri="http://foreign.invalid/callback")
        case "ask unknown response type":
            bare.authorize(app, response_type="nonsense")
        case "ask with foreign hint":
            bare.authorize(app, prompt="none", id_token_hint=hint or "none")
        case "resend form":
            bare.submit(app, {"decision": "login"})


def main() -> None:
    """Start the server, certify it, drive the same flows by hand, and print."""
    os.environ.update(SECRETS)
    target = load_target(TARGETS / "node-oidc-provider.toml", os.environ)
    assert isinstance(target, AuthorizationServerTarget)
    command = [str(TARGETS / "node-oidc-provider" / "start.sh")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        if "ready" not in (server.stdout.readline() if server.stdout else ""):
            sys.exit("node-oidc-provider did not start: is its port taken?")
        flows: list[Event] = []
        results = Results()

        def emit(event: Event) -> None:
            results.add(event)
            if event["event"] == "flow":
                flows.append(event)

        adapter = BlackBoxAdapter(target)
        runner = Runner(adapter, Plan(tuple(target.profiles), seconds=SECONDS), emit)
        start = time.perf_counter()
        runner.run()
        total = time.perf_counter() - start
        effort = adapter.effort()
        start = time.perf_counter()
        for flow in flows:
            people: dict[int, Bare] = {}
            for step in flow["steps"]:
                bare = people.setdefault(step["do"][3], Bare())
                play(bare, step["do"])
                bare.probe(step["do"][1] or "shop")
        by_hand = time.perf_counter() - start
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    busy = total - effort.paused
    ours = busy - effort.waited
    print(f"certification: {results.verdict()}, {runner.tally.steps} steps, {effort.requests} requests, {total:.1f} s")
    print(f"  of which {effort.paused:.1f} s were waits for whole seconds, {effort.waited:.1f} s the target's")
    print(f"  ours {ours:.1f} s: {ours / total:.0%} of the wall time, {ours / busy:.0%} without those waits")
    print(f"bare httpx script, same flows: {by_hand:.1f} s, {by_hand / busy:.2f} x as long as the suite without waits,")
    print(f"  {1 - TRANSPORT.waited / by_hand:.0%} of it outside the transport")


if __name__ == "__main__":
    main()

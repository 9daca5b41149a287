# To try this application, mod-auth-openidc or authlib-flask with curl: `. ./by-hand.sh` in a shell, then the lines of
# README.md. $A is the application, each $jar is a browser. The suite's own authorization server runs at 127.0.0.2:8102
# from `provider` until `kill $provider`; `provider nonce` (iss, aud, signature, expired) spoils all its ID tokens.
A=${A:-http://127.0.0.1:8301}
S=http://127.0.0.2:8102
jar=${jar:-alice.jar}

# A request with the cookies of $jar; keeps page.html. The jar is read through standard input because curl 7.88 reads a
# named one once more at the end, and so brings back the cookies that the answer deleted.
browser() { touch "$jar"; curl -s -b - -c "$jar" -o page.html "$@" <"$jar"; }

# step ADDRESS: one request; prints the status and where it leads.
step() { browser -w '%{http_code} %{redirect_url}\n' "$@"; }

# ends ADDRESS: follows redirects to where the browser ends up; prints status, address and the user on the page.
ends() { browser -L -w '%{http_code} %{url_effective} ' "$@"; user; }
user() { grep -q 'id="user"' page.html && sed -n 's/.*id="user">\([^<]*\).*/\1/p' page.html || echo nobody; }
who() { ends "$A/"; }

# log_in USER [PATH]: asks for a page and fills in the login form if there is one.
log_in() {
  seen=$(ends "$A${2:-/account}")
  if [ -n "$(form)" ]; then ends $(filled_in "$1") "$S$(form)"; else echo "$seen"; fi
}
form() { sed -n 's/.*action="\(\/interaction\/[^"]*\)".*/\1/p' page.html; }
filled_in() { echo "-d username=$1 -d password=$1-password -d action=login"; }

# callback USER [PATH]: the same, but stops at the answer to the application and prints its address.
callback() {
  next=$A${2:-/account} data=''
  until echo "$next" | grep -q "^$A/.*[?&]\(code\|error\)="; do
    next=$(step "$next" $data | cut -d' ' -f2) data=''
    [ -n "$next" ] || { next=$S$(form); data=$(filled_in "$1"); }
  done
  echo "$next"
}

# Starts a login and prints its state.
state() { step "$A/account" | sed 's/.*[?&]state=\([^&]*\).*/\1/'; }

provider() {
  "${PYTHON:-../../../.venv/bin/python}" - "$S" "$@" <<'PYTHON' &
import sys

import uvicorn
from sessionproof.conformance.storezero.clock import SystemClock
from sessionproof.conformance.storezero.provider import OpenIDProvider
from sessionproof.conformance.storezero.provider_records import Client, ProviderConfig
from sessionproof.conformance.storezero.world import DEMO_PASSWORDS

issuer, *fault = sys.argv[1:]
application = Client(
    client_id="app",
    name="The application",
    client_secret="app-secret",
    first_party=True,
    redirect_uris=(
        "http://127.0.0.1:8301/callback",
        "http://127.0.0.1:8311/redirect_uri",
        "http://127.0.0.1:8321/callback",
    ),
    post_logout_redirect_uris=(
        "http://127.0.0.1:8301",
        "http://127.0.0.1:8311/",
        "http://127.0.0.1:8321/logged-out",
    ),
)
server = OpenIDProvider(
    ProviderConfig("as", "Login", issuer, (application,)), passwords=DEMO_PASSWORDS, clock=SystemClock()
)
server.script.id_token_fault = fault[0] if fault else None
uvicorn.run(server.app, host="127.0.0.2", port=8102, log_level="error", lifespan="off")
PYTHON
  provider=$!
}

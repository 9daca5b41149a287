# To try the server with curl: `. ./by-hand.sh` in a shell, then the lines of README.md. Each $jar is a browser.
# Nothing listens at shop.test: what counts is the address that the browser would go to.
S=${S:-http://127.0.0.1:8231}
P=$S/api/auth
V=verifier-of-the-authorization-requests-below # PKCE
H=$(printf %s "$V" | openssl dgst -sha256 -binary | base64 | tr -d = | tr +/ -_)
A="$P/oauth2/authorize?client_id=shop&redirect_uri=https://shop.test/callback&response_type=code&scope=openid"
A="$A&nonce=n&state=s&code_challenge=$H&code_challenge_method=S256"
O=$(echo "$A" | sed s/shop/outlet/g) # the same for the other application
jar=${jar:-alice.jar}

# Follows redirects to where the browser ends up, and prints the status and that address. Keeps page.at and page.html.
ends() {
  curl -s -L -b "$jar" -c "$jar" -H 'Accept: text/html' --connect-to :443:127.0.0.1:9 \
    -o page.html -w '%{http_code} %{url_effective}\n' "$@" | tee page.at
}

# submit URL FIELD=VALUE ...: posts a form, as a browser does, with Origin.
submit() { form=$1; shift; ends -H "Origin: ${from:-$S}" $(printf -- '--data-urlencode %s ' "$@") "$form"; }

# The address of the page that an authorization request leads to, for `submit`.
page() { ends "$1" | cut -d' ' -f2; }

# log_in USER [URL]: opens the login page and submits it. consent allow|deny: submits the page where the browser is.
log_in() { submit "$(page "${2:-$A}")" email="$1@example.test" password="$1-password"; }
consent() { submit "$(cut -d' ' -f2 page.at)" decision="$1"; }

# logout [PARAMETERS]: opens the logout page. confirm: answers its question with yes.
logout() { ends "$P/oauth2/end-session?${1:-}"; }
confirm() { submit "$P/oauth2/end-session/confirm" action=confirm; }

# code [PARAMETERS]: a fresh one, by prompt=none. redeem CODE [CURL OPTION ...]: what the token endpoint answers to it.
# token NAME [PARAMETERS]: one of the tokens of a fresh code. refresh TOKEN. claims ID_TOKEN.
code() { ends "$A&prompt=none${1:-}" | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p'; }
redeem() {
  c=$1; shift
  curl -s -w ' %{http_code}\n' -u "${client:-shop:shop-secret}" -d grant_type=authorization_code -d "code=$c" \
    -d "redirect_uri=${R:-https://shop.test/callback}" -d "code_verifier=${W:-$V}" "$@" "$P/oauth2/token"
}
token() { redeem "$(code "${2:-}")" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
refresh() {
  curl -s -w ' %{http_code}\n' -u shop:shop-secret -d grant_type=refresh_token -d "refresh_token=$1" "$P/oauth2/token"
}
claims() { echo "$1" | cut -d. -f2 | tr -- -_ +/ | base64 -d 2>/dev/null; echo; }

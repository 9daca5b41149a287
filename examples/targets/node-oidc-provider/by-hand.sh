# To try the server with curl: `. ./by-hand.sh` in a shell, then the lines of README.md. Each $jar is a browser.
# Nothing listens at shop.test: what counts is the address that the browser would go to.
S=${S:-http://127.0.0.1:8201}
A="$S/auth?client_id=shop&redirect_uri=http://shop.test/callback&response_type=code&scope=openid&nonce=n&state=s"
jar=${jar:-alice.jar}

# Follows redirects to where the browser ends up, and prints the status and that address. Keeps page.at and page.html.
ends() {
  curl -s -L -b "$jar" -c "$jar" -H 'Accept: text/html' --connect-to shop.test:80:127.0.0.1:9 \
    -o page.html -w '%{http_code} %{url_effective}\n' "$@" | tee page.at
}

# submit URL FIELD=VALUE ...: posts a form.
submit() { form=$1; shift; ends $(printf -- '-d %s ' "$@") "$form"; }

# The address of the page that an authorization request leads to, for `submit`.
page() { ends "$1" | cut -d' ' -f2; }

# log_in USER [URL]: opens the login page and submits it. consent allow|deny: submits the page where the browser is.
log_in() { submit "$(page "${2:-$A}")" username="$1" password="$1-password" decision=login; }
consent() { submit "$(cut -d' ' -f2 page.at)" decision="$1"; }

# logout yes|no [PARAMETERS]: opens the logout page and answers it.
logout() {
  ends "$S/session/end?${2:-}"
  submit "$S/session/end/confirm" xsrf="$(xsrf)" $([ "$1" = no ] || echo logout=yes)
}
xsrf() { sed -n 's/.*name="xsrf" value="\([^"]*\)".*/\1/p' page.html; }

# code [PARAMETERS]: a fresh one, by prompt=none. redeem CODE [CURL OPTION ...]: what the token endpoint answers to it.
# token NAME: one of the tokens of a fresh code. refresh TOKEN. claims ID_TOKEN.
code() { ends "$A&prompt=none${1:-}" | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p'; }
redeem() {
  c=$1; shift
  curl -s -u shop:shop-secret -d grant_type=authorization_code -d "code=$c" \
    -d "redirect_uri=${R:-http://shop.test/callback}" "$@" "$S/token"
}
token() { redeem "$(code)" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
refresh() { curl -s -u shop:shop-secret -d grant_type=refresh_token -d "refresh_token=$1" "$S/token"; }
claims() { echo "$1" | cut -d. -f2 | tr -- -_ +/ | base64 -d 2>/dev/null; echo; }

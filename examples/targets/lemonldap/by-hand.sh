# To try the server with curl: `. ./by-hand.sh` in a shell, then the lines of README.md. Each $jar is a browser.
# Nothing listens at shop.test: what counts is the address that the browser would go to.
S=${S:-http://127.0.0.1:8211}
A="$S/oauth2/authorize?client_id=shop&redirect_uri=http://shop.test/callback&response_type=code&scope=openid&nonce=n&state=s"
O=$(echo "$A" | sed 's/shop/outlet/g')
jar=${jar:-alice.jar}

# Follows redirects to where the browser ends up, and prints the status and that address. Keeps page.at and page.html.
ends() {
  : > page.html
  curl -s -L -b "$jar" -c "$jar" --connect-to shop.test:80:127.0.0.1:9 --connect-to outlet.test:80:127.0.0.1:9 \
    -o page.html -w '%{http_code} %{url_effective}\n' "$@" | tee page.at
}

# The page in a word: login, question (consent, logout), renew, or the number of its message, which a script turns to text.
what() {
  if grep -q passwordfield page.html; then echo login
  elif grep -q 'id="refuse"' page.html; then echo question
  elif grep -q 'id="upgrd"' page.html; then echo renew
  else sed -n 's/.*trmsg="\([0-9]*\)".*/message \1/p' page.html; fi
}

# submit ADDRESS FIELD=VALUE ...: posts the page's hidden fields and these; to the page's own address if ADDRESS is "".
submit() {
  to=${1:-$(cut -d' ' -f2 page.at)}; shift
  sed 's/<input/\n<input/g' page.html |
    sed -n 's/^<input[^>]*"hidden"[^>]*name="\([^"]*\)"[^>]*value="\([^"]*\)".*/\1=\2/p' > page.fields
  for field in "$@"; do set -- "$@" --data-urlencode "$field"; shift; done
  while IFS= read -r field; do set -- "$@" --data-urlencode "$field"; done < page.fields
  ends "$@" "$to"
}

# Answers to the page where the browser is. log_in USER [PASSWORD]; answer accept|refuse; renew.
log_in() { submit "" "user=$1" "password=${2:-$1-password}"; }
answer() { submit "" "confirm=$([ "$1" = accept ] || echo -)$(stamp)"; }
stamp() { sed -n 's/.*name="confirm" value="\([^-"][^"]*\)".*/\1/p' page.html; }
renew() { submit "$S/renewsession"; }

# logout accept|refuse [PARAMETERS]: opens the logout page and answers it.
logout() { ends "$S/oauth2/logout?${2:-}" && answer "$1"; }

# code [PARAMETERS]: a fresh one, by prompt=none. redeem CODE [CURL OPTION ...]: what the token endpoint answers to it.
# token NAME: one of the tokens of a fresh code. refresh TOKEN. claims ID_TOKEN.
code() { ends "$A&prompt=none${1:-}" | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p'; }
redeem() {
  c=$1; shift
  curl -s -w ' %{http_code}\n' -u "${C:-shop:shop-secret}" -d grant_type=authorization_code -d "code=$c" \
    -d "redirect_uri=${R:-http://shop.test/callback}" "$@" "$S/oauth2/token"
}
token() { redeem "$(code)" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
refresh() {
  curl -s -w ' %{http_code}\n' -u shop:shop-secret -d grant_type=refresh_token -d "refresh_token=$1" "$S/oauth2/token"
}
claims() { echo "$1" | cut -d. -f2 | tr -- -_ +/ | base64 -d 2>/dev/null; echo; }

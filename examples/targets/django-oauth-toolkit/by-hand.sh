# To try the server with curl: `. ./by-hand.sh` in a shell, then the lines of README.md. Each $jar is a browser.
# Nothing listens at shop.test: what counts is the address that the browser would go to.
S=${S:-http://127.0.0.1:8221}
V=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
H=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
A="$S/o/authorize/?client_id=shop&redirect_uri=http://shop.test/callback&response_type=code&scope=openid&nonce=n&state=s"
A="$A&code_challenge=$H&code_challenge_method=S256"
O=$(echo "$A" | sed 's/shop/outlet/g')
jar=${jar:-alice.jar}

# Follows redirects to where the browser ends up, and prints the status and that address. Keeps page.at and page.html.
ends() {
  : > page.html
  curl -s -L -b "$jar" -c "$jar" --connect-to shop.test:80:127.0.0.1:9 --connect-to outlet.test:80:127.0.0.1:9 \
    -o page.html -w '%{http_code} %{url_effective}\n' "$@" | tee page.at
}

# The page in a word: login, question (consent, logout), or the message of an error page.
what() {
  if grep -q id_password page.html; then echo login
  elif grep -q 'name="allow"' page.html; then echo question
  else sed -n 's/.*<p>\([^<]*\)<.*/\1/p' page.html; fi
}

# submit FIELD=VALUE ...: posts the page's hidden fields and these to its own address.
submit() {
  sed -n 's/.*<input type="hidden" name="\([^"]*\)" value="\([^"]*\)".*/\1=\2/p' page.html | grep -v ^next= > page.fields
  for field in "$@"; do set -- "$@" --data-urlencode "$field"; shift; done
  while IFS= read -r field; do set -- "$@" --data-urlencode "$field"; done < page.fields
  ends "$@" "$(cut -d' ' -f2 page.at)"
}

# Answers to the page where the browser is. log_in USER [PASSWORD]; allow; cancel.
log_in() { submit "username=$1" "password=${2:-$1-password}"; }
allow() { submit allow=yes; }
cancel() { submit; }

# logout allow|cancel [PARAMETERS]: opens the logout page and answers it.
logout() { ends "$S/o/logout/?${2:-}" && $1; }

# last: the code that the browser was given. code [PARAMETERS]: a fresh one, by prompt=none. redeem CODE [CURL OPTION ...]:
# what the token endpoint answers to it.
# token NAME: one of the tokens of a fresh code. refresh TOKEN. claims ID_TOKEN.
last() { sed -n 's/.*[?&]code=\([^&]*\).*/\1/p' page.at; }
code() { ends "$A&prompt=none${1:-}" > /dev/null; last; }
redeem() {
  c=$1; shift
  curl -s -w ' %{http_code}\n' -u "${C:-shop:shop-secret}" -d grant_type=authorization_code -d "code=$c" \
    -d "redirect_uri=${R:-http://shop.test/callback}" -d "code_verifier=${W:-$V}" "$@" "$S/o/token/"
}
token() { redeem "$(code)" | sed "s/.*\"$1\": \"\([^\"]*\)\".*/\1/"; }
refresh() {
  curl -s -w ' %{http_code}\n' -u shop:shop-secret -d grant_type=refresh_token -d "refresh_token=$1" "$S/o/token/"
}
claims() { echo "$1" | cut -d. -f2 | tr -- -_ +/ | base64 -d 2>/dev/null; echo; }

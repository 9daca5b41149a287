#!/bin/sh
# Installs what the application needs, once, and starts it: ./start.sh --port 8311 (see --help).
# The secret below is for a demo on this machine only; set the variable to use another.
set -eu
cd "$(dirname "$0")"

usage="usage: start.sh [--port NUMBER] [--issuer URL] [--session server-cache|client-cookie|client-cookie:store_id_token]
                [--idle SECONDS] [--absolute SECONDS]

  --port      port to listen on, at 127.0.0.1 (8311)
  --issuer    the authorization server (http://127.0.0.2:8102); it need not run yet
  --session   where sessions are kept: in the server's shared memory, in the browser's cookie, or there together with
              the ID token (server-cache)
  --idle      how long a session lasts without a visit, at least 10 (the module's default: 300)
  --absolute  how long a session lasts at all, at least 15 (the module's default: 8 hours)

Environment: SESSIONPROOF_APP_SECRET, the client secret (app-secret)"

fail() { echo "start.sh: $1" >&2; exit 2; }
whole() { case $2 in '' | *[!0-9]*) fail "$1 is '$2', expected a whole number; --help lists what there is" ;; esac; }

export PORT=8311 ISSUER=http://127.0.0.2:8102 SESSION=server-cache
idle='' absolute=''
while [ $# -gt 0 ]; do
  [ "$1" = --help ] && { echo "$usage"; exit; }
  [ $# -gt 1 ] || fail "$1 without a value; --help lists what there is"
  case $1 in
    --port) whole "$1" "$2"; PORT=$2 ;;
    --issuer) ISSUER=$2 ;;
    --session) SESSION=$2 ;;
    --idle) whole "$1" "$2"; idle=$2 ;;
    --absolute) whole "$1" "$2"; absolute=$2 ;;
    *) fail "there is no option $1; --help lists what there is" ;;
  esac
  shift 2
done
case $SESSION in
  server-cache | client-cookie | client-cookie:store_id_token) ;;
  *) fail "there is no --session $SESSION; --help lists what there is" ;;
esac

# apache2-bin is the server without Debian's service, which would start by itself.
if [ ! -x /usr/sbin/apache2 ] || [ ! -e /usr/lib/apache2/modules/mod_auth_openidc.so ]; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get -qq update >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    apache2-bin=2.4.* libapache2-mod-auth-openidc=2.4.* >&2
fi

export SESSIONPROOF_APP_SECRET="${SESSIONPROOF_APP_SECRET:-app-secret}"
# No proxy of the environment may come between the application and the authorization server.
export NO_PROXY='*' no_proxy='*'
# For cookies and cache: those of an earlier start mean nothing to this one.
PASSPHRASE=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
STATE=$(mktemp -d)
export PASSPHRASE STATE
server=''
finish() { trap '' TERM INT; [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" || true; }; rm -rf "$STATE"; }
trap finish EXIT
trap 'exit 0' TERM INT

# Where root starts it, the server's processes are www-data's and must be able to read the page.
chmod 755 "$STATE"
mkdir "$STATE/pages"
cp page.shtml "$STATE/pages/"
chmod -R a+rX "$STATE/pages"

/usr/sbin/apache2 -f "$PWD/httpd.conf" -DFOREGROUND \
  ${idle:+-c "OIDCSessionInactivityTimeout $idle"} ${absolute:+-c "OIDCSessionMaxDuration $absolute"} >&2 &
server=$!
# It writes the file when it listens.
until [ -s "$STATE/httpd.pid" ]; do
  kill -0 "$server" 2>/dev/null || { server=''; fail "Apache did not start: see above"; }
  sleep 0.05
done
echo "ready http://127.0.0.1:$PORT"
wait "$server"

#!/bin/sh
# Starts an application, the server that it relies on and the provider behind that, and prints "ready" when all three are:
#   express-openid-connect (8411)  ->  node-oidc-provider --upstream (8412)  ->  another node-oidc-provider (8413)
# Stops them together at SIGTERM or SIGINT, and when one of them ends. Demo secrets: see the three start.sh.
set -eu
cd "$(dirname "$0")/.."

APPLICATION=http://127.0.0.4:8411
SERVER=http://127.0.0.5:8412
PROVIDER=http://127.0.0.6:8413
said=$(mktemp -d)
pids=

stop() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -r "$said"
}
trap stop EXIT
trap 'exit 0' INT TERM

# start ORIGIN FOLDER OPTION ...: the server of that folder at that address, up to its ready line.
start() {
  origin=$1 folder=$2
  shift 2
  address=${origin#http://}
  "./$folder/start.sh" --host "${address%:*}" --port "${address#*:}" "$@" > "$said/$address" &
  pid=$!
  pids="$pids $pid"
  until grep -qs '^ready' "$said/$address"; do
    kill -0 "$pid" 2>/dev/null || exit 1
    pause 0.1
  done
}

# A sleep that a signal interrupts.
pause() { sleep "$1" & wait $!; }

start "$PROVIDER" node-oidc-provider --server "$SERVER"
SESSIONPROOF_UPSTREAM_ISSUER=$PROVIDER
export SESSIONPROOF_UPSTREAM_ISSUER
start "$SERVER" node-oidc-provider --upstream --application "$APPLICATION"
start "$APPLICATION" express-openid-connect --issuer "$SERVER" "$@"
echo "ready $APPLICATION"
while :; do
  for pid in $pids; do kill -0 "$pid" 2>/dev/null || exit 1; done
  pause 1
done

#!/bin/sh
# Installs what the server needs, once, and starts it: ./start.sh --port 8201 (see node server.mjs --help).
# The passwords and secrets below are for a demo on this machine only; set the variables to use others.
set -eu
cd "$(dirname "$0")"

if [ ! -d node_modules ] || [ -n "$(find package-lock.json -newer node_modules)" ]; then
  npm ci --loglevel=error --no-audit --no-fund >&2
  touch node_modules
fi

export SESSIONPROOF_ALICE_PASSWORD="${SESSIONPROOF_ALICE_PASSWORD:-alice-password}"
export SESSIONPROOF_BOB_PASSWORD="${SESSIONPROOF_BOB_PASSWORD:-bob-password}"
export SESSIONPROOF_SHOP_SECRET="${SESSIONPROOF_SHOP_SECRET:-shop-secret}"
export SESSIONPROOF_OUTLET_SECRET="${SESSIONPROOF_OUTLET_SECRET:-outlet-secret}"
export SESSIONPROOF_UPSTREAM_SECRET="${SESSIONPROOF_UPSTREAM_SECRET:-upstream-secret}"
export SESSIONPROOF_APP_SECRET="${SESSIONPROOF_APP_SECRET:-app-secret}"
exec node server.mjs "$@"

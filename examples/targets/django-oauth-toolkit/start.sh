#!/bin/sh
# Installs what the server needs, once, and starts it: ./start.sh --port 8221 (see python server.py --help).
# The passwords and secrets below are for a demo on this machine only; set the variables to use others.
set -eu
cd "$(dirname "$0")"

if [ ! -f .venv/installed ] || [ -n "$(find requirements.txt -newer .venv/installed)" ]; then
  python3 -m venv .venv >&2
  .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt >&2
  touch .venv/installed
fi

export SESSIONPROOF_ALICE_PASSWORD="${SESSIONPROOF_ALICE_PASSWORD:-alice-password}"
export SESSIONPROOF_BOB_PASSWORD="${SESSIONPROOF_BOB_PASSWORD:-bob-password}"
export SESSIONPROOF_SHOP_SECRET="${SESSIONPROOF_SHOP_SECRET:-shop-secret}"
export SESSIONPROOF_OUTLET_SECRET="${SESSIONPROOF_OUTLET_SECRET:-outlet-secret}"
exec .venv/bin/python server.py "$@"

#!/bin/sh
# Installs what the application needs, once, and starts it: ./start.sh --port 8321 (see --help).
# The secret below is for a demo on this machine only; set the variable to use another.
set -eu
cd "$(dirname "$0")"

if [ ! -e .venv/installed ] || [ -n "$(find requirements.lock -newer .venv/installed)" ]; then
  python3 -m venv --clear .venv >&2
  .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
  touch .venv/installed
fi

export SESSIONPROOF_APP_SECRET="${SESSIONPROOF_APP_SECRET:-app-secret}"
# No proxy of the environment may come between the application and the authorization server.
export NO_PROXY='*' no_proxy='*'
exec .venv/bin/python server.py "$@"

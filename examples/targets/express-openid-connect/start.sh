#!/bin/sh
# Installs what the application needs, once, and starts it: ./start.sh --port 8301 (see node server.mjs --help).
# The secret below is for a demo on this machine only; set the variable to use another.
set -eu
cd "$(dirname "$0")"

if [ ! -d node_modules ] || [ -n "$(find package-lock.json -newer node_modules)" ]; then
  npm ci --loglevel=error --no-audit --no-fund >&2
  touch node_modules
fi

export SESSIONPROOF_APP_SECRET="${SESSIONPROOF_APP_SECRET:-app-secret}"
# Otherwise Express's own error page shows the stack trace.
export NODE_ENV="${NODE_ENV:-production}"
exec node server.mjs "$@"

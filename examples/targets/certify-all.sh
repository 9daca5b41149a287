#!/bin/sh
# Certifies every target of this folder, one after the other, and writes the table that compares them.
set -u
cd "$(dirname "$0")"
. ./demo.env
sessionproof=${SESSIONPROOF:-../../.venv/bin/sessionproof}
logs=${1:-runs}
mkdir -p "$logs"
for file in *.toml; do
  name=${file%.toml}
  echo "== $name" >&2
  "$sessionproof" run "$file" --trust --seconds 100 --log "$logs/$name.jsonl" > "$logs/$name.txt"
  echo "   exit code $?" >&2
done
"$sessionproof" compare "$logs"/*.jsonl --markdown comparison.md --json comparison.json > /dev/null

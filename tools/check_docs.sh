#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every command that README.md and docs/*.md show and compares what it prints with what stands there.
# In a ``` block a line "$ command" is run from the top folder; the lines after it are its output.
#   tools/check_docs.sh [--update] [BINARY]     --update writes today's output into the documents
set -eu
cd "$(dirname "$0")/.."
update=""
[ "${1:-}" = "--update" ] && { update=yes; shift; }
binary="${1:-build/release/nngauge}"
PATH="$(cd "$(dirname "$binary")" && pwd):$PATH"
export PATH
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
export scratch

bad=0
for document in README.md docs/*.md; do
  awk '
    /^```/ { inside = !inside; skipping = 0; print; next }
    inside && /^\$ / {
      print
      skipping = 1
      command = substr($0, 3)
      file = ENVIRON["scratch"] "/output"
      system("{ " command "\n} >" file " 2>&1 </dev/null")
      while ((getline line < file) > 0) print line
      close(file)
      next
    }
    inside && skipping { next }
    { print }
  ' "$document" >"$scratch/new"
  if ! cmp -s "$document" "$scratch/new"; then
    if [ -n "$update" ]; then
      cat "$scratch/new" >"$document"
      echo "check_docs: $document is written anew"
    else
      echo "check_docs: $document shows another output than its commands print:"
      diff "$document" "$scratch/new" | head -40
      echo "check_docs: tools/check_docs.sh --update writes it anew"
      bad=1
    fi
  fi
done
exit $bad

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the golden outputs that tests/cli/golden_test.cc compares with, one a line of tests/golden/cases.txt.
# Read the difference before you commit it.   Usage: tools/update_golden.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
grep -v '^#' tests/golden/cases.txt | while read -r name words; do
  # shellcheck disable=SC2086
  { "$binary" $words >"tests/golden/$name.out" 2>"tests/golden/$name.err" </dev/null && code=0; } || code=$?
  {
    cat "tests/golden/$name.out"
    [ -s "tests/golden/$name.err" ] && { echo "--- standard error"; cat "tests/golden/$name.err"; }
    [ "$code" -eq 0 ] || echo "--- exit $code"
  } >"tests/golden/$name.txt"
  rm -f "tests/golden/$name.out" "tests/golden/$name.err"
done

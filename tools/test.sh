#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets everything up on a bare Debian 12, runs all tests on a Release build, then the demo, which is built another way.
# `--sanitize` runs them a second time under ASan and UBSan.
set -eu
cd "$(dirname "$0")/.."
sh tools/install-deps.sh
presets="release"
[ "${1:-}" = "--sanitize" ] && presets="release asan"
for preset in $presets; do
  echo "== $preset: build"
  cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset"
  echo "== $preset: test"
  "build/$preset/tests/nngauge_tests" --use-colour no
done
echo "== demo"
sh tools/demo.sh >demo.log 2>&1 || { cat demo.log; exit 1; }
rm -f demo.log

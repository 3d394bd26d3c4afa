#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every format and container for SECONDS seconds each (default 60) under ASan and UBSan, one after the other.
# Arguments are targets, by default all. FUZZ_SEEDS may name a folder of more seeds with one folder a target. Findings
# stay in build/fuzz/findings, new inputs in build/fuzz/corpus.
set -eu
cd "$(dirname "$0")/.."
seconds="${SECONDS_EACH:-60}"
sh tools/install-deps.sh --dev
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target nngauge_fuzz
program="$PWD/build/fuzz/fuzz/nngauge_fuzz"
targets="${*:-$("$program" --list)}"
failed=""
for target in $targets; do
  corpus="build/fuzz/corpus/$target"
  findings="build/fuzz/findings/$target"
  mkdir -p "$corpus" "$findings"
  ln -sf "$program" "build/fuzz/fuzz_$target"
  seeds="data/models"
  [ -d "fuzz/corpus/$target" ] && seeds="$seeds fuzz/corpus/$target"
  [ -n "${FUZZ_SEEDS:-}" ] && [ -d "$FUZZ_SEEDS/$target" ] && seeds="$seeds $FUZZ_SEEDS/$target"
  echo "== $target: $seconds s"
  # Inputs are small: 10 s and 2 GB (ASan multiplies memory) are far beyond what any may take.
  # shellcheck disable=SC2086
  "build/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$findings/" -print_final_stats=1 "$corpus" $seeds >"$findings/log" 2>&1 || failed="$failed $target"
  grep -E 'number_of_executed_units|cov:' "$findings/log" | tail -2
done
[ -z "$failed" ] && exit 0
echo "fuzz: findings in:$failed (build/fuzz/findings)" >&2
exit 1

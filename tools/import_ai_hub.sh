#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# AI Hub's table of named models on phones -> our table of runs (stdout). Taken are runs on the NPU alone of networks that have
# a graph here (hub_*); of a device, runtime and precision the newest release counts. "float" on the NPU means fp16.
# Left out: releases before 2025, whose compilers left some networks ten times as slow, and runs that took more than
# eight times as long as with another runtime of the same device and precision (3-D convolutions without a kernel).
#   tools/import_ai_hub.sh phones_latest.csv > data/runs/ai_hub.csv
set -eu
[ $# -eq 1 ] || { echo "usage: $0 TABLE" >&2; exit 2; }
graphs="$(ls "$(dirname "$0")/../data/graphs" | sed -n 's/^hub_\(.*\)\.graph$/\1/p' | tr '\n' ' ')"
awk -F, -v graphs="$graphs" '
  BEGIN { n = split(graphs, part, " "); for (i = 1; i <= n; i++) known[part[i]] = 1 }
  NR == 1 || NF != 22 || $12 != "NPU" || $15 + 0 > 0 || $14 + 0 > 0 { next }
  {
    name = $1; sub(/_quantized$/, "", name)
    precision = $3 == "float" || $3 == "fp16" ? "fp16" : $3 == "w8a8" || $3 == "int8" ? "int8" : ""
    runtime = $8 ~ /tflite/ ? "tflite" : $8 ~ /qnn_onnx|onnx_ort/ || $8 == "onnx" || $8 == "torchscript_onnx" ? "onnx" : $8 ~ /qnn/ ? "qnn" : ""
    if (!(name in known) || precision == "" || runtime == "" || $9 + 0 <= 0) next
    device = tolower($4); sub(/samsung /, "", device); gsub(/ /, "-", device)
    key = "hub_" name "," device "," runtime "-npu-" precision
    if ($21 < "2025" || key in when && when[key] > $21) next
    if (!(key in when)) order[++count] = key
    when[key] = $21; time[key] = $9; of_all[key] = name "," device "," precision
    family[key] = name; sub(/[0-9_].*/, "", family[key])
  }
  END {
    for (key in time) {
      if (!(of_all[key] in least) || time[key] < least[of_all[key]]) least[of_all[key]] = time[key]
    }
    print "model,device,setup,latency_ms,family"
    for (i = 1; i <= count; i++) {
      if (time[order[i]] <= 8 * least[of_all[order[i]]]) printf "%s,%.6g,%s\n", order[i], time[order[i]], family[order[i]]
    }
  }' "$1"

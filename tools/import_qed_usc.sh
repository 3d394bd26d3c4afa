#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The study's table of whole-model runs -> our table of runs (stdout). Microseconds become milliseconds.
#   tools/import_qed_usc.sh tflite_cnn_e2e.csv > data/runs/qed_usc.csv
#   tools/import_qed_usc.sh torch_cnn_e2e.csv torch > data/runs/qed_usc_torch.csv
#   tools/import_qed_usc.sh tflite_transformer_e2e.csv tflite transformer > data/runs/qed_usc_tflite_transformer.csv
# With torch, networks whose batch norms PyTorch does not fold have graphs of their own: NAME_torch.
# Family: the network's name up to the first underscore, without what marks a size or a variant of one architecture:
# trailing numbers (not the version in mobilenetv2), v2 of diracnet, c of dla46c, b of mobilenet ("b": another activation or bias),
# bc of resnet and preresnet (bottleneck blocks, stride in the 3x3).
# Transformers have a graph for each runtime, NAME_tflite and NAME_torch; those without one in data/graphs are left out. Their family
# is the name up to the first sign; DeiT and DINOv2 are ViTs, Swin and MobileViT of version 2 those of version 1.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 TABLE [tflite|torch [transformer]]" >&2; exit 2; }
graphs="$(ls "$(dirname "$0")/../data/graphs" | tr '\n' ' ')"
awk -F, -v runtime="${2:-tflite}" -v kind="${3:-}" -v graphs="$graphs" '
  BEGIN { n = split(graphs, part, " "); for (i = 1; i <= n; i++) known[part[i]] = 1 }
  function model(name) {
    if (kind == "") return runtime == "torch" && name ~ /preresnet/ ? name "_torch" : name
    return (name "_" runtime ".graph") in known ? name "_" runtime : ""
  }
  function family(name,   f) {
    f = name
    sub(/[-_].*/, "", f)
    if (kind != "") {
      if (f == "deit" || f == "dinov2") return "vit"
      if (f == "swinv2" || f == "mobilevitv2") sub(/v2$/, "", f)
      return f
    }
    if (f ~ /^mobilenetv[0-9]/) { sub(/b$/, "", f); return f }
    sub(/[0-9]+(v[0-9]+|[a-z]+)?$/, "", f)
    if (f ~ /resnetbc$/) sub(/bc$/, "", f)
    if (f == "mobilenetb") f = "mobilenet"
    return f
  }
  NR == 1 {
    for (i = 1; i <= NF; i++) {
      sub(/\r$/, "", $i)
      n = split($i, part, "|")
      if (n != 4 || part[4] != "mean") continue
      order[++columns] = i
      device[i] = part[1]
      if (part[2] == "gpu") setup[i] = runtime "-gpu-fp16"
      else setup[i] = runtime "-cpu-" part[2] "-" (part[3] == "quant" ? "int8" : "fp32")
    }
    print "model,device,setup,latency_ms,latency_std_ms,family"
    next
  }
  model($1) == "" { next }
  {
    for (c = 1; c <= columns; c++) {
      i = order[c]
      if ($i + 0 <= 0) continue  # not measured
      printf "%s,%s,%s,%.6g,%.3g,%s\n", model($1), device[i], setup[i], $i / 1000, $(i + 1) / 1000, family($1)
    }
  }' "$1"

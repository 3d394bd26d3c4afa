#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Paddle-Lite's table of benchmarks -> our table of runs (stdout). Taken are the dense networks that have a graph here, in
# 64 bits (ARMv8) and on GPUs; one thread on a big core.
#   tools/import_paddle_lite.sh benchmark_head.csv > data/runs/paddle_lite.csv
set -eu
[ $# -eq 1 ] || { echo "usage: $0 TABLE" >&2; exit 2; }
awk -F, '
  BEGIN {
    print "model,device,setup,latency_ms,family"
    device["骁龙 865"] = "mi10"; device["骁龙 845"] = "mi8"; device["骁龙 835"] = "mi6"; device["骁龙 625"] = "redmi6pro"
    device["麒麟 990"] = "mate30"; device["RK3399"] = "rk3399-board"
    model["MobileNetV1"] = "mobilenet_w1"; model["MobileNetV2"] = "mobilenetv2_w1"; model["ResNet50"] = "ncnn_resnet50"
    model["MobileNetV3_large_x1_0"] = "mobilenet_v3_large_10"; model["MobileNetV3_small_x1_0"] = "mobilenet_v3_small_10"
    family["MobileNetV1"] = "mobilenet"; family["MobileNetV2"] = "mobilenetv2"; family["ResNet50"] = "resnet"
    family["MobileNetV3_large_x1_0"] = family["MobileNetV3_small_x1_0"] = "mobilenetv3"
  }
  {
    sub(/\r$/, "")
    name = $4; int8 = sub(/_quant$/, "", name)
    if (!(name in model) || !($5 in device) || $3 ~ /稀疏/) next
    if ($2 ~ /ARMV8/) setup = "paddlelite-cpu-1big-" (int8 ? "int8" : $3 ~ /fp16/ ? "fp16" : "fp32")
    else if ($2 ~ /GPU/) setup = "paddlelite-gpu"
    else next
    printf "%s,%s,%s,%.6g,%s\n", model[name], device[$5], setup, $6, family[name]
  }' "$1"

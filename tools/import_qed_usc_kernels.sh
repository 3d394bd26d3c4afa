#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The study's table of GPU kernels -> our table of kernels (stdout). A row of the study is an operator; extents are
# height = width, so positions are their squares. The class follows from the name of the kernel that ran.
#   tools/import_qed_usc_kernels.sh tflite_cnn_ops_gpu.csv > data/kernels/qed_usc_tflite.csv
# A depthwise convolution that ran together with the 1x1 convolution behind it stands in two rows with one time.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 tflite_cnn_ops_gpu.csv" >&2; exit 2; }
awk '
  function key(feature, name,   rest) {
    if (!match(feature, "\047" name "\047: ")) return ""
    rest = substr(feature, RSTART + RLENGTH)
    gsub(/^\047/, "", rest)
    return rest + 0
  }
  function class(kernel, operation) {
    if (kernel ~ /winograd/) return "conv-winograd"
    if (kernel ~ /plus/) return "dwconv-1x1"
    if (kernel ~ /^fully/) return "dense"
    if (kernel ~ /^mean/) return "mean"
    if (kernel ~ /grouped/) return "conv-grouped"
    if (operation == "CONV_2D") return "conv"
    if (operation == "DEPTHWISE_CONV_2D") return "dwconv"
    if (operation ~ /POOL/) return "pool"
    return "concat"
  }
  function linked(kernel, what,   n) { n = gsub("linked_:_" what "_", "", kernel); return n }
  { sub(/\r$/, "") }
  NR == 1 {
    n = split($0, head, ",")
    for (i = 4; i <= n; i += 2) { split(head[i], part, "|"); device[i] = part[1] }
    columns = n
    print "model,device,setup,kernel,in,channels,out,taps,stride,filters,groups,links,specials,latency_us"
    next
  }
  {
    open = index($0, "\""); close_at = open + index(substr($0, open + 1), "\"")
    feature = substr($0, open + 1, close_at - open - 1)
    split(substr($0, 1, open - 1), before, ",")
    n = split(substr($0, close_at + 2), cell, ",")
    model = before[1]; operation = before[2]
    side = key(feature, "Input_shape"); channels = key(feature, "Input_channel"); out = key(feature, "Output_shape")
    k = key(feature, "Kernel"); stride = key(feature, "Stride"); filters = key(feature, "Filter"); groups = key(feature, "Group")
    for (i = 4; i <= columns; i += 2) {
      time = cell[i - 3]; kernel = cell[i - 2]
      if (time == "") continue
      c = class(kernel, operation)
      links = linked(kernel, "add") + linked(kernel, "mul"); specials = linked(kernel, "hard_swish") + linked(kernel, "sigmoid")
      h = side; o = out; t = k * k; s = stride; f = filters; g = groups
      if (c == "dwconv-1x1") {
        if (operation == "DEPTHWISE_CONV_2D") { first[i] = h * h "," channels "," o * o "," t "," s; continue }
        printf "%s,%s,tflite-gpu-fp16,%s,%s,%d,1,%d,%d,%.6g\n", model, device[i], c, first[i], f, links, specials, time
        continue
      }
      if (c == "dwconv") { f = channels; g = channels }
      if (c == "dense") { h = 1; o = 1; t = 1; s = 1; g = 1 }
      if (c == "mean") { f = channels; o = 1; t = 1; s = 1; g = 1 }
      if (c == "pool") { f = channels; g = 1 }
      if (c == "concat") { o = h; t = k; s = 1; g = 1 }
      printf "%s,%s,tflite-gpu-fp16,%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%.6g\n", model, device[i], c, h * h, channels, o * o, t, s, f, g, links, specials, time
    }
  }' "$1"

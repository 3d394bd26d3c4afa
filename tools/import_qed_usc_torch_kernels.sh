#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The study's table of PyTorch Mobile's GPU kernels -> our table of kernels (stdout). Extents are height = width. Element-wise
# kernels are told apart by `links` (operands beside the first; 2: batch norm) and `specials` (functions with an exponential).
#   tools/import_qed_usc_torch_kernels.sh torch_cnn_ops_gpu.csv > data/kernels/qed_usc_torch.csv
set -eu
[ $# -eq 1 ] || { echo "usage: $0 torch_cnn_ops_gpu.csv" >&2; exit 2; }
awk '
  function key(feature, name,   rest) {
    if (!match(feature, "\047" name "\047: ")) return 0
    rest = substr(feature, RSTART + RLENGTH)
    return rest + 0
  }
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
    split(substr($0, close_at + 2), cell, ",")
    model = before[1]; operation = before[2]
    if (model ~ /preresnet/) model = model "_torch"
    h = key(feature, "input_shape"); c = key(feature, "input_channel"); o = key(feature, "output_shape")
    f = key(feature, "output_channel"); k = key(feature, "kernel_size"); s = key(feature, "stride"); g = key(feature, "groups")
    links = 0; specials = 0
    if (operation ~ /conv2d/) { if (g == 0) g = c; class = g > 1 && g == c ? "dwconv" : g > 1 ? "conv-grouped" : k == 1 ? "conv-1x1" : "conv" }
    else if (operation ~ /linear/) { class = "dense"; c = h; f = o; h = o = k = s = g = 1 }
    else if (operation ~ /adaptive/) { class = "mean"; f = c; o = k = s = g = 1 }
    else if (operation ~ /pool/) { class = "pool"; f = c; g = 1; if (k == 0) { k = h; o = s = 1 } }
    else {
      class = "element-wise"; o = h; f = c; k = s = g = 1
      if (operation ~ /batchnorm/) links = 2
      else if (operation ~ /add|mul/) links = 1
      else if (operation ~ /sigmoid|hardswish/) specials = 1
    }
    for (i = 4; i <= columns; i += 2) {
      time = cell[i - 3]
      if (time == "" || time <= 0) continue
      printf "%s,%s,torch-gpu-fp16,%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%.6g\n", model, device[i], class, h * h, c, o * o, k * k, s, f, g, links, specials, time
    }
  }' "$1"

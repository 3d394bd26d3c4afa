#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tables of timed blocks of ProxylessNAS (Pixel 1) and Once-for-All (Galaxy Note10) -> graphs in which the blocks stand
# side by side, one a source file, into FOLDER; and our table of runs (stdout), in which a row is a block's operators.
#   tools/import_block_lut.sh block_latency_lut.csv data/graphs/parts > data/runs/block_lut.csv
# A block is a 1x1 convolution to its expansion (a factor for the Pixel, channels for the Note10; none where it expands
# nothing), a depthwise one, squeeze-and-excitation by a quarter where `se` is 1, a 1x1 convolution, a sum where input and
# output are of one shape; `hs` picks hard swish over a clamp.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 TABLE FOLDER" >&2; exit 2; }
awk -F, -v folder="$2" '
  function tensor(shape, rest) { tensors = tensors "tensor " count " dtype=float32 shape=[" shape "]" rest "\n"; return count++ }
  function emit(kind, ins, out, act, attrs) {
    ops = ops "op " kind " source=\"" kind "\" index=" next_op " in=" ins " out=" out (act == "" ? "" : " act=" act) " attrs=" attrs "\n"
    next_op++
  }
  # A convolution without or with a clamp, or with a hard swish behind it; gives the tensor that comes out.
  function conv(x, h, cin, cout, k, s, groups, act,   w, b, y, z, o, kind) {
    o = int((h + s - 1) / s)
    w = tensor(groups > 1 ? "1," k "," k "," cout : cout "," k "," k "," cin, " const")
    b = tensor(cout, " const")
    y = tensor("1," o "," o "," cout, "")
    emit(groups > 1 ? "DepthwiseConv2D" : "Conv2D", x "," w ":weight," b ":bias", y, act == "relu" ? "relu6" : "",
         "conv layout=channels-last filter_layout=" (groups > 1 ? "one-spatial-out" : "out-spatial-in") " padding=same-upper strides=[" s "," s "] dilations=[1,1] groups=" (groups > 1 ? 0 : 0))
    if (act != "hs") return y
    z = tensor("1," o "," o "," cout, "")
    emit("HardSwish", y, z, "", "none")
    return z
  }
  function unary(kind, x, h, c,   y) { y = tensor("1," h "," h "," c, ""); emit(kind, x, y, "", "none"); return y }
  function eight(v,   n) { n = int((v + 4) / 8) * 8; if (n < 8) n = 8; if (n < 0.9 * v) n += 8; return n }
  function mean(x, c,   y) {
    y = tensor("1,1,1," c, ""); emit("GlobalAveragePool", x, y, "", "pool layout=channels-last"); return y
  }
  function dense(x, cin, cout,   w, b, y) {
    w = tensor(cout "," cin, " const"); b = tensor(cout, " const"); y = tensor("1,1,1," cout, "")
    emit("Dense", x "," w ":weight," b ":bias", y, "", "dense transpose_b=true"); return y
  }
  function block(   mid, act, x, y, g, out, h, o) {
    h = in_h; o = int((h + $9 - 1) / $9)
    mid = device == "pixel1" ? in_c * $7 : $7
    act = $12 == 1 ? "hs" : "relu"
    x = y = input
    if (mid != in_c) y = conv(y, h, in_c, mid, 1, 1, 1, act)
    y = conv(y, h, mid, mid, $8, $9, mid, $11 == 1 ? "" : act)
    if ($11 == 1) {
      if (act == "hs") y = unary("HardSwish", y, o, mid)
      g = conv(conv(mean(y, mid), 1, mid, eight(mid / 4), 1, 1, 1, "relu"), 1, eight(mid / 4), mid, 1, 1, 1, "")
      g = unary("HardSigmoid", g, 1, mid)
      out = tensor("1," o "," o "," mid, ""); emit("Mul", y "," g, out, "", "none"); y = out
    }
    y = conv(y, o, mid, out_c, 1, 1, 1, "")
    if ($10 == 1) { out = tensor("1," o "," o "," out_c, ""); emit("Add", x "," y, out, "", "none"); y = out }
    return y
  }
  function finish() {
    if (graph == "") return
    file = folder "/" graph ".graph"
    printf "nngauge-graph 1\nmodel name=\"\" format=\"snapshot\" format_version=\"1\" producer=\"\"\ngraph 0 name=\"\" parent=-1\n%s%sinputs %s\noutputs %s\n", tensors, ops, inputs, outputs > file
    close(file)
  }
  BEGIN { print "model,device,setup,latency_ms,latency_std_ms,family,ops" }
  NR == 1 { next }
  {
    name = $2; sub(/.*\//, "", name); sub(/_lookup_table.yaml|.yaml/, "", name)
    device = $1 == "Pixel1" ? "pixel1" : "note10"
    id = device == "pixel1" ? "blocks_proxylessnas" : "blocks_ofa_" name
    if (id != graph) { finish(); graph = id; tensors = ops = inputs = outputs = ""; count = next_op = 0 }
    split($5, in_part, "x"); split($6, out_part, "x")
    in_h = in_part[1]; in_c = in_part[3]; out_c = out_part[3]; first = next_op
    if ($4 == "Logits") { in_c = in_part[3]; out_c = out_part[1] }
    input = tensor("1," in_h "," in_h "," in_c, "")
    if ($4 == "expanded_conv") y = block()
    else if ($4 == "Conv") y = conv(input, in_h, in_c, out_c, 3, 2, 1, device == "pixel1" ? "relu" : "hs")
    else if ($4 == "Conv_1" || $4 == "Conv_2") y = conv(input, in_h, in_c, out_c, 1, 1, 1, device == "pixel1" ? "relu" : "hs")
    else if ($4 == "AvgPool2D") y = mean(input, in_c)
    # The logits of the Pixel take the mean first.
    else if ($4 == "Logits") y = dense(in_h > 1 ? mean(input, in_c) : input, in_c, out_c)
    else next
    inputs = inputs (inputs == "" ? "" : " ") input; outputs = outputs (outputs == "" ? "" : " ") y
    sd = device == "pixel1" ? sqrt($15) : $15
    printf "parts/%s,%s,tflite-cpu-fp32,%.6g,%.3g,,%d-%d\n", graph, device, $14, sd, first, next_op - 1
  }
  END { finish() }' "$1"

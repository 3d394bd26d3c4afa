#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Times of layers and whole networks at the highest clocks, from the studies' tables; where both have a network, their
# mean. A network's time is that of its input's transfer and of all layers.
#   tools/import_rk3399.sh coup_layers_time_power_dvfs.csv lwga_layers_time_power_dvfs.csv > data/runs/rk3399.csv
# A layer of the studies is several operators: its first one in the graph of data/graphs stands below, the place behind
# the last operator at the end.
set -eu
awk -F, '
  function add(name, graph, ops) { model[name] = graph; layers[name] = split(ops, first, " ") - 1
                                   for (i = 1; i <= layers[name] + 1; i++) begin[name, i - 1] = first[i] }
  BEGIN {
    add("ale", "ncnn_alexnet", "0 3 6 7 8 10 11 12 14")
    add("goo", "ncnn_googlenet", "0 3 7 16 26 35 44 53 62 72 81 93")
    add("mob", "ncnn_mobilenet", "0 1 3 5 7 9 11 13 15 17 19 21 23 25 30")
    add("res", "ncnn_resnet50", "0 2 9 15 21 28 34 40 46 53 59 65 71 77 83 90 96 102 105")
    add("squ", "squeezenet_v1_0", "0 2 6 10 15 19 23 27 32 36 39")
    add("yol", "yolov3_608", "0 1 2 3 5 6 7 9 10 12 13 14 16 17 19 20 22 23 25 26 28 29 31 32 34 35 37 38 39 41 42 44 45 47 48 50 51 53 54 56 57 59 60 62 63 64 66 67 69 70 72 73 75 76 77 78 79 80 81 82 85 86 87 88 89 90 91 92 95 96 97 98 99 100 101 102")
    setup["L"] = "armcl-cpu-little"; setup["B"] = "armcl-cpu-big"; setup["G"] = "armcl-gpu"; setup["N"] = "armcl-npu"
    top["L"] = 5; top["B"] = 7; top["G"] = 4; top["N"] = 7
    print "model,device,setup,latency_ms,family,ops"
  }
  FNR == 1 { next }
  $3 == top[$2] && ($4 == -1 || $4 == 7) && ($6 == "in" || $6 == "task") {
    if ($6 == "in" && $5 > 0) next
    name = tolower(substr($1, 1, 3))
    if ($6 == "in") ops = "input"
    else {
      last = begin[name, $5 + 1] - 1
      ops = begin[name, $5] "-" last
    }
    key = $2 SUBSEP name SUBSEP ops
    if (!(key in time)) { order[++count] = key; place[key] = $2 SUBSEP name }
    time[key] += $7; rows[key]++
    whole[$2, name]
  }
  END {
    for (i = 1; i <= count; i++) {
      split(order[i], part, SUBSEP)
      mean = time[order[i]] / rows[order[i]]
      sum[place[order[i]]] += mean
      printf "%s,rk3399pro,%s,%.6g,%s,%s\n", model[part[2]], setup[part[1]], mean, part[2], part[3]
    }
    n = split("L B G N", processor, " "); m = split("ale goo mob res squ yol", network, " ")
    for (p = 1; p <= n; p++) for (k = 1; k <= m; k++) {
      id = processor[p] SUBSEP network[k]
      if (id in whole) printf "%s,rk3399pro,%s,%.6g,%s,\n", model[network[k]], setup[processor[p]], sum[id], network[k]
    }
  }' "$1" "$2"

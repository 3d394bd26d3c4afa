#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table of ncnn's benchmark -> our table of runs (stdout); what is left out is named on stderr.
#   tools/import_ncnn.sh data/devices_ncnn.csv ncnn_bench.csv > data/runs/ncnn.csv
# Devices by their description. powersave 0, 1, 2 is all, little, big; a device's first GPU is its ncnn-gpu.
# Of a setup that was measured more than once the newest row counts, of one day the mean.
# Left out: networks without a graph, further GPUs, runs whose mean is more than twice their fastest (something else ran),
# and what a GPU that was lost did not run: where vgg16 "takes" less than squeezenet, with a fortieth of its products,
# float networks of less than a quarter of squeezenet's time.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 devices_ncnn.csv ncnn_bench.csv" >&2; exit 2; }
awk '
  # Fields of one CSV line into f[1..]; quotes may hold commas and doubled quotes.
  function fields(line,   n, i, c, quoted, text) {
    n = 1; text = ""; quoted = 0
    for (i = 1; i <= length(line); i++) {
      c = substr(line, i, 1)
      if (c == "\"" && quoted && substr(line, i + 1, 1) == "\"") { text = text c; i++ }
      else if (c == "\"") quoted = !quoted
      else if (c == "," && !quoted) { f[n++] = text; text = "" }
      else text = text c
    }
    f[n] = text
    return n
  }
  { sub(/\r$/, ""); n = fields($0) }
  FNR == 1 { files++; for (i = 1; i <= n; i++) column[files, f[i]] = i; next }
  files == 1 { id[f[column[1, "description"]]] = f[column[1, "device"]]; next }
  {
    device = id[f[column[2, "device"]]]
    if (device == "") { print "line " FNR ": no device of that description" > "/dev/stderr"; next }
    model = f[column[2, "model"]]
    if (model ~ /-(ssd|yolo|int8)$/) sub(/-/, "_", model)  # as old rows write it
    if (model == "mobilenet_yolov3") { print "line " FNR ": " model ": no graph" > "/dev/stderr"; next }
    gpu = f[column[2, "gpu_device"]]
    if (gpu != "" && gpu >= 0) {
      if (!(device in first) || gpu + 0 < first[device]) first[device] = gpu + 0
      setup = "ncnn-gpu"
    } else {
      gpu = ""
      setup = "ncnn-cpu-" f[column[2, "num_threads"]] substr("all   littlebig   ", 6 * f[column[2, "powersave"]] + 1, 6)
      sub(/ +$/, "", setup)
    }
    least = f[column[2, "min_ms"]] + 0; mean = f[column[2, "avg_ms"]] + 0
    if (mean > 2 * least) { print "line " FNR ": " device " " setup " " model ": mean " mean ", fastest " least > "/dev/stderr"; next }
    rows++; at[rows] = FNR; dev[rows] = device; set[rows] = setup; name[rows] = model; time[rows] = mean
    day[rows] = f[column[2, "date"]]; which[rows] = gpu
  }
  END {
    print "model,device,setup,latency_ms,family"
    for (r = 1; r <= rows; r++) if (set[r] == "ncnn-gpu") took[dev[r], which[r], name[r]] = time[r]
    for (r = 1; r <= rows; r++) {
      least = took[dev[r], which[r], "squeezenet"]; most = took[dev[r], which[r], "vgg16"]
      if (which[r] != "" && most + 0 > 0 && most + 0 < least + 0 && time[r] < least / 4 && name[r] !~ /int8/) {
        print "line " at[r] ": " dev[r] " " name[r] ": the GPU was lost" > "/dev/stderr"
        continue
      }
      if (which[r] != "" && which[r] + 0 != first[dev[r]]) {
        print "line " at[r] ": " dev[r] " " name[r] ": another GPU" > "/dev/stderr"
        continue
      }
      key = name[r] "," dev[r] "," set[r]
      if (!(key in newest)) order[++keys] = key
      if (day[r] > newest[key]) { newest[key] = day[r]; sum[key] = 0; count[key] = 0 }
      if (day[r] == newest[key]) { sum[key] += time[r]; count[key]++ }
    }
    for (k = 1; k <= keys; k++) {
      family = order[k]; sub(/,.*/, "", family); sub(/_int8$/, "", family)
      printf "ncnn_%s,%.6g,%s\n", order[k], sum[order[k]] / count[order[k]], family
    }
  }' "$1" "$2"

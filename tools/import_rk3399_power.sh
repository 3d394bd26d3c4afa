#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Derives data/energy_runs/rk3399_power.csv from the studies' tables: per network, processor and clock the time of the
# input's transfer and of all layers, and the mean power of the board meanwhile. Rows with a layer without power are
# left out.
#   tools/import_rk3399_power.sh coup_layers_time_power_dvfs.csv lwga_layers_time_power_dvfs.csv
set -eu
echo "device,setup,model,freq_mhz,host_freq_mhz,latency_ms,power_mw"
awk -F, '
  BEGIN {
    split("408 600 816 1008 1200 1416 1608 1800", big, " "); split("200 300 400 600 800", gpu, " ")
    setup["L"] = "armcl-cpu-little"; setup["B"] = "armcl-cpu-big"; setup["G"] = "armcl-gpu"; setup["N"] = "armcl-npu"
  }
  FNR == 1 { file++; next }
  $6 == "in" || $6 == "task" {
    if ($6 == "in" && $5 > 0) next
    name = tolower(substr($1, 1, 3))
    clock = $2 == "G" ? gpu[$3 + 1] : $2 == "N" ? "" : big[$3 + 1]
    host = $2 == "G" ? big[$4 + 1] : $2 == "N" ? big[$3 + 1] : ""
    key = "rk3399pro," setup[$2] "," name "," clock "," host
    id = file SUBSEP key
    if (!(id in time)) order[++count] = id
    label[id] = key
    if ($8 == "") missing[id] = 1
    time[id] += $7; energy[id] += $7 * $8
  }
  END {
    for (i = 1; i <= count; ++i) {
      id = order[i]
      if (!(id in missing)) printf "%s,%.6g,%.6g\n", label[id], time[id], energy[id] / time[id]
    }
  }' "$1" "$2"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Derives data/energy_runs/raspberrypi_power.csv from the study's table of models.
#   tools/import_raspberrypi_power.sh models.csv
# Networks that the study built again count as the network they were built from.
set -eu
echo "device,setup,model,latency_ms,power_mw"
awk -F, 'NR > 1 {
  name = $1; sub(/\.out$/, "", name); sub(/^reconstructed_/, "", name)
  printf "raspberrypi,tflite-cpu-1thread-fp32,%s,%.6g,%.6g\n", name, $6, $10 * 1000
}' "$1"

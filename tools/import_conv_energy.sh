#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Derives data/energy_runs/conv_kernels.csv from the study's two tables.
#   tools/import_conv_energy.sh conv_cpu_energy.csv conv_gpu_energy.csv
set -eu
echo "device,setup,extent,channels_in,channels_out,kernel,stride,energy_mj"
for pair in "tflite-cpu $1" "tflite-gpu $2"; do
  awk -F, -v setup="${pair%% *}" 'NR > 1 { print "kirin990," setup "," $4 "," $5 "," $6 "," $7 "," $8 "," $3 }' "${pair#* }"
done

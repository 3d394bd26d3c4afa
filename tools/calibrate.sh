#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes data/devices/*.textproto anew from data/runs, data/graphs and data/devices.csv: the same bytes every time.
#   tools/calibrate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
mkdir -p data/devices
"$binary" calibrate --runs data/runs/qed_usc.csv --devices data/devices.csv -o data/devices
"$binary" calibrate --runs data/runs/ncnn.csv --devices data/devices_ncnn.csv -o data/devices
mkdir -p data/energy
"$binary" calibrate --kernel-runs data/energy_runs/conv_kernels.csv -o data/energy/kirin990.textproto --source \
  "amai-gsu/PlatformX @02234c2d (kernels of DeepEn2023), figures only: a phone believed to be a Huawei P40 Pro, power monitor"
"$binary" calibrate --power-runs data/energy_runs/rk3399_power.csv --idle-mw 3050 -o data/energy/rk3399pro.textproto --source \
  "Ehsan-aghapour/CO-UP-Profiling @22005a9d and LW-GA @c67700ae, figures only: power of the whole board"
"$binary" calibrate --power-runs data/energy_runs/raspberrypi_power.csv -o data/energy/raspberrypi.textproto --source \
  "SusinMat/cnn-performance @046cc8e0, BSD-2: power of the whole board"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes data/devices/*.textproto anew from data/runs, data/graphs and data/devices.csv: the same bytes every time.
#   tools/calibrate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
mkdir -p data/devices
"$binary" calibrate --runs data/runs/qed_usc.csv --runs data/runs/qed_usc_torch.csv \
  --runs data/runs/qed_usc_tflite_transformer.csv --runs data/runs/qed_usc_torch_transformer.csv --kernels data/kernels/qed_usc_tflite.csv \
  --kernels data/kernels/qed_usc_torch.csv --devices data/devices.csv -o data/devices
"$binary" calibrate --runs data/runs/paddle_lite.csv --devices data/devices_paddle_lite.csv -o data/devices
"$binary" calibrate --runs data/runs/ncnn.csv --devices data/devices_ncnn.csv -o data/devices
"$binary" calibrate --runs data/runs/ai_hub.csv --devices data/devices_ai_hub.csv -o data/devices
mkdir -p data/energy
"$binary" calibrate --kernel-runs data/energy_runs/conv_kernels.csv -o data/energy/kirin990.textproto --source \
  "amai-gsu/PlatformX @02234c2d (kernels of DeepEn2023), figures only: a phone believed to be a Huawei P40 Pro, power monitor"
"$binary" calibrate --power-runs data/energy_runs/rk3399_power.csv --idle-mw 3050 -o data/energy/rk3399pro.textproto --source \
  "Ehsan-aghapour/CO-UP-Profiling @22005a9d and LW-GA @c67700ae, figures only: power of the whole board"
"$binary" calibrate --power-runs data/energy_runs/raspberrypi_power.csv -o data/energy/raspberrypi.textproto --source \
  "SusinMat/cnn-performance @046cc8e0, BSD-2: power of the whole board"
# Boards timed layer by layer, and phones of which others published some runs: these borrow from the six phones.
fit() { "$binary" calibrate --runs "data/runs/$1.csv" --device "$2" --description "$3" --source "$4" -o "data/devices/$2.textproto" $5 ${6:+--gpu "$6"}; }
fit rk3399 rk3399pro "RK3399Pro-class board: 4 Cortex-A53, 2 Cortex-A72, Mali-T860, NPU; Arm Compute Library, highest clocks" \
  "Ehsan-aghapour/CO-UP-Profiling @22005a9d and LW-GA @c67700ae, figures only" ""
like=""
for phone in pixel4 s10 mi8se a03s iphone7 iphonexs; do like="$like --like data/devices/$phone.textproto"; done
fit published pixel1 "Google Pixel: one large core, and blocks of networks timed by themselves" \
  "tensorflow/models MobileNet v2 and v3 tables, Apache-2.0; blocks: han-cai/files @a7c9bcd5, figures only" \
  "$like --runs data/runs/block_lut.csv"
fit block_lut note10 "Samsung Galaxy Note10, blocks of networks timed by themselves" "han-cai/files @a7c9bcd5, figures only" "$like"
fit published pixel2 "Google Pixel 2, one large core" "tensorflow/models MobileNet v3 table, Apache-2.0" "$like"
fit published pixel3 "Google Pixel 3: 4 threads, one large core, and the GPU" \
  "TensorFlow's hosted models table and tensorflow/models MobileNet v3 table, Apache-2.0" "$like" "Adreno 630"
fit published raspberrypi "Raspberry Pi, model not stated; one thread" "SusinMat/cnn-performance @046cc8e0, BSD-2" "$like"

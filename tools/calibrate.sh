#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes data/devices/*.textproto anew from data/runs and data/graphs: the same bytes every time.
#   tools/calibrate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
qed_usc="qed-usc/mobile-ml-benchmark @40ba833a, MIT; Li, Paolieri, Golubchik, EdgeSys 2024"
mkdir -p data/devices
profile() {
  "$binary" calibrate --quiet --runs data/runs/qed_usc.csv --device "$1" --soc "$2" --description "$3" \
    --source "$qed_usc" -o "data/devices/$1.textproto"
}
profile pixel4 "Snapdragon 855" "Google Pixel 4: 1 Cortex-A76 large 2.84 GHz, 3 Cortex-A76 medium 2.42 GHz, 4 Cortex-A55 small 1.78 GHz"
profile s10 "Exynos 9820" "Samsung Galaxy S10: 2 Mongoose M4 large 2.73 GHz, 2 Cortex-A75 medium 2.31 GHz, 4 Cortex-A55 small 1.95 GHz"
profile mi8se "Snapdragon 710" "Xiaomi Mi 8 SE: 2 Cortex-A75 large 2.2 GHz, 6 Cortex-A55 small 1.7 GHz"
profile a03s "Helio P35" "Samsung Galaxy A03s: 4 Cortex-A53 large 2.35 GHz, 4 Cortex-A53 small 1.8 GHz"
profile iphone7 "A10" "Apple iPhone 7: 2 large cores"
profile iphonexs "A12" "Apple iPhone XS: 2 large cores, 4 small cores"

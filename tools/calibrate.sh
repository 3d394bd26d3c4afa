#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes data/devices/*.textproto anew from data/runs, data/graphs and data/devices.csv: the same bytes every time.
#   tools/calibrate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
mkdir -p data/devices
"$binary" calibrate --runs data/runs/qed_usc.csv --devices data/devices.csv -o data/devices

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets everything up on a bare Debian 12, then runs the main job on bundled models: what they are, and what they will
# cost on every phone and setup that the program knows.
set -eu
cd "$(dirname "$0")/.."
sh tools/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release --target nngauge
nngauge=build/release/nngauge
echo
echo "\$ nngauge inspect --top 3 data/models"
echo
"$nngauge" inspect --top 3 data/models
echo
echo "\$ nngauge predict --compare --device all --setup all data/models"
echo
exec "$nngauge" predict --compare --device all --setup all data/models

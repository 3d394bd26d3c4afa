#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets everything up on a bare Debian 12, then runs the main job on bundled models: what they are, and what they will
# cost on every phone and setup that the program knows. The program is compiled without optimisation, for a first look;
# `cmake --preset release && cmake --build --preset release` makes the one to work with.
set -eu
cd "$(dirname "$0")/.."
sh tools/install-deps.sh
cmake --preset demo >/dev/null
cmake --build --preset demo --target nngauge
nngauge=build/demo/nngauge
networks="data/models/cnn_float32.tflite data/models/cnn.onnx data/models/transformer.onnx"
networks="$networks data/graphs/squeezenet_v1_1.graph data/graphs/mobilenet_w1.graph data/graphs/resnet18.graph"

show() {
  echo
  echo "\$ nngauge $*"
  echo
  "$nngauge" "$@"
}
# shellcheck disable=SC2086
show inspect --top 3 $networks
# shellcheck disable=SC2086
show predict --compare --device all --setup all $networks

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

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes docs/coverage.md: what is read of a collection of real model files, and which operators are not covered.
# The collection is not part of the project: folders `tflite`, `onnx`, `caffe`, `tf_pb` and `paddle` below the path that is given.
set -eu
cd "$(dirname "$0")/.."
collection="${1:-../shared/models}"
cmake --preset release >/dev/null
cmake --build --preset release --target nngauge_coverage >/dev/null
{
  echo '<!-- SPDX-License-Identifier: Apache-2.0. Written by tools/coverage.sh; do not edit. -->'
  echo '# Coverage on real files'
  echo
  echo 'Every valid file of a collection of public model files, read, shaped and counted. "Covered" is an operator whose'
  echo 'work is known, exactly or as a lower bound. Where a file leaves extents open, they were bound to a guess, as a user'
  echo 'would with `--input`; an operator that stays open even so counts as not covered.'
  echo
  build/release/tools/nngauge_coverage "$collection/tflite" "$collection/onnx" "$collection/caffe" "$collection/tf_pb" "$collection/paddle"
} > docs/coverage.md

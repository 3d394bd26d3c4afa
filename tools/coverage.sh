#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes docs/coverage.md: what is read of a collection of real model files, and which operators are not covered.
# The collection is not part of the project: folders named after formats below the path that is given.
set -eu
cd "$(dirname "$0")/.."
collection="${1:-../shared/models}"
cmake --preset release >/dev/null
cmake --build --preset release --target nngauge_coverage >/dev/null
{
  echo '<!-- SPDX-License-Identifier: Apache-2.0. Written by tools/coverage.sh; do not edit. -->'
  echo '# Coverage on real files'
  echo
  echo 'Every valid file of a collection of public model files, read, shaped and counted, inner graphs included. "Covered"'
  echo 'is an operator whose work is known, exactly or as a lower bound. Where a file leaves extents open, or data decide'
  echo 'them, they were bound to a guess, as a user would with `--input`; an operator that stays open even so counts as not'
  echo 'covered. Opaque are operators whose work no rule could tell: compiled subgraphs, decoders of pictures, and custom'
  echo 'operators of a name that only their author knows. Operators on text do no arithmetic: they count as covered, with'
  echo '0. "Operators with MACs" are convolutions, products and recurrent layers.'
  echo
  folders=""
  for format in tflite onnx caffe ncnn tf_pb dlc mnn tnn openvino paddle torchscript keras_h5 coreml ort executorch; do
    [ -d "$collection/$format" ] && folders="$folders $collection/$format"
  done
  # shellcheck disable=SC2086
  build/release/tools/nngauge_coverage $folders
  echo
  echo '## Why some are refused or not covered'
  echo
  echo '- MNN before version 1.0 numbers its operators and unions otherwise, and no public schema of it is at hand: names and'
  echo '  connections could be read, kinds could only be guessed. The file is named, and MNNConvert writes the new layout.'
  echo '- Paddle-Lite before layout 2 keeps only the topology in `__model__.nb`, in buffers of its own; weights and extents lie'
  echo '  in `param.nb`, which the collection has not. The optimiser writes layout 2 from the `.pdmodel`.'
  echo '- Core ML and ExecuTorch are below 99 % by one operator each, of few: a custom layer, whose work is a class of the'
  echo '  app, and a part that was compiled for the Core ML delegate.'
} > docs/coverage.md

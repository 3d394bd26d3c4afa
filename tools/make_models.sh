#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the binary sample models of data/models from their text sources. Run it after a source has changed.
set -eu
cd "$(dirname "$0")/../data/models"

# ONNX: protobuf text of onnx.ModelProto, encoded by the schema that libonnx-dev brings.
for source in *.onnx.txt; do
  protoc --proto_path="${ONNX_INCLUDE:-/usr/include}" --encode=onnx.ModelProto onnx/onnx.proto < "$source" > "${source%.txt}"
done

# TFLite: FlatBuffers from the generator, which keeps the weights.
python3 ../../tools/make_models.py

// SPDX-License-Identifier: Apache-2.0
// Owns: the names of TensorFlow's generated message classes, so that headers need not include them.
#pragma once

namespace nngauge::tf {
class AttrValue;
class FunctionDef;
class FunctionDefLibrary;
class GraphDef;
class MetaGraphDef;
class NodeDef;
class SavedModel;
class SignatureDef;
class TensorProto;
class TensorShapeProto;
}  // namespace nngauge::tf

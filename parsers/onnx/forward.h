// SPDX-License-Identifier: Apache-2.0
// Owns: the names of libonnx's generated classes that our headers mention, so that only .cc files include them.
#pragma once

namespace onnx {

class AttributeProto;
class FunctionProto;
class GraphProto;
class ModelProto;
class NodeProto;
class SparseTensorProto;
class TensorProto;
class TypeProto;
class ValueInfoProto;

}  // namespace onnx

// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/schema.h"

#include <array>

namespace nngauge::onnx_format {
namespace {

using U = FieldUse;

enum Message : std::uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparse,
  kFunction,
  kValueInfo,
  kType,
  kTypeOfTensor,
  kTypeOfElement,
  kTypeOfMap,
  kShape,
  kDim,
  kEntry,
  kOpset
};

constexpr std::array kModelFields = {
    SchemaField{7, U::kMessage, kGraph},     SchemaField{8, U::kCheck, kOpset},
    SchemaField{14, U::kCheck, kEntry},      SchemaField{20, U::kSkip},  // training_info: not run at inference
    SchemaField{25, U::kMessage, kFunction}, SchemaField{26, U::kSkip},
};
constexpr std::array kGraphFields = {
    SchemaField{1, U::kMessage, kNode},
    SchemaField{5, U::kMessage, kTensor},
    SchemaField{10, U::kSkip},
    SchemaField{11, U::kCheck, kValueInfo},
    SchemaField{12, U::kCheck, kValueInfo},
    SchemaField{13, U::kCheck, kValueInfo},
    SchemaField{14, U::kSkip},
    SchemaField{15, U::kMessage, kSparse},
    SchemaField{16, U::kSkip},
};
constexpr std::array kNodeFields = {
    SchemaField{5, U::kMessage, kAttribute},
    SchemaField{6, U::kSkip},
    SchemaField{9, U::kSkip},
    SchemaField{10, U::kSkip},
};
constexpr std::array kAttributeFields = {
    SchemaField{5, U::kMessage, kTensor},  SchemaField{6, U::kMessage, kGraph}, SchemaField{10, U::kMessage, kTensor},
    SchemaField{11, U::kMessage, kGraph},  SchemaField{13, U::kSkip},           SchemaField{22, U::kMessage, kSparse},
    SchemaField{23, U::kMessage, kSparse},
};
constexpr std::array kTensorFields = {
    SchemaField{kFloatData, U::kBulk},  SchemaField{kInt32Data, U::kBulk}, SchemaField{kStringData, U::kLocate},
    SchemaField{kInt64Data, U::kBulk},  SchemaField{kRawData, U::kBulk},   SchemaField{kDoubleData, U::kBulk},
    SchemaField{kUInt64Data, U::kBulk}, SchemaField{12, U::kSkip},         SchemaField{13, U::kCheck, kEntry},
    SchemaField{16, U::kSkip},
};
constexpr std::array kSparseFields = {SchemaField{1, U::kMessage, kTensor}, SchemaField{2, U::kMessage, kTensor}};
constexpr std::array kFunctionFields = {
    SchemaField{7, U::kMessage, kNode},       SchemaField{8, U::kSkip},  SchemaField{9, U::kCheck, kOpset},
    SchemaField{11, U::kMessage, kAttribute}, SchemaField{12, U::kSkip}, SchemaField{14, U::kSkip},
};
constexpr std::array kValueInfoFields = {SchemaField{2, U::kCheck, kType}};
constexpr std::array kTypeFields = {
    SchemaField{1, U::kCheck, kTypeOfTensor},  SchemaField{4, U::kCheck, kTypeOfElement},
    SchemaField{5, U::kCheck, kTypeOfMap},     SchemaField{8, U::kCheck, kTypeOfTensor},
    SchemaField{9, U::kCheck, kTypeOfElement},
};
constexpr std::array kTypeOfTensorFields = {SchemaField{2, U::kCheck, kShape}};
constexpr std::array kTypeOfElementFields = {SchemaField{1, U::kCheck, kType}};
constexpr std::array kTypeOfMapFields = {SchemaField{2, U::kCheck, kType}};
constexpr std::array kShapeFields = {SchemaField{1, U::kCheck, kDim}};

// In the order of the enumerators of Message.
constexpr std::array kSchema = {
    SchemaMessage{"ModelProto", false, kModelFields},
    SchemaMessage{"GraphProto", false, kGraphFields},
    SchemaMessage{"NodeProto", true, kNodeFields},
    SchemaMessage{"AttributeProto", false, kAttributeFields},
    SchemaMessage{"TensorProto", true, kTensorFields},
    SchemaMessage{"SparseTensorProto", false, kSparseFields},
    SchemaMessage{"FunctionProto", false, kFunctionFields},
    SchemaMessage{"ValueInfoProto", false, kValueInfoFields},
    SchemaMessage{"TypeProto", false, kTypeFields},
    SchemaMessage{"TypeProto.Tensor", false, kTypeOfTensorFields},
    SchemaMessage{"TypeProto.Sequence", false, kTypeOfElementFields},
    SchemaMessage{"TypeProto.Map", false, kTypeOfMapFields},
    SchemaMessage{"TensorShapeProto", false, kShapeFields},
    SchemaMessage{"TensorShapeProto.Dimension", false, {}},
    SchemaMessage{"StringStringEntryProto", false, {}},
    SchemaMessage{"OperatorSetIdProto", false, {}},
};
static_assert(kSchema.size() == kOpset + 1 && kModel == kModelMessage);

}  // namespace

std::span<const SchemaMessage> schema() { return kSchema; }

}  // namespace nngauge::onnx_format

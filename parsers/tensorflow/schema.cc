// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/schema.h"

#include <array>

namespace nngauge::tensorflow {
namespace {

using U = FieldUse;

enum Message : std::uint8_t {
  kGraph = kGraphMessage,
  kMetaGraph = kMetaGraphMessage,
  kSavedModel = kSavedModelMessage,
  kNode,
  kAttrEntry,
  kAttrValue,
  kList,
  kFunctionName,
  kTensor,
  kLibrary,
  kFunction,
};

constexpr std::array kGraphFields = {SchemaField{1, U::kMessage, kNode}, SchemaField{2, U::kMessage, kLibrary},
                                     SchemaField{5, U::kSkip}};
// Of a MetaGraphDef only the graph, its signatures and what made it are read.
constexpr std::array kMetaGraphFields = {SchemaField{2, U::kMessage, kGraph}, SchemaField{3, U::kSkip},
                                         SchemaField{4, U::kSkip}, SchemaField{6, U::kSkip}, SchemaField{7, U::kSkip}};
constexpr std::array kSavedModelFields = {SchemaField{2, U::kMessage, kMetaGraph}};
constexpr std::array kNodeFields = {SchemaField{5, U::kMessage, kAttrEntry}, SchemaField{6, U::kSkip},
                                    SchemaField{7, U::kSkip}};
constexpr std::array kAttrEntryFields = {SchemaField{2, U::kMessage, kAttrValue}};
constexpr std::array kAttrValueFields = {SchemaField{1, U::kMessage, kList}, SchemaField{8, U::kMessage, kTensor},
                                         SchemaField{10, U::kMessage, kFunctionName}};
constexpr std::array kListFields = {SchemaField{8, U::kMessage, kTensor}, SchemaField{9, U::kMessage, kFunctionName}};
constexpr std::array kFunctionNameFields = {SchemaField{2, U::kMessage, kAttrEntry}};
constexpr std::array kTensorFields = {
    SchemaField{4, U::kBulk},   SchemaField{5, U::kBulk},  SchemaField{6, U::kBulk},  SchemaField{7, U::kBulk},
    SchemaField{8, U::kLocate}, SchemaField{9, U::kBulk},  SchemaField{10, U::kBulk}, SchemaField{11, U::kBulk},
    SchemaField{12, U::kBulk},  SchemaField{13, U::kBulk}, SchemaField{14, U::kSkip}, SchemaField{15, U::kSkip},
    SchemaField{16, U::kBulk},  SchemaField{17, U::kBulk}, SchemaField{18, U::kBulk},
};
constexpr std::array kLibraryFields = {SchemaField{1, U::kMessage, kFunction}, SchemaField{2, U::kSkip}};
constexpr std::array kFunctionFields = {SchemaField{3, U::kMessage, kNode}};

// In the order of the enumerators of Message.
constexpr std::array kSchema = {
    SchemaMessage{"GraphDef", false, kGraphFields},
    SchemaMessage{"MetaGraphDef", false, kMetaGraphFields},
    SchemaMessage{"SavedModel", false, kSavedModelFields},
    SchemaMessage{"NodeDef", true, kNodeFields},
    SchemaMessage{"NodeDef.attr", false, kAttrEntryFields},
    SchemaMessage{"AttrValue", false, kAttrValueFields},
    SchemaMessage{"AttrValue.ListValue", false, kListFields},
    SchemaMessage{"NameAttrList", false, kFunctionNameFields},
    SchemaMessage{"TensorProto", true, kTensorFields},
    SchemaMessage{"FunctionDefLibrary", false, kLibraryFields},
    SchemaMessage{"FunctionDef", false, kFunctionFields},
};
static_assert(kSchema.size() == kFunction + 1);

}  // namespace

std::span<const SchemaMessage> schema() { return kSchema; }

}  // namespace nngauge::tensorflow

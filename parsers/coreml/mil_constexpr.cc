// SPDX-License-Identifier: Apache-2.0
// Operations that are done when a program is loaded: compressed weights. What they make is a constant whose stored form
// is the compressed one; nothing of it is computed when the program runs.
#include <fmt/format.h>

#include <bit>

#include "base/text.h"
#include "parsers/coreml/mil_ops.h"
#include "parsers/graph_writer.h"

namespace nngauge::coreml {
namespace {

// Argument of a constexpr as a constant tensor. Errors: kInvalidGraph where it is none, those of MilBuilder::constant.
Result<Tensor> constant_argument(const MilOp& op, std::string_view key, MilBuilder& builder, MilScope& scope) {
  const MilArgument* argument = op.find(key);
  if (argument == nullptr || argument->bindings.empty())
    return make_error(ErrorCode::kInvalidGraph, fmt::format("has no argument {}", key));
  const MilBinding& binding = argument->bindings[0];
  if (binding.value) return builder.constant(*binding.value);
  const MilEntry* entry = builder.resolve(binding.name, scope);
  if (entry == nullptr)
    return make_error(ErrorCode::kInvalidGraph, fmt::format("{} {} is never defined", key, in_quotes(binding.name)));
  if (entry->id == kNoTensor && entry->constant) return builder.constant(*entry->constant);
  const Tensor& tensor = builder.graph(scope.graph).tensors[static_cast<std::size_t>(entry->id)];
  if (!tensor.is_constant)
    return make_error(ErrorCode::kInvalidGraph, fmt::format("{} {} is no constant", key, in_quotes(binding.name)));
  return tensor;
}

void define(const MilName& output, Tensor tensor, MilBuilder& builder, MilScope& scope) {
  tensor.name = output.name;
  tensor.declared = tensor.shape = output.type.shape;
  tensor.value.reset();
  // Vectors are added to what is computed: they count with the type that they are made to.
  if (!output.type.shape.ranked() || output.type.shape.rank() < 2) tensor.dtype = output.type.dtype;
  const TensorId id = GraphWriter(builder.model(), scope.graph).add(std::move(tensor));
  builder.define(output.name, {id, nullptr}, scope);
}

std::uint64_t elements_of(const Tensor& tensor) {
  const auto elements = tensor.declared.elements();
  return elements && !elements->overflowed() ? elements->value() : 0;
}

QuantScheme scheme_of(const MilOp& op, MilBuilder& builder, MilScope& scope, bool blockwise) {
  const auto scale = constant_argument(op, "scale", builder, scope);
  if (!scale || elements_of(*scale) <= 1) return QuantScheme::kPerTensor;
  return blockwise ? QuantScheme::kBlockwise : QuantScheme::kPerChannel;
}

// Where indices stand as plain bytes, their width follows from the size of the table.
DType type_of_indices(const Tensor& table) {
  const std::uint64_t entries = elements_of(table);
  const auto bits = static_cast<int>(std::bit_width(entries > 0 ? entries - 1 : 0));
  return bits <= 2 ? DType::kUInt2 : bits <= 4 ? DType::kUInt4 : DType::kUInt8;
}

}  // namespace

Result<bool> read_constexpr(const MilOp& op, MilBuilder& builder, MilScope& scope) {
  if (!op.type.starts_with("constexpr_")) return false;
  const std::string_view kind = std::string_view(op.type).substr(10);
  const bool sparse_pair = kind == "lut_to_sparse" || kind == "sparse_blockwise_shift_scale";
  const std::string_view key = kind == "affine_dequantize"                ? "quantized_data"
                               : kind == "blockwise_shift_scale"          ? "data"
                               : kind == "lut_to_dense"                   ? "indices"
                               : kind == "lut_to_sparse"                  ? "indices_nonzero_data"
                               : kind == "cast"                           ? "source_val"
                               : kind == "sparse_to_dense" || sparse_pair ? "nonzero_data"
                                                                          : "";
  if (key.empty() || op.outputs.empty()) return false;
  NNGAUGE_TRY(Tensor stored, constant_argument(op, key, builder, scope));
  if (kind == "affine_dequantize" || kind == "blockwise_shift_scale" || kind == "sparse_blockwise_shift_scale")
    stored.quantization.scheme = scheme_of(op, builder, scope, kind != "affine_dequantize");
  if (kind == "lut_to_dense" || kind == "lut_to_sparse") {
    NNGAUGE_TRY(const Tensor table, constant_argument(op, "lut", builder, scope));
    stored.quantization.scheme = QuantScheme::kPerTensor;
    if (kind == "lut_to_dense" && stored.declared.rank() == 1 && !(stored.declared == op.outputs[0].type.shape))
      stored.dtype = type_of_indices(table);
  }
  if (kind == "sparse_to_dense") stored.stored_elements = elements_of(stored);
  if (!sparse_pair) {
    define(op.outputs[0], std::move(stored), builder, scope);
    return true;
  }
  // Results: which elements are kept, and these.
  if (op.outputs.size() < 2) return make_error(ErrorCode::kInvalidGraph, "has 1 result, needs 2");
  NNGAUGE_TRY(Tensor mask,
              constant_argument(op, kind == "lut_to_sparse" ? "indices_mask" : "data_mask", builder, scope));
  define(op.outputs[0], std::move(mask), builder, scope);
  const DType dtype = stored.dtype;
  define(op.outputs[1], std::move(stored), builder, scope);
  // A list of kept elements has one axis, but stays in its narrow type.
  const MilEntry* kept = builder.resolve(op.outputs[1].name, scope);
  builder.graph(scope.graph).tensors[static_cast<std::size_t>(kept->id)].dtype = dtype;
  return true;
}

}  // namespace nngauge::coreml

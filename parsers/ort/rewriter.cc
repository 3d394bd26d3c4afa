// SPDX-License-Identifier: Apache-2.0
#include "parsers/ort/rewriter.h"

#include <onnx/onnx_pb.h>

#include <map>

#include "parsers/copy_budget.h"

namespace nngauge::ort {
namespace {

constexpr std::uint32_t kRawDataField = 9;     // of TensorProto
constexpr std::uint32_t kStringDataField = 6;  // of TensorProto
constexpr int kMostDepth = 32;                 // files that pass the check of their structure have fewer

class Rewriter {
 public:
  explicit Rewriter(Bytes aligned) : bytes_(aligned), budget_(aligned.size(), 4) {}

  Status rewrite(const fb::Model& source, onnx::ModelProto& out) {
    out.set_ir_version(source.ir_version());
    for (std::size_t i = 0; i < length(source.operator_sets()); ++i) {
      const fb::OperatorSet& set = get(source.operator_sets(), i);
      NNGAUGE_CHECK(spend(16 + length(set.domain())));
      auto* entry = out.add_opset_import();
      entry->set_domain(text_of(set.domain()));
      entry->set_version(set.version());
    }
    for (std::size_t i = 0; i < length(source.metadata()); ++i) {
      const fb::TextEntry& entry = get(source.metadata(), i);
      NNGAUGE_CHECK(spend(16 + length(entry.key()) + length(entry.value())));
      auto* property = out.add_metadata_props();
      property->set_key(text_of(entry.key()));
      property->set_value(text_of(entry.value()));
    }
    if (!source.graph()) return make_error(ErrorCode::kNotAModel, "the file has no graph");
    return rewrite_graph(*source.graph(), *out.mutable_graph(), 0);
  }

  [[nodiscard]] Reduction take_places() { return std::move(reduction_); }
  [[nodiscard]] std::size_t elsewhere() const { return elsewhere_; }

 private:
  Status spend(std::uint64_t elements) { return budget_.spend(elements); }

  std::int64_t add_place(const void* table) {
    LocatedMessage place;
    place.offset = offset_of(table);
    reduction_.places.push_back(std::move(place));
    return static_cast<std::int64_t>(reduction_.places.size() - 1);
  }
  [[nodiscard]] std::uint64_t offset_of(const void* place) const {
    return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(place) - bytes_.data());
  }
  template <class Proto>
  static void set_mark(Proto& proto, std::int64_t mark) {
    proto.GetReflection()->MutableUnknownFields(&proto)->AddVarint(static_cast<int>(kMarkField),
                                                                   static_cast<std::uint64_t>(mark));
  }

  Status rewrite_tensor(const fb::Tensor& source, onnx::TensorProto& out) {
    NNGAUGE_CHECK(spend(32 + length(source.name()) + length(source.dims())));
    out.set_name(text_of(source.name()));
    out.set_data_type(source.type());
    for (const std::int64_t dim : ints_of(source.dims())) out.add_dims(dim);
    for (std::size_t i = 0; i < length(source.strings()); ++i) {
      NNGAUGE_CHECK(spend(8 + get(source.strings(), i).size()));
      out.add_string_data(text_of(&get(source.strings(), i)));
    }
    const std::int64_t mark = add_place(&source);
    set_mark(out, mark);
    if (length(source.strings()) > 0) {
      LocatedField field{kStringDataField, false, offset_of(source.strings()), source.strings()->size(),
                         source.strings()->size()};
      reduction_.places.back().fields.push_back(field);
    }
    if (length(source.raw()) == 0) {
      if (source.external_offset() >= 0) ++elsewhere_;
      return ok();
    }
    LocatedField field{kRawDataField, false, offset_of(source.raw()->data()), source.raw()->size(), 1};
    field.removed = field.size_bytes > kBulkBytes;
    if (!field.removed) {
      NNGAUGE_CHECK(spend(field.size_bytes));
      out.set_raw_data(source.raw()->data(), source.raw()->size());
    }
    reduction_.places.back().fields.push_back(field);
    return ok();
  }

  Status rewrite_value(const fb::ValueInfo& source, onnx::ValueInfoProto& out) {
    NNGAUGE_CHECK(spend(32 + length(source.name())));
    out.set_name(text_of(source.name()));
    const auto* tensor = source.type() ? source.type()->value_as_TensorType() : nullptr;
    if (!tensor) {
      if (source.type() && source.type()->value_type() != fb::TypeValue_NONE)
        out.mutable_type()->mutable_sequence_type();  // maps are read as sequences are: by no one
      return ok();
    }
    auto* type = out.mutable_type()->mutable_tensor_type();
    type->set_elem_type(tensor->element());
    if (!tensor->shape()) return ok();
    auto* shape = type->mutable_shape();
    for (std::size_t i = 0; i < length(tensor->shape()->dims()); ++i) {
      NNGAUGE_CHECK(spend(8));
      auto* dim = shape->add_dim();
      const fb::DimensionValue* value = get(tensor->shape()->dims(), i).value();
      if (value && value->kind() == 1) dim->set_dim_value(value->number());
      if (value && value->kind() == 2) dim->set_dim_param(text_of(value->name()));
    }
    return ok();
  }

  Status rewrite_attribute(const fb::Attribute& source, onnx::AttributeProto& out, int depth) {
    NNGAUGE_CHECK(
        spend(32 + length(source.name()) + length(source.s()) + length(source.floats()) + length(source.ints())));
    out.set_name(text_of(source.name()));
    if (onnx::AttributeProto::AttributeType_IsValid(source.type()))
      out.set_type(static_cast<onnx::AttributeProto::AttributeType>(source.type()));
    out.set_f(source.f());
    out.set_i(source.i());
    out.set_s(text_of(source.s()));
    if (source.floats()) out.mutable_floats()->Add(source.floats()->begin(), source.floats()->end());
    for (const std::int64_t value : ints_of(source.ints())) out.add_ints(value);
    for (std::size_t i = 0; i < length(source.strings()); ++i) {
      NNGAUGE_CHECK(spend(8 + get(source.strings(), i).size()));
      out.add_strings(text_of(&get(source.strings(), i)));
    }
    if (source.t()) NNGAUGE_CHECK(rewrite_tensor(*source.t(), *out.mutable_t()));
    for (std::size_t i = 0; i < length(source.tensors()); ++i)
      NNGAUGE_CHECK(rewrite_tensor(get(source.tensors(), i), *out.add_tensors()));
    if (source.g()) NNGAUGE_CHECK(rewrite_graph(*source.g(), *out.mutable_g(), depth + 1));
    for (std::size_t i = 0; i < length(source.graphs()); ++i)
      NNGAUGE_CHECK(rewrite_graph(get(source.graphs(), i), *out.add_graphs(), depth + 1));
    return ok();
  }

  Status rewrite_node(const fb::Node& source, onnx::NodeProto& out, int depth) {
    NNGAUGE_CHECK(spend(64 + length(source.name()) + length(source.op_type()) + length(source.domain())));
    out.set_name(text_of(source.name()));
    out.set_op_type(text_of(source.op_type()));
    out.set_domain(text_of(source.domain()));
    for (const bool is_input : {true, false}) {
      const auto* names = is_input ? source.inputs() : source.outputs();
      for (std::size_t i = 0; i < length(names); ++i) {
        NNGAUGE_CHECK(spend(8 + get(names, i).size()));
        *(is_input ? out.add_input() : out.add_output()) = text_of(&get(names, i));
      }
    }
    set_mark(out, add_place(&source));
    for (std::size_t i = 0; i < length(source.attributes()); ++i)
      NNGAUGE_CHECK(rewrite_attribute(get(source.attributes(), i), *out.add_attribute(), depth));
    return ok();
  }

  // Types stand once for all values: those of inputs and outputs are found by name.
  Status rewrite_ends(const fb::Graph& source, onnx::GraphProto& out) {
    std::map<std::string, const fb::ValueInfo*> values;
    for (std::size_t i = 0; i < length(source.values()); ++i) {
      const fb::ValueInfo& value = get(source.values(), i);
      NNGAUGE_CHECK(rewrite_value(value, *out.add_value_info()));
      values.emplace(text_of(value.name()), &value);
    }
    for (const bool is_input : {true, false}) {
      const auto* names = is_input ? source.inputs() : source.outputs();
      for (std::size_t i = 0; i < length(names); ++i) {
        NNGAUGE_CHECK(spend(8 + get(names, i).size()));
        auto* end = is_input ? out.add_input() : out.add_output();
        const auto found = values.find(text_of(&get(names, i)));
        end->set_name(text_of(&get(names, i)));
        if (found != values.end()) NNGAUGE_CHECK(rewrite_value(*found->second, *end));
      }
    }
    return ok();
  }

  Status rewrite_graph(const fb::Graph& source, onnx::GraphProto& out, int depth) {
    if (depth > kMostDepth)
      return make_error(ErrorCode::kTooLarge, "graphs are nested more than " + std::to_string(kMostDepth) + " deep");
    for (std::size_t i = 0; i < length(source.initializers()); ++i)
      NNGAUGE_CHECK(rewrite_tensor(get(source.initializers(), i), *out.add_initializer()));
    for (std::size_t i = 0; i < length(source.sparse_initializers()); ++i) {
      const fb::SparseTensor& sparse = get(source.sparse_initializers(), i);
      auto* entry = out.add_sparse_initializer();
      if (sparse.values()) NNGAUGE_CHECK(rewrite_tensor(*sparse.values(), *entry->mutable_values()));
      if (sparse.indices()) NNGAUGE_CHECK(rewrite_tensor(*sparse.indices(), *entry->mutable_indices()));
      NNGAUGE_CHECK(spend(length(sparse.dims())));
      for (const std::int64_t dim : ints_of(sparse.dims())) entry->add_dims(dim);
    }
    NNGAUGE_CHECK(rewrite_ends(source, out));
    for (std::size_t i = 0; i < length(source.nodes()); ++i)
      NNGAUGE_CHECK(rewrite_node(get(source.nodes(), i), *out.add_node(), depth));
    return ok();
  }

  Bytes bytes_;
  CopyBudget budget_;
  Reduction reduction_;
  std::size_t elsewhere_ = 0;
};

}  // namespace

Result<Rewritten> rewrite(const fb::Model& source, Bytes aligned, onnx::ModelProto& out) {
  Rewriter rewriter(aligned);
  NNGAUGE_CHECK(rewriter.rewrite(source, out));
  return Rewritten{rewriter.take_places(), rewriter.elsewhere()};
}

}  // namespace nngauge::ort

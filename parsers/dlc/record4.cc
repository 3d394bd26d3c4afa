// SPDX-License-Identifier: Apache-2.0
// Record version 4 (SNPE 2, QNN): FlatBuffers; tensors by name with types, weights and settings among them. Their bytes
// lie in a second member, by name (NETP) or in a list of buffers in the order of the names (NR64).
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "dlc4_generated.h"
#include "parsers/dlc/fields.h"
#include "parsers/dlc/net.h"
#include "parsers/flatbuffer.h"

namespace nngauge::dlc {
namespace {

constexpr FlatSchema kNetSchema{
    v4::NetTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<v4::Net>(nullptr); }};
constexpr FlatSchema kParamsSchema{
    v4::ParamsTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<v4::Params>(nullptr); }};
constexpr FlatSchema kRawSchema{v4::RawParamsTypeTable, [](flatbuffers::Verifier& verifier) {
                                  return verifier.VerifyBuffer<v4::RawParams>(nullptr);
                                }};
constexpr int kStaticData = 4;

struct TypeCode {
  std::int32_t code;
  DType dtype;
  bool fixed_point;
};
// QNN's numbers: a group in the second byte, the bits (as decimal digits) in the first.
constexpr TypeCode kTypes[] = {
    {0x0008, DType::kInt8, false},    {0x0016, DType::kInt16, false},  {0x0032, DType::kInt32, false},
    {0x0064, DType::kInt64, false},   {0x0108, DType::kUInt8, false},  {0x0116, DType::kUInt16, false},
    {0x0132, DType::kUInt32, false},  {0x0164, DType::kUInt64, false}, {0x0216, DType::kFloat16, false},
    {0x0232, DType::kFloat32, false}, {0x0304, DType::kInt4, true},    {0x0308, DType::kInt8, true},
    {0x0316, DType::kInt16, true},    {0x0332, DType::kInt32, true},   {0x0404, DType::kUInt4, true},
    {0x0408, DType::kUInt8, true},    {0x0416, DType::kUInt16, true},  {0x0432, DType::kUInt32, true},
    {0x0508, DType::kBool, false},    {0x0608, DType::kString, false},
};

template <class T>
void load(Bytes bytes, Ints& out) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size() && out.size() < kMaxValueElements; at += sizeof(T)) {
    out.push_back(static_cast<std::int64_t>(number_at<T>(bytes, at)));
  }
}

// The elements of a small integer tensor.
std::optional<Ints> load_ints(DType dtype, Bytes bytes) {
  Ints out;
  switch (dtype) {
    case DType::kBool:
    case DType::kUInt8:
      load<std::uint8_t>(bytes, out);
      return out;
    case DType::kInt8:
      load<std::int8_t>(bytes, out);
      return out;
    case DType::kInt32:
      load<std::int32_t>(bytes, out);
      return out;
    case DType::kUInt32:
      load<std::uint32_t>(bytes, out);
      return out;
    case DType::kInt64:
      load<std::int64_t>(bytes, out);
      return out;
    default:
      return std::nullopt;
  }
}

class Reader {
 public:
  Reader(const Part& model, const std::optional<Part>& params)
      : model_(model),
        params_(params),
        budget_(model.bytes.size() + (params ? params->bytes.size() : 0), 4),
        aligned_model_(model.bytes),
        aligned_params_(params ? params->bytes : Bytes()) {}

  Result<std::vector<Net>> read() {
    {
      Status status = check_flat_structure(kNetSchema, aligned_model_.get());
      if (!status) return status.error().at("model");
    }
    if (params_) {
      Status status = index_params();
      if (!status) return status.error().at("model.params");
    }
    const v4::Net& source = *flatbuffers::GetRoot<v4::Net>(aligned_model_.get().data());
    if (length(source.graphs()) == 0) return make_error(ErrorCode::kInvalidGraph, "the model has no graphs");
    if (raw_) assign_raw_buffers(source);
    std::vector<Net> out;
    for (std::size_t i = 0; i < length(source.graphs()); ++i) {
      Net net;
      Status status = read_graph(get(source.graphs(), i), i, net);
      if (!status) return out.empty() ? status.error() : status.error().at("graph #" + std::to_string(i));
      out.push_back(std::move(net));
    }
    return out;
  }

 private:
  Status index_params() {
    if (flat_identifier(aligned_params_.get()) == "NR64") {
      NNGAUGE_CHECK(check_flat_structure(kRawSchema, aligned_params_.get()));
      raw_ = flatbuffers::GetRoot<v4::RawParams>(aligned_params_.get().data());
      return ok();
    }
    NNGAUGE_CHECK(check_flat_structure(kParamsSchema, aligned_params_.get()));
    named_ = flatbuffers::GetRoot<v4::Params>(aligned_params_.get().data());
    return ok();
  }

  // Buffers stand in the order of the static tensors' names, then come those of the nodes' settings.
  void assign_raw_buffers(const v4::Net& net) {
    std::vector<const v4::Tensor*> order;
    for (std::size_t g = 0; g < length(net.graphs()); ++g) {
      const v4::Graph& graph = get(net.graphs(), g);
      const auto begin = static_cast<std::ptrdiff_t>(order.size());
      for (std::size_t i = 0; i < length(graph.tensors()); ++i) {
        if (get(graph.tensors(), i).location() == kStaticData) order.push_back(&get(graph.tensors(), i));
      }
      std::stable_sort(order.begin() + begin, order.end(), [](const v4::Tensor* a, const v4::Tensor* b) {
        return (a->name() ? a->name()->string_view() : "") < (b->name() ? b->name()->string_view() : "");
      });
      for (std::size_t n = 0; n < length(graph.nodes()); ++n) {
        const auto* attributes = get(graph.nodes(), n).attributes();
        for (std::size_t i = 0; i < length(attributes); ++i) {
          if (get(attributes, i).tensor()) order.push_back(get(attributes, i).tensor());
        }
      }
    }
    for (std::size_t i = 0; i < order.size() && i < length(raw_->buffers()); ++i)
      raw_buffers_[order[i]] = get(raw_->buffers(), i).bytes();
  }

  using ByteVector = flatbuffers::Vector<std::uint8_t>;

  static const ByteVector* find_bytes(const flatbuffers::Vector<flatbuffers::Offset<v4::TensorBytes>>* list,
                                      std::string_view name) {
    for (std::size_t i = 0; i < length(list); ++i) {
      if (get(list, i).name() && get(list, i).name()->string_view() == name) return get(list, i).bytes();
    }
    return nullptr;
  }

  // Type, extents, encoding; data where `bytes` has them.
  Status read_tensor(const v4::Tensor& source, const ByteVector* bytes, NetTensor& tensor) {
    NNGAUGE_CHECK(budget_.spend(32 + length(source.name())));
    tensor.name = text_of(source.name());
    NNGAUGE_TRY(tensor.dims, ints_of(source.shape(), budget_));
    for (const TypeCode& type : kTypes) {
      if (type.code != source.dtype()) continue;
      tensor.dtype = type.dtype;
      if (type.fixed_point) tensor.quantization.scheme = QuantScheme::kPerTensor;
    }
    if (source.encoding() && source.encoding()->per_axis() && length(source.encoding()->per_axis()->scales()) > 1)
      tensor.quantization = {QuantScheme::kPerChannel, source.encoding()->per_axis()->axis(), 0};
    tensor.is_constant = source.location() == kStaticData;
    if (!bytes || bytes->size() == 0) return ok();
    const auto at = static_cast<std::uint64_t>(bytes->data() - aligned_params_.get().data());
    tensor.data = {0, params_->offset + at, bytes->size()};
    if (bytes->size() > 8 * kMaxValueElements) return ok();
    if (const auto ints = load_ints(tensor.dtype, Bytes(bytes->data(), bytes->size())))
      tensor.value = Value::of_ints(std::vector<Dim>(ints->begin(), ints->end()));
    return ok();
  }

  Status read_graph(const v4::Graph& source, std::size_t index, Net& net) {
    net.name = text_of(source.name());
    const v4::GraphBytes* stored = named_ && index < length(named_->graphs()) ? &get(named_->graphs(), index) : nullptr;
    std::unordered_map<std::string_view, const ByteVector*> by_name;
    for (std::size_t i = 0; stored && i < length(stored->tensors()); ++i) {
      const v4::TensorBytes& entry = get(stored->tensors(), i);
      if (entry.name()) by_name.emplace(entry.name()->string_view(), entry.bytes());
    }
    for (std::size_t i = 0; i < length(source.tensors()); ++i) {
      const v4::Tensor& entry = get(source.tensors(), i);
      const ByteVector* bytes = nullptr;
      if (raw_) {
        if (const auto found = raw_buffers_.find(&entry); found != raw_buffers_.end()) bytes = found->second;
      } else if (entry.name()) {
        if (const auto found = by_name.find(entry.name()->string_view()); found != by_name.end()) bytes = found->second;
      }
      NetTensor tensor;
      NNGAUGE_CHECK(read_tensor(entry, bytes, tensor));
      net.tensors.push_back(std::move(tensor));
    }
    for (std::size_t i = 0; i < length(source.nodes()); ++i) {
      Layer layer;
      const v4::NodeBytes* settings = stored && i < length(stored->nodes()) ? &get(stored->nodes(), i) : nullptr;
      Status status = read_node(get(source.nodes(), i), i, settings, layer);
      if (!status) return status.error().at("layer #" + std::to_string(i) + " " + in_quotes(layer.name));
      net.layers.push_back(std::move(layer));
    }
    if (!params_) net.diagnostics.warn("no-data", "", "the file has no member model.params: weights are not known");
    return ok();
  }

  Status read_node(const v4::Node& source, std::size_t index, const v4::NodeBytes* stored, Layer& layer) {
    NNGAUGE_CHECK(budget_.spend(64 + length(source.name()) + length(source.type())));
    layer.name = text_of(source.name());
    layer.type = text_of(source.type());
    layer.index = static_cast<std::int32_t>(index);
    layer.offset = model_.offset + static_cast<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(&source) -
                                                              aligned_model_.get().data());
    NNGAUGE_CHECK(read_names(source.inputs(), budget_, layer.inputs));
    NNGAUGE_CHECK(read_names(source.outputs(), budget_, layer.outputs));
    for (std::size_t i = 0; i < length(source.attributes()); ++i)
      NNGAUGE_CHECK(read_attribute(get(source.attributes(), i), stored, layer));
    return ok();
  }

  Status read_attribute(const v4::Attribute& source, const v4::NodeBytes* stored, Layer& layer) {
    NNGAUGE_CHECK(budget_.spend(16 + length(source.name())));
    Setting& setting = layer.settings[text_of(source.name())];
    if (const v4::Scalar* value = source.value()) {
      NNGAUGE_CHECK(budget_.spend(length(value->text())));
      setting = {{value->integer()}, {value->real()}, text_of(value->text())};
    }
    if (!source.tensor()) return ok();
    const ByteVector* bytes = nullptr;
    if (raw_) {
      if (const auto found = raw_buffers_.find(source.tensor()); found != raw_buffers_.end()) bytes = found->second;
    } else if (stored && source.tensor()->name()) {
      bytes = find_bytes(stored->tensors(), source.tensor()->name()->string_view());
      if (!bytes && source.name()) bytes = find_bytes(stored->tensors(), source.name()->string_view());
    }
    NetTensor tensor;
    NNGAUGE_CHECK(read_tensor(*source.tensor(), bytes, tensor));
    if (tensor.value) setting.ints = tensor.value->known_ints().value_or(Ints());
    return ok();
  }

  const Part& model_;
  const std::optional<Part>& params_;
  CopyBudget budget_;
  AlignedBytes aligned_model_, aligned_params_;
  const v4::Params* named_ = nullptr;
  const v4::RawParams* raw_ = nullptr;
  std::unordered_map<const v4::Tensor*, const ByteVector*> raw_buffers_;
};

}  // namespace

Result<std::vector<Net>> read_record_4(const Part& model, const std::optional<Part>& params) {
  return Reader(model, params).read();
}

}  // namespace nngauge::dlc

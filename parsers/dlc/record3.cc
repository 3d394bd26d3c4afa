// SPDX-License-Identifier: Apache-2.0
// Record version 3: FlatBuffers; layers have attributes by name, weights lie in a second member by layer name.
#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "dlc3_generated.h"
#include "parsers/dlc/fields.h"
#include "parsers/dlc/net.h"
#include "parsers/flatbuffer.h"

namespace nngauge::dlc {
namespace {

constexpr FlatSchema kNetSchema{
    v3::NetTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<v3::Net>(nullptr); }};
constexpr FlatSchema kParamsSchema{
    v3::ParamsTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<v3::Params>(nullptr); }};

const v3::Attribute* find(const flatbuffers::Vector<flatbuffers::Offset<v3::Attribute>>* list, std::string_view name) {
  for (std::size_t i = 0; i < length(list); ++i) {
    if (get(list, i).name() && get(list, i).name()->string_view() == name) return &get(list, i);
  }
  return nullptr;
}

DType dtype_of(std::uint8_t code) {
  switch (code) {
    case 6:
      return DType::kUInt8;
    case 9:
      return DType::kFloat32;
    default:
      return DType::kUnknown;
  }
}

// In words that all records share.
std::string_view function_of(std::string_view type, std::int64_t number) {
  if (type == "Neuron") return number == 1 ? "relu" : number == 3 ? "sigmoid" : "";
  if (type == "ElementwiseOp") return number == 0 ? "sum" : "";
  if (type == "Pooling") return number == 0 ? "max" : number == 1 ? "average" : "";
  return "";
}

class Reader {
 public:
  Reader(const Part& model, const std::optional<Part>& params)
      : model_(model),
        params_(params),
        budget_(model.bytes.size() + (params ? params->bytes.size() : 0), 4),
        aligned_model_(model.bytes),
        aligned_params_(params ? params->bytes : Bytes()) {}

  Result<Net> read() {
    {
      Status status = check_flat_structure(kNetSchema, aligned_model_.get());
      if (!status) return status.error().at("model");
    }
    if (params_) {
      Status status = check_flat_structure(kParamsSchema, aligned_params_.get());
      if (!status) return status.error().at("model.params");
      index_params(*flatbuffers::GetRoot<v3::Params>(aligned_params_.get().data()));
    }
    const v3::Net& source = *flatbuffers::GetRoot<v3::Net>(aligned_model_.get().data());
    NNGAUGE_CHECK(read_buffers(source));
    for (std::size_t i = 0; i < length(source.nodes()); ++i) {
      Layer layer;
      Status status = read_node(get(source.nodes(), i), i, layer);
      if (!status) return status.error().at("layer #" + std::to_string(i) + " " + in_quotes(layer.name));
      net_.layers.push_back(std::move(layer));
    }
    if (!params_) net_.diagnostics.warn("no-data", "", "the file has no member model.params: weights are not known");
    return std::move(net_);
  }

 private:
  void index_params(const v3::Params& params) {
    for (std::size_t i = 0; i < length(params.nodes()); ++i) {
      const v3::NodeParams& node = get(params.nodes(), i);
      if (node.name()) weights_.emplace(node.name()->string_view(), &node);
    }
  }

  Status read_buffers(const v3::Net& source) {
    const v3::Attribute* buffers = find(source.attributes(), "BufferInfos");
    if (!buffers) return ok();
    for (std::size_t i = 0; i < length(buffers->attributes()); ++i) {
      const v3::Attribute& buffer = get(buffers->attributes(), i);
      NNGAUGE_CHECK(budget_.spend(8 + length(buffer.name())));
      NetTensor tensor;
      tensor.name = text_of(buffer.name());
      if (const v3::Attribute* dims = find(buffer.attributes(), "dims")) {
        NNGAUGE_TRY(tensor.dims, ints_of(dims->integers(), budget_));
      }
      net_.tensors.push_back(std::move(tensor));
    }
    return ok();
  }

  Status read_node(const v3::Node& source, std::size_t index, Layer& layer) {
    NNGAUGE_CHECK(budget_.spend(64 + length(source.name()) + length(source.type())));
    layer.name = text_of(source.name());
    layer.type = text_of(source.type());
    layer.index = static_cast<std::int32_t>(index);
    layer.offset = model_.offset + static_cast<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(&source) -
                                                              aligned_model_.get().data());
    NNGAUGE_CHECK(read_names(source.inputs(), budget_, layer.inputs));
    NNGAUGE_CHECK(read_names(source.outputs(), budget_, layer.outputs));
    for (std::size_t i = 0; i < length(source.attributes()); ++i) {
      NNGAUGE_CHECK(read_attribute(get(source.attributes(), i), layer));
    }
    if (const auto number = layer.find_int(layer.type == "ElementwiseOp" ? "op" : "type"))
      layer.settings["function"].text = function_of(layer.type, *number);
    return read_weights(source, layer);
  }

  Status read_attribute(const v3::Attribute& source, Layer& layer) {
    NNGAUGE_CHECK(budget_.spend(16 + length(source.name()) + length(source.text()) + length(source.reals())));
    const std::string name = text_of(source.name());
    if (name == "FxpData") layer.quantised = true;
    if (name == "OutputDims") {
      for (std::size_t i = 0; i < length(source.attributes()); ++i) {
        NNGAUGE_TRY(Ints dims, ints_of(get(source.attributes(), i).integers(), budget_));
        layer.output_dims.push_back(std::move(dims));
      }
      return ok();
    }
    Setting& setting = layer.settings[name];
    switch (source.type()) {
      case 1:
        setting.ints = {source.flag()};
        break;
      case 2:
        setting.ints = {source.integer()};
        break;
      case 3:
        setting.ints = {source.natural()};
        break;
      case 4:
        setting.reals = {source.real()};
        break;
      case 5:
        setting.text = text_of(source.text());
        break;
      case 8: {
        NNGAUGE_TRY(setting.ints, ints_of(source.integers(), budget_));
        break;
      }
      case 9:
        if (source.reals()) setting.reals.assign(source.reals()->begin(), source.reals()->end());
        break;
      default:
        layer.settings.erase(name);  // bytes and nested lists: none of them is of use here
    }
    return ok();
  }

  Status read_weights(const v3::Node& node, Layer& layer) {
    if (!node.name()) return ok();
    const auto found = weights_.find(node.name()->string_view());
    if (found == weights_.end()) return ok();
    const auto* weights = found->second->weights();
    for (std::size_t i = 0; i < length(weights); ++i) {
      NetTensor tensor;
      Status status = read_weight(get(weights, i), tensor);
      if (!status) return status.error().at(in_quotes(tensor.name));
      layer.weights.push_back(std::move(tensor));
    }
    // "bias" before "weights_0" in the file: by name, but the kernel first.
    std::stable_partition(layer.weights.begin(), layer.weights.end(),
                          [](const NetTensor& tensor) { return tensor.name.starts_with("weights"); });
    return ok();
  }

  Status read_weight(const v3::Tensor& source, NetTensor& tensor) {
    NNGAUGE_CHECK(budget_.spend(16 + length(source.name())));
    tensor.name = text_of(source.name());
    NNGAUGE_TRY(tensor.dims, ints_of(source.shape(), budget_));
    tensor.is_constant = true;
    if (find(source.attributes(), "FxpData")) tensor.quantization.scheme = QuantScheme::kPerTensor;
    const v3::TensorData* data = source.data();
    if (!data) return ok();
    tensor.dtype = dtype_of(data->dtype());
    const auto place = [&](const void* begin, std::size_t bytes) {
      const auto at = static_cast<const std::uint8_t*>(begin) - aligned_params_.get().data();
      tensor.data = {0, params_->offset + static_cast<std::uint64_t>(at), bytes};
    };
    if (length(data->bytes()) > 0) place(data->bytes()->data(), data->bytes()->size());
    if (length(data->reals()) > 0) {
      place(data->reals()->data(), std::size_t{4} * data->reals()->size());
      tensor.dtype = DType::kFloat32;
    }
    return ok();
  }

  const Part& model_;
  const std::optional<Part>& params_;
  CopyBudget budget_;
  AlignedBytes aligned_model_, aligned_params_;
  std::unordered_map<std::string_view, const v3::NodeParams*> weights_;
  Net net_;
};

}  // namespace

Result<Net> read_record_3(const Part& model, const std::optional<Part>& params) { return Reader(model, params).read(); }

}  // namespace nngauge::dlc

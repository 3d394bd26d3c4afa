// SPDX-License-Identifier: Apache-2.0
// Record version 2: one protobuf message without a published schema. Field numbers as found in files; layer types and
// the fields of their parameters are numbered apart.
#include <array>
#include <bit>

#include "base/text.h"
#include "parsers/dlc/net.h"
#include "parsers/protobuf_wire.h"

namespace nngauge::dlc {
namespace {

constexpr int kMostDepth = 8;
constexpr std::size_t kMostDims = 64;

struct LayerType {
  std::uint64_t code;
  std::string_view name;
};
constexpr std::array kLayerTypes = {
    LayerType{30, "Concat"},        LayerType{40, "Convolutional"},   LayerType{60, "Input"},
    LayerType{90, "ElementwiseOp"}, LayerType{100, "FullyConnected"}, LayerType{130, "Pooling"},
    LayerType{150, "Neuron"},       LayerType{155, "Permute"},        LayerType{163, "Reshape"},
};

// A field of a layer's parameters that is a setting under the name that record 3 has for it.
struct SettingField {
  std::uint32_t params;  // field of the layer that holds the parameters
  std::uint32_t field;
  std::string_view name;
};
constexpr std::array kSettings = {
    SettingField{25, 1, "axis"},      SettingField{30, 1, "kernel_size"}, SettingField{30, 2, "kernel_size_y"},
    SettingField{30, 3, "stride"},    SettingField{30, 4, "stride_y"},    SettingField{30, 5, "padding"},
    SettingField{30, 6, "padding_y"}, SettingField{30, 7, "dilation_x"},  SettingField{30, 8, "dilation_y"},
    SettingField{30, 9, "groups"},    SettingField{60, 1, "op"},          SettingField{60, 2, "coeffs"},
    SettingField{90, 1, "type"},      SettingField{110, 1, "size_x"},     SettingField{110, 2, "size_y"},
    SettingField{110, 3, "stride_x"}, SettingField{110, 4, "stride_y"},   SettingField{110, 5, "pad_x"},
    SettingField{110, 6, "pad_y"},    SettingField{110, 7, "type"},       SettingField{115, 1, "order"},
};

// Numbers of functions, in words that both records share.
std::string_view function_of(std::string_view type, std::int64_t number) {
  if (type == "Neuron") return number == 2 ? "sigmoid" : number == 3 ? "relu" : number == 6 ? "elu" : "";
  if (type == "ElementwiseOp") return number == 2 ? "sum" : "";
  if (type == "Pooling") return number == 0 ? "max" : number == 1 ? "average" : "";
  return "";
}

class Reader {
 public:
  Reader(const Part& model, Bytes file) : model_(model), file_(file) {}

  Result<Net> read() {
    WireReader top(file_, model_.offset, model_.offset + model_.bytes.size());
    WireField field;
    while (top.next(field)) {
      if (field.type != WireType::kBytes) continue;
      if (field.number == 1) NNGAUGE_CHECK(read_buffer(field));
      if (field.number != 5) continue;
      Layer layer;
      layer.index = static_cast<std::int32_t>(net_.layers.size());
      layer.offset = field.offset;
      Status status = read_layer(field, layer);
      if (!status) return status.error().at("layer #" + std::to_string(layer.index) + " " + in_quotes(layer.name));
      net_.layers.push_back(std::move(layer));
    }
    NNGAUGE_CHECK(top.status());
    return std::move(net_);
  }

 private:
  std::string text(const WireField& field) const {
    return printable(as_text(file_.subspan(field.payload, field.size)));
  }

  // A number that may stand alone or packed with others.
  void add_numbers(const WireField& field, Ints& out) const {
    if (out.size() > kMostDims) return;
    if (field.type != WireType::kBytes) out.push_back(static_cast<std::int64_t>(field.value));
  }

  Status read_buffer(const WireField& message) {
    WireReader reader(file_, message.payload, message.end());
    WireField field;
    NetTensor tensor;
    Ints dims;
    while (reader.next(field)) {
      if (field.number == 1 && field.type == WireType::kBytes) tensor.name = text(field);
      if (field.number == 3) add_numbers(field, dims);
    }
    tensor.dims = std::move(dims);
    net_.tensors.push_back(std::move(tensor));
    return reader.status();
  }

  Status read_layer(const WireField& message, Layer& layer) {
    std::uint64_t code = 0;
    Ints dims;
    {
      WireReader reader(file_, message.payload, message.end());
      WireField field;
      while (reader.next(field)) {
        if (field.number == 1) layer.name = text(field);
        if (field.number == 2) code = field.value;
        if (field.number == 3) add_numbers(field, dims);
        if (field.number == 7) layer.inputs.push_back(text(field));
        if (field.number == 8) layer.outputs.push_back(text(field));
        if (field.number == 10) layer.quantised = true;
      }
      NNGAUGE_CHECK(reader.status());
    }
    layer.output_dims.push_back(std::move(dims));
    for (const LayerType& type : kLayerTypes) {
      if (type.code == code) layer.type = type.name;
    }
    if (layer.type.empty()) layer.type = "layer type " + std::to_string(code);
    WireReader reader(file_, message.payload, message.end());
    WireField field;
    while (reader.next(field)) {
      if (field.number > 13 && field.type == WireType::kBytes && is_message(field))
        NNGAUGE_CHECK(read_params(field, field.number, layer, 0));
    }
    name_function(layer);
    return ok();
  }

  static void name_function(Layer& layer) {
    const auto number = layer.find_int(layer.type == "ElementwiseOp" ? "op" : "type");
    if (number) layer.settings["function"].text = function_of(layer.type, *number);
  }

  // Settings by name; anything that is built like a stored tensor is one, at whatever place: so weights of layers whose
  // parameters are not known are located too.
  Status read_params(const WireField& message, std::uint32_t params, Layer& layer, int depth) {
    NNGAUGE_TRY(const bool is_weight, read_weight(message, layer));
    if (is_weight || depth >= kMostDepth) return ok();
    WireReader reader(file_, message.payload, message.end());
    WireField field;
    while (reader.next(field)) {
      if (field.type == WireType::kBytes) {
        if (is_message(field)) NNGAUGE_CHECK(read_params(field, params, layer, depth + 1));
        continue;
      }
      if (depth > 0) continue;
      for (const SettingField& setting : kSettings) {
        if (setting.params != params || setting.field != field.number) continue;
        Setting& target = layer.settings[std::string(setting.name)];
        if (field.type == WireType::kFixed32) {
          if (target.reals.size() < kMostDims)
            target.reals.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(field.value)));
        } else {
          add_numbers(field, target.ints);
        }
      }
    }
    return reader.status();
  }

  // The bytes divide into fields to their end.
  [[nodiscard]] bool is_message(const WireField& field) const {
    WireReader reader(file_, field.payload, field.end());
    WireField inner;
    while (reader.next(inner)) {
    }
    return field.size > 0 && !reader.failed();
  }

  // {1 extents; 2 float32} or {1 extents; 3 {3 uint8; 4 range}}.
  Result<bool> read_weight(const WireField& message, Layer& layer) {
    WireReader reader(file_, message.payload, message.end());
    WireField field;
    NetTensor tensor;
    Ints dims;
    bool fits = true;
    while (fits && reader.next(field)) {
      if (field.number == 1 && field.type == WireType::kVarint) add_numbers(field, dims);
      else if (field.number == 2 && field.type == WireType::kBytes) take_data(field, DType::kFloat32, tensor);
      else if (field.number == 3 && field.type == WireType::kBytes) fits = read_quantised(field, tensor);
      else fits = false;
    }
    if (!fits || reader.failed() || dims.empty() || tensor.dtype == DType::kUnknown) return false;
    tensor.name = layer.weights.empty() ? "weights_0" : layer.weights.size() == 1 ? "bias" : "weights_more";
    const Count bytes = data_bytes(dims, tensor.dtype);
    if (bytes.overflowed() || bytes.value() != tensor.data.size_bytes) {
      if (!has_weights(layer.type)) return false;
      return make_error(ErrorCode::kDamaged, tensor.name + " at " + byte_place(message.offset) + " needs " +
                                                 (bytes.overflowed() ? "more bytes than 64 bits count"
                                                                     : std::to_string(bytes.value()) + " bytes") +
                                                 ", " + std::to_string(tensor.data.size_bytes) + " are stored");
    }
    tensor.dims = std::move(dims);
    tensor.is_constant = true;
    layer.weights.push_back(std::move(tensor));
    return true;
  }

  // In these layers what is built like a weight is one.
  static bool has_weights(std::string_view type) { return type == "Convolutional" || type == "FullyConnected"; }

  static Count data_bytes(const Ints& dims, DType dtype) {
    Count elements = 1;
    for (const std::int64_t extent : dims) elements *= Count::from_signed(extent);
    return packed_bytes(dtype, elements);
  }

  static void take_data(const WireField& field, DType dtype, NetTensor& tensor) {
    tensor.dtype = dtype;
    tensor.data = {0, field.payload, field.size};
  }

  bool read_quantised(const WireField& message, NetTensor& tensor) const {
    WireReader reader(file_, message.payload, message.end());
    WireField field;
    while (reader.next(field)) {
      if (field.number == 3 && field.type == WireType::kBytes) take_data(field, DType::kUInt8, tensor);
      if (field.number == 4 && field.type == WireType::kBytes) tensor.quantization.scheme = QuantScheme::kPerTensor;
    }
    return !reader.failed() && tensor.dtype == DType::kUInt8;
  }

  const Part& model_;
  Bytes file_;
  Net net_;
};

}  // namespace

Result<Net> read_record_2(const Part& model, Bytes file) { return Reader(model, file).read(); }

}  // namespace nngauge::dlc

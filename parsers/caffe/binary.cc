// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/binary.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "caffe.pb.h"
#include "parsers/caffe/forks.h"
#include "parsers/caffe/text.h"

namespace nngauge::caffe_format {
namespace {

using U = FieldUse;

enum Message : std::uint8_t { kNet, kV1Layer, kV0Layer, kLayer, kBlob };

// Field numbers.
constexpr std::uint32_t kNetLayers = 2, kNetLayer = 100;
constexpr std::uint32_t kData = 5, kDoubleData = 8, kRawData = 12;

constexpr std::array kNetFields = {SchemaField{kNetLayers, U::kMessage, kV1Layer},
                                   SchemaField{kNetLayer, U::kMessage, kLayer}};
constexpr std::array kV1Fields = {SchemaField{1, U::kMessage, kV0Layer}, SchemaField{6, U::kMessage, kBlob}};
constexpr std::array kV0Fields = {SchemaField{50, U::kMessage, kBlob}};
constexpr std::array kLayerFields = {SchemaField{7, U::kMessage, kBlob}};
constexpr std::array kBlobFields = {SchemaField{kData, U::kLocate},       SchemaField{6, U::kSkip},
                                    SchemaField{kDoubleData, U::kLocate}, SchemaField{9, U::kSkip},
                                    SchemaField{kRawData, U::kLocate},    SchemaField{13, U::kSkip}};
constexpr std::array kSchema = {
    SchemaMessage{"NetParameter", false, kNetFields}, SchemaMessage{"V1LayerParameter", true, kV1Fields},
    SchemaMessage{"V0LayerParameter", false, kV0Fields}, SchemaMessage{"LayerParameter", true, kLayerFields},
    SchemaMessage{"BlobProto", true, kBlobFields}};

template <class Message>
const LocatedMessage* place_of(const Message& message, const Reduction& reduction) {
  const auto& fields = message.unknown_fields();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != static_cast<int>(kMarkField) || field.type() != google::protobuf::UnknownField::TYPE_VARINT)
      continue;
    return field.varint() < reduction.places.size() ? &reduction.places[field.varint()] : nullptr;
  }
  return nullptr;
}

// Bounds what libprotobuf builds: small fields take much more memory than room in the file.
Status check_counts(Bytes bytes) {
  constexpr std::size_t kMaxFields = 2'000'000;
  WireReader reader(bytes, 0, bytes.size());
  WireField field;
  std::size_t layers = 0, fields = 0;
  while (reader.next(field)) {
    ++fields;
    if (field.type != WireType::kBytes || (field.number != kNetLayers && field.number != kNetLayer)) continue;
    WireReader layer(bytes, field.payload, field.end());
    for (WireField part; layer.next(part);) ++fields;
    if (++layers > kMaxLayers)
      return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} layers", kMaxLayers));
    if (fields > kMaxFields) break;
  }
  if (fields > kMaxFields)
    return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} fields", kMaxFields));
  return ok();
}

// Element type of NVIDIA's raw_data.
DType raw_dtype(std::int32_t type) {
  switch (type) {
    case 0:
      return DType::kFloat64;
    case 2:
      return DType::kFloat16;
    case 3:
      return DType::kInt32;
    case 4:
      return DType::kUInt32;
    default:
      return DType::kFloat32;
  }
}

Result<Shape> stored_shape(const caffe::BlobProto& proto, std::uint64_t elements) {
  std::vector<Dim> dims;
  const bool legacy = proto.has_num() || proto.has_channels() || proto.has_height() || proto.has_width();
  if (proto.has_shape()) {
    for (const std::int64_t dim : proto.shape().dim()) dims.emplace_back(dim);
  } else if (legacy) {
    for (const std::int32_t dim : {proto.num(), proto.channels(), proto.height(), proto.width()})
      dims.emplace_back(dim);
  } else {
    dims.emplace_back(static_cast<std::int64_t>(elements));
  }
  for (const Dim dim : dims) {
    if (dim.value() < 0)
      return make_error(ErrorCode::kDamaged, fmt::format("a blob has the negative extent {}", dim.value()));
  }
  return Shape(std::move(dims));
}

Result<Blob> locate_blob(const caffe::BlobProto& proto, const Reduction& reduction, std::int32_t file) {
  Blob blob;
  const LocatedMessage* place = place_of(proto, reduction);
  const LocatedField* found = nullptr;
  std::uint64_t element_bytes = 4;
  for (const std::uint32_t number : {kData, kDoubleData, kRawData}) {
    const LocatedField* field = place == nullptr ? nullptr : place->find(number);
    if (field == nullptr || field->size_bytes == 0) continue;
    found = field;
    if (number == kDoubleData) blob.dtype = DType::kFloat64;
    if (number == kRawData) blob.dtype = raw_dtype(proto.raw_data_type());
    element_bytes = static_cast<std::uint64_t>(dtype_bits(blob.dtype)) / 8;
    break;
  }
  const std::uint64_t held = found == nullptr ? 0 : found->size_bytes / element_bytes;
  NNGAUGE_TRY(blob.shape, stored_shape(proto, held));
  if (found == nullptr) return blob;
  const Count elements = *blob.shape.elements();
  if (found->size_bytes % element_bytes != 0 || elements != Count(held)) {
    return make_error(ErrorCode::kDamaged,
                      fmt::format("a blob holds {} bytes, {} {} takes {}", found->size_bytes, dtype_name(blob.dtype),
                                  shape_text(blob.shape, SymbolTable()),
                                  elements.overflowed() ? "more than 64 bits can count"
                                                        : std::to_string((elements * element_bytes).value())));
  }
  blob.data = {file, found->offset, found->size_bytes};
  // One tag a number where they are not packed.
  if (found->occurrences > 1) blob.data.encoded_bytes = found->size_bytes + found->occurrences - 1;
  return blob;
}

// --- evidence -------------------------------------------------------------------------------------------------------

struct LayerEvidence {
  int layers = 0, others = 0;  // messages that are a layer, messages that cannot be one
};

bool is_text_field(Bytes bytes, const WireField& field, std::uint64_t most) {
  const std::string_view text = as_text(bytes.subspan(field.payload, field.size));
  return field.type == WireType::kBytes && field.size <= most && is_valid_utf8(text) &&
         text.find('\0') == std::string_view::npos;
}

bool is_v0_layer(Bytes bytes, const WireField& parent) {
  WireReader reader(bytes, parent.payload, parent.end());
  WireField field;
  bool has_type = false;
  while (reader.next(field)) {
    if (field.number == 1 && !is_text_field(bytes, field, 512)) return false;
    if (field.number == 2) has_type = is_text_field(bytes, field, 64);
    if (field.number >= 3 && field.number <= 4 && field.type != WireType::kVarint) return false;
  }
  return !reader.failed() && has_type;
}

bool is_v1_layer(Bytes bytes, const WireField& parent) {
  WireReader reader(bytes, parent.payload, parent.end());
  WireField field;
  bool typed = false;
  while (reader.next(field)) {
    if (field.number >= 2 && field.number <= 4 && !is_text_field(bytes, field, 512)) return false;
    if (field.number == 1 && !(typed = is_v0_layer(bytes, field))) return false;
    if (field.number == 5) {
      if (field.type != WireType::kVarint || field.value > 200) return false;
      typed = true;
    }
  }
  return !reader.failed() && typed;
}

bool is_v2_layer(Bytes bytes, const WireField& parent) {
  WireReader reader(bytes, parent.payload, parent.end());
  WireField field;
  bool typed = false;
  while (reader.next(field)) {
    if (field.number <= 4 && !is_text_field(bytes, field, 512)) return false;
    if (field.number == 2) typed = field.size > 0;
    if (field.number == 7 && field.type != WireType::kBytes) return false;
  }
  return !reader.failed() && typed;
}

}  // namespace

BinaryKind look_at_binary(Bytes bytes) {
  WireReader reader(bytes, 0, bytes.size());
  WireField field;
  LayerEvidence seen;
  constexpr int kEnough = 16;
  while (seen.layers < kEnough && reader.next(field)) {
    if (field.number == 1 && !is_text_field(bytes, field, 4096)) return BinaryKind::kOther;
    if (field.number == kNetLayers || field.number == kNetLayer) {
      if (field.type != WireType::kBytes) return BinaryKind::kOther;
      const bool layer = field.number == kNetLayer ? is_v2_layer(bytes, field) : is_v1_layer(bytes, field);
      ++(layer ? seen.layers : seen.others);
      if (seen.others > kEnough) break;
    } else if (field.number == 3 && !is_text_field(bytes, field, 512)) {
      return BinaryKind::kOther;
    } else if (field.number > 8 && field.number < 100) {
      return BinaryKind::kOther;
    }
  }
  if (seen.others >= seen.layers) return BinaryKind::kOther;
  return reader.failed() || seen.others > 0 ? BinaryKind::kDamagedNet : BinaryKind::kNet;
}

Result<Caffemodel> parse_binary(Bytes bytes, const MappedFile* mapping) {
  NNGAUGE_CHECK(check_counts(bytes));
  Caffemodel out;
  NNGAUGE_TRY(out.reduction, reduce_message(bytes, kSchema, kNet, mapping));
  out.net = std::make_shared<caffe::NetParameter>();
  const std::string& message = out.reduction.message;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(message.data()),
                                               static_cast<int>(message.size()));
  if (!out.net->ParseFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
    NNGAUGE_CHECK(check_message(bytes, kSchema, kNet));
    return make_error(ErrorCode::kDamaged, "the protobuf message cannot be read");
  }
  out.reduction.message.clear();
  out.reduction.message.shrink_to_fit();
  out.generation = generation_of(*out.net);
  NNGAUGE_CHECK(upgrade(*out.net));
  for (caffe::LayerParameter& layer : *out.net->mutable_layer()) adopt_fork_parameters(layer);
  return out;
}

Result<std::map<std::string, std::vector<Blob>>> locate_blobs(const Caffemodel& model, std::int32_t file) {
  std::map<std::string, std::vector<Blob>> out;
  for (const caffe::LayerParameter& layer : model.net->layer()) {
    if (layer.blobs_size() == 0) continue;
    std::vector<Blob> blobs;
    for (const caffe::BlobProto& proto : layer.blobs()) {
      Result<Blob> blob = locate_blob(proto, model.reduction, file);
      if (!blob) return blob.error().at(fmt::format("layer {}, blob #{}", in_quotes(layer.name()), blobs.size()));
      blobs.push_back(*std::move(blob));
    }
    out[layer.name()] = std::move(blobs);
  }
  return out;
}

std::uint64_t layer_offset(const caffe::LayerParameter& layer, const Reduction& reduction) {
  const LocatedMessage* place = place_of(layer, reduction);
  return place == nullptr ? 0 : place->offset;
}

}  // namespace nngauge::caffe_format

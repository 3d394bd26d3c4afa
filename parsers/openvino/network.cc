// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/network.h"

#include <fmt/format.h>
#include <libxml/xmlreader.h>

#include <charconv>
#include <memory>
#include <optional>

#include "base/text.h"

namespace nngauge::openvino {
namespace {

constexpr std::size_t kMaxBytes = 256U << 20U;
constexpr std::size_t kMaxLayers = 200'000;
constexpr std::size_t kMaxPorts = 2'000'000;  // and extents and edges

struct FreeReader {
  void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};

std::optional<std::int64_t> integer_of(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view view(const xmlChar* text) { return text == nullptr ? "" : reinterpret_cast<const char*>(text); }

void silence(void*, const char*, xmlParserSeverities, xmlTextReaderLocatorPtr) {}

class Parser {
 public:
  explicit Parser(Bytes bytes)
      : reader_(xmlReaderForMemory(reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr,
                                   nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)) {
    if (reader_) xmlTextReaderSetErrorHandler(reader_.get(), silence, nullptr);
  }

  Result<Network> run() {
    if (!reader_) return make_error(ErrorCode::kTooLarge, "not enough memory to read it");
    int state = 0;
    while ((state = xmlTextReaderRead(reader_.get())) == 1) {
      const int type = xmlTextReaderNodeType(reader_.get());
      if (type == XML_READER_TYPE_DOCUMENT_TYPE) return damaged("a document type stands in the file");
      NNGAUGE_CHECK(take(type));
    }
    if (state != 0) return damaged("the XML is broken here");
    if (!seen_net_) return make_error(ErrorCode::kNotAModel, "an XML document without an OpenVINO network");
    return std::move(net_);
  }

 private:
  Status take(int type) {
    if (type == XML_READER_TYPE_ELEMENT) return open();
    if (type == XML_READER_TYPE_TEXT && in_dim_) return take_dim();
    if (type == XML_READER_TYPE_END_ELEMENT) close();
    return ok();
  }
  [[nodiscard]] Error damaged(std::string message) const {
    return make_error(ErrorCode::kDamaged, std::move(message))
        .at(fmt::format("line {}", xmlTextReaderGetParserLineNumber(reader_.get())));
  }
  [[nodiscard]] std::string name() const { return std::string(view(xmlTextReaderConstLocalName(reader_.get()))); }
  [[nodiscard]] bool is_empty() const { return xmlTextReaderIsEmptyElement(reader_.get()) == 1; }

  std::map<std::string, std::string, std::less<>> attributes() {
    std::map<std::string, std::string, std::less<>> out;
    while (xmlTextReaderMoveToNextAttribute(reader_.get()) == 1) {
      out.emplace(std::string(view(xmlTextReaderConstLocalName(reader_.get()))),
                  std::string(view(xmlTextReaderConstValue(reader_.get()))));
    }
    xmlTextReaderMoveToElement(reader_.get());
    return out;
  }

  static std::string value(const std::map<std::string, std::string, std::less<>>& from, std::string_view key) {
    const auto found = from.find(key);
    return found == from.end() ? "" : found->second;
  }

  Status open() {
    const std::string element = name();
    const int depth = xmlTextReaderDepth(reader_.get());
    if (body_depth_ >= 0) return ok();  // a network inside a layer
    if (depth == 0) {
      if (element != "net") return make_error(ErrorCode::kNotAModel, "an XML document without an OpenVINO network");
      const auto given = attributes();
      net_.name = value(given, "name");
      net_.version = integer_of(value(given, "version")).value_or(0);
      seen_net_ = true;
      return ok();
    }
    if (element == "layer" && depth == 2) return open_layer();
    if (element == "edge" && depth == 2) return add_edge();
    if (net_.layers.empty() || !in_layer_) return ok();
    Layer& layer = net_.layers.back();
    if (element == "body" || element.ends_with("_body")) {
      layer.has_body = true;
      if (!is_empty()) body_depth_ = depth;
    } else if (element == "data" || element.ends_with("_data")) {
      for (auto& [key, text] : attributes()) layer.data.emplace(key, text);
    } else if (element == "input" || element == "output") {
      ports_ = element == "input" ? &layer.inputs : &layer.outputs;
    } else if (element == "port" && ports_ != nullptr && depth == 4) {
      const auto given = attributes();
      ports_->push_back({integer_of(value(given, "id")).value_or(0), dtype_of(value(given, "precision")), {}});
      return count();
    } else if (element == "dim" && ports_ != nullptr && !ports_->empty()) {
      in_dim_ = !is_empty();
    } else if ((element == "weights" || element == "biases" || element == "custom") && depth >= 3) {
      const auto given = attributes();
      const auto offset = integer_of(value(given, "offset")), size = integer_of(value(given, "size"));
      if (!offset || !size || *offset < 0 || *size < 0) return damaged("a blob without offset and size");
      layer.blobs.push_back({element, static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*size)});
      return count();
    }
    return ok();
  }

  Status open_layer() {
    if (net_.layers.size() >= kMaxLayers)
      return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} layers", kMaxLayers));
    const auto given = attributes();
    Layer layer;
    layer.id = value(given, "id");
    layer.name = value(given, "name");
    layer.type = value(given, "type");
    layer.precision = dtype_of(value(given, "precision"));
    net_.layers.push_back(std::move(layer));
    in_layer_ = !is_empty();
    ports_ = nullptr;
    return ok();
  }

  Status add_edge() {
    const auto given = attributes();
    const auto from = integer_of(value(given, "from-port")), to = integer_of(value(given, "to-port"));
    if (!from || !to) return damaged("an edge without ports");
    net_.edges.push_back({value(given, "from-layer"), value(given, "to-layer"), *from, *to});
    return count();
  }

  void close() {
    const std::string element = name();
    const int depth = xmlTextReaderDepth(reader_.get());
    if (body_depth_ >= 0) {
      if (depth == body_depth_) body_depth_ = -1;
      return;
    }
    if (element == "layer" && depth == 2) in_layer_ = false;
    if (element == "input" || element == "output") ports_ = nullptr;
    if (element == "dim") in_dim_ = false;
  }

  Status take_dim() {
    const auto extent = integer_of(view(xmlTextReaderConstValue(reader_.get())));
    if (ports_ == nullptr || ports_->empty()) return ok();
    ports_->back().dims.push_back(extent && *extent >= 0 ? Dim(*extent) : Dim::unknown());
    return count();
  }

  Status count() {
    if (++counted_ <= kMaxPorts) return ok();
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("the network has more than {} ports, extents and edges", kMaxPorts));
  }

  std::unique_ptr<xmlTextReader, FreeReader> reader_;
  Network net_;
  std::vector<Port>* ports_ = nullptr;
  std::size_t counted_ = 0;
  int body_depth_ = -1;
  bool seen_net_ = false, in_layer_ = false, in_dim_ = false;
};

}  // namespace

std::string Layer::text(std::string_view key, const std::string& otherwise) const {
  const auto found = data.find(key);
  return found == data.end() ? otherwise : found->second;
}

std::int64_t Layer::integer(std::string_view key, std::int64_t otherwise) const {
  const auto found = data.find(key);
  return found == data.end() ? otherwise : integer_of(found->second).value_or(otherwise);
}

bool Layer::flag(std::string_view key, bool otherwise) const {
  const auto found = data.find(key);
  if (found == data.end()) return otherwise;
  return found->second == "true" || found->second == "True" || found->second == "1";
}

Ints Layer::integers(std::string_view key) const {
  const auto found = data.find(key);
  Ints out;
  if (found == data.end() || found->second.size() > 4096) return out;
  for (const std::string& part : split(found->second, ',')) {
    const auto number = integer_of(part);
    if (!number) return {};
    out.push_back(*number);
  }
  return out;
}

Result<Network> parse_network(Bytes bytes) {
  if (bytes.size() > kMaxBytes)
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("an XML of {} bytes, {} are the most", bytes.size(), kMaxBytes));
  return Parser(bytes).run();
}

DType dtype_of(std::string_view name) {
  const std::string lower = lower_case(name);
  static constexpr std::pair<std::string_view, DType> kTypes[] = {
      {"f32", DType::kFloat32},   {"fp32", DType::kFloat32}, {"f16", DType::kFloat16},  {"fp16", DType::kFloat16},
      {"bf16", DType::kBFloat16}, {"f64", DType::kFloat64},  {"fp64", DType::kFloat64}, {"i4", DType::kInt4},
      {"u4", DType::kUInt4},      {"i8", DType::kInt8},      {"u8", DType::kUInt8},     {"i16", DType::kInt16},
      {"u16", DType::kUInt16},    {"i32", DType::kInt32},    {"u32", DType::kUInt32},   {"i64", DType::kInt64},
      {"u64", DType::kUInt64},    {"boolean", DType::kBool}, {"bool", DType::kBool},    {"string", DType::kString},
  };
  for (const auto& [key, dtype] : kTypes) {
    if (key == lower) return dtype;
  }
  return DType::kUnknown;
}

std::vector<Dim> dims_of(std::string_view text) {
  std::vector<Dim> out;
  if (trim(text).empty() || text.size() > 4096) return out;
  for (const std::string& part : split(text, ',')) {
    const auto extent = integer_of(part);
    out.push_back(extent && *extent >= 0 ? Dim(*extent) : Dim::unknown());
  }
  return out;
}

}  // namespace nngauge::openvino

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
constexpr std::size_t kMaxNesting = 16;

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
    if (frames_.empty()) return make_error(ErrorCode::kNotAModel, "an XML document without an OpenVINO network");
    return std::move(frames_.front().net);
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

  // A network and where it stands: the whole one, or one inside a layer.
  struct Frame {
    Network net;
    int depth = 0;
    std::string name;
    bool in_layer = false;
    std::vector<Port>* ports = nullptr;
    std::string port_map;
  };

  Status open() {
    const std::string element = name();
    const int absolute = xmlTextReaderDepth(reader_.get());
    if (absolute == 0) {
      if (element != "net") return make_error(ErrorCode::kNotAModel, "an XML document without an OpenVINO network");
      const auto given = attributes();
      frames_.emplace_back();
      frames_.back().net.name = value(given, "name");
      frames_.back().net.version = integer_of(value(given, "version")).value_or(0);
      return ok();
    }
    Frame& frame = frames_.back();
    const int depth = absolute - frame.depth;
    if (element == "layer" && depth == 2) return open_layer(frame);
    if (element == "edge" && depth == 2) return add_edge(frame);
    if (frame.net.layers.empty() || !frame.in_layer) return ok();
    Layer& layer = frame.net.layers.back();
    if (depth == 3 && (element == "body" || element.ends_with("_body"))) return open_body(layer, element, absolute);
    if (element == "data" || element.ends_with("_data")) {
      for (auto& [key, text] : attributes()) layer.data.emplace(key, text);
    } else if (depth == 3 && element.ends_with("port_map")) {
      frame.port_map = element;
    } else if (depth == 4 && !frame.port_map.empty() && (element == "input" || element == "output")) {
      return add_port_map(layer, frame.port_map, element == "input");
    } else if (depth == 4 && element == "edge") {
      const auto given = attributes();
      layer.back_edges.emplace_back(value(given, "from-layer"), value(given, "to-layer"));
      return count();
    } else if (element == "input" || element == "output") {
      frame.ports = element == "input" ? &layer.inputs : &layer.outputs;
    } else if (element == "port" && frame.ports != nullptr && depth == 4) {
      const auto given = attributes();
      frame.ports->push_back({integer_of(value(given, "id")).value_or(0), dtype_of(value(given, "precision")), {}});
      return count();
    } else if (element == "dim" && frame.ports != nullptr && !frame.ports->empty()) {
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

  Status open_body(Layer& layer, const std::string& element, int depth) {
    if (is_empty()) {
      layer.bodies.push_back({element, std::make_shared<const Network>()});
      return ok();
    }
    if (frames_.size() >= kMaxNesting)
      return make_error(ErrorCode::kTooLarge, fmt::format("networks are nested more than {} deep", kMaxNesting));
    Frame inner;
    inner.net.version = frames_.back().net.version;
    inner.depth = depth;
    inner.name = element;
    frames_.push_back(std::move(inner));
    return ok();
  }

  Status add_port_map(Layer& layer, const std::string& map, bool is_input) {
    const auto given = attributes();
    PortMap out;
    out.body = map;
    out.is_input = is_input;
    out.external = integer_of(value(given, "external_port_id")).value_or(-1);
    out.internal = value(given, "internal_layer_id");
    out.purpose = value(given, "purpose");
    out.axis = integer_of(value(given, "axis"));
    out.part_size = integer_of(value(given, "part_size")).value_or(1);
    layer.port_maps.push_back(std::move(out));
    return count();
  }

  Status open_layer(Frame& frame) {
    if (++layers_ > kMaxLayers)
      return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} layers", kMaxLayers));
    const auto given = attributes();
    Layer layer;
    layer.id = value(given, "id");
    layer.name = value(given, "name");
    layer.type = value(given, "type");
    layer.precision = dtype_of(value(given, "precision"));
    frame.net.layers.push_back(std::move(layer));
    frame.in_layer = !is_empty();
    frame.ports = nullptr;
    frame.port_map.clear();
    return ok();
  }

  Status add_edge(Frame& frame) {
    const auto given = attributes();
    const auto from = integer_of(value(given, "from-port")), to = integer_of(value(given, "to-port"));
    if (!from || !to) return damaged("an edge without ports");
    frame.net.edges.push_back({value(given, "from-layer"), value(given, "to-layer"), *from, *to});
    return count();
  }

  void close() {
    const std::string element = name();
    Frame& frame = frames_.back();
    const int depth = xmlTextReaderDepth(reader_.get()) - frame.depth;
    if (depth == 0 && frames_.size() > 1) {
      Body body{frame.name, std::make_shared<const Network>(std::move(frame.net))};
      frames_.pop_back();
      frames_.back().net.layers.back().bodies.push_back(std::move(body));
      return;
    }
    if (element == "layer" && depth == 2) frame.in_layer = false;
    if (element == "input" || element == "output") frame.ports = nullptr;
    if (depth == 3) frame.port_map.clear();
    if (element == "dim") in_dim_ = false;
  }

  Status take_dim() {
    const auto extent = integer_of(view(xmlTextReaderConstValue(reader_.get())));
    std::vector<Port>* ports = frames_.back().ports;
    if (ports == nullptr || ports->empty()) return ok();
    ports->back().dims.push_back(extent && *extent >= 0 ? Dim(*extent) : Dim::unknown());
    return count();
  }

  Status count() {
    if (++counted_ <= kMaxPorts) return ok();
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("the network has more than {} ports, extents and edges", kMaxPorts));
  }

  std::unique_ptr<xmlTextReader, FreeReader> reader_;
  std::vector<Frame> frames_;  // the networks around, the innermost last
  std::size_t counted_ = 0, layers_ = 0;
  bool in_dim_ = false;
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
      {"f32", DType::kFloat32},       {"fp32", DType::kFloat32},  {"f16", DType::kFloat16},
      {"fp16", DType::kFloat16},      {"bf16", DType::kBFloat16}, {"f8e4m3", DType::kFloat8E4M3FN},
      {"f8e5m2", DType::kFloat8E5M2}, {"u2", DType::kUInt2},      {"nf4", DType::kUInt4},
      {"f4e2m1", DType::kFloat4E2M1}, {"f64", DType::kFloat64},   {"fp64", DType::kFloat64},
      {"i4", DType::kInt4},           {"u4", DType::kUInt4},      {"i8", DType::kInt8},
      {"u8", DType::kUInt8},          {"i16", DType::kInt16},     {"u16", DType::kUInt16},
      {"i32", DType::kInt32},         {"u32", DType::kUInt32},    {"i64", DType::kInt64},
      {"u64", DType::kUInt64},        {"boolean", DType::kBool},  {"bool", DType::kBool},
      {"string", DType::kString},
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

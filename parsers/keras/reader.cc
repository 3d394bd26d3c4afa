// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/reader.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "parsers/containers/archive.h"
#include "parsers/keras/network.h"
#include "parsers/keras/store.h"

namespace nngauge::keras {
namespace {

constexpr std::uint64_t kMostConfig = std::uint64_t{64} << 20;

// Stored weights by layer and name. Files of Keras 2 name both; those of Keras 3 count the layers of a class and the
// variables of a layer.
class Weights {
 public:
  Weights(GraphWriter& writer, const Store* store, std::uint64_t base, const Json& config)
      : writer_(writer), store_(store), base_(base) {
    if (!store_) return;
    for (const auto& [path, dataset] : store_->datasets) index(path, dataset);
    std::map<std::string, int> used;
    number_layers(config, "layers", 0, used);
  }

  Result<TensorId> find(const std::string& layer, const std::string& weight, std::size_t position, const Shape& shape) {
    const auto known = ids_.find({layer, weight});
    if (known != ids_.end()) return known->second;
    const Dataset* dataset = look_up(layer, weight, position);
    DType dtype = DType::kFloat32;
    Shape stored = shape;
    DataRef data;
    if (dataset) {
      dtype = dataset->dtype;
      stored = Shape(std::vector<Dim>(dataset->extents.begin(), dataset->extents.end()));
      if (dataset->located) data = {0, base_ + dataset->offset, dataset->size_bytes, 0};
    }
    const TensorId id = writer_.add_constant(layer + "/" + weight, dtype, std::move(stored), data);
    ids_[{layer, weight}] = id;
    return id;
  }

 private:
  // ".../layer/.../kernel:0": by the first folder below model_weights and by the name without ":0".
  void index(const std::string& path, const Dataset& dataset) {
    std::vector<std::string> parts = split(path, '/');
    if (!parts.empty() && parts[0] == "model_weights") parts.erase(parts.begin());
    if (parts.size() < 2) return;
    std::string name = parts.back();
    if (name.ends_with(":0")) name.resize(name.size() - 2);
    // Wrapped layers keep theirs below "forward_…" and "backward_…".
    std::string layer = parts[0];
    for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
      if (parts[i].starts_with("forward")) layer = parts[0] + "/forward";
      if (parts[i].starts_with("backward")) layer = parts[0] + "/backward";
    }
    by_name_.emplace(std::pair(layer, name), &dataset);
    // Nested models: the layer's own name stands deeper.
    if (parts.size() >= 3) by_name_.emplace(std::pair(parts[parts.size() - 2], name), &dataset);
  }

  // Keras 3: "layers/conv2d_1/vars/0" for the second Conv2D.
  void number_layers(const Json& model, const std::string& folder, int depth, std::map<std::string, int>& used) {
    if (depth > 16 || !model.is_object() || !model.contains("config")) return;
    const Json& config = model["config"];
    const Json& layers = config.is_array()                                 ? config
                         : config.is_object() && config.contains("layers") ? config["layers"]
                                                                           : config;
    if (!layers.is_array()) return;
    for (const Json& layer : layers) {
      if (!layer.is_object() || !layer.contains("class_name") || !layer["class_name"].is_string()) continue;
      const std::string type = layer["class_name"].get<std::string>();
      const std::string snake = snake_case(type);
      const int count = used[snake]++;
      const std::string path = folder + "/" + snake + (count == 0 ? "" : "_" + std::to_string(count));
      std::string name;
      if (layer.contains("config") && layer["config"].is_object() && layer["config"].contains("name") &&
          layer["config"]["name"].is_string())
        name = layer["config"]["name"].get<std::string>();
      paths_.emplace(name, path);
      std::map<std::string, int> inner;
      number_layers(layer, path + "/layers", depth + 1, inner);
    }
  }

  static std::string snake_case(const std::string& name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const auto here = static_cast<unsigned char>(name[i]);
      const bool upper = std::isupper(here) != 0;
      const bool after_lower = i > 0 && std::isupper(static_cast<unsigned char>(name[i - 1])) == 0;
      const bool before_lower =
          i > 0 && i + 1 < name.size() && std::islower(static_cast<unsigned char>(name[i + 1])) != 0;
      if (upper && i > 0 &&
          ((after_lower && std::isdigit(static_cast<unsigned char>(name[i - 1])) == 0) || before_lower))
        out += '_';
      out += static_cast<char>(std::tolower(here));
    }
    return out;
  }

  const Dataset* look_up(const std::string& layer, const std::string& weight, std::size_t position) const {
    if (!store_) return nullptr;
    if (const auto found = by_name_.find({layer, weight}); found != by_name_.end()) return found->second;
    const auto path = paths_.find(layer);
    if (path == paths_.end()) return nullptr;
    for (const char* folder : {"/vars/", "/cell/vars/"}) {
      const auto found = store_->datasets.find(path->second + folder + std::to_string(position));
      if (found != store_->datasets.end()) return &found->second;
    }
    return nullptr;
  }

  GraphWriter& writer_;
  const Store* store_;
  std::uint64_t base_;
  std::map<std::pair<std::string, std::string>, const Dataset*> by_name_;
  std::map<std::string, std::string> paths_;  // Keras 3: folder by layer name
  std::map<std::pair<std::string, std::string>, TensorId> ids_;
};

Result<Json> parse_config(const std::string& text) {
  Json config = Json::parse(text, nullptr, false);
  if (config.is_discarded() || !config.is_object())
    return make_error(ErrorCode::kDamaged, "the model's configuration is no JSON object");
  return config;
}

Result<Model> build(const ModelSource& source, const Json& config, const Store* store, std::uint64_t base,
                    const std::string& version) {
  Model model;
  model.format = "keras";
  model.format_version = printable(version);
  model.graphs.emplace_back();
  model.files.push_back({"", source.bytes.size()});
  const auto inner = config.find("config");
  if (inner != config.end() && inner->is_object() && inner->contains("name") && (*inner)["name"].is_string())
    model.name = (*inner)["name"].get<std::string>();
  GraphWriter writer(model);
  Weights weights(writer, store, base, config);
  const WeightFinder finder = [&](const std::string& layer, const std::string& weight, std::size_t position,
                                  const Shape& shape) { return weights.find(layer, weight, position, shape); };
  NNGAUGE_CHECK(build_network(model, config, finder));
  return model;
}

Result<Model> read_hdf5(const ModelSource& source) {
  NNGAUGE_TRY(const Store store, read_store(source.bytes));
  const auto config_text = store.attributes.find("model_config");
  if (config_text == store.attributes.end()) {
    if (store.datasets.empty()) return make_error(ErrorCode::kNotAModel, "an HDF5 file without a Keras model");
    return make_error(ErrorCode::kWeightsOnly,
                      "Keras weights without the network (saved with save_weights); save the whole model");
  }
  NNGAUGE_TRY(const Json config, parse_config(config_text->second));
  const auto version = store.attributes.find("keras_version");
  return build(source, config, &store, 0, version == store.attributes.end() ? "" : version->second);
}

Result<std::string> member_text(const Archive& zip, const std::string& name) {
  const ArchiveMember* member = zip.find(name);
  if (!member) return std::string();
  auto file = zip.open(*member, kMostConfig);
  if (!file) return file.error().at("member \"" + name + "\"");
  return std::string(as_text((*file)->bytes()));
}

Result<Model> read_zip(const ModelSource& source) {
  const Archive& zip = *source.archive;
  NNGAUGE_TRY(const std::string text, member_text(zip, "config.json"));
  NNGAUGE_TRY(const Json config, parse_config(text));
  NNGAUGE_TRY(const std::string metadata_text, member_text(zip, "metadata.json"));
  const Json metadata = Json::parse(metadata_text, nullptr, false);
  const bool stated =
      metadata.is_object() && metadata.contains("keras_version") && metadata["keras_version"].is_string();
  const std::string version = stated ? metadata["keras_version"].get<std::string>() : "";
  const ArchiveMember* weights = zip.find("model.weights.h5");
  if (!weights) return build(source, config, nullptr, 0, version);
  NNGAUGE_TRY(const std::optional<std::uint64_t> offset, zip.offset_of(*weights));
  if (!offset) return build(source, config, nullptr, 0, version);  // compressed
  auto store = read_store(source.bytes.subspan(*offset, weights->packed_bytes));
  if (!store) return store.error().at("member \"model.weights.h5\"");
  return build(source, config, &*store, *offset, version);
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (is_hdf5(source.bytes)) return {Confidence::kLikely, "the signature of HDF5"};
  if (!source.archive) return {};
  const bool complete = source.archive->find("config.json") && source.archive->find("metadata.json");
  if (!complete) return {};
  return {Confidence::kCertain, "a ZIP archive with config.json and metadata.json"};
}

Result<Model> read(const ModelSource& source) {
  if (is_hdf5(source.bytes)) return read_hdf5(source);
  if (source.archive) return read_zip(source);
  return make_error(ErrorCode::kNotAModel, "neither an HDF5 file nor a Keras archive");
}

}  // namespace nngauge::keras

// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/reader.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "parsers/containers/archive.h"
#include "parsers/keras/network.h"
#include "parsers/keras/store.h"

namespace nngauge::keras {
namespace {

constexpr std::uint64_t kMostConfig = std::uint64_t{64} << 20;

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
  Weights weights(store, base, config);
  NNGAUGE_CHECK(build_network(model, config, weights));
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

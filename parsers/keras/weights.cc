// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/weights.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace nngauge::keras {
namespace {

constexpr int kMostDepth = 16;
constexpr std::size_t kMostFolders = 16;
constexpr std::size_t kMostOfOneName = 1024;
constexpr std::size_t kMostPlaces = 8;

std::string snake_case(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto here = static_cast<unsigned char>(name[i]);
    const bool upper = std::isupper(here) != 0;
    const bool after_lower = i > 0 && std::isupper(static_cast<unsigned char>(name[i - 1])) == 0;
    const bool before_lower =
        i > 0 && i + 1 < name.size() && std::islower(static_cast<unsigned char>(name[i + 1])) != 0;
    const bool after_digit = i > 0 && std::isdigit(static_cast<unsigned char>(name[i - 1])) != 0;
    if (upper && i > 0 && ((after_lower && !after_digit) || before_lower)) out += '_';
    out += static_cast<char>(std::tolower(here));
  }
  return out;
}

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& object_at(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

// One folder of a key against a folder of the file: "query|query_dense", also with a line in front.
bool is_alternative(const std::string& alternatives, const std::string& folder) {
  for (const std::string& one : split(alternatives, '|')) {
    if (folder == one || (folder.size() == one.size() + 1 && folder[0] == '_' && folder.ends_with(one))) return true;
  }
  return false;
}

// The wanted folders stand among the given ones, in their order.
bool leads_through(const std::vector<std::string>& given, const std::vector<std::string>& wanted) {
  std::size_t next = 0;
  for (const std::string& folder : given) {
    if (next < wanted.size() && is_alternative(wanted[next], folder)) ++next;
  }
  return next == wanted.size();
}

}  // namespace

Weights::Weights(const Store* store, std::uint64_t base, const Json& config) : base_(base), store_(store) {
  if (!store_) return;
  numbered_ = std::any_of(store_->datasets.begin(), store_->datasets.end(),
                          [](const auto& one) { return one.first.find("/vars/") != std::string::npos; });
  if (numbered_) {
    number_layers(config, "layers", "", 0);
    return;
  }
  for (const auto& [path, dataset] : store_->datasets) index(path, dataset);
}

// By every run of folders: a layer's name may hold slashes, and nested models stand in front.
void Weights::index(const std::string& path, const Dataset& dataset) {
  std::vector<std::string> parts = split(path, '/');
  if (!parts.empty() && parts[0] == "model_weights") parts.erase(parts.begin());
  if (parts.size() < 2 || parts.size() > kMostFolders) return;
  Entry entry;
  entry.dataset = &dataset;
  entry.path = "/" + path;
  entry.leaf = parts.back();
  parts.pop_back();
  if (const auto colon = entry.leaf.rfind(':'); colon != std::string::npos) entry.leaf.resize(colon);
  for (std::size_t first = 0; first < parts.size(); ++first) {
    std::string name;
    for (std::size_t last = first; last < parts.size(); ++last) {
      name += (last == first ? "" : "/") + parts[last];
      entry.folders.assign(parts.begin() + static_cast<std::ptrdiff_t>(last) + 1, parts.end());
      std::vector<Entry>& entries = by_layer_[name];
      if (entries.size() < kMostOfOneName) entries.push_back(entry);
    }
  }
}

// Keras 3: "layers/conv2d_1/vars/0" for the second Conv2D; operations are no layers.
void Weights::number_layers(const Json& model, const std::string& folder, const std::string& scope, int depth) {
  if (depth > kMostDepth) return;
  const Json& config = object_at(model, "config");
  const Json& layers = config.is_array() ? config : object_at(config, "layers");
  if (!layers.is_array()) return;
  std::map<std::string, int> used;
  for (const Json& layer : layers) {
    const std::string type = text_at(layer, "class_name");
    if (type.empty() || text_at(layer, "module").find(".ops.") != std::string::npos) continue;
    const std::string snake = snake_case(type.substr(type.rfind('>') == std::string::npos ? 0 : type.rfind('>') + 1));
    const int count = used[snake]++;
    const std::string path = folder + "/" + snake + (count == 0 ? "" : "_" + std::to_string(count));
    const Json& inner = object_at(layer, "config");
    const std::string name = text_at(inner, "name").empty() ? text_at(layer, "name") : text_at(inner, "name");
    folders_.emplace(scope + name, path);
    if (places_.count(name) < kMostPlaces) places_.emplace(name, path);
    number_layers(layer, path + "/layers", scope + name + "/", depth + 1);
    const Json& wrapped = object_at(inner, "layer");
    if (wrapped.is_object())
      number_layers(wrapped, path + "/layer/layers", scope + text_at(object_at(wrapped, "config"), "name") + "/",
                    depth + 1);
  }
}

std::vector<Weights::Entry> Weights::entries_of(const std::string& scope, const std::string& layer) const {
  std::vector<Entry> out;
  if (!store_) return out;
  if (!numbered_) {
    const auto found = by_layer_.find(layer);
    if (found == by_layer_.end()) return out;
    // Nested models: those below the model's folder, unless there are none.
    for (const Entry& entry : found->second) {
      bool inside = true;
      std::size_t from = 0;
      for (const std::string& model : split(scope, '/')) {
        const auto at = entry.path.find("/" + model + "/", from);
        inside = inside && (model.empty() || at != std::string::npos);
        if (inside && !model.empty()) from = at + 1;
      }
      if (inside) out.push_back(entry);
    }
    return out.empty() ? found->second : out;
  }
  // A layer that stands in several models is stored with the first of them.
  const auto stored = [&](const std::string& path) {
    const auto first = store_->datasets.lower_bound(path + "/");
    return first != store_->datasets.end() && first->first.starts_with(path + "/");
  };
  const auto own = folders_.find(scope + layer);
  std::string folder = own == folders_.end() ? "" : own->second;
  const auto [first, last] = places_.equal_range(layer);
  for (auto place = first; place != last && (folder.empty() || !stored(folder)); ++place) folder = place->second;
  if (folder.empty()) return out;
  const std::string start = folder + "/";
  for (auto at = store_->datasets.lower_bound(start);
       at != store_->datasets.end() && at->first.starts_with(start) && out.size() < kMostOfOneName; ++at) {
    Entry entry;
    entry.dataset = &at->second;
    entry.path = at->first;
    entry.folders = split(at->first.substr(start.size()), '/');
    entry.leaf = entry.folders.back();
    entry.folders.pop_back();
    if (!entry.folders.empty() && entry.folders.back() == "vars") entry.folders.pop_back();
    out.push_back(std::move(entry));
  }
  return out;
}

TensorId Weights::add(GraphWriter& writer, const std::string& name, const Entry* entry, const Shape& shape,
                      DType dtype) {
  DataRef data;
  Shape stored = shape;
  if (entry) {
    const auto known = tensors_.find({writer.graph_id(), entry->dataset});
    if (known != tensors_.end()) return known->second;
    stored = Shape(std::vector<Dim>(entry->dataset->extents.begin(), entry->dataset->extents.end()));
    // Two elements of four bits stand in a byte; their number follows from the layer.
    const auto wanted = shape.elements(), bytes = stored.elements();
    const bool packed = dtype == DType::kInt4 && wanted && bytes && entry->dataset->dtype == DType::kInt8 &&
                        bytes->value() < wanted->value() && wanted->value() <= (*bytes * Count(2)).value();
    if (packed) stored = shape;
    dtype = packed ? DType::kInt4 : entry->dataset->dtype;
    if (entry->dataset->located) data = {0, base_ + entry->dataset->offset, entry->dataset->size_bytes, 0};
  }
  const TensorId id = writer.add_constant(name, dtype, std::move(stored), data);
  if (entry) tensors_[{writer.graph_id(), entry->dataset}] = id;
  return id;
}

TensorId Weights::find(GraphWriter& writer, const WeightKey& key, const Shape& shape, DType dtype) {
  const auto place = std::tuple(writer.graph_id(), key.scope, key.layer, key.name);
  const auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  std::vector<std::string> wanted = split(key.name, '/');
  const std::string leaf = numbered_ ? std::to_string(key.position) : wanted.back();
  wanted.pop_back();
  const std::vector<Entry> entries = entries_of(key.scope, key.layer);
  const Entry* best = nullptr;
  for (const Entry& entry : entries) {
    if (!is_alternative(leaf, entry.leaf) || !leads_through(entry.folders, wanted)) continue;
    if (!best || entry.folders.size() < best->folders.size()) best = &entry;
  }
  std::string name = key.scope + key.layer;
  for (const std::string& folder : wanted) name += "/" + folder.substr(0, folder.find('|'));
  const std::string last = key.name.substr(key.name.rfind('/') == std::string::npos ? 0 : key.name.rfind('/') + 1);
  name += "/" + last.substr(0, last.find('|'));
  const TensorId id = add(writer, name, best, shape, dtype);
  known_[place] = id;
  return id;
}

std::vector<TensorId> Weights::all(GraphWriter& writer, const std::string& scope, const std::string& layer) {
  std::vector<TensorId> out;
  for (const Entry& entry : entries_of(scope, layer)) {
    std::string name = scope + layer;
    for (const std::string& folder : entry.folders) name += "/" + folder;
    const TensorId id = add(writer, name + "/" + entry.leaf, &entry, {}, DType::kUnknown);
    if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
  }
  return out;
}

}  // namespace nngauge::keras

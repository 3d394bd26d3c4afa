// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/variables.h"

#include <fmt/format.h>

#include "base/text.h"

namespace nngauge::tensorflow {
namespace {

constexpr std::int32_t kMostShards = 4096;
constexpr std::string_view kObjectGraph = "_CHECKPOINTABLE_OBJECT_GRAPH";

bool lies_inside(const BundleEntry& entry, std::uint64_t size) {
  return entry.offset <= size && entry.size_bytes <= size - entry.offset;
}

}  // namespace

Result<Variables> Variables::open(const std::string& prefix, const Companions& companions, Model& model) {
  Variables out;
  const std::string index = prefix + ".index";
  const auto file = companions.open(index);
  if (!file) return out;
  auto bundle = read_bundle((*file)->bytes());
  if (!bundle) return bundle.error().at(index);
  out.present_ = true;
  out.bundle_ = *std::move(bundle);
  const std::int32_t shards = out.bundle_.shards;
  if (shards < 0 || shards > kMostShards)
    return make_error(ErrorCode::kDamaged, "the table names " + std::to_string(shards) + " data files").at(index);
  for (std::int32_t shard = 0; shard < shards; ++shard) {
    const std::string name = shard_name(prefix, shard, shards);
    const auto size = companions.size_bytes(name);
    if (!size) {
      model.diagnostics.warn("side-file-missing", "",
                             fmt::format("{} cannot be read; the places of variables in it are not checked", name));
      model.files.push_back({name, std::nullopt});
      continue;
    }
    model.files.push_back({name, *size});
    out.files_[shard] = {static_cast<std::int32_t>(model.files.size() - 1), *size};
  }
  const auto graph = out.bundle_.entries.find(std::string(kObjectGraph));
  if (graph == out.bundle_.entries.end()) return out;
  const BundleEntry& entry = graph->second;
  const auto data = companions.open(shard_name(prefix, entry.shard, shards));
  if (data && lies_inside(entry, (*data)->bytes().size())) {
    out.keys_ = read_object_graph(
        (*data)->bytes().subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.size_bytes)));
  }
  return out;
}

Status Variables::locate(const std::string& name, Tensor& tensor) const {
  if (!present_) return ok();
  const auto key = keys_.find(name);
  const auto found = bundle_.entries.find(key == keys_.end() ? name : key->second);
  if (found == bundle_.entries.end()) return ok();
  const BundleEntry& entry = found->second;
  if (tensor.dtype == DType::kUnknown) tensor.dtype = entry.dtype;
  if (!tensor.declared.is_static() && entry.shape.is_static()) tensor.declared = entry.shape;
  tensor.shape = tensor.declared;
  if (entry.shape.is_static() && !(entry.shape == tensor.declared)) {
    const SymbolTable none;
    return make_error(ErrorCode::kShapeMismatch,
                      fmt::format("is {} in the graph, {} in the checkpoint", shape_text(tensor.declared, none),
                                  shape_text(entry.shape, none)));
  }
  const auto file = files_.find(entry.shard);
  if (file == files_.end()) return ok();
  const auto [id, size] = file->second;
  if (!lies_inside(entry, size)) {
    return make_error(ErrorCode::kDamaged,
                      fmt::format("{} bytes at {}, its data file has {}", entry.size_bytes, entry.offset, size));
  }
  const std::optional<Count> elements = tensor.declared.elements();
  const Count expected = elements ? packed_bytes(tensor.dtype, *elements) : Count(entry.size_bytes);
  if (dtype_bits(tensor.dtype) > 0 && !(expected == Count(entry.size_bytes))) {
    return make_error(ErrorCode::kDamaged,
                      fmt::format("{} bytes are stored, {} {} takes {}", entry.size_bytes, dtype_name(tensor.dtype),
                                  shape_text(tensor.declared, SymbolTable()), expected.value()));
  }
  tensor.data = {id, entry.offset, entry.size_bytes};
  return ok();
}

}  // namespace nngauge::tensorflow

// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/inputs.h"

#include <algorithm>
#include <array>

namespace nngauge::ncnn {
namespace {

GuessedExtent fixed_extent(Dim value) { return {value, ""}; }
GuessedExtent assumed(std::int64_t value, const char* name) { return {value, name}; }

std::int64_t weight_elements(const std::vector<WeightBlob>& weights) {
  return weights.empty()
             ? 0
             : static_cast<std::int64_t>(std::min<std::uint64_t>(weights[0].elements, std::uint64_t{1} << 40));
}

// a / b as an extent, unknown where that is none.
Dim ratio(std::int64_t a, std::int64_t b) { return b > 0 && a > 0 && a % b == 0 ? Dim(a / b) : Dim::unknown(); }

GuessedExtent extent_or(Dim known, const char* name, std::int64_t fallback) {
  return known.known() ? fixed_extent(known) : assumed(fallback, name);
}

GuessedShape picture(Dim channels, InputSizes sizes) {
  return {extent_or(channels, "channels", 3), assumed(sizes.height, "height"), assumed(sizes.width, "width")};
}

// Rows of features: one row, a step of a sequence.
GuessedShape rows_of(Dim features) { return {assumed(1, "length"), extent_or(features, "features", 1)}; }

std::int64_t kernel_area(const Layer& layer, std::size_t axes) {
  const std::int64_t width = layer.integer(1);
  std::int64_t area = std::clamp<std::int64_t>(width, 0, 4096);
  if (axes > 1) area *= std::clamp<std::int64_t>(layer.integer(11, width), 0, 4096);
  if (axes > 2) area *= std::clamp<std::int64_t>(layer.integer(21, width), 0, 4096);
  return area;
}

std::size_t spatial_axes(const std::string& type) {
  const bool volume = type.size() > 2 && type.ends_with("3D");
  return volume ? 3 : type.ends_with("1D") ? 1 : 2;
}

Dim convolution_channels(const Layer& layer, const std::vector<WeightBlob>& weights) {
  const std::int64_t groups = std::max<std::int64_t>(layer.integer(7, 1), 1);
  const std::int64_t taps = kernel_area(layer, spatial_axes(layer.type)) * layer.integer(0);
  const Dim per_group = ratio(weight_elements(weights), taps);
  return per_group.known() ? Dim(per_group.value() * std::min<std::int64_t>(groups, 1 << 20)) : per_group;
}

std::optional<GuessedShape> convolution(const Layer& layer, const std::vector<WeightBlob>& weights, InputSizes sizes) {
  const Dim channels = convolution_channels(layer, weights);
  switch (spatial_axes(layer.type)) {
    case 1:
      return GuessedShape{extent_or(channels, "channels", 1), assumed(sizes.width, "width")};
    case 3:
      return GuessedShape{extent_or(channels, "channels", 1), assumed(16, "depth"), assumed(sizes.height, "height"),
                          assumed(sizes.width, "width")};
    default:
      return picture(channels, sizes);
  }
}

// What the layer normalises or scales per outermost axis says how many of these there are.
std::optional<GuessedShape> per_channel(std::int64_t channels, InputSizes sizes) {
  return picture(channels > 1 ? Dim(channels) : Dim::unknown(), sizes);
}

// query, key, value, mask?, past key?, past value? of scaled dot-product attention, each [heads, length, extent].
std::optional<GuessedShape> attention_operand(const Layer& layer, std::size_t bottom,
                                              const std::vector<Shape>& shapes) {
  const bool mask = layer.integer(5) != 0;
  const std::size_t past_key = mask ? 4 : 3;
  if (bottom < 3 || !shapes[0].ranked() || !shapes[1].ranked()) return std::nullopt;
  if (mask && bottom == 3) {
    if (past_key < shapes.size() && !shapes[past_key].ranked()) return std::nullopt;  // to be decided first
    const Dim keys = shapes[1].at(-2);
    const Dim past = past_key < shapes.size() ? shapes[past_key].at(-2) : Dim(0);
    const std::int64_t before = past.known() ? past.value() : 0;
    return GuessedShape{fixed_extent(shapes[0].at(-2)),
                        fixed_extent(keys.known() ? Dim(keys.value() + before) : Dim::unknown())};
  }
  const Shape& current = shapes[bottom == past_key ? 1 : 2];
  if (!current.ranked() || current.rank() != 4) return std::nullopt;
  return GuessedShape{fixed_extent(current.at(1)), assumed(0, "past"), fixed_extent(current.at(3))};
}

// cos and sin of a rotary embedding: [length, extent / 2].
std::optional<GuessedShape> rotation_table(const Shape& x) {
  if (!x.ranked() || x.rank() < 3) return std::nullopt;
  const Dim extent = x.at(-1);
  return GuessedShape{fixed_extent(x.at(-2)), fixed_extent(extent.known() ? Dim(extent.value() / 2) : Dim::unknown())};
}

std::optional<GuessedShape> same_as_another(std::size_t bottom, const std::vector<Shape>& shapes) {
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (i == bottom || !shapes[i].ranked() || shapes[i].rank() < 2) continue;
    GuessedShape out;
    for (std::size_t axis = 1; axis < shapes[i].rank(); ++axis) out.push_back(fixed_extent(shapes[i][axis]));
    return out;
  }
  return std::nullopt;
}

bool is_one_of(const std::string& type, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), type) != names.end();
}

}  // namespace

const std::vector<InputSizes>& usual_sizes() {
  static const std::vector<InputSizes> kSizes = [] {
    std::vector<InputSizes> out;
    for (const std::int64_t size : {224, 227, 256, 299, 300, 320, 384, 416, 448, 512, 640, 192, 160,
                                    128, 112, 96,  64,  48,  40,  32,  28,  24,  20,  16,  12,  8}) {
      out.push_back({size, size});
    }
    // Lines of text.
    out.push_back({32, 320});
    out.push_back({48, 320});
    return out;
  }();
  return kSizes;
}

std::vector<std::int64_t> stated_extents(const Layer& input) {
  std::int64_t w = input.integer(0), h = input.integer(1), c = input.integer(2);
  const std::int64_t d = input.integer(11);
  // Old files list channels first; their binary form cannot be told from the new one but by the numbers.
  const bool channels_first = (w == 1 || w == 3 || w == 4) && h > 4 && c > 4 && d == 0;
  if (channels_first) {
    const std::int64_t channels = w;
    w = c;
    c = channels;
  }
  std::vector<std::int64_t> out;
  for (const std::int64_t extent : {c, d, h, w}) {
    if (extent > 0) out.push_back(extent);
  }
  return out;
}

std::vector<std::int64_t> hinted_extents(const Layer& layer, std::size_t top) {
  const std::vector<std::int64_t> hints = layer.integers(30);
  const std::size_t tops = layer.tops.size();
  if (tops == 0 || hints.empty() || hints.size() % tops != 0) return {};
  const std::size_t per_top = hints.size() / tops;
  if (per_top != 4 && per_top != 5) return {};
  const auto* first = hints.data() + top * per_top;
  // dims, w, h, (d,) c.
  const std::int64_t dims = first[0];
  std::vector<std::int64_t> inner(first + 1, first + per_top);
  if (dims < 1 || dims > 4) return {};
  if (dims == 3 && per_top == 5) inner = {inner[0], inner[1], inner[3]};
  if (inner.size() < static_cast<std::size_t>(dims)) return {};
  inner.resize(static_cast<std::size_t>(dims));
  if (std::any_of(inner.begin(), inner.end(), [](std::int64_t extent) { return extent < 1; })) return {};
  std::reverse(inner.begin(), inner.end());
  return inner;
}

std::optional<GuessedShape> demanded_shape(const Layer& reader, std::size_t bottom, const std::vector<Shape>& bottoms,
                                           const std::vector<WeightBlob>& weights, InputSizes sizes) {
  const std::string& type = reader.type;
  const std::int64_t elements = weight_elements(weights);
  if (type.starts_with("Convolution") || type.starts_with("Deconvolution") || type == "DeformableConv2D")
    return bottom == 0 ? convolution(reader, weights, sizes) : std::nullopt;
  if (type == "InnerProduct") return GuessedShape{fixed_extent(ratio(elements, reader.integer(0)))};
  if (type == "Gemm") {
    const bool left = bottom == 0 && reader.integer(4) == 0;
    if (left && reader.integer(5) != 0 && reader.integer(2) == 0)
      return GuessedShape{extent_or(reader.integer(7) > 0 ? Dim(reader.integer(7)) : Dim::unknown(), "length", 1),
                          fixed_extent(reader.integer(9))};
    return std::nullopt;
  }
  if (is_one_of(type, {"LSTM", "GRU", "RNN"}) && bottom == 0) {
    const std::int64_t gates = type == "LSTM" ? 4 : type == "GRU" ? 3 : 1;
    const std::int64_t hidden = type == "LSTM" ? reader.integer(3, reader.integer(0)) : reader.integer(0);
    const std::int64_t rows = gates * std::clamp<std::int64_t>(hidden, 0, 1 << 30) * (reader.integer(2) == 2 ? 2 : 1);
    return rows_of(ratio(elements, rows));
  }
  if (type == "Embed") return GuessedShape{assumed(1, "length")};
  if (type == "MultiHeadAttention" && bottom == 0) return rows_of(ratio(elements, reader.integer(0)));
  const bool mask = reader.integer(5) != 0, past = reader.integer(7) != 0;
  if (type == "MultiHeadAttention" && bottom < 3 && !past && bottom + (mask ? 1U : 0U) < reader.bottoms.size())
    return rows_of(bottom == 1 ? attention_key_extent(reader) : reader.integer(4, reader.integer(0)));
  if (is_one_of(type, {"LayerNorm", "RMSNorm"})) return rows_of(reader.integer(0));
  if (is_one_of(type, {"BatchNorm", "PReLU", "InstanceNorm"}) || (type == "Scale" && bottom == 0))
    return per_channel(reader.integer(0), sizes);
  if (type == "GroupNorm") return per_channel(reader.integer(1), sizes);
  if (type == "SDPA") return attention_operand(reader, bottom, bottoms);
  if (type == "RotaryEmbed" && bottom > 0) return rotation_table(bottoms[0]);
  if (is_one_of(type, {"BinaryOp", "Eltwise"})) return same_as_another(bottom, bottoms);
  if (is_one_of(type, {"Pooling", "Interp", "LRN", "PixelShuffle", "ShuffleChannel", "Reorg", "Padding", "Crop"}))
    return picture(Dim::unknown(), sizes);
  return std::nullopt;
}

}  // namespace nngauge::ncnn

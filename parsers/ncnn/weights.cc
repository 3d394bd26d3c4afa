// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/weights.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/checked.h"
#include "base/text.h"
#include "parsers/ncnn/layer_types.h"

namespace nngauge::ncnn {
namespace {

using Blobs = std::vector<WeightBlob>;

// Collects the blobs of one layer; the first error is kept.
class List {
 public:
  explicit List(const Layer& layer) : layer_(layer) {}

  // The value of a key that counts something.
  Count count(int key, std::int64_t fallback = 0) {
    const std::int64_t value = layer_.integer(key, fallback);
    if (value < 0 && status_.has_value()) {
      status_ = make_error(ErrorCode::kInvalidAttribute,
                           "key " + std::to_string(key) + " is " + std::to_string(value) + ", a count is needed");
    }
    return Count::from_signed(std::max<std::int64_t>(value, 0));
  }
  // Tagged: its type stands before it.
  void tagged(Part part, Count elements, bool int8 = false) {
    add(part, elements, true, int8 ? DType::kInt8 : DType::kFloat32);
  }
  void raw(Part part, Count elements) { add(part, elements, false, DType::kFloat32); }
  void raw_if(std::int64_t condition, Part part, Count elements) {
    if (condition != 0) raw(part, elements);
  }
  [[nodiscard]] const Layer& layer() const { return layer_; }

  Result<std::optional<Blobs>> take() {
    if (!status_.has_value()) return status_.error();
    return std::optional<Blobs>(std::move(blobs_));
  }

 private:
  void add(Part part, Count elements, bool is_tagged, DType assumed) {
    if (elements.overflowed() && status_.has_value())
      status_ = make_error(ErrorCode::kOverflow, "the number of weights does not fit 64 bits");
    WeightBlob blob;
    blob.part = part;
    blob.elements = elements.value();
    blob.tagged = is_tagged;
    blob.assumed = blob.dtype = assumed;
    blobs_.push_back(blob);
  }

  const Layer& layer_;
  Blobs blobs_;
  Status status_ = ok();
};

// key 8 of convolutions: 1 and 101 with one scale a group, 2 and 102 with one for all; above 100 with an output scale.
void convolution(List& list) {
  const std::int64_t int8 = list.layer().integer(8);
  if (list.layer().integer(19) != 0 || list.layer().integer(28) != 0) return;  // weights are computed
  list.tagged(Part::kWeight, list.count(6), int8 != 0);
  list.raw_if(list.layer().integer(5), Part::kBias, list.count(0));
  if (int8 == 0) return;
  list.raw(Part::kWeightScale, list.count(0));
  list.raw(Part::kInputScale, 1);
  list.raw_if(int8 > 100, Part::kOutputScale, 1);
}

void depthwise_convolution(List& list) {
  const std::int64_t int8 = list.layer().integer(8);
  if (list.layer().integer(19) != 0) return;
  list.tagged(Part::kWeight, list.count(6), int8 != 0);
  list.raw_if(list.layer().integer(5), Part::kBias, list.count(0));
  if (int8 == 0) return;
  list.raw(Part::kWeightScale, int8 % 100 == 1 ? list.count(7, 1) : Count(1));
  list.raw(Part::kInputScale, 1);
  list.raw_if(int8 > 100, Part::kOutputScale, 1);
}

void plain_convolution(List& list) {
  if (list.layer().integer(19) != 0) return;
  list.tagged(Part::kWeight, list.count(6));
  list.raw_if(list.layer().integer(5), Part::kBias, list.count(0));
}

// Key 19 is what is added to the result's height.
void deconvolution(List& list) {
  if (list.layer().integer(28) != 0) return;
  list.tagged(Part::kWeight, list.count(6));
  list.raw_if(list.layer().integer(5), Part::kBias, list.count(0));
}

void inner_product(List& list) {
  const bool int8 = list.layer().integer(8) != 0;
  list.tagged(Part::kWeight, list.count(2), int8);
  list.raw_if(list.layer().integer(1), Part::kBias, list.count(0));
  list.raw_if(int8, Part::kWeightScale, list.count(0));
  list.raw_if(int8, Part::kInputScale, 1);
}

// Weights in blocks of a row: bits x 100 + input scale x 10 + code of the block's length.
struct BlockForm {
  std::int64_t bits = 0, block = 0;
  bool input_scale = false;
};

std::optional<BlockForm> block_form(std::int64_t term) {
  if (term < 400) return std::nullopt;
  return BlockForm{term / 100, std::int64_t{32} << std::clamp<std::int64_t>(term % 10, 0, 2), term / 10 % 10 != 0};
}

Count divided_up(Count a, std::uint64_t b) { return (a + Count(b - 1)) / Count(b); }

void gemm(List& list) {
  const Layer& layer = list.layer();
  const Count m = list.count(7), n = list.count(8), k = list.count(9);
  const std::int64_t term = layer.integer(18);
  const auto blocks = block_form(term);
  if (layer.integer(4) != 0) list.tagged(Part::kLeft, m * k, term != 0);
  if (layer.integer(5) != 0 && blocks) {
    const Count row = divided_up(k * Count::from_signed(blocks->bits), 8);
    list.tagged(Part::kRight, n * row, true);
  } else if (layer.integer(5) != 0) {
    list.tagged(Part::kRight, n * k, term != 0);
  }
  const std::int64_t broadcast = layer.integer(10);
  if (layer.integer(6) != 0 && broadcast != -1) {
    const std::array<Count, 5> sizes = {Count(1), m, m, n * m, n};
    list.tagged(Part::kAddend, sizes[static_cast<std::size_t>(std::clamp<std::int64_t>(broadcast, 0, 4))]);
  }
  if (blocks) {
    list.raw(Part::kRightScale, n * divided_up(k, static_cast<std::uint64_t>(blocks->block)));
    list.raw_if(blocks->input_scale, Part::kInputScale, k);
  } else if (term != 0) {
    list.raw_if(layer.integer(4), Part::kLeftScale, m);
    list.raw_if(layer.integer(5), Part::kRightScale, 1);
  }
}

void embed(List& list) {
  const bool int8 = list.layer().integer(18) != 0;
  list.tagged(Part::kWeight, list.count(3), int8);
  list.raw_if(list.layer().integer(2), Part::kBias, list.count(0));
  list.raw_if(int8, Part::kWeightScale, 1);
}

void batch_norm(List& list) {
  for (const Part part : {Part::kScale, Part::kMean, Part::kVariance, Part::kShift}) list.raw(part, list.count(0));
}

void scale(List& list) {
  if (list.layer().integer(0) == kUnset) return;  // the scale is the second operand
  list.raw(Part::kScale, list.count(0));
  list.raw_if(list.layer().integer(1), Part::kShift, list.count(0));
}

void bias(List& list) { list.raw(Part::kBias, list.count(0)); }
void prelu(List& list) { list.raw(Part::kWeight, list.count(0)); }

void affine(List& list, int channels, int flag, bool shifted) {
  if (list.layer().integer(flag, 1) == 0) return;
  list.raw(Part::kScale, list.count(channels));
  list.raw_if(shifted, Part::kShift, list.count(channels));
}
void instance_norm(List& list) { affine(list, 0, 2, true); }
void group_norm(List& list) { affine(list, 1, 3, true); }
void rms_norm(List& list) { affine(list, 0, 2, false); }
void normalize(List& list) { list.raw(Part::kScale, list.count(3)); }
void padding(List& list) { list.raw_if(list.layer().integer(6), Part::kData, list.count(6)); }

// xc [in, gates], bias, hc [out, gates], and for LSTM with a projection hr.
void recurrent(List& list, std::uint64_t gates, std::uint64_t bias_gates) {
  const Layer& layer = list.layer();
  const Count out = list.count(0);
  const Count directions = layer.integer(2) == 2 ? 2 : 1;
  const bool int8 = layer.integer(8) != 0;
  const std::int64_t stated = gates == 4 ? layer.integer(3) : 0;
  const Count hidden = stated > 0 ? Count::from_signed(stated) : out;
  list.tagged(Part::kWeight, list.count(1), int8);
  list.tagged(Part::kBias, Count(bias_gates) * hidden * directions);
  list.tagged(Part::kRecurrentWeight, out * Count(gates) * hidden * directions, int8);
  if (gates == 4 && !(hidden == out)) list.tagged(Part::kProjection, hidden * out * directions);
  list.raw_if(int8, Part::kWeightScale, Count(gates) * hidden * directions);
  list.raw_if(int8, Part::kWeightScale, Count(gates) * hidden * directions);
}
void lstm(List& list) { recurrent(list, 4, 4); }
void gru(List& list) { recurrent(list, 3, 4); }
void rnn(List& list) { recurrent(list, 1, 1); }

void attention(List& list) {
  const Layer& layer = list.layer();
  const Count embed = list.count(0), key = Count::from_signed(std::max<std::int64_t>(attention_key_extent(layer), 0)),
              value = list.count(4, layer.integer(0));
  const bool old_int8 = layer.has(3) && attention_key_extent(layer) != layer.integer(3);
  const std::int64_t term = old_int8 ? 1 : layer.integer(18);
  const Count query = embed == Count(0) ? Count(0) : list.count(2) / embed;
  const auto blocks = block_form(term);
  const auto matrix = [&](Part part, Count rows, Count columns) {
    list.tagged(part, blocks ? rows * divided_up(columns * Count::from_signed(blocks->bits), 8) : rows * columns,
                term != 0);
  };
  matrix(Part::kQuery, embed, query);
  list.raw(Part::kQueryBias, embed);
  matrix(Part::kKey, embed, key);
  list.raw(Part::kKeyBias, embed);
  matrix(Part::kValue, embed, value);
  list.raw(Part::kValueBias, embed);
  matrix(Part::kResult, query, embed);
  list.raw(Part::kResultBias, query);
  if (blocks) {
    const auto block = static_cast<std::uint64_t>(blocks->block);
    for (const Count columns : {query, key, value}) list.raw(Part::kWeightScale, embed * divided_up(columns, block));
    list.raw(Part::kWeightScale, query * divided_up(embed, block));
  } else if (term != 0) {
    for (int i = 0; i < 3; ++i) list.raw(Part::kWeightScale, embed);
    list.raw(Part::kWeightScale, 1);
  }
}

void memory_data(List& list) {
  Count elements = 1;
  for (const int key : {0, 1, 11, 2}) {
    if (list.layer().integer(key) != 0) elements *= list.count(key);
  }
  if (list.layer().integer(21, 1) == 1) list.raw(Part::kData, elements);
  else list.tagged(Part::kData, elements);
}

void quantize(List& list) { list.raw(Part::kScale, list.count(0, 1)); }
void dequantize(List& list) {
  list.raw(Part::kScale, list.count(0, 1));
  list.raw_if(list.layer().integer(1), Part::kShift, list.count(1));
}
void requantize(List& list) {
  list.raw(Part::kInputScale, list.count(0, 1));
  list.raw(Part::kOutputScale, list.count(1, 1));
  list.raw_if(list.layer().integer(2), Part::kShift, list.count(2));
}

struct Row {
  std::string_view type;
  void (*blobs)(List&);
};

// Layer types with blobs; all other known types have none.
constexpr std::array kRows = {
    Row{"Convolution", convolution},
    Row{"ConvolutionDepthWise", depthwise_convolution},
    Row{"Convolution1D", plain_convolution},
    Row{"ConvolutionDepthWise1D", plain_convolution},
    Row{"Convolution3D", plain_convolution},
    Row{"ConvolutionDepthWise3D", plain_convolution},
    Row{"Deconvolution", deconvolution},
    Row{"DeconvolutionDepthWise", deconvolution},
    Row{"Deconvolution1D", deconvolution},
    Row{"DeconvolutionDepthWise1D", deconvolution},
    Row{"Deconvolution3D", deconvolution},
    Row{"DeconvolutionDepthWise3D", deconvolution},
    Row{"DeformableConv2D", plain_convolution},
    Row{"InnerProduct", inner_product},
    Row{"Gemm", gemm},
    Row{"Embed", embed},
    Row{"BatchNorm", batch_norm},
    Row{"Scale", scale},
    Row{"Bias", bias},
    Row{"PReLU", prelu},
    Row{"InstanceNorm", instance_norm},
    Row{"GroupNorm", group_norm},
    Row{"LayerNorm", instance_norm},
    Row{"RMSNorm", rms_norm},
    Row{"Normalize", normalize},
    Row{"Padding", padding},
    Row{"LSTM", lstm},
    Row{"GRU", gru},
    Row{"RNN", rnn},
    Row{"MultiHeadAttention", attention},
    Row{"MemoryData", memory_data},
    Row{"Quantize", quantize},
    Row{"Dequantize", dequantize},
    Row{"Requantize", requantize},
};

constexpr std::uint32_t kTagFloat16 = 0x01306B47, kTagInt8 = 0x000D4B38, kTagFloat32 = 0x0002C056;
constexpr std::uint64_t kTableBytes = 256 * 4;  // of weights that are an index into 256 numbers

std::uint32_t little_endian(Bytes bytes, std::uint64_t offset) {
  std::uint32_t value = 0;
  for (std::uint64_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes[offset + i]} << (8 * i);
  return value;
}

Count padded(Count bytes) { return divided_up(bytes, 4) * Count(4); }

// Places one blob at `position` and moves behind it.
Status place(WeightBlob& blob, Bytes bin, std::int32_t file, std::uint64_t& position) {
  const Count elements = blob.elements;
  Count bytes = elements * Count(4);
  Count taken = bytes;
  blob.dtype = DType::kFloat32;
  std::uint64_t start = position;
  if (blob.tagged) {
    if (bin.size() - position < 4)
      return make_error(ErrorCode::kDamaged,
                        "the weights end at byte " + std::to_string(bin.size()) + ", before this layer's");
    const std::uint32_t tag = little_endian(bin, position);
    start += 4;
    if (tag == kTagFloat16) {
      blob.dtype = DType::kFloat16;
      bytes = elements * Count(2);
    } else if (tag == kTagInt8) {
      blob.dtype = DType::kInt8;
      bytes = elements;
    } else if (tag != 0 && tag != kTagFloat32) {
      blob.dtype = DType::kUInt8;
      bytes = Count(kTableBytes) + elements;
    }
    taken = padded(bytes);
  }
  if (taken.overflowed() || taken.value() > bin.size() - start) {
    return make_error(ErrorCode::kDamaged, "its " + with_thousands(blob.elements) + " " +
                                               std::string(dtype_name(blob.dtype)) + " weights from byte " +
                                               std::to_string(start) + " reach over the end of the .bin at " +
                                               std::to_string(bin.size()));
  }
  blob.data = {file, start, bytes.value(), 0};
  position = start + taken.value();
  return ok();
}

}  // namespace

std::int64_t attention_key_extent(const Layer& layer) {
  const std::int64_t hidden = layer.integer(0), stated = layer.integer(3, hidden);
  const bool is_flag = !layer.has(4) && hidden > 1 && (stated == 0 || stated == 1);
  return is_flag ? hidden : stated;
}

std::string layer_place(const Layer& layer, std::size_t index) {
  std::string out = "layer #" + std::to_string(index) + " " + printable(layer.type);
  if (!layer.name.empty()) out += " " + in_quotes(layer.name);
  return out;
}

Result<std::optional<std::vector<WeightBlob>>> list_weights(const Layer& layer) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.type == layer.type; });
  // Functions of PyTorch take their weights as operands; its modules may have some of their own.
  const bool function = is_pytorch_type(layer.type) && layer.type.rfind("nn.", 0) != 0;
  const bool none = is_known_type(layer.type) || function;
  if (row == kRows.end()) return none ? std::optional<Blobs>(Blobs()) : std::nullopt;
  List list(layer);
  row->blobs(list);
  return list.take();
}

Result<std::vector<std::vector<WeightBlob>>> locate_weights(const ParamFile& param, std::optional<Bytes> bin,
                                                            std::int32_t file, Diagnostics& diagnostics) {
  std::vector<Blobs> out(param.layers.size());
  std::uint64_t position = 0;
  bool lost = !bin.has_value();  // nothing further can be located
  for (std::size_t i = 0; i < param.layers.size(); ++i) {
    const std::string where = layer_place(param.layers[i], i);
    auto blobs = list_weights(param.layers[i]);
    if (!blobs) return blobs.error().at(where);
    if (!*blobs) {
      if (!lost) {
        diagnostics.warn("weights-lost", where,
                         "whether it has weights is not known; those of the layers behind it are not located");
      }
      lost = true;
      continue;
    }
    out[i] = std::move(**blobs);
    for (WeightBlob& blob : out[i]) {
      if (lost) continue;
      if (Status status = place(blob, *bin, file, position); !status) return status.error().at(where);
    }
  }
  if (!lost && position != bin->size()) {
    diagnostics.warn("weights-left-over", "",
                     "the layers take " + with_thousands(position) + " bytes of the .bin, it has " +
                         with_thousands(bin->size()) + ": perhaps it belongs to another .param");
  }
  return out;
}

}  // namespace nngauge::ncnn

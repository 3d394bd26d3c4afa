// SPDX-License-Identifier: Apache-2.0
// Owns: the typed attributes of operators, the same for every file format. Readers fill them, rules read them.
// Each struct lists its fields in `visit`, from which snapshots, `explain` and tests read and write them by name.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "graph/dtype.h"

namespace nngauge {

using Ints = std::vector<std::int64_t>;

enum class DataLayout : std::uint8_t { kChannelsFirst, kChannelsLast };
enum class PaddingMode : std::uint8_t { kExplicit, kSameUpper, kSameLower, kValid };
// Order of the axes of a convolution filter. `In` is per group for convolutions; for transposed ones `Out` is.
enum class FilterLayout : std::uint8_t {
  kOutInSpatial,   // ONNX, Caffe, ncnn
  kOutSpatialIn,   // TFLite CONV_2D, TRANSPOSE_CONV
  kSpatialInOut,   // TensorFlow, TFLite CONV_3D; depthwise: spatial, channels, multiplier
  kOneSpatialOut,  // TFLite DEPTHWISE_CONV_2D: 1, spatial, channels x multiplier
  kInOutSpatial,   // ONNX ConvTranspose, Caffe Deconvolution
  kSpatialOutIn,   // TensorFlow transposed convolution
};
enum class ResizeMode : std::uint8_t { kNearest, kLinear, kCubic };
enum class PadMode : std::uint8_t { kConstant, kReflect, kSymmetric, kEdge, kWrap };
enum class AttentionForm : std::uint8_t {
  kQkv,            // Q, K, V given apart (ONNX Attention, MultiHeadAttention, GroupQueryAttention, SparseAttention)
  kProjected,      // query, key?, value? and the weights of their projections and of the result's (ncnn)
  kPackedWeights,  // input and one [in, q+k+v] weight (com.microsoft Attention, QAttention)
};

struct NoAttrs {
  template <class V>
  void visit(V&&) {}
};

// Convolutions, plain and transposed, of any spatial rank. Vectors have one entry per spatial axis, outermost first;
// empty means all 1 (strides, dilations) or all 0.
struct ConvAttrs {
  DataLayout layout = DataLayout::kChannelsFirst;
  FilterLayout filter_layout = FilterLayout::kOutInSpatial;
  PaddingMode padding = PaddingMode::kExplicit;
  Ints strides, dilations;
  Ints pads;                    // all begins, then all ends
  std::int64_t groups = 1;      // 0: derived from channels (TFLite)
  Ints kernel;                  // as the file states it; empty: taken from the filter
  Ints output_padding;          // transposed only
  Ints output_shape;            // transposed only: spatial extents, where the file states them
  std::int64_t num_output = 0;  // only where no filter tensor tells (0 = unset)
  template <class V>
  void visit(V&& v) {
    v("layout", layout), v("filter_layout", filter_layout), v("padding", padding), v("strides", strides);
    v("dilations", dilations), v("pads", pads), v("groups", groups), v("kernel", kernel);
    v("output_padding", output_padding), v("output_shape", output_shape), v("num_output", num_output);
  }
};

struct PoolAttrs {
  DataLayout layout = DataLayout::kChannelsFirst;
  PaddingMode padding = PaddingMode::kExplicit;
  Ints kernel, strides, dilations, pads;
  bool ceil_mode = false;
  bool count_include_pad = false;
  bool drop_spatial = false;       // global pools: the result has no spatial axes left (ncnn)
  bool keep_outer_window = false;  // a last window beyond the input (ceil: ncnn, Caffe), one too large (floor: Paddle)
  template <class V>
  void visit(V&& v) {
    v("layout", layout), v("padding", padding), v("kernel", kernel), v("strides", strides);
    v("dilations", dilations), v("pads", pads), v("ceil_mode", ceil_mode), v("count_include_pad", count_include_pad);
    v("keep_outer_window", keep_outer_window), v("drop_spatial", drop_spatial);
  }
};

// y = x W + b. x is flattened to two axes unless keep_dims (leading axes kept) is set.
struct DenseAttrs {
  bool transpose_a = false;
  bool transpose_b = false;  // W stored [out, in]
  bool keep_dims = false;
  std::int64_t flatten_axis = -1;  // first axis that belongs to `in`; -1: the last one only, extents folded by size
  std::int64_t num_output = 0;     // only where no weight tensor tells
  template <class V>
  void visit(V&& v) {
    v("transpose_a", transpose_a), v("transpose_b", transpose_b), v("keep_dims", keep_dims);
    v("flatten_axis", flatten_axis), v("num_output", num_output);
  }
};

struct MatMulAttrs {
  bool transpose_a = false;
  bool transpose_b = false;
  bool trans_batch_a = false;  // com.microsoft FusedMatMul
  bool trans_batch_b = false;
  template <class V>
  void visit(V&& v) {
    v("transpose_a", transpose_a), v("transpose_b", transpose_b);
    v("trans_batch_a", trans_batch_a), v("trans_batch_b", trans_batch_b);
  }
};

// Block-quantised weights in a private packing: only the logical extents say what is computed.
struct PackedMatMulAttrs {
  std::int64_t k = 0, n = 0, bits = 4, block_size = 0;
  template <class V>
  void visit(V&& v) {
    v("k", k), v("n", n), v("bits", bits), v("block_size", block_size);
  }
};

struct EinsumAttrs {
  std::string equation;
  template <class V>
  void visit(V&& v) {
    v("equation", equation);
  }
};

struct RecurrentAttrs {
  std::int64_t hidden_size = 0;
  std::int64_t directions = 1;
  bool time_major = true;           // [seq, batch, in], else [batch, seq, in]
  bool single_step = false;         // input is [batch, in], one step
  bool merge_outputs = true;        // bidirectional: one output with both directions in its last axis
  bool onnx_outputs = false;        // outputs Y [seq, dir, batch, h], Y_h, Y_c as ONNX has them
  bool batch_first_states = false;  // ONNX layout = 1
  std::int64_t rank = 1;            // SVDF
  template <class V>
  void visit(V&& v) {
    v("hidden_size", hidden_size), v("directions", directions), v("time_major", time_major);
    v("single_step", single_step), v("merge_outputs", merge_outputs), v("onnx_outputs", onnx_outputs);
    v("batch_first_states", batch_first_states), v("rank", rank);
  }
};

struct AttentionAttrs {
  AttentionForm form = AttentionForm::kQkv;
  std::int64_t num_heads = 0;
  std::int64_t kv_num_heads = 0;  // 0: as num_heads
  Ints qkv_hidden_sizes;
  std::int64_t window = -1;              // local attention window, -1: all
  bool packed_qkv = false;               // query holds Q, K and V
  bool sparse = false;                   // block-sparse: dense extent is an upper bound
  std::int64_t total_length_input = -1;  // operand with the number of keys, past ones included; -1: none
  template <class V>
  void visit(V&& v) {
    v("form", form), v("num_heads", num_heads), v("kv_num_heads", kv_num_heads);
    v("qkv_hidden_sizes", qkv_hidden_sizes), v("window", window), v("packed_qkv", packed_qkv), v("sparse", sparse);
    v("total_length_input", total_length_input);
  }
};

struct NormAttrs {
  std::int64_t axis = -1;   // first normalised axis (LayerNorm, RMSNorm), the axis (LpNorm)
  std::int64_t groups = 1;  // GroupNorm
  std::int64_t size = 1;    // LocalResponseNorm: window
  bool across_channels = true;
  DataLayout layout = DataLayout::kChannelsFirst;
  Ints axes;
  template <class V>
  void visit(V&& v) {
    v("axis", axis), v("groups", groups), v("size", size), v("across_channels", across_channels);
    v("layout", layout), v("axes", axes);
  }
};

// Concat, Softmax, Gather*, Stack, OneHot, ArgMax, CumSum, Flatten, Hardmax, Unstack, Sort …
struct AxisAttrs {
  std::int64_t axis = 0;
  std::int64_t batch_dims = 0;
  bool keep_dims = false;
  bool flatten_2d = false;        // Softmax before ONNX opset 13: [prod before axis, prod from axis]
  std::int64_t count = 0;         // Unstack: number of outputs; OneHot: depth where it is an attribute
  DType dtype = DType::kUnknown;  // of the result, where the op chooses it
  template <class V>
  void visit(V&& v) {
    v("axis", axis), v("batch_dims", batch_dims), v("keep_dims", keep_dims), v("flatten_2d", flatten_2d);
    v("count", count), v("dtype", dtype);
  }
};

// Reduce*, Squeeze, Unsqueeze, Reverse: axes from the attribute, or from operand 1 where has_axes is false.
struct AxesAttrs {
  Ints axes;
  bool has_axes = false;
  bool keep_dims = true;
  bool noop_with_empty_axes = false;
  template <class V>
  void visit(V&& v) {
    v("axes", axes), v("has_axes", has_axes), v("keep_dims", keep_dims);
    v("noop_with_empty_axes", noop_with_empty_axes);
  }
};

// Target shape from operand 1, else from `shape`.
struct ReshapeAttrs {
  Ints shape;
  bool has_shape = false;
  bool zero_copies = false;              // 0 keeps the input's extent (ONNX without allowzero, Caffe)
  std::int64_t axis = 0, num_axes = -1;  // Caffe: the range of axes that is replaced
  template <class V>
  void visit(V&& v) {
    v("shape", shape), v("has_shape", has_shape), v("zero_copies", zero_copies), v("axis", axis),
        v("num_axes", num_axes);
  }
};

struct TransposeAttrs {
  Ints perm;  // empty: from operand 1, else axes reversed
  template <class V>
  void visit(V&& v) {
    v("perm", perm);
  }
};

struct SplitAttrs {
  std::int64_t axis = 0;
  Ints sizes;              // empty: from the sizes operand, else equal parts
  std::int64_t count = 0;  // number of parts, 0: as many as outputs
  template <class V>
  void visit(V&& v) {
    v("axis", axis), v("sizes", sizes), v("count", count);
  }
};

// Slice (begin, size), StridedSlice (TFLite, TensorFlow: masks) and ONNX Slice (starts, ends, axes, steps).
// Values come from operands where these exist, else from here.
struct SliceAttrs {
  Ints starts, ends, axes, steps;
  bool onnx_form = false;
  std::int64_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;  // `ends` are relative to `starts`
  template <class V>
  void visit(V&& v) {
    v("starts", starts), v("ends", ends), v("axes", axes), v("steps", steps), v("onnx_form", onnx_form);
    v("begin_mask", begin_mask), v("end_mask", end_mask), v("ellipsis_mask", ellipsis_mask);
    v("new_axis_mask", new_axis_mask), v("shrink_axis_mask", shrink_axis_mask), v("offset", offset);
  }
};

struct PadAttrs {
  PadMode mode = PadMode::kConstant;
  Ints pads;           // all begins, then all ends; empty: from operand 1
  bool pairs = false;  // operand 1 is [rank, 2] (TFLite), else all begins then all ends (ONNX)
  template <class V>
  void visit(V&& v) {
    v("mode", mode), v("pads", pads), v("pairs", pairs);
  }
};

// Output extents from the sizes operand, the scales operand, or from here.
struct ResizeAttrs {
  ResizeMode mode = ResizeMode::kNearest;
  DataLayout layout = DataLayout::kChannelsFirst;
  Ints sizes;                  // spatial or full rank
  std::vector<double> scales;  // spatial or full rank
  Ints axes;                   // the axes that sizes and scales speak of; empty: all
  bool spatial_sizes = false;  // the sizes operand holds spatial extents only (TFLite)
  std::string aspect_policy;   // ONNX keep_aspect_ratio_policy: "", stretch, not_larger, not_smaller
  bool align_corners = false;
  template <class V>
  void visit(V&& v) {
    v("mode", mode), v("layout", layout), v("sizes", sizes), v("scales", scales), v("axes", axes);
    v("spatial_sizes", spatial_sizes), v("aspect_policy", aspect_policy), v("align_corners", align_corners);
  }
};

struct SpaceDepthAttrs {
  std::int64_t block_size = 1;
  DataLayout layout = DataLayout::kChannelsFirst;
  template <class V>
  void visit(V&& v) {
    v("block_size", block_size), v("layout", layout);
  }
};

struct QuantAttrs {
  std::int64_t axis = 1;
  std::int64_t block_size = 0;
  DType dtype = DType::kUnknown;  // of the result, where the op chooses it
  std::int64_t bits = 0;
  template <class V>
  void visit(V&& v) {
    v("axis", axis), v("block_size", block_size), v("dtype", dtype), v("bits", bits);
  }
};

struct CastAttrs {
  DType dtype = DType::kUnknown;
  template <class V>
  void visit(V&& v) {
    v("dtype", dtype);
  }
};

// Binary element-wise ops before ONNX opset 7: the second operand is laid onto the first from `axis`.
struct BroadcastAttrs {
  bool legacy = false;
  std::int64_t axis = -1;  // -1: aligned at the end
  template <class V>
  void visit(V&& v) {
    v("legacy", legacy), v("axis", axis);
  }
};

// Parameters of element-wise functions that do not change what is computed per element.
struct ScalarAttrs {
  double alpha = 0, beta = 0;
  bool approximate = false;
  template <class V>
  void visit(V&& v) {
    v("alpha", alpha), v("beta", beta), v("approximate", approximate);
  }
};

// Fill, Range, Random*, EyeLike, window functions: a result made from a shape.
struct FillAttrs {
  DType dtype = DType::kUnknown;
  Ints shape;
  bool has_shape = false;  // else the shape comes from operand 0 (its values, or its shape where `like` is set)
  bool like = false;
  double value = 0;
  bool has_value = false;
  template <class V>
  void visit(V&& v) {
    v("dtype", dtype), v("shape", shape), v("has_shape", has_shape), v("like", like);
    v("value", value), v("has_value", has_value);
  }
};

struct TopKAttrs {
  std::int64_t k = 0;  // 0: from operand 1
  std::int64_t axis = -1;
  template <class V>
  void visit(V&& v) {
    v("k", k), v("axis", axis);
  }
};

// Control flow: graphs are indices into Model::graphs, -1 where there is none.
struct ControlAttrs {
  std::int64_t then_graph = -1, else_graph = -1;  // If; Call and Composite use then_graph
  std::int64_t cond_graph = -1, body_graph = -1;  // While, Loop, Scan, Reduce with a body
  std::int64_t trip_count = -1;                   // where constant
  std::int64_t scan_inputs = 0;                   // Scan: number of scanned inputs
  Ints scan_input_axes, scan_output_axes;
  Ints branches;     // Case: one graph per branch
  std::string name;  // Composite: what it stands for
  template <class V>
  void visit(V&& v) {
    v("then_graph", then_graph), v("else_graph", else_graph), v("cond_graph", cond_graph), v("body_graph", body_graph);
    v("trip_count", trip_count), v("scan_inputs", scan_inputs), v("scan_input_axes", scan_input_axes);
    v("scan_output_axes", scan_output_axes), v("branches", branches), v("name", name);
  }
};

struct CustomAttrs {
  std::string domain, name;
  std::int64_t max_detections = 0;  // DetectionPostProcess, NonMaxSuppression: rows of the result where fixed
  std::int64_t max_classes = 0;
  std::int64_t pooled_height = 0, pooled_width = 0;  // RoiAlign, RoiPool, CropAndResize
  std::int64_t sampling_ratio = 0;
  template <class V>
  void visit(V&& v) {
    v("domain", domain), v("name", name), v("max_detections", max_detections), v("max_classes", max_classes);
    v("pooled_height", pooled_height), v("pooled_width", pooled_width), v("sampling_ratio", sampling_ratio);
  }
};

// PriorBox: boxes laid over the cells of a feature map.
struct PriorBoxAttrs {
  std::int64_t per_cell = 0;  // boxes of one cell
  std::int64_t rows = 2;      // 2: coordinates, then variances; 1: coordinates only
  Ints map;                   // height and width of the map, where the file states them; empty: from operand 0
  template <class V>
  void visit(V&& v) {
    v("per_cell", per_cell), v("rows", rows), v("map", map);
  }
};

// DetectionOutput (SSD, YOLO, region proposals): boxes decoded, thresholded and suppressed in one operator.
struct DetectionAttrs {
  std::int64_t max_detections = 0;  // rows of the result at most; 0: not stated
  std::int64_t columns = 6;         // of one row: class, score, box (Caffe: 7, with the picture's index)
  std::int64_t rank = 3;            // of the result: extents of 1 in front of rows and columns
  template <class V>
  void visit(V&& v) {
    v("max_detections", max_detections), v("columns", columns), v("rank", rank);
  }
};

// Dft, Stft, windows
struct SignalAttrs {
  std::int64_t axis = -2;
  bool onesided = false, inverse = false;
  bool interleaved = false;  // with fft_length: real and imaginary parts follow each other in the last axis
  Ints fft_length;
  template <class V>
  void visit(V&& v) {
    v("axis", axis), v("onesided", onesided), v("inverse", inverse), v("interleaved", interleaved);
    v("fft_length", fft_length);
  }
};

// A convolution or product with axes named one by one (StableHLO convolution, dot_general, gather, reduce_window).
struct GeneralAttrs {
  Ints lhs_batch, rhs_batch, lhs_contract, rhs_contract;  // dot_general
  Ints in_axes, filter_axes,
      out_axes;  // convolution: batch, feature, spatial… / in, out, spatial… / batch, feature, spatial…
  Ints strides, pads, lhs_dilations, rhs_dilations, window;
  Ints dims;  // reduce: reduced axes; broadcast_in_dim: target axes; slice sizes
  std::int64_t feature_groups = 1, batch_groups = 1;
  template <class V>
  void visit(V&& v) {
    v("lhs_batch", lhs_batch), v("rhs_batch", rhs_batch), v("lhs_contract", lhs_contract),
        v("rhs_contract", rhs_contract);
    v("in_axes", in_axes), v("filter_axes", filter_axes), v("out_axes", out_axes), v("strides", strides),
        v("pads", pads);
    v("lhs_dilations", lhs_dilations), v("rhs_dilations", rhs_dilations), v("window", window), v("dims", dims);
    v("feature_groups", feature_groups), v("batch_groups", batch_groups);
  }
};

using Attributes =
    std::variant<NoAttrs, ConvAttrs, PoolAttrs, DenseAttrs, MatMulAttrs, PackedMatMulAttrs, EinsumAttrs, RecurrentAttrs,
                 AttentionAttrs, NormAttrs, AxisAttrs, AxesAttrs, ReshapeAttrs, TransposeAttrs, SplitAttrs, SliceAttrs,
                 PadAttrs, ResizeAttrs, SpaceDepthAttrs, QuantAttrs, CastAttrs, BroadcastAttrs, ScalarAttrs, FillAttrs,
                 TopKAttrs, ControlAttrs, CustomAttrs, PriorBoxAttrs, DetectionAttrs, SignalAttrs, GeneralAttrs>;

}  // namespace nngauge

// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/conv_geometry.h"

#include <string>

#include "graph/ops/checks.h"

namespace nngauge {
namespace {

using K = OpKind;

std::size_t spatial_rank(OpKind kind) {
  switch (kind) {
    case K::kConv1D:
    case K::kDepthwiseConv1D:
    case K::kConvTranspose1D:
      return 1;
    case K::kConv3D:
    case K::kDepthwiseConv3D:
    case K::kConvTranspose3D:
      return 3;
    default:
      return 2;
  }
}

bool is_depthwise(OpKind kind) {
  return kind == K::kDepthwiseConv1D || kind == K::kDepthwiseConv2D || kind == K::kDepthwiseConv3D;
}

bool is_transposed(OpKind kind) {
  return kind == K::kConvTranspose1D || kind == K::kConvTranspose2D || kind == K::kConvTranspose3D;
}

// Where a filter layout keeps its axes, for `rank` spatial ones.
struct FilterAxes {
  std::size_t in, out, spatial;  // positions; `spatial` is the first of the spatial axes
};

FilterAxes filter_axes(FilterLayout layout, std::size_t rank) {
  switch (layout) {
    case FilterLayout::kOutInSpatial:
      return {1, 0, 2};
    case FilterLayout::kInOutSpatial:
      return {0, 1, 2};
    case FilterLayout::kOutSpatialIn:
    case FilterLayout::kOneSpatialOut:
      return {rank + 1, 0, 1};
    case FilterLayout::kSpatialInOut:
      return {rank, rank + 1, 0};
    case FilterLayout::kSpatialOutIn:
      return {rank + 1, rank, 0};
  }
  return {1, 0, 2};
}

Shape picture_shape(const ConvGeometry& g, Dim channels, bool result) {
  std::vector<Dim> dims = {g.batch};
  if (g.layout == DataLayout::kChannelsFirst) dims.push_back(channels);
  for (const WindowAxis& axis : g.spatial) dims.push_back(result ? axis.out : axis.in);
  if (g.layout == DataLayout::kChannelsLast) dims.push_back(channels);
  return Shape(std::move(dims));
}

// a / b where both are known and it leaves no rest.
Dim divide(Dim a, Dim b) {
  return a.known() && b.known() && b.value() > 0 && a.value() % b.value() == 0 ? Dim(a.value() / b.value())
                                                                               : Dim::unknown();
}

// Reads attributes and operands into a geometry, step by step.
class Builder {
 public:
  explicit Builder(const RuleContext& c) : c_(c), attrs_(c.attrs<ConvAttrs>()), rank_(spatial_rank(c.kind())) {
    g_.transposed = is_transposed(c.kind());
    g_.depthwise = is_depthwise(c.kind());
    g_.layout = attrs_.layout;
    g_.filter_layout = attrs_.filter_layout;
    g_.spatial.resize(rank_);
    g_.has_bias = c.has_input(bias_operand());
  }

  Result<ConvGeometry> build() {
    NNGAUGE_CHECK(read_attributes());
    NNGAUGE_CHECK(read_input());
    NNGAUGE_CHECK(read_filter());
    NNGAUGE_CHECK(settle_channels());
    NNGAUGE_CHECK(check_vector(c_, bias_operand(), g_.out_channels, "bias"));
    NNGAUGE_CHECK(check_bias_type(c_, bias_operand()));
    NNGAUGE_CHECK(place());
    return g_;
  }

 private:
  [[nodiscard]] std::size_t bias_operand() const { return c_.kind() == K::kDeformConv2D ? 3 : 2; }

  Status read_attributes() {
    NNGAUGE_TRY(const Ints strides, per_axis(attrs_.strides, rank_, 1, 1, "stride"));
    NNGAUGE_TRY(const Ints dilations, per_axis(attrs_.dilations, rank_, 1, 1, "dilation"));
    NNGAUGE_TRY(const Ints pads, padding_of(attrs_.pads, rank_, 0));
    NNGAUGE_TRY(const Ints kernel, per_axis(attrs_.kernel, rank_, 0, 1, "kernel"));
    for (std::size_t i = 0; i < rank_; ++i) {
      WindowAxis& axis = g_.spatial[i];
      axis.stride = strides[i];
      axis.dilation = dilations[i];
      axis.pad_begin = pads[i];
      axis.pad_end = pads[rank_ + i];
      if (kernel[i] > 0) axis.kernel = kernel[i];
    }
    if (attrs_.groups < 0)
      return make_error(ErrorCode::kInvalidAttribute, "groups is " + std::to_string(attrs_.groups));
    if (attrs_.num_output < 0)
      return make_error(ErrorCode::kInvalidAttribute, "the number of outputs is " + std::to_string(attrs_.num_output));
    return ok();
  }

  Status read_input() {
    const Shape& in = c_.in(0);
    NNGAUGE_CHECK(check_rank(c_, in, rank_ + 2, "input"));
    const bool first = g_.layout == DataLayout::kChannelsFirst;
    g_.batch = in.at(0);
    g_.in_channels = in.at(first ? 1 : -1);
    for (std::size_t i = 0; i < rank_; ++i) g_.spatial[i].in = in.at(static_cast<std::int64_t>(i) + (first ? 2 : 1));
    return ok();
  }

  // Extents of the filter: `filter_in_` and `filter_out_` as stored, the kernel into the axes.
  Status read_filter() {
    const Shape& filter = c_.in(1);
    NNGAUGE_CHECK(check_rank(c_, filter, rank_ + 2, "filter"));
    if (!filter.ranked()) return ok();
    const FilterAxes where = filter_axes(g_.filter_layout, rank_);
    filter_in_ = filter[where.in];
    filter_out_ = filter[where.out];
    for (std::size_t i = 0; i < rank_; ++i) {
      NNGAUGE_TRY(g_.spatial[i].kernel,
                  merge_dims(g_.spatial[i].kernel, filter[where.spatial + i], "kernel of attribute and filter"));
    }
    return ok();
  }

  // Groups, input and output channels from whatever tells them.
  Status settle_channels() {
    if (g_.depthwise) return settle_depthwise();
    return g_.transposed ? settle_transposed() : settle_plain();
  }

  // The result has as many channels as the depthwise filter has kernels; ONNX stores [out, 1, …], TFLite [1, …, out],
  // TensorFlow […, channels, multiplier].
  Status settle_depthwise() {
    Dim out = filter_out_;
    if (g_.filter_layout == FilterLayout::kOneSpatialOut) {
      if (!may_equal(filter_out_, 1)) {
        return make_error(ErrorCode::kShapeMismatch,
                          "depthwise filter " + c_.text(c_.in(1)) + " does not begin with an extent of 1");
      }
      out = filter_in_;  // the last axis
    } else if (g_.filter_layout == FilterLayout::kSpatialInOut) {
      NNGAUGE_TRY(g_.in_channels, merge_dims(g_.in_channels, filter_in_, "channels of input and depthwise filter"));
      NNGAUGE_TRY(out, multiply_dims(filter_in_, filter_out_));
    } else if (!may_equal(filter_in_, 1)) {
      return make_error(ErrorCode::kShapeMismatch, "depthwise filter " + c_.text(c_.in(1)) + " has " +
                                                       std::to_string(filter_in_.value()) +
                                                       " channels in each group, needs 1");
    }
    if (!g_.in_channels.known() && attrs_.groups > 1) g_.in_channels = attrs_.groups;
    g_.groups = g_.in_channels;
    if (!out.known() && attrs_.num_output > 0) out = attrs_.num_output;
    g_.out_channels = out;
    return check_division(g_.out_channels, "output");
  }

  Status settle_plain() {
    g_.out_channels = filter_out_.known() || attrs_.num_output == 0 ? filter_out_ : Dim(attrs_.num_output);
    if (attrs_.groups > 0) g_.groups = attrs_.groups;
    else g_.groups = filter_in_.known() ? divide(g_.in_channels, filter_in_) : Dim(1);
    NNGAUGE_CHECK(check_division(g_.in_channels, "input"));
    NNGAUGE_CHECK(check_division(g_.out_channels, "output"));
    NNGAUGE_TRY(const Dim filter_total, multiply_dims(filter_in_, g_.groups));
    const bool wrong = attrs_.groups > 0 ? !may_equal(filter_total, g_.in_channels)
                                         : g_.in_channels.known() && filter_in_.known() && !g_.groups.known();
    if (wrong) return channels_differ(attrs_.groups);
    if (!g_.in_channels.known()) g_.in_channels = filter_total.known() ? filter_total : g_.in_channels;
    return ok();
  }

  Status settle_transposed() {
    g_.groups = attrs_.groups > 0 ? attrs_.groups : 1;
    if (!may_equal(filter_in_, g_.in_channels)) return channels_differ(1);
    if (!g_.in_channels.known() && filter_in_.known()) g_.in_channels = filter_in_;
    NNGAUGE_TRY(const Dim out, multiply_dims(filter_out_, g_.groups));
    g_.out_channels = out.known() || attrs_.num_output == 0 ? out : Dim(attrs_.num_output);
    NNGAUGE_CHECK(check_division(g_.in_channels, "input"));
    return check_division(g_.out_channels, "output");
  }

  [[nodiscard]] Error channels_differ(std::int64_t groups) const {
    std::string message = "filter has " + std::to_string(filter_in_.value()) + " input channels";
    if (groups > 1) message += " in each of " + std::to_string(groups) + " groups";
    return make_error(ErrorCode::kShapeMismatch, message + ", input has " + std::to_string(g_.in_channels.value()));
  }

  [[nodiscard]] Status check_division(Dim channels, std::string_view whose) const {
    if (!channels.known() || !g_.groups.known() ||
        (g_.groups.value() > 0 && channels.value() % g_.groups.value() == 0)) {
      return ok();
    }
    return make_error(ErrorCode::kShapeMismatch, std::to_string(g_.groups.value()) + " groups do not divide " +
                                                     std::to_string(channels.value()) + " " + std::string(whose) +
                                                     " channels");
  }

  // Output extents.
  Status place() {
    g_.multiplier = divide(g_.out_channels, g_.groups);
    if (!g_.transposed) {
      for (WindowAxis& axis : g_.spatial) NNGAUGE_CHECK(place_window(axis, attrs_.padding, WindowEnd::kFloor));
      return ok();
    }
    NNGAUGE_TRY(const Ints extra, per_axis(attrs_.output_padding, rank_, 0, 0, "output padding"));
    if (!attrs_.output_shape.empty()) return take_stated_extents();
    if (c_.has_input(3)) return take_shape_operand();
    for (std::size_t i = 0; i < rank_; ++i)
      NNGAUGE_CHECK(place_transposed_window(g_.spatial[i], attrs_.padding, extra[i]));
    return ok();
  }

  Status take_stated_extents() {
    NNGAUGE_TRY(const Ints stated, per_axis(attrs_.output_shape, rank_, 0, 1, "output shape"));
    for (std::size_t i = 0; i < rank_; ++i) g_.spatial[i].out = stated[i];
    return ok();
  }

  // TFLite: the full shape of the result is an operand.
  Status take_shape_operand() {
    const Value* stated = c_.value(3);
    if (!stated || stated->real) return ok();
    if (stated->size() != rank_ + 2) {
      return make_error(ErrorCode::kShapeMismatch, "output shape has " + std::to_string(stated->size()) +
                                                       " entries, needs " + std::to_string(rank_ + 2));
    }
    const bool first = g_.layout == DataLayout::kChannelsFirst;
    for (const Dim entry : stated->ints) {
      if (entry.known() && entry.value() < 0)
        return make_error(ErrorCode::kShapeMismatch, "output shape holds " + std::to_string(entry.value()));
    }
    NNGAUGE_TRY(g_.batch, merge_dims(g_.batch, stated->ints.front(), "batch of input and output shape"));
    NNGAUGE_TRY(g_.out_channels, merge_dims(g_.out_channels, first ? stated->ints[1] : stated->ints.back(),
                                            "channels of filter and output shape"));
    for (std::size_t i = 0; i < rank_; ++i) g_.spatial[i].out = stated->ints[i + (first ? 2 : 1)];
    return ok();
  }

  const RuleContext& c_;
  const ConvAttrs& attrs_;
  std::size_t rank_;
  ConvGeometry g_;
  Dim filter_in_, filter_out_;
};

}  // namespace

Shape ConvGeometry::input_shape() const { return picture_shape(*this, in_channels, false); }
Shape ConvGeometry::output_shape() const { return picture_shape(*this, out_channels, true); }

Shape ConvGeometry::filter_shape() const {
  const std::size_t rank = spatial.size();
  const FilterAxes where = filter_axes(filter_layout, rank);
  Shape out = Shape::of_rank(rank + 2);
  out[where.in] = transposed ? in_channels : divide(in_channels, groups);
  out[where.out] = transposed ? multiplier : out_channels;
  if (depthwise && filter_layout == FilterLayout::kOneSpatialOut) out[0] = 1, out[rank + 1] = out_channels;
  if (depthwise && filter_layout == FilterLayout::kSpatialInOut) out[rank] = in_channels, out[rank + 1] = multiplier;
  for (std::size_t i = 0; i < rank; ++i) out[where.spatial + i] = spatial[i].kernel;
  return out;
}

Result<ConvGeometry> infer_conv_geometry(const RuleContext& c) { return Builder(c).build(); }

Result<ConvGeometry> conv_geometry(const RuleContext& c) {
  NNGAUGE_TRY(ConvGeometry g, infer_conv_geometry(c));
  const Shape& out = c.out(0);
  if (!out.ranked() || out.rank() != g.spatial.size() + 2) return g;
  const bool first = g.layout == DataLayout::kChannelsFirst;
  const auto fill = [](Dim& dim, Dim known) {
    if (!dim.known() && known.known()) dim = known;
  };
  fill(g.batch, out[0]);
  fill(g.out_channels, out.at(first ? 1 : -1));
  for (std::size_t i = 0; i < g.spatial.size(); ++i) fill(g.spatial[i].out, out[i + (first ? 2 : 1)]);
  g.multiplier = divide(g.out_channels, g.groups);
  return g;
}

Result<Count> count_conv_macs(const RuleContext& c, const ConvGeometry& g) {
  constexpr std::string_view kAxisNames[] = {"D", "H", "W"};
  const std::size_t skip = 3 - g.spatial.size();
  Product macs(c, "macs");
  NNGAUGE_TRY(const Count batch, c.extent(g.batch, "the batch"));
  macs.times("batch", batch);
  for (std::size_t i = 0; i < g.spatial.size(); ++i) {
    const std::string label = std::string(kAxisNames[skip + i]) + (g.transposed ? "_in" : "_out");
    NNGAUGE_TRY(const Count extent, c.extent(g.transposed ? g.spatial[i].in : g.spatial[i].out, label));
    macs.times(label, extent);
  }
  for (std::size_t i = 0; i < g.spatial.size(); ++i) {
    const std::string label = "K_" + std::string(kAxisNames[skip + i]);
    NNGAUGE_TRY(const Count extent, c.extent(g.spatial[i].kernel, "the kernel"));
    macs.times(label, extent);
  }
  NNGAUGE_TRY(const Count in_channels, c.extent(g.in_channels, "the number of input channels"));
  NNGAUGE_TRY(const Count out_channels, c.extent(g.out_channels, "the number of output channels"));
  NNGAUGE_TRY(const Count groups, c.extent(g.groups, "the number of groups"));
  // Each output channel sees the input channels of its group only, and the other way round.
  const bool grouped = groups.value() > 1;
  if (g.transposed) {
    macs.times("C_in", in_channels).times(grouped ? "C_out/G" : "C_out", out_channels / groups);
  } else {
    macs.times(grouped ? "C_in/G" : "C_in", in_channels / groups).times("C_out", out_channels);
  }
  return macs.value();
}

}  // namespace nngauge

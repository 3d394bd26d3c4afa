// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/signal.h"

#include <bit>
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// 5 n ceil(log2 n).
Count transform_flops(Count points) {
  if (points.value() < 2) return 0;
  return Count(5) * points * Count(static_cast<std::uint64_t>(std::bit_width(points.value() - 1)));
}

Dim onesided_bins(Dim points) { return points.known() ? Dim(points.value() / 2 + 1) : Dim::unknown(); }

// TFLite and TensorFlow: lengths of the transformed trailing axes.
bool is_trailing_form(const RuleContext& c) { return !c.attrs<SignalAttrs>().fft_length.empty(); }

Result<std::vector<TensorInfo>> shape_trailing_dft(const RuleContext& c) {
  const auto& attrs = c.attrs<SignalAttrs>();
  const Shape& x = c.in(0);
  NNGAUGE_TRY(const Ints lengths, per_axis(attrs.fft_length, attrs.fft_length.size(), 1, 1, "transform length"));
  if (!x.ranked()) return results(c, {{DType::kComplex64, x}});
  if (x.rank() < lengths.size()) {
    return make_error(ErrorCode::kShapeMismatch, "input " + c.text(x) + " has " + std::to_string(x.rank()) +
                                                     " axes, needs " + std::to_string(lengths.size()));
  }
  Shape out = x;
  for (std::size_t i = 0; i < lengths.size(); ++i) out[x.rank() - lengths.size() + i] = lengths[i];
  if (attrs.interleaved) {  // both parts as numbers of the input's type
    if (!attrs.inverse) {
      NNGAUGE_TRY(out[x.rank() - 1], multiply_dims(onesided_bins(out[x.rank() - 1]), 2));
    }
    return results(c, {{c.in_dtype(0), std::move(out)}});
  }
  if (attrs.onesided) out[x.rank() - 1] = onesided_bins(out[x.rank() - 1]);
  return results(c, {{DType::kComplex64, std::move(out)}});
}

// ONNX: the transformed axis of x and how many points it has.
struct Transform {
  std::size_t axis;
  Dim points;
};

Result<Transform> read_transform(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return unknown("the rank of the input is not known");
  if (x.rank() < 2) return make_error(ErrorCode::kShapeMismatch, "input " + c.text(x) + " has no axis to transform");
  std::int64_t axis = c.attrs<SignalAttrs>().axis;
  if (c.has_input(2)) {
    const auto stated = operand_int(c, 2);
    if (!stated) return unknown("the axis of the transform is not known");
    axis = *stated;
  }
  NNGAUGE_TRY(const std::size_t index, normalise_axis(axis, x.rank()));
  if (index + 1 == x.rank())
    return make_error(ErrorCode::kInvalidAttribute,
                      "the last axis holds the parts of a number, it cannot be transformed");
  Dim points = x[index];
  if (c.has_input(1)) {
    const auto stated = operand_int(c, 1);
    points = stated ? Dim(*stated) : Dim::unknown();
  }
  if (points.known() && points.value() < 1)
    return make_error(ErrorCode::kShapeMismatch, "the transform has " + std::to_string(points.value()) + " points");
  return Transform{index, points};
}

struct Frames {
  Dim batch, frames, length, bins;
};

// ONNX STFT: frames = 1 + floor((signal - frame) / step).
Result<Frames> read_frames(const RuleContext& c) {
  const Shape& signal = c.in(0);
  if (signal.ranked() && signal.rank() != 2 && signal.rank() != 3)
    return make_error(ErrorCode::kShapeMismatch,
                      "signal " + c.text(signal) + " has " + std::to_string(signal.rank()) + " axes, needs 2 or 3");
  Frames f;
  f.batch = signal.at(0);
  if (const auto stated = operand_int(c, 3)) f.length = *stated;
  else if (c.has_input(2)) f.length = c.in(2).at(0);
  f.bins = c.attrs<SignalAttrs>().onesided ? onesided_bins(f.length) : f.length;
  const auto step = operand_int(c, 1);
  if (step && *step < 1) return make_error(ErrorCode::kInvalidAttribute, "frame step is " + std::to_string(*step));
  if (!step || !f.length.known() || !signal.at(1).known()) return f;
  if (f.length.value() < 1 || f.length.value() > signal.at(1).value()) {
    return make_error(ErrorCode::kShapeMismatch, "a frame of " + std::to_string(f.length.value()) +
                                                     " does not fit a signal of " +
                                                     std::to_string(signal.at(1).value()));
  }
  f.frames = (signal.at(1).value() - f.length.value()) / *step + 1;
  return f;
}

// How many square matrices operand 0 holds, and their extent.
Result<std::pair<Count, Count>> square_matrices(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked() || x.rank() < 2) return unknown("the rank of the input is not known");
  NNGAUGE_TRY(const Dim leading, product_of(x, 0, x.rank() - 2));
  NNGAUGE_TRY(const Count matrices, c.extent(leading, "the number of matrices"));
  NNGAUGE_TRY(const Count n, c.extent(x.at(-1), "the extent of the matrix"));
  return std::pair(matrices, n);
}

}  // namespace

Result<std::vector<TensorInfo>> shape_dft(const RuleContext& c) {
  if (is_trailing_form(c)) return shape_trailing_dft(c);
  NNGAUGE_TRY(const Transform t, read_transform(c));
  const auto& attrs = c.attrs<SignalAttrs>();
  Shape out = c.in(0);
  // The inverse of a one-sided transform is real.
  const bool real = attrs.onesided && attrs.inverse;
  out[t.axis] = attrs.onesided && !attrs.inverse ? onesided_bins(t.points) : t.points;
  out[out.rank() - 1] = real ? 1 : 2;
  return results(c, {{c.in_dtype(0), std::move(out)}});
}

Result<Work> work_dft(const RuleContext& c) {
  Count points = 1, rows = 1;
  const Shape& x = c.in(0);
  if (is_trailing_form(c)) {
    const Ints& lengths = c.attrs<SignalAttrs>().fft_length;
    if (!x.ranked() || x.rank() < lengths.size()) return unknown("the shape of the input is not known");
    for (const std::int64_t length : lengths) points *= Count::from_signed(length);
    NNGAUGE_TRY(const Dim leading, product_of(x, 0, x.rank() - lengths.size()));
    NNGAUGE_TRY(rows, c.extent(leading, "the number of transforms"));
  } else {
    NNGAUGE_TRY(const Transform t, read_transform(c));
    NNGAUGE_TRY(points, c.extent(t.points, "the number of points"));
    for (std::size_t i = 0; i + 1 < x.rank(); ++i) {
      if (i == t.axis) continue;
      NNGAUGE_TRY(const Count extent, c.extent(x[i], "the number of transforms"));
      rows *= extent;
    }
  }
  Work work;
  work.flops = Product(c, "flops").times("transforms", rows).times("5 n log2 n", transform_flops(points)).value();
  return work;
}

Result<std::vector<TensorInfo>> shape_stft(const RuleContext& c) {
  NNGAUGE_TRY(const Frames f, read_frames(c));
  return results(c, {{c.in_dtype(0), {f.batch, f.frames, f.bins, 2}}});
}

Result<Work> work_stft(const RuleContext& c) {
  NNGAUGE_TRY(const Frames f, read_frames(c));
  NNGAUGE_TRY(const Count batch, c.extent(f.batch, "the batch"));
  NNGAUGE_TRY(const Count frames, c.extent(f.frames, "the number of frames"));
  NNGAUGE_TRY(const Count length, c.extent(f.length, "the length of a frame"));
  const Count window = c.has_input(2) ? length : Count(0);
  Work work;
  work.flops = Product(c, "flops")
                   .times("batch", batch)
                   .times("frames", frames)
                   .times("window and 5 n log2 n", window + transform_flops(length))
                   .value();
  return work;
}

Result<std::vector<TensorInfo>> shape_det(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return results(c, {{c.in_dtype(0), x}});
  if (x.rank() < 2) return make_error(ErrorCode::kShapeMismatch, "input " + c.text(x) + " is no matrix");
  NNGAUGE_CHECK(merge_dims(x.at(-1), x.at(-2), "extent of the square matrix"));
  return results(c, {{c.in_dtype(0), Shape(std::vector<Dim>(x.dims().begin(), x.dims().end() - 2))}});
}

Result<std::vector<TensorInfo>> shape_inverse(const RuleContext& c) {
  NNGAUGE_CHECK(shape_det(c));
  return results(c, {{c.in_dtype(0), c.in(0)}});
}

Result<std::vector<TensorInfo>> shape_pairwise_distance(const RuleContext& c) {
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    if (c.in(i).ranked() && c.in(i).rank() != 2)
      return make_error(ErrorCode::kShapeMismatch, "operand " + c.text(c.in(i)) + " is no list of rows");
  }
  NNGAUGE_CHECK(merge_dims(c.in(0).at(1), c.in(1).at(1), "extent of a row"));
  return results(c, {{c.in_dtype(0), {c.in(0).at(0), c.in(1).at(0)}}});
}

Result<Work> work_pairwise_distance(const RuleContext& c) {
  NNGAUGE_TRY(const Count pairs, c.out_elements(0));
  NNGAUGE_TRY(const Dim row, merge_dims(c.in(0).at(1), c.in(1).at(1), "extent of a row"));
  NNGAUGE_TRY(const Count columns, c.extent(row, "the extent of a row"));
  Work work;
  work.flops = Product(c, "flops").times("pairs", pairs).times("columns", columns).times("operations", 3).value();
  if (c.attrs<ScalarAttrs>().alpha != 1) work.special = Product(c, "special functions").times("roots", pairs).value();
  return work;
}

Result<Work> work_inverse(const RuleContext& c) {
  NNGAUGE_TRY(const auto square, square_matrices(c));
  const auto [matrices, n] = square;
  Work work;
  work.flops = Product(c, "flops").times("matrices", matrices).times("2 n^3", Count(2) * n * n * n).value();
  work.special = Product(c, "special functions").times("matrices", matrices).times("divisions", n).value();
  return work;
}

Result<Work> work_det(const RuleContext& c) {
  NNGAUGE_TRY(const auto square, square_matrices(c));
  const auto [matrices, n] = square;
  Work work;
  if (n.value() < 2) return work;
  // Sums of m and of m^2 for m = 1 … n - 1.
  const Count m = n.value() - 1;
  const Count rows = m * n / Count(2);
  const Count squares = m * n * (Count(2) * m + Count(1)) / Count(6);
  work.flops =
      Product(c, "flops").times("matrices", matrices).times("elimination and diagonal", Count(2) * squares + m).value();
  work.special = Product(c, "special functions").times("matrices", matrices).times("divisions", rows).value();
  return work;
}

}  // namespace nngauge

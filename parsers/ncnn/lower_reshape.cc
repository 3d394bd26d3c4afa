// SPDX-License-Identifier: Apache-2.0
// Reshape, Permute, Flatten, Squeeze, ExpandDims: blobs count their axes from the innermost one (w, h, d, c).
#include <algorithm>
#include <array>

#include "parsers/ncnn/expression.h"
#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

std::vector<Shape> bottom_shapes(const LayerView& v) {
  std::vector<Shape> out;
  for (std::size_t i = 0; i < v.bottoms(); ++i) out.push_back(v.in(i));
  return out;
}

// Extents as the layer states them, outermost first: -1 inferred, 0 copied.
Result<std::vector<Dim>> stated_target(const LayerView& v) {
  std::vector<Dim> inner;
  if (const std::string& text = v.layer().text(6); !text.empty()) {
    NNGAUGE_TRY(inner, evaluate_list(text, bottom_shapes(v)));
  } else {
    for (const int key : {0, 1, 11, 2}) {
      if (const std::int64_t extent = v.integer(key, kUnset); extent != kUnset) inner.emplace_back(extent);
    }
  }
  if (inner.empty()) return make_error(ErrorCode::kInvalidAttribute, "states no extent");
  std::reverse(inner.begin(), inner.end());
  return inner;
}

// 0 copies the input's axis of the same name: w, h count from the inside, c is the outermost.
Dim copied(const LayerView& v, std::size_t axis, std::size_t rank) {
  const std::size_t dims = v.dims(0);
  if (dims == 0) return Dim::unknown();
  if (rank >= 3 && axis == 0) return dims >= 3 ? v.in(0).at(1) : Dim(1);
  const std::size_t from_inside = rank - axis;
  if (from_inside > dims) return 1;
  return v.in(0).at(-static_cast<std::int64_t>(from_inside));
}

// Newer files fold the batch into the other axes and take it out of them: key 12 is its place among the axes that are
// read, key 13 among those that are stated (233: none there). -1: as ever, in front and not stated.
struct BatchAxes {
  std::int64_t before = -1, after = -1;
};

Result<BatchAxes> read_batch_axes(const LayerView& v, std::size_t stated) {
  constexpr std::int64_t kNone = 233;
  BatchAxes out;
  if (const std::int64_t axis = v.integer(12, kNone); axis != kNone) out.before = axis;
  if (const std::int64_t axis = v.integer(13, kNone); axis != kNone) out.after = axis;
  const auto dims = static_cast<std::int64_t>(v.dims(0));
  if (out.before < -1 || out.after < -1 || (dims > 0 && out.before > dims) ||
      out.after >= static_cast<std::int64_t>(stated))
    return make_error(ErrorCode::kInvalidAttribute, "the batch is axis " + std::to_string(out.before) + " of " +
                                                        std::to_string(dims + 1) + " and " + std::to_string(out.after) +
                                                        " of " + std::to_string(stated));
  if (dims == 0) out.before = std::min<std::int64_t>(out.before, 0);
  return out;
}

Ints moved_axis(std::int64_t from, std::int64_t to, std::size_t rank) {
  Ints perm;
  for (std::size_t i = 0; i < rank; ++i) perm.push_back(static_cast<std::int64_t>(i));
  perm.erase(perm.begin() + from);
  perm.insert(perm.begin() + to, from);
  return perm;
}

Op with_axes(OpKind kind, Ints axes) {
  Op op;
  op.kind = kind;
  AxesAttrs attrs;
  attrs.axes = std::move(axes);
  attrs.has_axes = true;
  op.attrs = std::move(attrs);
  return op;
}

void become(LayerView& v, Op shaped) {
  v.op.kind = shaped.kind;
  v.op.attrs = std::move(shaped.attrs);
  v.input(0);
}

}  // namespace

Status lower_reshape(LayerView& v) {
  NNGAUGE_TRY(std::vector<Dim> target, stated_target(v));
  NNGAUGE_TRY(const BatchAxes axes, read_batch_axes(v, target.size()));
  if (target.size() > (axes.after < 0 ? 4U : 5U))
    return make_error(ErrorCode::kInvalidAttribute, "a blob has at most four axes");
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  const Dim batch = v.batch();
  if (axes.after < 0) attrs.shape.push_back(axes.before >= 0 || !batch.known() ? 1 : batch.value());
  bool open = false;
  for (std::size_t i = 0; i < target.size(); ++i) {
    Dim extent = target[i].is(0) && axes.after < 0 ? copied(v, i, target.size()) : target[i];
    if (!extent.known()) {
      if (open) {  // two extents are open: nothing tells them
        v.opaque();
        return ok();
      }
      extent = -1;
    }
    open = open || extent.is(-1);
    attrs.shape.push_back(extent.value());
  }
  v.input(0);
  const auto turn = [&](std::int64_t from, std::int64_t to, std::size_t rank) {
    Op op;
    op.kind = OpKind::kTranspose;
    op.attrs = TransposeAttrs{moved_axis(from, to, rank)};
    op.inputs = std::move(v.op.inputs);
    v.op.inputs.clear();
    return op;
  };
  if (axes.before > 0) {
    NNGAUGE_TRY(const TensorId turned, v.step(turn(0, axes.before, v.in(0).rank())));
    v.operand(turned);
  }
  if (axes.after > 0) {
    const std::size_t rank = attrs.shape.size();
    Op reshape;
    reshape.kind = OpKind::kReshape;
    reshape.attrs = std::move(attrs);
    reshape.inputs = std::move(v.op.inputs);
    v.op.inputs.clear();
    NNGAUGE_TRY(const TensorId reshaped, v.step(std::move(reshape)));
    v.operand(reshaped);
    Op last = turn(axes.after, 0, rank);
    v.op.kind = last.kind;
    v.op.attrs = std::move(last.attrs);
    v.op.inputs = std::move(last.inputs);
    return ok();
  }
  v.op.kind = OpKind::kReshape;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status lower_flatten(LayerView& v) {
  v.op.kind = OpKind::kFlatten;
  AxisAttrs attrs;
  attrs.axis = 1;
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

// order_type lists the new axes from the inside, by the letters of the old ones.
Status lower_permute(LayerView& v) {
  constexpr std::array<const char*, 2> kTwo = {"wh", "hw"};
  constexpr std::array<const char*, 6> kThree = {"whc", "hwc", "wch", "cwh", "hcw", "chw"};
  constexpr std::array<const char*, 24> kFour = {"whdc", "hwdc", "wdhc", "dwhc", "hdwc", "dhwc", "whcd", "hwcd",
                                                 "wchd", "cwhd", "hcwd", "chwd", "wdch", "dwch", "wcdh", "cwdh",
                                                 "dcwh", "cdwh", "hdcw", "dhcw", "hcdw", "chdw", "dchw", "cdhw"};
  const std::int64_t order = v.integer(0);
  const std::size_t dims = v.dims(0);
  v.input(0);
  v.op.kind = OpKind::kTranspose;
  if (dims == 0) {
    v.opaque();
    return ok();
  }
  if (dims == 1) {
    v.op.kind = OpKind::kIdentity;
    return ok();
  }
  const std::size_t orders = dims == 2 ? 2 : dims == 3 ? 6 : 24;
  if (dims > 4 || order < 0 || static_cast<std::size_t>(order) >= orders) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "order_type " + std::to_string(order) + " of a blob of " + std::to_string(dims) + " axes");
  }
  const auto index = static_cast<std::size_t>(order);
  const std::string_view now = dims == 2 ? kTwo[index] : dims == 3 ? kThree[index] : kFour[index];
  const std::string_view before = dims == 2 ? kTwo[0] : dims == 3 ? kThree[0] : kFour[0];
  TransposeAttrs attrs;
  attrs.perm.push_back(0);
  for (std::size_t i = dims; i-- > 0;) attrs.perm.push_back(static_cast<std::int64_t>(dims - before.find(now[i])));
  v.op.attrs = std::move(attrs);
  return ok();
}

Status lower_squeeze(LayerView& v) {
  const std::size_t dims = v.dims(0);
  if (dims == 0) {
    v.opaque();
    return ok();
  }
  std::vector<bool> squeezed(dims, false);  // outermost first
  const auto mark = [&](std::int64_t axis) {
    if (axis < 0) axis += static_cast<std::int64_t>(dims);
    if (axis >= 0 && axis < static_cast<std::int64_t>(dims)) squeezed[static_cast<std::size_t>(axis)] = true;
  };
  const std::vector<std::int64_t> axes = v.layer().integers(3);
  for (const std::int64_t axis : axes) mark(axis);
  if (axes.empty()) {
    if (v.integer(0) != 0) mark(-1);
    if (v.integer(1) != 0 && dims > 1) mark(-2);
    if (v.integer(11) != 0 && dims > 3) mark(-3);
    if (v.integer(2) != 0 && dims > 2) mark(0);
  }
  // Only axes of extent 1 vanish, and one axis always stays.
  Ints gone;
  for (std::size_t i = 0; i < dims; ++i) {
    if (squeezed[i] && v.in(0)[i + 1].is(1)) gone.push_back(static_cast<std::int64_t>(i) + 1);
  }
  if (gone.size() == dims) gone.pop_back();
  if (gone.empty()) {
    v.op.kind = OpKind::kIdentity;
    v.input(0);
    return ok();
  }
  become(v, with_axes(OpKind::kSqueeze, std::move(gone)));
  return ok();
}

Status lower_expand_dims(LayerView& v) {
  const std::size_t dims = v.dims(0);
  const std::vector<std::int64_t> axes = v.layer().integers(3);
  Ints added;  // axes of the result
  if (!axes.empty()) {
    for (const std::int64_t axis : axes) added.push_back(axis < 0 ? axis : axis + 1);
  } else {
    // Flags name the letters of the result.
    const auto rank = static_cast<std::int64_t>(dims) + 1;
    std::int64_t flags = 0;
    for (const int key : {0, 1, 11, 2}) flags += v.integer(key) != 0 ? 1 : 0;
    const std::int64_t result = rank + flags - 1;  // axes without the batch
    if (v.integer(2) != 0) added.push_back(1);
    if (v.integer(11) != 0) added.push_back(std::max<std::int64_t>(result - 2, 1));
    if (v.integer(1) != 0) added.push_back(std::max<std::int64_t>(result - 1, 1));
    if (v.integer(0) != 0) added.push_back(result);
    std::sort(added.begin(), added.end());
    added.erase(std::unique(added.begin(), added.end()), added.end());
  }
  if (added.empty()) {
    v.op.kind = OpKind::kIdentity;
    v.input(0);
    return ok();
  }
  become(v, with_axes(OpKind::kUnsqueeze, std::move(added)));
  return ok();
}

}  // namespace nngauge::ncnn

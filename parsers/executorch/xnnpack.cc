// SPDX-License-Identifier: Apache-2.0
// The graph that ExecuTorch hands to XNNPACK: a header, tables, then the weights. Pictures are [batch, height, width,
// channels] in it, filters [out, height, width, in] or, for depthwise convolutions, [1, height, width, out].
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "parsers/executorch/plan.h"
#include "parsers/flatbuffer.h"
#include "xnnpack_generated.h"

namespace nngauge::executorch {
namespace {

using K = OpKind;

constexpr std::uint32_t kNoValue = 0xFFFFFFFF, kIsInput = 1, kIsResult = 2, kTransposeFilter = 1, kSamePadding = 4;
constexpr int kDynamicInt8 = 9, kDynamicPacked = 11;  // types of values
constexpr std::size_t kMostXnnpackRank = 16;

constexpr FlatSchema kXnnpackSchema{
    xnn::GraphTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<xnn::Graph>(nullptr); }};

// Where the tables and the weights of a blob are.
struct Layout {
  DataRef tables, weights;
};

// Nothing where the blob is none of XNNPACK. Errors: kDamaged.
Result<std::optional<Layout>> find_layout(Bytes blob) {
  constexpr std::size_t kHeaderBytes = 30;
  const std::string_view mark = flat_identifier(blob);
  if (mark == "XN00" || mark == "XN01") return std::optional(Layout{{0, 0, blob.size()}, {0, blob.size(), 0}});
  if (mark != "XH00" || blob.size() < kHeaderBytes) return std::optional<Layout>();
  Layout out;
  NNGAUGE_TRY(out.tables, place_in_file(Count(number_at<std::uint32_t>(blob, 10)), number_at<std::uint32_t>(blob, 14),
                                        blob.size(), 0));
  NNGAUGE_TRY(out.weights, place_in_file(Count(number_at<std::uint32_t>(blob, 18)), number_at<std::uint64_t>(blob, 22),
                                         blob.size(), 0));
  return std::optional(out);
}

DType dtype_of_xnnpack(int type) {
  switch (type) {
    case 1:
    case 13:
      return DType::kFloat32;
    case 2:
      return DType::kFloat16;
    case 3:
    case 6:
    case 9:
    case 11:
      return DType::kInt8;
    case 4:
      return DType::kUInt8;
    case 5:
    case 7:
    case 12:
      return DType::kInt32;
    case 8:
    case 10:
      return DType::kInt4;
    case 14:
      return DType::kBFloat16;
    default:
      return DType::kUnknown;
  }
}

bool is_close(double a, double b) { return std::fabs(a - b) <= 0; }

FusedActivation activation_of(const xnn::MinMax* limits) {
  if (!limits || !is_close(limits->min(), 0)) return FusedActivation::kNone;
  if (is_close(limits->max(), 6)) return FusedActivation::kRelu6;
  return limits->max() > 1e30F ? FusedActivation::kRelu : FusedActivation::kNone;
}

class Inliner {
 public:
  Inliner(const DelegateCall& call, const xnn::Graph& graph, const Layout& layout, Bytes tables)
      : call_(call), plan_(call.plan), program_(call.plan.program()), graph_(graph), layout_(layout), tables_(tables) {}

  Status run() {
    for (std::size_t i = 0; i < length(graph_.values()); ++i) {
      Status status = read_value(get(graph_.values(), i));
      if (!status) return status.error().at("value #" + std::to_string(i));
    }
    NNGAUGE_CHECK(bind_inputs());
    for (std::size_t i = 0; i < length(graph_.nodes()); ++i) {
      Status status = read_node(get(graph_.nodes(), i), i);
      if (!status) {
        return status.error().at("node #" + std::to_string(i) + " " +
                                 xnn::EnumNameAnyNode(get(graph_.nodes(), i).node_type()));
      }
    }
    for (const auto& [inner, outer] : late_results_) add_view(inner, outer);
    return ok();
  }

 private:
  static Error invalid(std::string message) { return make_error(ErrorCode::kInvalidGraph, std::move(message)); }

  // --- values ---

  struct Value {
    TensorId tensor = kNoTensor;  // made when first needed
    Tensor stored;
  };

  Status read_value(const xnn::Value& source) {
    const auto* quantised = source.value_as_QuantizedTensorValue();
    const xnn::TensorValue* value = quantised ? quantised->tensor() : source.value_as_TensorValue();
    if (!value) return invalid("has no tensor");
    NNGAUGE_CHECK(program_.spend(32 + length(value->dims())));
    if (length(value->dims()) > kMostXnnpackRank)
      return invalid("has " + std::to_string(value->dims()->size()) + " axes");
    Value& out = values_[value->id()];
    out.stored.dtype = dtype_of_xnnpack(value->type());
    std::vector<Dim> dims;
    for (const std::int64_t extent : ints_of(value->dims())) dims.emplace_back(extent);
    out.stored.declared = out.stored.shape = Shape(std::move(dims));
    out.stored.name = call_.op.name + "/" + std::to_string(value->id());
    if (value->type() == kDynamicInt8 || value->type() == kDynamicPacked) dynamic_.insert(value->id());
    if (value->constant() > 0) {
      NNGAUGE_CHECK(locate(*value, out.stored));
      // Blobs share what they store; in one blob equal bytes are still weights of their own.
      out.tensor = plan_.stored(out.stored);
      if (!taken_.insert(out.tensor).second) out.tensor = plan_.add(out.stored);
      return ok();
    }
    if ((value->flags() & kIsInput) != 0) inputs_[value->external_id()] = value->id();
    if ((value->flags() & kIsResult) != 0) results_[value->external_id()] = value->id();
    return ok();
  }

  // Bytes of a constant: behind the tables, under a name of the program, or (old) inside the tables.
  Status locate(const xnn::TensorValue& value, Tensor& tensor) {
    const Count bytes = packed_bytes(tensor.dtype, *tensor.declared.elements());
    if (bytes.overflowed()) return make_error(ErrorCode::kOverflow, "has more bytes than 64 bits count");
    tensor.is_constant = true;
    const std::uint64_t size = bytes.value();
    const auto too_few = [&](std::uint64_t held) {
      return make_error(ErrorCode::kDamaged,
                        "needs " + std::to_string(size) + " bytes, its constant holds " + std::to_string(held));
    };
    if (value.constant() < length(graph_.constants())) {
      const xnn::ConstantPlace& place = get(graph_.constants(), value.constant());
      if (length(place.name()) > 0) {
        NNGAUGE_TRY(tensor.data, program_.named(text_of(place.name()), size));
        return ok();
      }
      if (place.size() < size) return too_few(place.size());
      NNGAUGE_TRY(DataRef found, place_in_file(Count(layout_.weights.offset) + Count(place.offset()), size,
                                               call_.blob.size_bytes, call_.blob.file));
      found.offset += call_.blob.offset;
      tensor.data = found;
      return ok();
    }
    if (value.constant() >= length(graph_.buffers())) {
      return make_error(ErrorCode::kDamaged,
                        "is constant " + std::to_string(value.constant()) + " of " +
                            std::to_string(std::max(length(graph_.constants()), length(graph_.buffers()))));
    }
    const auto* storage = get(graph_.buffers(), value.constant()).storage();
    if (length(storage) < size) return too_few(length(storage));
    if (size > 0) tensor.data = {call_.blob.file, offset_of(storage->data()), size};
    return ok();
  }

  [[nodiscard]] std::uint64_t offset_of(const void* place) const {
    return call_.blob.offset + layout_.tables.offset +
           static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(place) - tables_.data());
  }

  // Arguments of the call: the inputs by their numbers outside, then the results.
  Status bind_inputs() {
    if (inputs_.size() + results_.size() != call_.values.size()) {
      return invalid("has " + std::to_string(inputs_.size()) + " inputs and " + std::to_string(results_.size()) +
                     " results, the call hands over " + std::to_string(call_.values.size()) + " tensors");
    }
    std::size_t next = 0;
    for (const auto& [external, id] : inputs_) {
      NNGAUGE_TRY(const TensorId outer, plan_.operand_at(call_.values[next++], "an operand"));
      Value& value = values_[id];
      if (same_extents(outer, value)) value.tensor = outer;
      else add_view(outer, value.tensor = plan_.add(value.stored));
    }
    for (const auto& [external, id] : results_) {
      const TensorId outer = plan_.define(call_.values[next++]);
      Value& value = values_[id];
      if (value.tensor == kNoTensor && same_extents(outer, value)) {
        value.tensor = outer;
        continue;
      }
      if (value.tensor == kNoTensor) value.tensor = plan_.add(value.stored);
      late_results_.emplace_back(value.tensor, outer);
    }
    return ok();
  }

  [[nodiscard]] bool same_extents(TensorId outer, const Value& value) const {
    return plan_.graph().tensors[static_cast<std::size_t>(outer)].declared == value.stored.declared;
  }

  // The same bytes with other extents: channels last inside, channels first outside.
  void add_view(TensorId from, TensorId to) {
    Op op = call_.op;
    op.kind = K::kReshape;
    op.inputs = {{from, OperandRole::kData}};
    op.outputs = {to};
    ReshapeAttrs attrs;
    attrs.has_shape = true;
    for (const Dim dim : plan_.graph().tensors[static_cast<std::size_t>(to)].declared.dims())
      attrs.shape.push_back(dim.value());
    op.attrs = std::move(attrs);
    plan_.graph().ops.push_back(std::move(op));
  }

  Result<TensorId> tensor(std::uint32_t id) {
    const auto found = values_.find(id);
    if (found == values_.end()) return invalid("names value " + std::to_string(id) + ", which is none of the graph");
    if (found->second.tensor == kNoTensor) found->second.tensor = plan_.add(found->second.stored);
    return found->second.tensor;
  }
  [[nodiscard]] const Tensor& content(TensorId id) const { return plan_.graph().tensors[static_cast<std::size_t>(id)]; }

  // --- nodes ---

  Status add(Op& op, std::uint32_t id, OperandRole role = OperandRole::kData) {
    if (id == kNoValue && role != OperandRole::kData) return ok();
    NNGAUGE_TRY(const TensorId found, tensor(id));
    op.inputs.push_back({found, content(found).is_constant ? role : OperandRole::kData});
    return ok();
  }

  // The operator with its operands and result; `kind` and attributes follow.
  template <class Ids>
  Status fill(Op& op, K kind, const Ids& operands, std::uint32_t result) {
    op.kind = kind;
    for (const std::uint32_t id : operands) NNGAUGE_CHECK(add(op, id));
    NNGAUGE_TRY(const TensorId out, tensor(result));
    op.outputs = {out};
    return ok();
  }
  using Two = std::array<std::uint32_t, 2>;
  using One = std::array<std::uint32_t, 1>;

  Status read_node(const xnn::Node& node, std::size_t index) {
    Op op = call_.op;
    op.source.byte_offset = offset_of(&node);
    op.source_op = "xnnpack::" + std::string(xnn::EnumNameAnyNode(node.node_type()));
    op.name = call_.op.name + "/" + std::to_string(index);
    // The limits of a clamp are what it is; those of others are a clamp behind them.
    if (node.node_type() != xnn::AnyNode_Clamp) op.activation = activation_of(node.limits());
    NNGAUGE_CHECK(read(node, op));
    plan_.graph().ops.push_back(std::move(op));
    return ok();
  }

  Status read(const xnn::Node& node, Op& op) {
    if (const auto* conv = find<xnn::Conv>(node)) return read_conv(*conv, node.node_type(), op);
    if (const auto* pool = find<xnn::Pool>(node)) return read_pool(*pool, node.node_type(), op);
    if (const auto* two = find<xnn::Node2>(node)) return read_two(*two, node.node_type(), op);
    if (const auto* one = find<xnn::Node1>(node)) return read_one(*one, node, op);
    if (const auto* slope = find<xnn::Slope>(node)) {
      const K kind = node.node_type() == xnn::AnyNode_ELU ? K::kElu : K::kLeakyRelu;
      return fill(op, kind, One{slope->input()}, slope->output());
    }
    if (const auto* cat = find<xnn::Cat>(node)) return read_cat(*cat, node.node_type(), op);
    if (const auto* dense = node.node_as_FullyConnected()) return read_dense(*dense, op);
    if (const auto* moved = node.node_as_Transpose()) {
      op.attrs = TransposeAttrs{ints_of(moved->perm())};
      return fill(op, K::kTranspose, One{moved->input()}, moved->output());
    }
    if (const auto* resize = node.node_as_ResizeBilinear()) return read_resize(*resize, op);
    if (const auto* pad = node.node_as_Pad()) {
      PadAttrs attrs;
      attrs.pads = ints_of(pad->before());
      const Ints after = ints_of(pad->after());
      attrs.pads.insert(attrs.pads.end(), after.begin(), after.end());
      op.attrs = std::move(attrs);
      return fill(op, K::kPad, One{pad->input()}, pad->output());
    }
    if (const auto* view = node.node_as_Reshape()) return read_reshape(*view, op);
    if (const auto* slice = node.node_as_Slice()) return read_slice(*slice, op);
    if (const auto* attention = node.node_as_Attention()) return read_attention(*attention, op);
    if (const auto* places = node.node_as_ArgMaxPool()) {
      op.attrs = CustomAttrs{"", "ArgMaxPool"};
      return fill(op, K::kCustom, One{places->input()}, places->output());
    }
    return make_error(ErrorCode::kUnsupportedVersion,
                      "kind " + std::to_string(static_cast<int>(node.node_type())) + " of node is not known");
  }

  // The table of a node, where its kind has one of this type.
  template <class Table>
  static const Table* find(const xnn::Node& node) {
    return is_of<Table>(node.node_type()) ? static_cast<const Table*>(node.node()) : nullptr;
  }
  template <class Table>
  static bool is_of(xnn::AnyNode type) {
    switch (type) {
      case xnn::AnyNode_Conv2d:
      case xnn::AnyNode_DepthwiseConv2d:
      case xnn::AnyNode_ConvTranspose2d:
        return std::is_same_v<Table, xnn::Conv>;
      case xnn::AnyNode_AvgPool:
      case xnn::AnyNode_MaxPool:
        return std::is_same_v<Table, xnn::Pool>;
      case xnn::AnyNode_Add:
      case xnn::AnyNode_Div:
      case xnn::AnyNode_Minimum:
      case xnn::AnyNode_Multiply:
      case xnn::AnyNode_Subtract:
      case xnn::AnyNode_Maximum:
      case xnn::AnyNode_PReLU:
      case xnn::AnyNode_BatchMatMul:
        return std::is_same_v<Table, xnn::Node2>;
      case xnn::AnyNode_LeakyReLU:
      case xnn::AnyNode_ELU:
        return std::is_same_v<Table, xnn::Slope>;
      case xnn::AnyNode_Concatenate2:
      case xnn::AnyNode_Concatenate3:
      case xnn::AnyNode_Concatenate4:
      case xnn::AnyNode_Concatenate5:
        return std::is_same_v<Table, xnn::Cat>;
      case xnn::AnyNode_NONE:
      case xnn::AnyNode_FullyConnected:
      case xnn::AnyNode_Transpose:
      case xnn::AnyNode_ResizeBilinear:
      case xnn::AnyNode_Pad:
      case xnn::AnyNode_Reshape:
      case xnn::AnyNode_ArgMaxPool:
      case xnn::AnyNode_Slice:
      case xnn::AnyNode_Attention:
        return false;
      default:
        return std::is_same_v<Table, xnn::Node1> && type <= xnn::AnyNode_MAX;
    }
  }

  Status read_one(const xnn::Node1& one, const xnn::Node& node, Op& op) {
    NNGAUGE_CHECK(fill(op, unary_kind(node), One{one.input()}, one.output()));
    const DType from = content(op.inputs[0].tensor).dtype, to = content(op.outputs[0]).dtype;
    if (op.kind == K::kSoftmax) {
      AxisAttrs attrs;
      attrs.axis = -1;
      op.attrs = attrs;
    } else if (op.kind == K::kGlobalAveragePool) {
      PoolAttrs attrs;
      attrs.layout = DataLayout::kChannelsLast;
      op.attrs = std::move(attrs);
    } else if (op.kind == K::kCast && is_float(from) != is_float(to)) {
      op.kind = dynamic_.contains(one.output()) ? K::kDynamicQuantize : is_float(from) ? K::kQuantize : K::kDequantize;
      QuantAttrs attrs;
      attrs.dtype = to;
      op.attrs = attrs;
    } else if (op.kind == K::kCast) {
      op.attrs = CastAttrs{to};
    }
    return ok();
  }

  static K unary_kind(const xnn::Node& node) {
    switch (node.node_type()) {
      case xnn::AnyNode_Softmax:
        return K::kSoftmax;
      case xnn::AnyNode_Sigmoid:
        return K::kSigmoid;
      case xnn::AnyNode_Clamp: {
        const FusedActivation limits = activation_of(node.limits());
        return limits == FusedActivation::kRelu ? K::kRelu : limits == FusedActivation::kRelu6 ? K::kRelu6 : K::kClip;
      }
      case xnn::AnyNode_Floor:
        return K::kFloor;
      case xnn::AnyNode_Convert:
        return K::kCast;
      case xnn::AnyNode_GlobalAvgPool:
        return K::kGlobalAveragePool;
      case xnn::AnyNode_SquareRoot:
        return K::kSqrt;
      case xnn::AnyNode_Ceiling:
        return K::kCeil;
      case xnn::AnyNode_HardSwish:
        return K::kHardSwish;
      case xnn::AnyNode_Negate:
        return K::kNeg;
      case xnn::AnyNode_Square:
        return K::kSquare;
      case xnn::AnyNode_Abs:
        return K::kAbs;
      case xnn::AnyNode_ReciprocalSquareRoot:
        return K::kRsqrt;
      case xnn::AnyNode_Log:
        return K::kLog;
      case xnn::AnyNode_Gelu:
        return K::kGelu;
      case xnn::AnyNode_Tanh:
        return K::kTanh;
      case xnn::AnyNode_Exp:
        return K::kExp;
      case xnn::AnyNode_Sin:
        return K::kSin;
      case xnn::AnyNode_Cos:
        return K::kCos;
      default:
        return K::kIdentity;
    }
  }

  Status read_two(const xnn::Node2& two, xnn::AnyNode type, Op& op) {
    static const std::map<xnn::AnyNode, K> kKinds = {
        {xnn::AnyNode_Add, K::kAdd},         {xnn::AnyNode_Div, K::kDiv},
        {xnn::AnyNode_Minimum, K::kMinimum}, {xnn::AnyNode_Maximum, K::kMaximum},
        {xnn::AnyNode_Multiply, K::kMul},    {xnn::AnyNode_Subtract, K::kSub},
        {xnn::AnyNode_PReLU, K::kPRelu},     {xnn::AnyNode_BatchMatMul, K::kMatMul},
    };
    NNGAUGE_CHECK(fill(op, kKinds.at(type), Two{two.input1(), two.input2()}, two.output()));
    const bool learns = op.kind == K::kPRelu || op.kind == K::kMatMul;
    if (learns && content(op.inputs[1].tensor).is_constant) op.inputs[1].role = OperandRole::kWeight;
    if (op.kind == K::kMatMul) {
      MatMulAttrs attrs;
      attrs.transpose_b = (two.flags() & kTransposeFilter) != 0;
      op.attrs = attrs;
    }
    return ok();
  }

  Status read_dense(const xnn::FullyConnected& dense, Op& op) {
    NNGAUGE_CHECK(fill(op, K::kDense, One{dense.input()}, dense.output()));
    NNGAUGE_CHECK(add(op, dense.filter(), OperandRole::kWeight));
    NNGAUGE_CHECK(add(op, dense.bias(), OperandRole::kBias));
    DenseAttrs attrs;
    attrs.transpose_b = (dense.flags() & kTransposeFilter) == 0;
    attrs.keep_dims = true;
    op.attrs = attrs;
    return ok();
  }

  Status read_conv(const xnn::Conv& conv, xnn::AnyNode type, Op& op) {
    const bool transposed = type == xnn::AnyNode_ConvTranspose2d, depthwise = type == xnn::AnyNode_DepthwiseConv2d;
    const K kind = transposed ? K::kConvTranspose2D : depthwise ? K::kDepthwiseConv2D : K::kConv2D;
    NNGAUGE_CHECK(fill(op, kind, One{conv.input()}, conv.output()));
    NNGAUGE_CHECK(add(op, conv.filter(), OperandRole::kWeight));
    NNGAUGE_CHECK(add(op, conv.bias(), OperandRole::kBias));
    ConvAttrs attrs;
    attrs.layout = DataLayout::kChannelsLast;
    attrs.filter_layout = depthwise ? FilterLayout::kOneSpatialOut : FilterLayout::kOutSpatialIn;
    attrs.groups = std::max<std::int64_t>(conv.groups(), 1);
    attrs.strides = {conv.stride_height(), conv.stride_width()};
    attrs.dilations = {conv.dilation_height(), conv.dilation_width()};
    attrs.pads = {conv.padding_top(), conv.padding_left(), conv.padding_bottom(), conv.padding_right()};
    if ((conv.flags() & kSamePadding) != 0 && !transposed && !depthwise) {
      attrs.padding = PaddingMode::kSameUpper;
      attrs.pads.clear();
    }
    if (transposed) {
      attrs.output_padding = {conv.adjustment_height(), conv.adjustment_width()};
      if (op.inputs.size() > 1) NNGAUGE_CHECK(regroup(op.inputs[1].tensor, attrs.groups));
    }
    op.attrs = std::move(attrs);
    return ok();
  }

  // Filters of transposed convolutions are [out, height, width, in a group] here, [out a group, …, in] elsewhere.
  Status regroup(TensorId& id, std::int64_t groups) {
    if (id == kNoTensor || groups < 2) return ok();
    Tensor filter = content(id);
    if (filter.declared.rank() != 4 || filter.declared[0].value() % groups != 0)
      return make_error(ErrorCode::kShapeMismatch, "the filter does not fit " + std::to_string(groups) + " groups");
    const Count in = Count::from_signed(filter.declared[3].value()) * Count::from_signed(groups);
    if (in.overflowed() || in.value() > 0x7FFFFFFF)
      return make_error(ErrorCode::kOverflow, "the filter has more channels than 31 bits count");
    filter.declared = {filter.declared[0].value() / groups, filter.declared[1], filter.declared[2],
                       static_cast<std::int64_t>(in.value())};
    filter.shape = filter.declared;
    id = plan_.stored(filter);
    return ok();
  }

  Status read_pool(const xnn::Pool& pool, xnn::AnyNode type, Op& op) {
    const bool is_max = type == xnn::AnyNode_MaxPool;
    PoolAttrs attrs;
    attrs.layout = DataLayout::kChannelsLast;
    attrs.kernel = {pool.height(), pool.width()};
    attrs.strides = {pool.stride_height(), pool.stride_width()};
    if (is_max) attrs.dilations = {pool.dilation_height(), pool.dilation_width()};
    attrs.pads = {pool.padding_top(), pool.padding_left(), pool.padding_bottom(), pool.padding_right()};
    if ((pool.flags() & kSamePadding) != 0) {
      attrs.padding = PaddingMode::kSameUpper;
      attrs.pads.clear();
    }
    op.attrs = std::move(attrs);
    return fill(op, is_max ? K::kMaxPool : K::kAveragePool, One{pool.input()}, pool.output());
  }

  Status read_resize(const xnn::Resize& resize, Op& op) {
    ResizeAttrs attrs;
    attrs.mode = ResizeMode::kLinear;
    attrs.layout = DataLayout::kChannelsLast;
    attrs.axes = {1, 2};
    attrs.sizes = {resize.height(), resize.width()};
    op.attrs = std::move(attrs);
    return fill(op, K::kResizeBilinear, One{resize.input()}, resize.output());
  }

  Status read_reshape(const xnn::Reshape& view, Op& op) {
    NNGAUGE_CHECK(fill(op, K::kReshape, One{view.input()}, view.output()));
    ReshapeAttrs attrs;
    attrs.has_shape = true;
    for (const Dim dim : content(op.outputs[0]).declared.dims()) attrs.shape.push_back(dim.value());
    op.attrs = std::move(attrs);
    return ok();
  }

  Status read_slice(const xnn::Slice& slice, Op& op) {
    const Ints offsets = ints_of(slice.offsets()), sizes = ints_of(slice.sizes());
    if (offsets.size() != sizes.size()) {
      return make_error(ErrorCode::kInvalidAttribute, "has " + std::to_string(offsets.size()) + " offsets and " +
                                                          std::to_string(sizes.size()) + " sizes");
    }
    SliceAttrs attrs;
    attrs.onnx_form = true;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      attrs.axes.push_back(static_cast<std::int64_t>(i));
      attrs.starts.push_back(offsets[i]);
      attrs.ends.push_back(offsets[i] + sizes[i]);
      attrs.steps.push_back(1);
    }
    op.attrs = std::move(attrs);
    return fill(op, K::kSlice, One{slice.input()}, slice.output());
  }

  Status read_cat(const xnn::Cat& cat, xnn::AnyNode type, Op& op) {
    std::vector<std::uint32_t> ids = {cat.input1(), cat.input2(), cat.input3(), cat.input4(), cat.input5()};
    ids.resize(type == xnn::AnyNode_Concatenate2   ? 2
               : type == xnn::AnyNode_Concatenate3 ? 3
               : type == xnn::AnyNode_Concatenate4 ? 4
                                                   : 5);
    AxisAttrs attrs;
    attrs.axis = cat.axis();
    op.attrs = attrs;
    return fill(op, K::kConcat, ids, cat.output());
  }

  Status read_attention(const xnn::Attention& source, Op& op) {
    NNGAUGE_CHECK(fill(op, K::kAttention, std::array{source.query(), source.key(), source.value()}, source.output()));
    NNGAUGE_CHECK(add(op, source.mask(), OperandRole::kConfig));
    AttentionAttrs attrs;
    const auto heads = [&](std::size_t i) {
      const Shape& shape = content(op.inputs[i].tensor).declared;
      return shape.rank() == 4 ? shape[1].value() : 0;
    };
    attrs.num_heads = heads(0);
    attrs.kv_num_heads = heads(1);
    op.attrs = attrs;
    return ok();
  }

  const DelegateCall& call_;
  Plan& plan_;
  Program& program_;
  const xnn::Graph& graph_;
  const Layout& layout_;
  Bytes tables_;
  std::map<std::uint32_t, Value> values_;
  std::set<TensorId> taken_;         // stored tensors that blobs share
  std::set<std::uint32_t> dynamic_;                          // values quantised by what they hold
  std::map<std::uint32_t, std::uint32_t> inputs_, results_;  // by the number outside
  std::vector<std::pair<TensorId, TensorId>> late_results_;  // inside, outside
};

}  // namespace

Result<bool> read_xnnpack(const DelegateCall& call) {
  const Bytes blob = call.plan.program().bytes().subspan(call.blob.offset, call.blob.size_bytes);
  NNGAUGE_TRY(const std::optional<Layout> layout, find_layout(blob));
  if (!layout) return false;
  const AlignedBytes tables(blob.subspan(layout->tables.offset, layout->tables.size_bytes));
  if (const Status status = check_flat_structure(kXnnpackSchema, tables.get()); !status)
    return status.error().at("the graph for XNNPACK");
  const auto& graph = *flatbuffers::GetRoot<xnn::Graph>(tables.get().data());
  if (const Status status = Inliner(call, graph, *layout, tables.get()).run(); !status)
    return status.error().at("the graph for XNNPACK");
  return true;
}

}  // namespace nngauge::executorch

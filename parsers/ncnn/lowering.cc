// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/lowering.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "base/text.h"
#include "graph/op_table.h"
#include "graph/rule.h"
#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

const Shape kUnknownShape;

Shape with_batch(Dim batch, const std::vector<std::int64_t>& extents) {
  std::vector<Dim> dims = {batch};
  dims.insert(dims.end(), extents.begin(), extents.end());
  return Shape(std::move(dims));
}

// Layers behind which channels are the same, though height and width may not be.
bool keeps_channels(const Layer& layer) {
  return keeps_shape(layer) || layer.type == "Interp" || layer.type == "Pooling" || layer.type == "Padding";
}

bool is_guessed_through(const GuessedShape& shape) {
  return std::any_of(shape.begin(), shape.end(), [](const GuessedExtent& extent) {
    return extent.assumed_as == "channels" || extent.assumed_as == "features" || extent.assumed_as == "length";
  });
}

// An extent that only the layer's other operands tell, which are not known yet.
bool is_open(const GuessedShape& shape) {
  return std::any_of(shape.begin(), shape.end(), [](const GuessedExtent& extent) { return !extent.value.known(); });
}

}  // namespace

// --- LayerView ------------------------------------------------------------------------------------------------------

const Shape& LayerView::in(std::size_t i) const {
  if (i >= layer_.bottoms.size()) return kUnknownShape;
  const TensorId id = lowering_.blob_tensors_[at(layer_.bottoms[i])];
  return id == kNoTensor ? kUnknownShape : lowering_.tensor(id).shape;
}

Dim LayerView::batch() const {
  for (std::size_t i = 0; i < bottoms(); ++i) {
    if (!is_constant(i) && in(i).ranked() && in(i).rank() > 0) return in(i)[0];
  }
  return 1;
}

bool LayerView::is_constant(std::size_t i) const {
  const TensorId id = lowering_.blob_tensors_[at(layer_.bottoms[i])];
  return id != kNoTensor && lowering_.tensor(id).is_constant;
}

void LayerView::input(std::size_t bottom, OperandRole role) {
  if (bottom >= layer_.bottoms.size()) {
    op.inputs.push_back({});
    return;
  }
  op.inputs.push_back({lowering_.blob_tensors_[at(layer_.bottoms[bottom])], role});
}

void LayerView::inputs_from(std::size_t first, OperandRole role) {
  for (std::size_t i = first; i < bottoms(); ++i) input(i, role);
}

const WeightBlob* LayerView::find(Part part, std::size_t n) const {
  for (const WeightBlob& blob : blobs_) {
    if (blob.part == part && n-- == 0) return &blob;
  }
  return nullptr;
}

Status LayerView::weight(Part part, OperandRole role, Shape shape, std::size_t n) {
  const WeightBlob* blob = find(part, n);
  if (!blob) return ok();
  const std::optional<Count> elements = shape.elements();
  const bool packed = dtype_bits(blob->dtype) == 8 && role == OperandRole::kWeight;  // perhaps several to a byte
  if (elements && (elements->overflowed() || elements->value() < blob->elements ||
                   (!packed && elements->value() != blob->elements))) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "stores " + with_thousands(blob->elements) + " weights where its other keys ask for " +
                          (elements->overflowed() ? std::string("too many") : with_thousands(elements->value())));
  }
  Tensor tensor;
  tensor.name = layer_.name + (role == OperandRole::kBias    ? ".bias"
                               : role == OperandRole::kQuant ? ".scale"
                                                             : ".weight");
  tensor.dtype = blob->dtype;
  if (packed && elements && elements->value() >= blob->elements * 2 - 1 && blob->elements > 0 &&
      elements->value() != blob->elements)
    tensor.dtype = DType::kInt4;
  tensor.declared = tensor.shape = std::move(shape);
  tensor.is_constant = true;
  tensor.data = blob->data;
  op.inputs.push_back({lowering_.add_tensor(std::move(tensor)), role});
  return ok();
}

TensorId LayerView::scalar(double value) {
  Tensor tensor;
  tensor.name = layer_.name + ".scalar";
  tensor.dtype = DType::kFloat32;
  tensor.declared = tensor.shape = Shape::scalar();
  tensor.is_constant = true;
  tensor.value = Value::of_reals({value});
  return lowering_.add_tensor(std::move(tensor));
}

TensorId LayerView::integers(const std::vector<std::int64_t>& values) {
  Tensor tensor;
  tensor.name = layer_.name + ".values";
  tensor.dtype = DType::kInt64;
  tensor.declared = tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.is_constant = true;
  tensor.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  return lowering_.add_tensor(std::move(tensor));
}

TensorId LayerView::places(Shape shape) {
  Tensor tensor;
  tensor.name = layer_.name + ".places";
  tensor.dtype = DType::kInt32;
  tensor.declared = tensor.shape = std::move(shape);
  tensor.is_constant = true;
  return lowering_.add_tensor(std::move(tensor));
}

Result<TensorId> LayerView::step(Op first) {
  Tensor tensor;
  tensor.name = layer_.name + ".step";
  const TensorId result = lowering_.add_tensor(std::move(tensor));
  first.name = layer_.name;
  first.source_op = layer_.type;
  first.source = op.source;
  first.outputs = {result};
  NNGAUGE_CHECK(lowering_.emit(std::move(first)));
  return result;
}

const Shape& LayerView::shape_of(TensorId tensor) const { return lowering_.tensor(tensor).shape; }

void LayerView::activation(int type_key, int params_key) {
  const std::vector<std::int64_t> params = layer_.integers(params_key);
  switch (integer(type_key)) {
    case 0:
      break;
    case 1:
      op.activation = FusedActivation::kRelu;
      break;
    case 3: {
      const bool relu6 = params.size() == 2 && params[0] == 0 && params[1] == 6;
      op.activation = relu6 ? FusedActivation::kRelu6 : FusedActivation::kOther;
      break;
    }
    case 4:
      op.activation = FusedActivation::kSigmoid;
      break;
    default:
      op.activation = FusedActivation::kOther;
  }
}

void LayerView::opaque(std::vector<Shape> results) {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "ncnn";
  attrs.name = layer_.type;
  op.attrs = attrs;
  if (op.inputs.empty()) inputs_from(0);
  for (std::size_t i = 0; i < results.size() && i < layer_.tops.size(); ++i) declare(i, std::move(results[i]));
}

void LayerView::declare(std::size_t top, Shape shape) {
  Tensor& tensor = lowering_.tensor(lowering_.blob_tensors_[at(layer_.tops[top])]);
  if (tensor.dtype == DType::kUnknown) tensor.dtype = DType::kFloat32;
  tensor.declared = tensor.shape = std::move(shape);
}

// --- Lowering -------------------------------------------------------------------------------------------------------

Lowering::Lowering(Model& model, const ParamFile& param, const std::vector<std::vector<WeightBlob>>& weights,
                   const Bindings* bindings, InputSizes sizes)
    : model_(model),
      graph_(model.main()),
      param_(param),
      weights_(weights),
      bindings_(bindings),
      sizes_(sizes),
      blob_tensors_(param.blobs.size(), kNoTensor),
      readers_(param.blobs.size()) {
  for (std::size_t i = 0; i < param.layers.size(); ++i) {
    for (const std::int32_t blob : param.layers[i].bottoms) readers_[at(blob)].push_back(i);
  }
}

TensorId Lowering::add_tensor(Tensor tensor) {
  graph_.tensors.push_back(std::move(tensor));
  open_root_.push_back(kNoTensor);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

Status Lowering::run() {
  for (std::size_t i = 0; i < param_.layers.size(); ++i) {
    const Layer& layer = param_.layers[i];
    for (const std::int32_t blob : layer.bottoms) {
      if (blob_tensors_[at(blob)] != kNoTensor) continue;
      Tensor tensor;
      tensor.name = param_.blobs[at(blob)];
      blob_tensors_[at(blob)] = add_tensor(std::move(tensor));
    }
    for (const std::int32_t blob : layer.tops) {
      if (blob_tensors_[at(blob)] != kNoTensor) continue;
      Tensor tensor;
      tensor.name = param_.blobs[at(blob)];
      blob_tensors_[at(blob)] = add_tensor(std::move(tensor));
    }
    NNGAUGE_CHECK(lower(i));
  }
  finish();
  return ok();
}

Status Lowering::lower(std::size_t index) {
  const Layer& layer = param_.layers[index];
  if (layer.type == "Input") return lower_input(layer);
  if (layer.type == "MemoryData") return lower_memory(layer, weights_[index]);
  resolve_operands(index);
  LayerView view(*this, layer, weights_[index]);
  view.op.name = layer.name;
  view.op.source_op = layer.type;
  view.op.source = {static_cast<std::int32_t>(index), layer.offset};
  for (const std::int32_t blob : layer.tops) view.op.outputs.push_back(blob_tensors_[at(blob)]);
  const Handler handler = find_handler(layer.type);
  if (!handler) {
    std::vector<Shape> hints;
    for (std::size_t i = 0; i < layer.tops.size(); ++i) {
      const auto extents = hinted_extents(layer, i);
      hints.push_back(extents.empty() ? Shape() : with_batch(view.batch(), extents));
    }
    view.opaque(std::move(hints));
  } else if (Status status = handler(view); !status) {
    return status.error().at(layer_place(layer, index));
  }
  const bool open = !view.op.inputs.empty() && view.op.inputs[0].tensor != kNoTensor && keeps_shape(layer);
  const TensorId root = open ? open_root_[at(view.op.inputs[0].tensor)] : kNoTensor;
  const std::vector<TensorId> results = view.op.outputs;
  NNGAUGE_CHECK(emit(std::move(view.op)));
  for (const TensorId result : results) open_root_[at(result)] = root;
  return ok();
}

Status Lowering::emit(Op op) {
  const auto id = static_cast<OpId>(graph_.ops.size());
  graph_.ops.push_back(std::move(op));
  const Op& added = graph_.ops.back();
  const OpInfo& info = op_info(added.kind);
  // Too few operands are told by complete_model; rules may rely on their number.
  std::size_t present = 0;
  for (const Operand& operand : added.inputs)
    present += operand.tensor != kNoTensor && operand.role != OperandRole::kQuant;
  if (present < at(info.min_inputs)) return ok();
  const Result<std::vector<TensorInfo>> infos = info.shape(RuleContext(model_, graph_, added));
  if (!infos) {
    if (infos.error().code == ErrorCode::kUnknown) return ok();
    return infos.error().at(op_place(added, id));
  }
  for (std::size_t i = 0; i < added.outputs.size() && i < infos->size(); ++i) {
    Tensor& result = tensor(added.outputs[i]);
    if ((*infos)[i].shape.ranked()) result.shape = (*infos)[i].shape;
    if (result.dtype == DType::kUnknown) result.dtype = (*infos)[i].dtype;
  }
  return ok();
}

// --- inputs ---------------------------------------------------------------------------------------------------------

// Extents that the user gave, with or without the batch. Others than the input can have are told by complete_model.
void Lowering::take_bound_shape(TensorId id, const std::vector<std::int64_t>& extents, std::size_t rank) {
  const bool has_batch = rank > 0 ? extents.size() == rank + 1 : extents.size() > 1 && extents[0] == 1;
  if (rank > 0 && !has_batch && extents.size() != rank) return;
  if (std::any_of(extents.begin(), extents.end(), [](std::int64_t extent) { return extent < 0; })) return;
  Shape shape = has_batch ? Shape(std::vector<Dim>(extents.begin(), extents.end())) : with_batch(1, extents);
  tensor(id).declared = tensor(id).shape = std::move(shape);
}

// The demand of the first layers that read the blob; one that knows the channels is preferred.
std::optional<GuessedShape> find_demand(const ParamFile& param, const std::vector<std::vector<WeightBlob>>& weights,
                                        const std::vector<std::vector<std::size_t>>& readers, std::int32_t blob,
                                        InputSizes sizes) {
  constexpr std::size_t kMostLayers = 256;
  std::deque<std::int32_t> open = {blob};
  std::set<std::int32_t> seen = {blob};
  std::optional<GuessedShape> weak;
  for (std::size_t visited = 0; !open.empty() && visited < kMostLayers; ++visited) {
    const std::int32_t here = open.front();
    open.pop_front();
    for (const std::size_t index : readers[at(here)]) {
      const Layer& reader = param.layers[index];
      const auto bottom = static_cast<std::size_t>(std::find(reader.bottoms.begin(), reader.bottoms.end(), here) -
                                                   reader.bottoms.begin());
      const auto demand =
          demanded_shape(reader, bottom, std::vector<Shape>(reader.bottoms.size()), weights[index], sizes);
      const bool fits = demand && !is_open(*demand) && (!weak || demand->size() == weak->size());
      if (fits && !is_guessed_through(*demand)) return demand;
      if (fits && !weak) weak = demand;
      if (!keeps_channels(reader) || bottom != 0) continue;
      for (const std::int32_t top : reader.tops) {
        if (seen.insert(top).second) open.push_back(top);
      }
    }
  }
  return weak;
}

Status Lowering::lower_input(const Layer& layer) {
  for (std::size_t i = 0; i < layer.tops.size(); ++i) {
    const std::int32_t blob = layer.tops[i];
    const TensorId id = blob_tensors_[at(blob)];
    tensor(id).dtype = DType::kFloat32;
    graph_.inputs.push_back(id);
    std::vector<std::int64_t> extents = i == 0 ? stated_extents(layer) : std::vector<std::int64_t>();
    if (extents.empty()) extents = hinted_extents(layer, i);
    const auto demand = find_demand(param_, weights_, readers_, blob, sizes_);
    if (!extents.empty()) tensor(id).declared = tensor(id).shape = with_batch(1, extents);
    const std::vector<std::int64_t>* bound = nullptr;
    if (bindings_) {
      auto found = bindings_->inputs.find(tensor(id).name);
      if (found == bindings_->inputs.end()) found = bindings_->inputs.find("");
      if (found != bindings_->inputs.end()) bound = &found->second;
    }
    if (bound) take_bound_shape(id, *bound, !extents.empty() ? extents.size() : demand ? demand->size() : 0);
    if (tensor(id).shape.ranked()) continue;
    open_root_[at(id)] = id;
    if (demand) resolve(id, *demand);
  }
  return ok();
}

// --dim past=1024 is for every input that has such an extent, --dim cache_k0.past=1024 for one.
std::optional<std::int64_t> Lowering::given_extent(TensorId input, const std::string& extent) {
  const std::string own = tensor(input).name + "." + extent;
  model_.symbols.intern(extent), model_.symbols.intern(own);  // so that they are known as names of extents
  if (!bindings_) return std::nullopt;
  for (const std::string& name : {own, extent}) {
    if (const auto found = bindings_->dims.find(name); found != bindings_->dims.end()) return found->second;
  }
  return std::nullopt;
}

// An input of unknown shape takes what a layer demands; so do its copies.
void Lowering::resolve(TensorId root, const GuessedShape& guess) {
  std::vector<Dim> dims = {1};
  AssumedInput note;
  note.tensor = root;
  for (const GuessedExtent& extent : guess) {
    dims.push_back(extent.value);
    if (extent.assumed_as.empty()) continue;
    if (const auto given = given_extent(root, extent.assumed_as)) {
      dims.back() = *given;
      continue;
    }
    note.extents.push_back({tensor(root).name + "." + extent.assumed_as, extent.value.value()});
    used_size_ = used_size_ || extent.assumed_as == "height" || extent.assumed_as == "width";
  }
  const Shape shape(std::move(dims));
  tensor(root).declared = shape;
  for (std::size_t i = 0; i < open_root_.size(); ++i) {
    if (open_root_[i] != root) continue;
    graph_.tensors[i].shape = shape;
    open_root_[i] = kNoTensor;
  }
  assumed_.push_back(std::move(note));
}

void Lowering::resolve_operands(std::size_t index) {
  const Layer& layer = param_.layers[index];
  const auto is_open = [&](std::int32_t blob) { return open_root_[at(blob_tensors_[at(blob)])] != kNoTensor; };
  // Twice: what the first operands demand may follow from later ones.
  for (std::size_t k = 0; k < 2 * layer.bottoms.size(); ++k) {
    const std::size_t i = k % layer.bottoms.size();
    if (!is_open(layer.bottoms[i])) continue;
    std::vector<Shape> shapes;
    for (const std::int32_t blob : layer.bottoms) shapes.push_back(tensor(blob_tensors_[at(blob)]).shape);
    const auto demand = demanded_shape(layer, i, shapes, weights_[index], sizes_);
    if (demand) resolve(open_root_[at(blob_tensors_[at(layer.bottoms[i])])], *demand);
  }
}

// --- constants and results ------------------------------------------------------------------------------------------

Status Lowering::lower_memory(const Layer& layer, const std::vector<WeightBlob>& blobs) {
  if (layer.tops.empty() || blobs.empty()) return ok();
  std::vector<std::int64_t> extents;
  for (const int key : {2, 11, 1, 0}) {
    if (const std::int64_t extent = layer.integer(key); extent > 0) extents.push_back(extent);
  }
  Tensor& data = tensor(blob_tensors_[at(layer.tops[0])]);
  data.dtype = blobs[0].dtype;
  data.is_constant = true;
  data.declared = data.shape = with_batch(1, extents);
  data.data = blobs[0].data;
  return ok();
}

// What nothing reads is a result of the network.
void Lowering::finish() {
  std::vector<bool> read(graph_.tensors.size(), false);
  std::vector<bool> made(graph_.tensors.size(), false);
  for (const Op& op : graph_.ops) {
    for (const Operand& operand : op.inputs) {
      if (operand.tensor != kNoTensor) read[at(operand.tensor)] = true;
    }
    for (const TensorId id : op.outputs) made[at(id)] = true;
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made[i] && !read[i]) graph_.outputs.push_back(static_cast<TensorId>(i));
  }
}

}  // namespace nngauge::ncnn

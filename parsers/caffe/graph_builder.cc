// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/graph_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "caffe.pb.h"
#include "graph/op_table.h"
#include "graph/rule.h"
#include "parsers/caffe/inputs.h"
#include "parsers/caffe/layer_map.h"
#include "parsers/caffe/layer_reader.h"

namespace nngauge::caffe_format {
namespace {

std::string layer_place(const caffe::LayerParameter& layer, std::int32_t index) {
  return fmt::format("layer #{} {} {}", index, printable(layer.type()), in_quotes(layer.name()));
}

// Extents of `blob` seen as `rank` axes: extents of 1 in front, which old files have, are left away.
std::optional<Shape> seen_as(const Shape& blob, std::size_t rank) {
  std::vector<Dim> dims = blob.dims();
  while (dims.size() > rank && dims.front().is(1)) dims.erase(dims.begin());
  while (dims.size() > rank && dims.back().is(1)) dims.pop_back();
  if (dims.size() != rank) return std::nullopt;
  return Shape(std::move(dims));
}

}  // namespace

TensorId GraphBuilder::add_tensor(std::string name, Shape declared) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.dtype = DType::kFloat32;
  tensor.declared = declared;
  tensor.shape = std::move(declared);
  graph_.tensors.push_back(std::move(tensor));
  consumed_.push_back(false);
  optional_input_.push_back(false);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

std::int64_t GraphBuilder::bound_dim(const std::string& name, std::int64_t otherwise) {
  if (bindings_ != nullptr) {
    if (const auto found = bindings_->dims.find(name); found != bindings_->dims.end()) return found->second;
  }
  return otherwise;
}

bool GraphBuilder::is_bound(const std::string& input) const {
  return bindings_ != nullptr && bindings_->inputs.contains(input);
}

// What the user says of the input counts from the start: weights of later layers depend on it.
TensorId GraphBuilder::add_input(const std::string& name, Shape shape, Dim batch) {
  if (bindings_ != nullptr) {
    const auto found = bindings_->inputs.find(name);
    if (found != bindings_->inputs.end() && (!shape.ranked() || shape.rank() == found->second.size()))
      shape = Shape(std::vector<Dim>(found->second.begin(), found->second.end()));
  }
  const bool ranked = shape.ranked();
  const TensorId id = add_tensor(name, std::move(shape));
  if (!ranked) open_rank_[id] = batch;
  graph_.inputs.push_back(id);
  blobs_[name] = id;
  names_[name] = 1;
  return id;
}

std::string GraphBuilder::fresh_name(const std::string& top, const std::string& layer) {
  if (names_[top]++ == 0) return top;
  std::string name = top + "@" + layer;
  const std::int64_t used = names_[name]++;
  return used == 0 ? name : fmt::format("{}@{}", name, used);
}

std::optional<std::size_t> GraphBuilder::stored_count(const caffe::LayerParameter& layer) const {
  const auto found = stored_.find(layer.name());
  return found == stored_.end() ? std::nullopt : std::optional(found->second.size());
}

const Blob* GraphBuilder::stored_blob(const caffe::LayerParameter& layer, std::size_t index) const {
  const auto found = stored_.find(layer.name());
  return found == stored_.end() || index >= found->second.size() ? nullptr : &found->second[index];
}

Result<TensorId> GraphBuilder::weight(const caffe::LayerParameter& layer, std::size_t index, const std::string& suffix,
                                      Shape expected) {
  const auto position = static_cast<int>(index);
  const std::string shared_name = position < layer.param_size() ? layer.param(position).name() : "";
  if (!shared_name.empty()) {
    const auto found = shared_.find(shared_name);
    // Sharing between other extents (share_mode PERMISSIVE) shares memory, seen in another shape.
    if (found != shared_.end() && (tensor(found->second).declared == expected || !expected.is_static()))
      return found->second;
  }
  const Blob* blob = stored_blob(layer, index);
  if (blob != nullptr) {
    if (expected.is_static() && expected.elements() != blob->shape.elements()) {
      return make_error(ErrorCode::kShapeMismatch,
                        fmt::format("{} takes {}, the stored blob is {}", suffix, shape_text(expected, model_.symbols),
                                    shape_text(blob->shape, model_.symbols)));
    }
    if (!expected.is_static()) {
      const auto seen = expected.ranked() ? seen_as(blob->shape, expected.rank()) : std::optional(blob->shape);
      if (seen) expected = *seen;
    }
  }
  const TensorId id = add_tensor(layer.name() + "/" + suffix, std::move(expected));
  Tensor& made = tensor(id);
  made.is_constant = true;
  if (blob != nullptr) {
    made.dtype = blob->dtype;
    made.data = blob->data;
  }
  if (!shared_name.empty()) shared_.emplace(shared_name, id);
  return id;
}

void GraphBuilder::add_op(Op op) {
  infer(op);
  graph_.ops.push_back(std::move(op));
}

// Defects are found again, with their place, when the model is completed.
void GraphBuilder::infer(const Op& op) {
  const RuleContext context(model_, graph_, op);
  const Result<std::vector<TensorInfo>> infos = op_info(op.kind).shape(context);
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    if (op.outputs[i] == kNoTensor) continue;
    Tensor& result = tensor(op.outputs[i]);
    const bool inferred = infos && i < infos->size() && (*infos)[i].shape.ranked();
    result.shape = inferred ? (*infos)[i].shape : result.declared;
    if (inferred && result.declared.ranked() && result.declared.rank() == result.shape.rank()) {
      for (std::size_t k = 0; k < result.shape.rank(); ++k) {
        if (!result.shape[k].known()) result.shape[k] = result.declared[k];
      }
    }
  }
}

// A blob that nothing makes is taken for an input: parts of networks and templates leave theirs out.
TensorId GraphBuilder::find_bottom(const std::string& name) {
  const auto found = blobs_.find(name);
  if (found != blobs_.end()) return found->second;
  model_.diagnostics.warn("undefined-bottom", "",
                          fmt::format("no layer makes the blob {}; it is taken for an input", in_quotes(name)));
  return add_input(name, {});
}

// Who reads an input of unknown rank tells it: rows of features, steps of a sequence, else pictures.
void GraphBuilder::settle_rank(TensorId id, const std::string& type, std::size_t position) {
  const auto open = open_rank_.find(id);
  if (open == open_rank_.end()) return;
  Shape shape = {open->second, Dim::unknown(), Dim::unknown(), Dim::unknown()};
  const bool sequence = type == "LSTM" || type == "RNN";
  if (type == "Embed" || type == "InnerProduct" || type == "SparseInnerProduct" || (sequence && position == 1))
    shape = {open->second, Dim::unknown()};
  else if (sequence && position == 0) shape = {open->second, Dim::unknown(), Dim::unknown()};
  else if (type == "ROIPooling" && position == 1) shape = {open->second, 5};
  else if (sequence || type == "Silence") return;
  open_rank_.erase(open);
  tensor(id).declared = tensor(id).shape = shape;
}

Status GraphBuilder::declare_inputs(const caffe::NetParameter& net) {
  NNGAUGE_TRY(const std::vector<Source> inputs, net_inputs(net));
  for (const Source& input : inputs) blob_order_.push_back(input.name), add_input(input.name, input.shape, input.batch);
  return ok();
}

Status GraphBuilder::add_source(const caffe::LayerParameter& layer) {
  NNGAUGE_TRY(const std::vector<Source> sources, source_tops(layer));
  for (const Source& source : sources) {
    const TensorId id = add_input(source.name, source.shape, source.batch);
    optional_input_[static_cast<std::size_t>(id)] = true;
    if (source.colour_assumed && tensor(id).declared == source.shape && !is_bound(source.name)) {
      model_.assumed_dims.push_back({source.name + " channels", 3});
    }
    blob_order_.push_back(source.name);
  }
  return ok();
}

Status GraphBuilder::add_layer(const Layer& layer) {
  const caffe::LayerParameter& proto = *layer.proto;
  if (is_source(proto)) return add_source(proto);
  std::vector<TensorId> bottoms;
  std::int64_t padding = 0;
  for (const std::string& name : proto.bottom()) {
    const auto padded = padded_from_.find(name);
    const bool folds = padded != padded_from_.end() && (proto.type() == "Convolution" || proto.type() == "Pooling");
    if (folds) padding = padding_[name];
    const TensorId id = find_bottom(folds ? padded->second : name);
    consumed_[static_cast<std::size_t>(id)] = true;
    settle_rank(id, proto.type(), bottoms.size());
    bottoms.push_back(id);
  }
  if (proto.type() == "Silence") return ok();
  if (proto.type() == "Padding" && proto.bottom_size() == 1 && proto.top_size() == 1 &&
      proto.top(0) != proto.bottom(0)) {
    padded_from_[proto.top(0)] = proto.bottom(0);
    padding_[proto.top(0)] = proto.convolution_param().pad_size() > 0 ? proto.convolution_param().pad(0) : 0;
    return ok();
  }
  if (proto.type() == "Parameter") {
    const Shape shape(dims_of(proto.parameter_param().shape()));
    for (const std::string& top : proto.top()) {
      NNGAUGE_TRY(blobs_[top], weight(proto, 0, "value", shape));
    }
    return ok();
  }
  Op op;
  op.name = proto.name();
  op.source_op = proto.type();
  op.source = {layer.index, reduction_ == nullptr ? 0 : layer_offset(proto, *reduction_)};
  LayerReader reader(*this, proto, std::move(bottoms), op);
  const LayerRow* row = find_layer(proto.type());
  if (row == nullptr) {
    reader.opaque(proto.type(), "");
  } else {
    op.kind = row->kind;
    row->read(reader);
  }
  if (reader.failure()) return *reader.failure();
  if (padding > 0) {
    for (Ints* pads : {std::holds_alternative<ConvAttrs>(op.attrs) ? &std::get<ConvAttrs>(op.attrs).pads : nullptr,
                       std::holds_alternative<PoolAttrs>(op.attrs) ? &std::get<PoolAttrs>(op.attrs).pads : nullptr}) {
      if (pads != nullptr) pads->assign(4, padding);
    }
  }
  std::size_t k = 0;
  for (const std::string& top : proto.top()) {
    const Shape declared = k < reader.declared_tops().size() ? reader.declared_tops()[k] : Shape();
    const TensorId id = add_tensor(fresh_name(top, proto.name()), declared);
    op.outputs.push_back(id);
    ++k;
  }
  for (int i = 0; i < proto.top_size(); ++i) {
    blobs_[proto.top(i)] = op.outputs[static_cast<std::size_t>(i)];
    blob_order_.push_back(proto.top(i));
  }
  add_op(std::move(op));
  return ok();
}

// Outputs are the blobs that nobody reads; inputs that nobody reads (labels) are none.
void GraphBuilder::finish() {
  std::erase_if(graph_.inputs, [&](TensorId id) {
    return optional_input_[static_cast<std::size_t>(id)] && !consumed_[static_cast<std::size_t>(id)];
  });
  std::vector<bool> listed(graph_.tensors.size(), false);
  for (const TensorId id : graph_.inputs) listed[static_cast<std::size_t>(id)] = true;
  for (const std::string& name : blob_order_) {
    const auto found = blobs_.find(name);
    if (found == blobs_.end()) continue;
    const auto index = static_cast<std::size_t>(found->second);
    if (consumed_[index] || listed[index] || optional_input_[index] || graph_.tensors[index].is_constant) continue;
    listed[index] = true;
    graph_.outputs.push_back(found->second);
  }
}

Status GraphBuilder::build(const caffe::NetParameter& net, const Selection& selection) {
  NNGAUGE_CHECK(declare_inputs(net));
  for (const Layer& layer : selection.layers) {
    if (Status status = add_layer(layer); !status) return status.error().at(layer_place(*layer.proto, layer.index));
  }
  finish();
  return ok();
}

}  // namespace nngauge::caffe_format

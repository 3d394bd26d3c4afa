// SPDX-License-Identifier: Apache-2.0
// InnerProduct, Embed, recurrent layers.
#include <fmt/format.h>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {

void read_inner_product(LayerReader& r) {
  const auto& param = r.layer().inner_product_param();
  if (param.num_output() == 0) return r.fail(ErrorCode::kInvalidAttribute, "num_output is missing or 0");
  const Shape in = r.in(0);
  std::int64_t axis = param.axis();
  if (axis < 0) {
    if (!in.ranked()) return r.opaque(r.layer().type(), "the rank of its input is not known");
    axis += static_cast<std::int64_t>(in.rank());
  }
  DenseAttrs attrs;
  attrs.transpose_b = !param.transpose();
  attrs.keep_dims = true;
  attrs.flatten_axis = axis;
  attrs.num_output = param.num_output();
  const Dim inputs = product_from(in, axis);
  r.op().attrs = attrs;
  r.bottom(0);
  r.weight(0, "weight", param.transpose() ? Shape{inputs, attrs.num_output} : Shape{attrs.num_output, inputs});
  if (param.bias_term()) r.weight(1, "bias", {attrs.num_output}, OperandRole::kBias);
}

void read_embed(LayerReader& r) {
  const auto& param = r.layer().embed_param();
  if (param.num_output() == 0 || param.input_dim() == 0)
    return r.fail(ErrorCode::kInvalidAttribute,
                  fmt::format("the table is {} by {}", param.input_dim(), param.num_output()));
  r.bottom(0);
  r.weight(0, "weight", {std::int64_t{param.input_dim()}, std::int64_t{param.num_output()}});
  if (param.bias_term()) r.weight(1, "bias", {std::int64_t{param.num_output()}}, OperandRole::kBias);
}

// Bottoms: x [steps, batch, …], continuation marks [steps, batch], static input [batch, …]?, first states?.
// Blobs: input weights, biases, weights of the static input?, recurrent weights; RNN: output weights and biases.
void read_recurrent(LayerReader& r) {
  const auto& layer = r.layer();
  const bool own = layer.has_recurrent_param();
  const std::int64_t hidden = own ? layer.recurrent_param().num_output() : layer.lstm_param().num_output();
  if (hidden == 0) return r.fail(ErrorCode::kInvalidAttribute, "num_output is missing or 0");
  const bool lstm = r.op().kind == OpKind::kLSTM;
  const std::int64_t rows = lstm ? 4 * hidden : hidden;
  const bool exposed = own && layer.recurrent_param().expose_hidden();
  const std::size_t states = exposed ? (lstm ? 2 : 1) : 0;
  const bool has_static = r.bottom_count() >= 3 + states;
  const Shape x = r.in(0);
  RecurrentAttrs attrs;
  attrs.hidden_size = hidden;
  r.op().attrs = attrs;
  r.bottom(0);
  std::size_t blob = 0;
  r.weight(blob++, "input_weight", {rows, product_from(x, 2)});
  r.weight(blob++, "bias", {rows}, OperandRole::kBias);
  if (has_static) {
    // Multiplied once, not once a step.
    const Result<TensorId> weights =
        r.builder().weight(layer, blob++, "static_weight", {rows, product_from(r.in(2), 1)});
    if (!weights) return r.fail(weights.error());
    DenseAttrs dense;
    dense.transpose_b = true;
    dense.keep_dims = true;
    dense.flatten_axis = 1;
    const TensorId product =
        r.step(OpKind::kDense, dense, {{r.bottom_id(2), OperandRole::kData}, {*weights, OperandRole::kWeight}});
    r.op().inputs.push_back({product, OperandRole::kData});
  }
  r.weight(blob++, "recurrent_weight", {rows, hidden});
  if (!lstm) {
    r.weight(blob++, "output_weight", {hidden, hidden});
    r.weight(blob++, "output_bias", {hidden}, OperandRole::kBias);
  }
  for (std::size_t i = 1; i < r.bottom_count(); ++i) {
    if (!has_static || i != 2) r.bottom(i);
  }
  r.declare_top({x.at(0), x.at(1), hidden});
  for (std::size_t i = 0; i < states; ++i) r.declare_top({1, x.at(1), hidden});
}

void read_matmul(LayerReader& r) { r.all_bottoms(); }

}  // namespace nngauge::caffe_format

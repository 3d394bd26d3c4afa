// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/pir_ops.h"

#include <iterator>

#include "base/text.h"
#include "parsers/named_rows.h"
#include "parsers/paddle/op_map.h"

namespace nngauge::paddle {
namespace {

// Columns: name, older name, operands ("attribute|Parameter", "_" not wanted), results ("" as op_map.h has them),
// attributes that are renamed ("from>to"). Sorted by name.
struct PirRow {
  std::string_view name, type, operands, results, renamed;
};

// clang-format off
constexpr PirRow kForms[] = {
    {"add", "elementwise_add", "X Y", "", ""},
    {"addmm", "addmm", "Input X Y", "", ""},
    {"all", "reduce_all", "X", "", "axis>dim keepdim>keep_dim"},
    {"amax", "reduce_amax", "X", "", "axis>dim keepdim>keep_dim"},
    {"amin", "reduce_amin", "X", "", "axis>dim keepdim>keep_dim"},
    {"any", "reduce_any", "X", "", "axis>dim keepdim>keep_dim"},
    {"arange", "range", "Start End Step", "", ""},
    {"argmax", "arg_max", "X axis|", "", ""},
    {"argmin", "arg_min", "X axis|", "", ""},
    {"assign_out_", "assign", "X", "", ""},
    {"assign_value", "assign_value", "", "", ""},
    {"assign_value_", "assign_value", "_", "", ""},
    {"batch_norm_", "batch_norm", "X Mean Variance Scale Bias", "Y", ""},
    {"concat", "concat", "X axis|AxisTensor", "", ""},
    {"conv2d_transpose", "conv2d_transpose", "Input Filter output_size|", "", ""},
    {"conv3d_transpose", "conv3d_transpose", "Input Filter", "", ""},
    {"create_array", "create_array", "", "Out", ""},
    {"cumsum", "cumsum", "X axis|", "", ""},
    {"deformable_conv", "deformable_conv", "Input Offset Filter Mask", "Output", ""},
    {"depthwise_conv2d_transpose", "depthwise_conv2d_transpose", "Input Filter output_size|", "", ""},
    {"divide", "elementwise_div", "X Y", "", ""},
    {"embedding", "lookup_table_v2", "Ids W", "", ""},
    {"expand", "expand_v2", "X shape|Shape", "", ""},
    {"expand_as", "expand_as_v2", "X _", "", ""},
    {"flatten", "flatten_contiguous_range", "X", "", ""},
    {"floor_divide", "elementwise_floordiv", "X Y", "", ""},
    {"fmax", "elementwise_fmax", "X Y", "", ""},
    {"fmin", "elementwise_fmin", "X Y", "", ""},
    {"frobenius_norm", "frobenius_norm", "X dim|", "", "keepdim>keep_dim"},
    {"full", "fill_constant", "", "Out", ""},
    {"full_like", "fill_any_like", "X value|", "", ""},
    {"full_with_tensor", "fill_constant", "value| ShapeTensor", "Out", ""},
    {"gather", "gather", "X Index axis|Axis", "", ""},
    {"grid_sample", "grid_sampler", "X Grid", "", ""},
    {"hardshrink", "hard_shrink", "X", "", ""},
    {"hardsigmoid", "hard_sigmoid", "X", "", ""},
    {"hardswish", "hard_swish", "X", "", ""},
    {"hardtanh", "brelu", "X", "", ""},
    {"increment_", "increment", "X", "", ""},
    {"isfinite", "isfinite_v2", "X", "", ""},
    {"isinf", "isinf_v2", "X", "", ""},
    {"isnan", "isnan_v2", "X", "", ""},
    {"leaky_relu", "leaky_relu", "X", "", "negative_slope>alpha"},
    {"logsumexp", "logsumexp", "X", "", "axis>dim keepdim>keep_dim"},
    {"masked_fill", "masked_fill", "X Mask value|", "", ""},
    {"matmul", "matmul_v2", "X Y", "", "transpose_x>trans_x transpose_y>trans_y"},
    {"matrix_nms", "matrix_nms", "BBoxes Scores", "Out Index RoisNum", ""},
    {"max", "reduce_max", "X dim|", "", "keepdim>keep_dim"},
    {"maximum", "elementwise_max", "X Y", "", ""},
    {"mean", "reduce_mean", "X dim|", "", "axis>dim keepdim>keep_dim"},
    {"min", "reduce_min", "X dim|", "", "keepdim>keep_dim"},
    {"minimum", "elementwise_min", "X Y", "", ""},
    {"multiclass_nms3", "multiclass_nms3", "BBoxes Scores RoisNum", "Out Index NmsRoisNum", ""},
    {"multiply", "elementwise_mul", "X Y", "", ""},
    {"numel", "size", "Input", "", ""},
    {"one_hot", "one_hot_v2", "X depth|depth_tensor", "", ""},
    {"pad", "pad", "X _", "", ""},
    {"pad3d", "pad3d", "X paddings|", "", ""},
    {"pool2d", "pool2d", "X ksize|", "", ""},
    {"pool3d", "pool3d", "X", "", "kernel_size>ksize"},
    {"pow", "pow", "X", "", "y>factor"},
    {"prod", "reduce_prod", "X dim|", "", "keepdim>keep_dim"},
    {"remainder", "elementwise_mod", "X Y", "", ""},
    {"reshape", "reshape2", "X shape|Shape", "", ""},
    {"rnn", "rnn", "Input PreState WeightList SequenceLength", "Out DropoutState State Reserve", ""},
    {"roll", "roll", "X shifts|", "", ""},
    {"scale", "scale", "X scale|ScaleTensor", "", ""},
    {"shape", "shape", "Input", "", ""},
    {"shape64", "shape", "Input", "", ""},
    {"slice", "slice", "Input starts|StartsTensor ends|EndsTensor", "", ""},
    {"split", "split", "X sections| axis|", "", ""},
    {"split_with_num", "split", "X axis|", "", ""},
    {"squeeze", "squeeze2", "X axes|", "", ""},
    {"strided_slice", "strided_slice", "Input starts| ends| strides|", "", ""},
    {"subtract", "elementwise_sub", "X Y", "", ""},
    {"sum", "reduce_sum", "X dim|", "", "keepdim>keep_dim"},
    {"sync_batch_norm_", "sync_batch_norm", "X Mean Variance Scale Bias", "Y", ""},
    {"take_along_axis", "take_along_axis", "Input Index", "", ""},
    {"tile", "tile", "X repeat_times|RepeatTimes", "", ""},
    {"topk", "top_k_v2", "X k|K", "", ""},
    {"transpose", "transpose2", "X", "", "perm>axis"},
    {"tril", "tril_triu", "X", "", ""},
    {"triu", "tril_triu", "X", "", ""},
    {"unsqueeze", "unsqueeze2", "X axes|", "", ""},
};
// clang-format on

static_assert(sorted_by_name(kForms), "rows are found by bisection");

PirOperand operand_of(const std::string& word) {
  if (word == "_") return {};
  const std::size_t bar = word.find('|');
  if (bar == std::string::npos) return {"", word};
  return {word.substr(0, bar), word.substr(bar + 1)};
}

// The parameters of a row of op_map.h in their order.
void take_known(const OpRow& row, PirOp& out) {
  for (const std::string& word : split(row.inputs, ' ')) {
    if (!word.empty()) out.operands.push_back({"", word.substr(0, word.find(':'))});
  }
}

}  // namespace

PirOp form_of(std::string_view type) {
  PirOp out;
  const PirRow* form = find_by_name(kForms, type);
  out.type = std::string(form ? form->type : type);
  // Operators that write in place have a line at the end.
  if (!form && !find_op_row(out.type) && out.type.ends_with('_')) out.type.pop_back();
  const OpRow* row = find_op_row(out.type);
  if (form) {
    for (const std::string& word : split(form->operands, ' ')) {
      if (!word.empty()) out.operands.push_back(operand_of(word));
    }
    for (const std::string& word : split(form->renamed, ' ')) {
      const std::size_t sign = word.find('>');
      if (sign != std::string::npos) out.renamed.emplace_back(word.substr(0, sign), word.substr(sign + 1));
    }
  } else if (row) {
    take_known(*row, out);
  }
  // Operands that nothing is known of are kept, so that the graph holds together.
  while (!row && out.operands.size() < 16) out.operands.push_back({"", "X" + std::to_string(out.operands.size())});
  const std::string_view results = form && !form->results.empty() ? form->results
                                   : row                            ? row->outputs
                                                                    : std::string_view("Out");
  for (const std::string& word : split(results, ' ')) out.results.push_back(word);
  return out;
}

}  // namespace nngauge::paddle

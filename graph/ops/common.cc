// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/common.h"

#include "graph/op_table.h"

namespace nngauge {
namespace {

std::vector<TensorInfo> for_each_result(const RuleContext& c, TensorInfo info) {
  return std::vector<TensorInfo>(c.output_count(), std::move(info));
}

}  // namespace

Result<std::vector<TensorInfo>> shape_same(const RuleContext& c) {
  return for_each_result(c, {c.in_dtype(0), c.in(0)});
}

Result<std::vector<TensorInfo>> shape_same_bool(const RuleContext& c) {
  return for_each_result(c, {DType::kBool, c.in(0)});
}

Result<std::vector<TensorInfo>> shape_same_int32(const RuleContext& c) {
  return for_each_result(c, {DType::kInt32, c.in(0)});
}

Result<std::vector<TensorInfo>> shape_scalar_int64(const RuleContext& c) {
  return for_each_result(c, {DType::kInt64, Shape::scalar()});
}

Result<std::vector<TensorInfo>> shape_scalar_int32(const RuleContext& c) {
  return for_each_result(c, {DType::kInt32, Shape::scalar()});
}

Result<std::vector<TensorInfo>> shape_scalar_bool(const RuleContext& c) {
  return for_each_result(c, {DType::kBool, Shape::scalar()});
}

Result<std::vector<TensorInfo>> shape_unknown(const RuleContext& c) { return for_each_result(c, {}); }

Result<std::vector<TensorInfo>> shape_picture(const RuleContext& c) {
  const std::string& name = c.attrs<CustomAttrs>().name;
  if (name == "DecodeImage" || name == "ImageDecoder" || name == "DecodeJpeg" || name == "DecodePng") {
    return for_each_result(c, {DType::kUInt8, Shape::of_rank(3)});
  }
  if (name == "EncodeImage" || name == "ImageEncoder") return for_each_result(c, {DType::kUInt8, Shape::of_rank(1)});
  return shape_unknown(c);
}

Result<std::vector<TensorInfo>> shape_none(const RuleContext& c) { return for_each_result(c, {}); }

Result<Work> work_none(const RuleContext& /*c*/) { return Work{}; }

Result<Work> work_in_elements(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).value();
  return work;
}

Result<Work> work_unknown_count(const RuleContext& /*c*/) {
  return unknown("how much it computes depends on the elements it is given");
}

Result<Work> work_opaque(const RuleContext& c) { return unknown(std::string(op_info(c.kind()).opaque_reason)); }

}  // namespace nngauge

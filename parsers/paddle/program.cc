// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/program.h"

namespace nngauge::paddle {

DType dtype_of(std::int64_t type) {
  switch (type) {
    case 0:
      return DType::kBool;
    case 1:
      return DType::kInt16;
    case 2:
      return DType::kInt32;
    case 3:
      return DType::kInt64;
    case 4:
      return DType::kFloat16;
    case 5:
      return DType::kFloat32;
    case 6:
      return DType::kFloat64;
    case 20:
      return DType::kUInt8;
    case 21:
      return DType::kInt8;
    case 22:
      return DType::kBFloat16;
    case 23:
      return DType::kComplex64;
    case 24:
      return DType::kComplex128;
    default:
      return DType::kUnknown;
  }
}

const Attr* ProgramOp::find(std::string_view name) const {
  const auto found = attrs.find(name);
  return found == attrs.end() ? nullptr : &found->second;
}

std::int64_t ProgramOp::integer(std::string_view name, std::int64_t fallback) const {
  const Attr* attr = find(name);
  return attr ? attr->integer : fallback;
}

bool ProgramOp::flag(std::string_view name, bool fallback) const { return integer(name, fallback ? 1 : 0) != 0; }

double ProgramOp::real(std::string_view name, double fallback) const {
  const Attr* attr = find(name);
  return attr ? attr->real : fallback;
}

std::string ProgramOp::text(std::string_view name) const {
  const Attr* attr = find(name);
  return attr ? attr->text : std::string();
}

Ints ProgramOp::ints(std::string_view name) const {
  const Attr* attr = find(name);
  return attr ? attr->ints : Ints();
}

std::vector<double> ProgramOp::reals(std::string_view name) const {
  const Attr* attr = find(name);
  if (!attr) return {};
  return attr->reals.empty() && attr->real > 0 ? std::vector<double>{attr->real} : attr->reals;
}

std::string ProgramOp::input(std::string_view parameter) const {
  const auto found = inputs.find(parameter);
  return found == inputs.end() || found->second.empty() ? std::string() : found->second.front();
}

}  // namespace nngauge::paddle

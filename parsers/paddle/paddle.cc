// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/paddle.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>

#include "parsers/paddle/lite.h"
#include "parsers/paddle/params.h"
#include "parsers/paddle/pir.h"
#include "parsers/paddle/program.h"
#include "parsers/protobuf_wire.h"
#include "program.pb.h"

namespace nngauge::paddle {
namespace {

bool is_type_name(std::string_view name) {
  return !name.empty() && name.size() < 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c >= 'A' && c <= 'Z');
  });
}

// A block: 1 its number, 2 its parent's, 3 variables, 4 operators with their type under 3.
int count_ops(Bytes file, const WireField& block, bool& plausible, bool& broken) {
  constexpr int kEnough = 8;
  int ops = 0;
  bool numbered = false;
  WireReader reader(file, block.payload, block.end());
  WireField field;
  while (reader.next(field)) {
    const bool number = field.number == 1 || field.number == 2 || field.number == 5;
    if (field.number > 5 || field.type != (number ? WireType::kVarint : WireType::kBytes)) {
      plausible = false;
      return 0;
    }
    numbered = numbered || field.number == 1;
    if (field.number != 4 || ops >= kEnough) continue;
    WireReader op(file, field.payload, field.end());
    WireField part;
    bool typed = false;
    while (op.next(part)) {
      if (part.number == 3 && part.type == WireType::kBytes)
        typed = is_type_name(as_text(file.subspan(part.payload, part.size)));
    }
    if (!typed) {
      plausible = false;
      return 0;
    }
    ++ops;
  }
  broken = broken || reader.failed();
  plausible = plausible && numbered;
  return ops;
}

struct Evidence {
  int ops = 0;
  bool whole = true;
};

std::optional<Evidence> look_at_program(Bytes file) {
  WireReader reader(file, 0, file.size());
  WireField field;
  Evidence out;
  bool broken = false;
  while (reader.next(field)) {
    bool plausible = field.number <= 6 && field.type == WireType::kBytes;
    if (plausible && field.number == 1) out.ops += count_ops(file, field, plausible, broken);
    if (!plausible) return std::nullopt;
  }
  out.whole = !broken && !reader.failed();
  if (out.ops == 0) return std::nullopt;
  return out;
}

Attr read_attr(const paddle_format::OpDesc::Attr& proto) {
  Attr out;
  if (proto.has_i()) out.integer = proto.i();
  if (proto.has_l()) out.integer = proto.l();
  if (proto.has_b()) out.integer = proto.b() ? 1 : 0;
  if (proto.has_block_idx()) out.integer = proto.block_idx();
  out.real = static_cast<double>(proto.f());
  out.text = proto.s();
  out.ints.assign(proto.ints().begin(), proto.ints().end());
  if (proto.longs_size() > 0) out.ints.assign(proto.longs().begin(), proto.longs().end());
  out.reals.assign(proto.floats().begin(), proto.floats().end());
  return out;
}

Shape shape_of(const paddle_format::VarType::TensorDesc& desc) {
  std::vector<Dim> dims;
  for (const std::int64_t dim : desc.dims()) dims.push_back(dim < 0 ? Dim::unknown() : Dim(dim));
  return Shape(std::move(dims));
}

ProgramVar read_var(const paddle_format::VarDesc& proto) {
  constexpr int kDenseTensor = 7;
  ProgramVar out;
  out.name = proto.name();
  out.persistable = proto.persistable();
  out.is_tensor = proto.type().type() == kDenseTensor;
  if (!proto.type().has_dense_tensor()) return out;
  out.dtype = dtype_of(proto.type().dense_tensor().tensor().data_type());
  out.shape = shape_of(proto.type().dense_tensor().tensor());
  return out;
}

Program read_program(const paddle_format::ProgramDesc& proto) {
  Program out;
  out.blocks = static_cast<std::size_t>(proto.blocks_size());
  if (proto.blocks_size() == 0) return out;
  const auto& block = proto.blocks(0);
  for (const auto& var : block.vars()) out.vars.push_back(read_var(var));
  for (const auto& op : block.ops()) {
    ProgramOp target;
    target.type = op.type();
    for (const auto& var : op.inputs())
      target.inputs[var.parameter()].assign(var.arguments().begin(), var.arguments().end());
    for (const auto& var : op.outputs())
      target.outputs[var.parameter()].assign(var.arguments().begin(), var.arguments().end());
    for (const auto& attr : op.attrs()) target.attrs[attr.name()] = read_attr(attr);
    out.ops.push_back(std::move(target));
  }
  return out;
}

// Files that may hold the parameters of a program called `path`.
std::vector<std::string> parameter_files(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\!");
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.find_last_of('.');
  const std::string stem = dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
  return {stem + ".pdiparams", stem + ".pdparams", "__params__", "params"};
}

Status locate(const ModelSource& source, Program& program, Model& model) {
  const bool needed = std::any_of(program.vars.begin(), program.vars.end(),
                                  [](const ProgramVar& v) { return v.persistable && v.is_tensor; });
  if (!needed) return ok();
  for (const std::string& name : parameter_files(source.path)) {
    const auto file = source.companions->open(name);
    if (!file) continue;
    model.files.push_back({name, (*file)->bytes().size()});
    const auto id = static_cast<std::int32_t>(model.files.size() - 1);
    if (auto status = locate_combined((*file)->bytes(), id, program); !status) return status.error().at(name);
    return ok();
  }
  model.diagnostics.note("weights-absent", "", "no file with parameters beside the program: sizes follow from shapes");
  return ok();
}

Status read_proto(const ModelSource& source, Program& program, Model& model) {
  google::protobuf::Arena arena;
  auto* proto = google::protobuf::Arena::CreateMessage<paddle_format::ProgramDesc>(&arena);
  constexpr std::size_t kMostBytes = 1U << 30U;
  if (source.bytes.size() > kMostBytes) return make_error(ErrorCode::kTooLarge, "a program of more than 1 GB");
  if (!proto->ParseFromArray(source.bytes.data(), static_cast<int>(source.bytes.size())))
    return make_error(ErrorCode::kDamaged, "the protobuf message cannot be read");
  model.format_version = std::to_string(proto->version().version());
  program = read_program(*proto);
  return ok();
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (const auto layout = lite_layout(source.bytes))
    return {*layout >= 2 ? Confidence::kCertain : Confidence::kLikely, "the header of a Paddle-Lite file"};
  if (is_pir(source.bytes)) return {Confidence::kCertain, "JSON with the magic word of Paddle's programs"};
  const auto evidence = look_at_program(source.bytes);
  if (!evidence) return {};
  if (evidence->whole) return {Confidence::kCertain, "a program's blocks with variables and operators"};
  return {Confidence::kLikely, "the beginning of a program's blocks"};
}

Result<Model> read(const ModelSource& source) {
  Model model;
  model.format = "paddle";
  model.files.push_back({"", source.bytes.size()});
  model.order_is_binding = true;
  Program program;
  const bool lite = lite_layout(source.bytes).has_value();
  if (is_pir(source.bytes)) {
    NNGAUGE_TRY(program, read_pir(source.bytes, model.format_version));
  } else {
    NNGAUGE_CHECK(lite ? read_lite(source, program, model) : read_proto(source, program, model));
  }
  if (program.ops.empty()) return make_error(ErrorCode::kNotAModel, "the program has no operators");
  if (!lite) NNGAUGE_CHECK(locate(source, program, model));
  NNGAUGE_CHECK(build_graph(program, model));
  if (program.blocks > 1) {
    model.diagnostics.warn(
        "inner-blocks", "",
        fmt::format("the program has {} blocks; what loops and conditions run is not counted", program.blocks));
  }
  return model;
}

}  // namespace nngauge::paddle

// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "base/text.h"
#include "graph/op_table.h"
#include "parsers/operand_pattern.h"
#include "parsers/paddle/op_map.h"

namespace nngauge::paddle {
namespace {

std::string readable(const std::string& text) { return is_valid_utf8(text) ? text : printable(text); }

class Builder {
 public:
  Builder(const Program& program, Model& model) : program_(program), model_(model) {}

  Status build() {
    model_.graphs.emplace_back();
    for (const ProgramVar& var : program_.vars) vars_.emplace(var.name, &var);
    for (std::size_t i = 0; i < program_.ops.size(); ++i) {
      if (auto status = build_op(program_.ops[i], static_cast<std::int32_t>(i)); !status) {
        return status.error().at("op #" + std::to_string(i) + " " + printable(program_.ops[i].type));
      }
    }
    if (!model_.main().outputs.empty()) return ok();
    // No fetch: what nobody reads is a result.
    std::vector<bool> read(model_.main().tensors.size(), false);
    for (const Op& op : model_.main().ops) {
      for (const Operand& operand : op.inputs) {
        if (operand.tensor >= 0) read[static_cast<std::size_t>(operand.tensor)] = true;
      }
    }
    for (const Op& op : model_.main().ops) {
      for (const TensorId id : op.outputs) {
        if (id >= 0 && !read[static_cast<std::size_t>(id)]) model_.main().outputs.push_back(id);
      }
    }
    return ok();
  }

 private:
  TensorId add(const std::string& name, bool constant) {
    Tensor tensor;
    tensor.name = readable(name);
    if (const auto var = vars_.find(name); var != vars_.end()) {
      tensor.dtype = var->second->dtype;
      tensor.declared = var->second->shape;
      if (constant) tensor.data = var->second->data;
    }
    tensor.is_constant = constant;
    if (tensor.declared.ranked() && tensor.declared.rank() > 1 && tensor.declared[0] == Dim::unknown())
      tensor.declared[0] = Dim::symbol(model_.symbols.intern("batch"));
    tensor.shape = tensor.declared;
    const auto id = static_cast<TensorId>(model_.main().tensors.size());
    model_.main().tensors.push_back(std::move(tensor));
    current_[name] = id;
    return id;
  }

  // The latest tensor of a name; parameters come into being when they are first read.
  Result<TensorId> find(const std::string& name) {
    if (const auto known = current_.find(name); known != current_.end()) return known->second;
    const auto var = vars_.find(name);
    if (var != vars_.end() && var->second->persistable) return add(name, true);
    return make_error(ErrorCode::kInvalidGraph, "operand " + in_quotes(name) + " is never defined");
  }

  Status build_op(const ProgramOp& source, std::int32_t index) {
    if (source.type == "feed") {
      for (const auto& [parameter, names] : source.outputs) {
        for (const std::string& name : names) model_.main().inputs.push_back(add(name, false));
      }
      return ok();
    }
    if (source.type == "fetch") {
      for (const std::string& name : arguments(source.inputs, "X")) {
        NNGAUGE_TRY(const TensorId id, find(name));
        model_.main().outputs.push_back(id);
      }
      return ok();
    }
    Op op;
    op.source_op = readable(source.type);
    op.source.index = index;
    const OpRow* row = find_op_row(source.type);
    op.kind = row ? row->kind : OpKind::kCustom;
    NNGAUGE_CHECK(take_inputs(source, row, op));
    take_outputs(source, row, op);
    if (!op.outputs.empty()) op.name = model_.main().tensors[static_cast<std::size_t>(op.outputs[0])].name;
    if (op.kind == OpKind::kCustom) {
      CustomAttrs attrs;
      attrs.domain = "paddle";
      attrs.name = op.source_op;
      op.attrs = std::move(attrs);
    }
    OpContext context{source, model_.main(), op, model_.diagnostics};
    if (row) NNGAUGE_CHECK(row->read(context));
    model_.main().ops.push_back(std::move(op));
    return ok();
  }

  static std::vector<std::string> arguments(const std::map<std::string, std::vector<std::string>, std::less<>>& from,
                                            std::string_view parameter) {
    const auto found = from.find(parameter);
    return found == from.end() ? std::vector<std::string>() : found->second;
  }

  Status take_inputs(const ProgramOp& source, const OpRow* row, Op& op) {
    if (!row) {
      for (const auto& [parameter, names] : source.inputs) {
        for (const std::string& name : names) {
          NNGAUGE_TRY(const TensorId id, find(name));
          op.inputs.push_back({id, OperandRole::kData});
        }
      }
      return ok();
    }
    for (const std::string& word : split(row->inputs, ' ')) {
      const std::size_t colon = word.find(':');
      const std::vector<std::string> names = arguments(source.inputs, word.substr(0, colon));
      const OperandRole role = role_of(word[colon + 1]);
      if (names.empty()) op.inputs.push_back({kNoTensor, role});
      for (const std::string& name : names) {
        NNGAUGE_TRY(const TensorId id, find(name));
        op.inputs.push_back({id, role});
      }
    }
    while (!op.inputs.empty() && op.inputs.back().tensor == kNoTensor) op.inputs.pop_back();
    return ok();
  }

  // Results that write a parameter anew (running statistics) or only serve the gradient are left out.
  void take_outputs(const ProgramOp& source, const OpRow* row, Op& op) {
    const auto take = [&](const std::vector<std::string>& names) {
      for (const std::string& name : names) {
        op.outputs.push_back(add(name, false));
        if (source.result != DType::kUnknown)
          model_.main().tensors[static_cast<std::size_t>(op.outputs.back())].dtype = source.result;
      }
    };
    if (row) {
      for (const std::string& parameter : split(row->outputs, ' ')) take(arguments(source.outputs, parameter));
      return;
    }
    for (const auto& [parameter, names] : source.outputs) take(names);
  }

  const Program& program_;
  Model& model_;
  std::unordered_map<std::string, const ProgramVar*> vars_;
  std::unordered_map<std::string, TensorId> current_;
};

}  // namespace

Status build_graph(const Program& program, Model& model) { return Builder(program, model).build(); }

}  // namespace nngauge::paddle

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
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
  Builder(const Program& program, Model& model) : program_(program), model_(model), id_(0) { add_vars(program.vars); }
  Builder(const Program& program, Model& model, GraphId id, const ProgramBlock& block, Builder& outer)
      : program_(program), model_(model), id_(id), outer_(&outer), depth_(outer.depth_ + 1) {
    add_vars(block.vars);
  }

  Status build() {
    model_.graphs.emplace_back();
    NNGAUGE_CHECK(build_ops(program_.ops));
    if (!graph().outputs.empty()) {
      drop_unread_states();
      return ok();
    }
    // No fetch: what nobody reads is a result.
    std::vector<bool> read(graph().tensors.size(), false);
    for (const Op& op : graph().ops) {
      for (const Operand& operand : op.inputs) {
        if (operand.tensor >= 0) read[static_cast<std::size_t>(operand.tensor)] = true;
      }
    }
    for (const Op& op : graph().ops) {
      for (const TensorId id : op.outputs) {
        if (id >= 0 && !read[static_cast<std::size_t>(id)]) graph().outputs.push_back(id);
      }
    }
    return ok();
  }

  // The first argument of a loop's body is the number of the trip, which the program does not name.
  Status build_inner(const ProgramBlock& block, bool loop) {
    if (loop) graph().inputs.push_back(add("", false));
    if (loop) graph().inputs.push_back(add("", false));
    for (const std::string& name : block.arguments) graph().inputs.push_back(add(name, false));
    for (const TensorId id : graph().inputs) graph().tensors[static_cast<std::size_t>(id)].declared = Shape();
    for (const TensorId id : graph().inputs) graph().tensors[static_cast<std::size_t>(id)].shape = Shape();
    NNGAUGE_CHECK(build_ops(block.ops));
    for (const std::string& name : block.results) {
      NNGAUGE_TRY(const TensorId id, find(name));
      graph().outputs.push_back(id);
    }
    drop_unread_states();
    // What is captured stands for the outer graph's tensor, which holds the data.
    constexpr std::size_t kMaxCapturedElements = 64;
    for (const Capture& capture : graph().captures) {
      Tensor& tensor = graph().tensors[static_cast<std::size_t>(capture.inner)];
      tensor.is_constant = false;
      tensor.data = {};
      if (tensor.value && tensor.value->size() > kMaxCapturedElements) tensor.value.reset();
    }
    return ok();
  }

 private:
  Graph& graph() { return model_.graphs[static_cast<std::size_t>(id_)]; }

  void add_vars(const std::vector<ProgramVar>& vars) {
    for (const ProgramVar& var : vars) vars_.emplace(var.name, &var);
  }

  // Last states of recurrent layers, whose batch the program leaves open.
  void drop_unread_states() {
    std::vector<bool> read(graph().tensors.size(), false);
    for (const TensorId id : graph().outputs) read[static_cast<std::size_t>(id)] = true;
    for (const Op& op : graph().ops) {
      for (const Operand& operand : op.inputs) {
        if (operand.tensor >= 0) read[static_cast<std::size_t>(operand.tensor)] = true;
      }
    }
    for (Op& op : graph().ops) {
      if (op.kind != OpKind::kLSTM && op.kind != OpKind::kGRU && op.kind != OpKind::kRNN) continue;
      while (op.outputs.size() > 1 && !read[static_cast<std::size_t>(op.outputs.back())]) op.outputs.pop_back();
    }
  }

  Status build_ops(const std::vector<ProgramOp>& ops) {
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (auto status = build_op(ops[i], static_cast<std::int32_t>(i)); !status) {
        return status.error().at("op #" + std::to_string(i) + " " + printable(ops[i].type));
      }
    }
    return ok();
  }

  TensorId add(const std::string& name, bool constant) {
    Tensor tensor;
    tensor.name = readable(name);
    if (const auto var = vars_.find(name); var != vars_.end()) {
      tensor.dtype = var->second->dtype;
      tensor.declared = var->second->shape;
      if (constant) tensor.data = var->second->data;
      if (constant) tensor.value = var->second->value;
    }
    tensor.is_constant = constant;
    if (tensor.declared.ranked() && tensor.declared.rank() > 1 && tensor.declared[0] == Dim::unknown())
      tensor.declared[0] = Dim::symbol(model_.symbols.intern("batch"));
    tensor.shape = tensor.declared;
    const auto id = static_cast<TensorId>(graph().tensors.size());
    graph().tensors.push_back(std::move(tensor));
    if (!name.empty()) current_[name] = id;
    return id;
  }

  // The latest tensor of a name; parameters come into being when they are first read.
  Result<TensorId> find(const std::string& name) {
    if (const auto known = current_.find(name); known != current_.end()) return known->second;
    const auto var = vars_.find(name);
    if (var != vars_.end() && var->second->persistable) return add(name, true);
    if (outer_) return capture(name);
    // Blocks that are not looked into write into variables of this one: lists of tensors.
    if (var != vars_.end() && program_.blocks > 1) {
      Op list;
      list.kind = OpKind::kSequenceEmpty;
      list.name = list.source_op = readable(name);
      const TensorId made = add(name, false);
      list.outputs = {made};
      graph().ops.push_back(std::move(list));
      return made;
    }
    return make_error(ErrorCode::kInvalidGraph, "operand " + in_quotes(name) + " is never defined");
  }

  Result<TensorId> capture(const std::string& name) {
    NNGAUGE_TRY(const TensorId outer, outer_->find(name));
    Tensor tensor = outer_->graph().tensors[static_cast<std::size_t>(outer)];
    const auto id = static_cast<TensorId>(graph().tensors.size());
    graph().tensors.push_back(std::move(tensor));
    graph().captures.push_back({id, outer});
    current_[name] = id;
    return id;
  }

  // `if` with its branches, `while` as a loop without a number of trips: condition, carried….
  Status build_control(const ProgramOp& source, std::int32_t index) {
    constexpr int kMostDepth = 32;
    constexpr std::size_t kMostGraphs = 4096;
    const bool loop = source.type == "while";
    if (depth_ >= kMostDepth || model_.graphs.size() >= kMostGraphs)
      return make_error(ErrorCode::kTooLarge, "blocks lie too deep or are too many");
    if (source.blocks.empty()) return make_error(ErrorCode::kInvalidGraph, "runs no block");
    Op op;
    op.kind = loop ? OpKind::kLoop : OpKind::kIf;
    op.source_op = source.type;
    op.source.index = index;
    if (loop) op.inputs.push_back({kNoTensor, OperandRole::kConfig});
    for (const std::string& name : arguments(source.inputs, "X")) {
      NNGAUGE_TRY(const TensorId id, find(name));
      const bool steers = op.inputs.size() == (loop ? 1U : 0U);
      op.inputs.push_back({id, steers ? OperandRole::kConfig : OperandRole::kData});
    }
    ControlAttrs attrs;
    std::vector<TensorId> captured;
    for (std::size_t i = 0; i < std::min<std::size_t>(source.blocks.size(), loop ? 1 : 2); ++i) {
      const auto inner = static_cast<GraphId>(model_.graphs.size());
      model_.graphs.emplace_back();
      model_.graphs.back().parent = id_;
      Builder builder(program_, model_, inner, source.blocks[i], *this);
      NNGAUGE_CHECK(builder.build_inner(source.blocks[i], loop));
      for (const Capture& capture : builder.graph().captures) captured.push_back(capture.outer);
      (loop ? attrs.body_graph : i == 0 ? attrs.then_graph : attrs.else_graph) = inner;
    }
    std::sort(captured.begin(), captured.end());
    captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
    for (const TensorId id : captured) op.inputs.push_back({id, OperandRole::kCapture});
    for (const std::string& name : arguments(source.outputs, "Out")) op.outputs.push_back(add(name, false));
    if (!op.outputs.empty()) op.name = graph().tensors[static_cast<std::size_t>(op.outputs[0])].name;
    op.attrs = attrs;
    graph().ops.push_back(std::move(op));
    return ok();
  }

  Status build_op(const ProgramOp& source, std::int32_t index) {
    if (!source.blocks.empty()) return build_control(source, index);
    if (source.type == "feed") {
      for (const auto& [parameter, names] : source.outputs) {
        for (const std::string& name : names) graph().inputs.push_back(add(name, false));
      }
      return ok();
    }
    if (source.type == "fetch") {
      for (const std::string& name : arguments(source.inputs, "X")) {
        NNGAUGE_TRY(const TensorId id, find(name));
        graph().outputs.push_back(id);
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
    if (!op.outputs.empty()) op.name = graph().tensors[static_cast<std::size_t>(op.outputs[0])].name;
    if (op.kind == OpKind::kCustom) {
      CustomAttrs attrs;
      attrs.domain = "paddle";
      attrs.name = op.source_op;
      op.attrs = std::move(attrs);
    }
    OpContext context{source, graph(), op, model_.diagnostics};
    if (row) NNGAUGE_CHECK(row->read(context));
    graph().ops.push_back(std::move(op));
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
          graph().tensors[static_cast<std::size_t>(op.outputs.back())].dtype = source.result;
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
  GraphId id_;
  Builder* outer_ = nullptr;
  int depth_ = 0;
  std::unordered_map<std::string, const ProgramVar*> vars_;
  std::unordered_map<std::string, TensorId> current_;
};

}  // namespace

Status build_graph(const Program& program, Model& model) { return Builder(program, model).build(); }

}  // namespace nngauge::paddle

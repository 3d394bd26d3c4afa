// SPDX-License-Identifier: Apache-2.0
#include "graph/bindings.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace nngauge {
namespace {

// Replaces a symbol by a number wherever the file states shapes; notes what was there in `changed`, if given.
void bind_symbol(Model& model, SymbolId symbol, std::int64_t value, std::vector<AssumedExtent>* changed = nullptr) {
  for (std::size_t g = 0; g < model.graphs.size(); ++g) {
    std::vector<Tensor>& tensors = model.graphs[g].tensors;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      std::vector<Dim>& dims = tensors[t].declared.dims();
      for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (!dims[axis].is_symbol() || dims[axis].symbol_id() != symbol) continue;
        if (changed) changed->push_back({static_cast<GraphId>(g), static_cast<TensorId>(t), axis, dims[axis]});
        dims[axis] = value;
      }
    }
  }
}

std::optional<SymbolId> find_symbol(const SymbolTable& symbols, const std::string& name) {
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (symbols.name(static_cast<SymbolId>(i)) == name) return static_cast<SymbolId>(i);
  }
  return std::nullopt;
}

Status unknown_name(Model& model, bool strict, const std::string& option, const std::string& name,
                    const std::vector<std::string>& known) {
  std::string message = option + ": the model has no such name " + in_quotes(name);
  const std::vector<std::string> near = near_matches(name, known);
  if (!near.empty()) message += "; near: " + join(near, ", ");
  else if (!known.empty())
    message += "; it has: " + join(std::span(known).first(std::min<std::size_t>(known.size(), 8)), ", ");
  if (strict) return make_error(ErrorCode::kUsage, message);
  model.diagnostics.warn("unused-binding", "", message);
  return ok();
}

bool names_batch(const std::string& name) {
  const std::string text = lower_case(name);
  return text == "n" || text == "b" || text == "bs" || text.find("batch") != std::string::npos;
}

// Extents named like a sequence, a spatial axis or a count of things are not batches, even in front.
bool names_other(const std::string& name) {
  const std::string text = lower_case(name);
  for (const std::string_view word :
       {"seq", "time", "len", "step", "height", "width", "channel", "token", "frame", "sample"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  return text == "t" || text == "h" || text == "w" || text == "c" || text == "l" || text == "s";
}

// A result of an operator of the main graph.
std::optional<TensorId> find_result(const Graph& graph, const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const Op& op : graph.ops) {
    for (const TensorId id : op.outputs) {
      if (id != kNoTensor && at(id) < graph.tensors.size() && graph.tensors[at(id)].name == name) return id;
    }
  }
  return std::nullopt;
}

Result<AppliedBindings> apply_inputs(Model& model, const Bindings& bindings) {
  AppliedBindings out;
  out.strict = bindings.strict;
  Graph& graph = model.main();
  for (const auto& [name, stated] : bindings.inputs) {
    std::vector<std::int64_t> given = stated;
    std::vector<std::string> known;
    Tensor* input = nullptr;
    for (const TensorId id : graph.inputs) {
      known.push_back(graph.tensors[at(id)].name);
      if (known.back() == name) input = &graph.tensors[at(id)];
    }
    if (name.empty() && graph.inputs.size() == 1) input = &graph.tensors[at(graph.inputs[0])];
    if (!input) {
      if (const std::optional<TensorId> result = find_result(graph, name)) {
        out.given.push_back({*result, Shape(std::vector<Dim>(given.begin(), given.end()))});
        continue;
      }
      NNGAUGE_CHECK(unknown_name(model, bindings.strict, "--input", name, known));
      continue;
    }
    // A format without a batch axis is given its own extents, or ours.
    if (model.implicit_batch && input->declared.ranked() && input->declared.rank() == given.size() + 1)
      given.insert(given.begin(), 1);
    const std::vector<std::int64_t>& extents = given;
    if (input->declared.ranked() && input->declared.rank() != extents.size()) {
      return make_error(ErrorCode::kUsage, "--input " + name + ": " + std::to_string(extents.size()) +
                                               " extents given, the model's input has " +
                                               shape_text(input->declared, model.symbols));
    }
    std::vector<Dim> dims(extents.begin(), extents.end());
    for (std::size_t i = 0; input->declared.ranked() && i < dims.size(); ++i) {
      const Dim stored = input->declared[i];
      if (stored.known()) out.overridden = out.overridden || stored.value() != extents[i];
      else if (stored.is_symbol()) bind_symbol(model, stored.symbol_id(), extents[i]);
    }
    input->declared = Shape(std::move(dims));
  }
  return out;
}

Status apply_dims(Model& model, const Bindings& bindings) {
  for (const auto& [name, value] : bindings.dims) {
    const std::optional<SymbolId> symbol = find_symbol(model.symbols, name);
    if (symbol) {
      bind_symbol(model, *symbol, value);
      continue;
    }
    std::vector<std::string> known;
    for (std::size_t i = 0; i < model.symbols.size(); ++i)
      known.push_back(model.symbols.name(static_cast<SymbolId>(i)));
    NNGAUGE_CHECK(unknown_name(model, bindings.strict, "--dim", name, known));
  }
  return ok();
}

Status apply_trips(Model& model, const Bindings& bindings) {
  for (const auto& [name, value] : bindings.trips) {
    std::vector<std::string> known;
    bool found = false;
    for (Graph& graph : model.graphs) {
      for (Op& op : graph.ops) {
        if (op.kind != OpKind::kWhile && op.kind != OpKind::kLoop && op.kind != OpKind::kScan) continue;
        known.push_back(op.name);
        if (op.name != name) continue;
        found = true;
        if (auto* control = std::get_if<ControlAttrs>(&op.attrs)) control->trip_count = value;
      }
    }
    if (!found) NNGAUGE_CHECK(unknown_name(model, bindings.strict, "--trip", name, known));
  }
  return ok();
}

}  // namespace

// An open first extent of an input of rank 2 or more, or of texts, is a batch unless its name says otherwise; so is
// any extent whose name says so.
std::vector<AssumedExtent> assume_batch(Model& model) {
  Graph& graph = model.main();
  std::vector<AssumedExtent> changed;
  std::set<std::string> assumed;
  const auto assume = [&](TensorId id, std::size_t axis) {
    Dim& dim = graph.tensors[at(id)].declared[axis];
    std::string name = "batch";
    if (dim.is_symbol()) {
      const SymbolId symbol = dim.symbol_id();
      name = model.symbols.name(symbol);
      bind_symbol(model, symbol, 1, &changed);
    } else {
      changed.push_back({0, id, axis, dim});
      dim = 1;
    }
    if (assumed.insert(name).second) model.assumed_dims.push_back({name, 1});
  };
  for (const TensorId id : graph.inputs) {
    Shape& shape = graph.tensors[at(id)].declared;
    if (!shape.ranked()) continue;
    const auto is_batch_symbol = [&](Dim dim) {
      return dim.is_symbol() && names_batch(model.symbols.name(dim.symbol_id()));
    };
    bool named = false;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
      if (!is_batch_symbol(shape[axis])) continue;
      named = true;
      assume(id, axis);
    }
    const std::size_t least = graph.tensors[at(id)].dtype == DType::kString ? 1 : 2;
    if (named || shape.rank() < least || shape[0].known()) continue;
    if (shape[0].is_symbol() && names_other(model.symbols.name(shape[0].symbol_id()))) continue;
    assume(id, 0);
  }
  return changed;
}

void restore_extents(Model& model, const std::vector<AssumedExtent>& extents) {
  for (const AssumedExtent& extent : extents)
    model.graphs[at(extent.graph)].tensors[at(extent.tensor)].declared[extent.axis] = extent.before;
  model.assumed_dims.clear();
}

Result<AppliedBindings> apply_bindings(Model& model, const Bindings& bindings) {
  NNGAUGE_TRY(AppliedBindings out, apply_inputs(model, bindings));
  NNGAUGE_CHECK(apply_dims(model, bindings));
  NNGAUGE_CHECK(apply_trips(model, bindings));
  return out;
}

std::string input_option(const std::string& name, const Shape& shape) {
  if (!shape.ranked() || shape.rank() == 0) return printable(name) + "=N,…";
  std::string out = printable(name) + "=";
  for (std::size_t i = 0; i < shape.rank(); ++i)
    out += (i == 0 ? "" : ",") + (shape[i].known() ? std::to_string(shape[i].value()) : std::string("N"));
  return out;
}

void report_open_dims(Model& model) {
  const Graph& graph = model.main();
  std::set<SymbolId> told;
  for (const TensorId id : graph.inputs) {
    const Tensor& input = graph.tensors[at(id)];
    const std::string place = "input " + in_quotes(input.name);
    if (!input.shape.ranked()) {
      if (input.dtype == DType::kResource || input.dtype == DType::kVariant) continue;
      model.diagnostics.warn("needs-dim", place, "its rank is open; pass --input " + input_option(input.name, {}));
      continue;
    }
    for (std::size_t i = 0; i < input.shape.rank(); ++i) {
      const Dim dim = input.shape[i];
      if (dim.known()) continue;
      if (!dim.is_symbol()) {
        model.diagnostics.warn("needs-dim", place,
                               "extent " + std::to_string(i) + " of " + shape_text(input.shape, model.symbols) +
                                   " is open; pass --input " + input_option(input.name, input.shape));
        break;
      }
      if (!told.insert(dim.symbol_id()).second) continue;
      const std::string name = printable(model.symbols.name(dim.symbol_id()));
      model.diagnostics.warn("needs-dim", place, "extent " + name + " is open; pass --dim " + name + "=N");
    }
  }
}

}  // namespace nngauge

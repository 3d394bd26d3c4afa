// SPDX-License-Identifier: Apache-2.0
// {"base_code": {"magic": "pir", "version": n}, "program": {"regions": [{"blocks": [{"args", "ops"}]}]}}
// An operator: "#" its name with the number of its dialect ("1.conv2d"), "I" operands and "O" results by number ("%"),
// results with their type "TT"; "A" attributes {"N" name, "AT" {"#" type, "D" value}}; "regions" of `if` and `while`.
// Parameters are operators "p" whose name is the last of "A".
#include "parsers/paddle/pir.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/text.h"
#include "parsers/paddle/pir_ops.h"

namespace nngauge::paddle {
namespace {

using Json = nlohmann::json;

constexpr int kMostDepth = 32;
constexpr std::size_t kMostFolded = 64;  // elements of constants that become attributes

const Json& field(const Json& object, const char* name) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found == object.end() ? kNone : *found;
}

std::string text_of(const Json& json) { return json.is_string() ? json.get<std::string>() : std::string(); }

std::int64_t integer_of(const Json& json) {
  constexpr double kMost = 9e15;
  if (json.is_boolean()) return json.get<bool>() ? 1 : 0;
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    return value > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(value);
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (!json.is_number_float()) return 0;
  const auto value = json.get<double>();
  return std::fabs(value) < kMost ? static_cast<std::int64_t>(value) : 0;
}

double real_of(const Json& json) {
  return json.is_number_float() ? json.get<double>() : static_cast<double>(integer_of(json));
}

std::string name_of_value(const Json& number) { return "%" + std::to_string(integer_of(number)); }

// "0.t_f32", "float32", "1.a_dtype": Paddle's number of an element type.
std::int64_t dtype_number(std::string_view name) {
  struct Row {
    std::string_view type, word;
    std::int64_t number;
  };
  static constexpr Row kTypes[] = {
      {"t_bool", "bool", 0},   {"t_i16", "int16", 1},      {"t_i32", "int32", 2},      {"t_i64", "int64", 3},
      {"t_f16", "float16", 4}, {"t_f32", "float32", 5},    {"t_f64", "float64", 6},    {"t_ui8", "uint8", 20},
      {"t_i8", "int8", 21},    {"t_bf16", "bfloat16", 22}, {"t_c64", "complex64", 23}, {"t_c128", "complex128", 24}};
  name = name.substr(name.find('.') == std::string_view::npos ? 0 : name.find('.') + 1);
  for (const Row& row : kTypes) {
    if (name == row.type || name == row.word) return row.number;
  }
  return -1;
}

Attr read_attr(const Json& typed) {
  const std::string type = text_of(field(typed, "#"));
  const Json& data = field(typed, "D");
  Attr out;
  if (type.ends_with("a_dtype")) {
    out.integer = dtype_number(text_of(data));
  } else if (data.is_array()) {
    for (const Json& element : data) {
      const Json& value = element.is_object() ? field(element, "D") : element;
      if (value.is_number_float()) out.reals.push_back(real_of(value));
      else if (value.is_number() || value.is_boolean()) out.ints.push_back(integer_of(value));
    }
  } else if (data.is_string()) {
    out.text = text_of(data);
  } else {
    out.integer = integer_of(data);
    out.real = real_of(data);
    // Numbers that JSON has no word for.
    const std::string special = text_of(field(typed, "VD"));
    if (special == "-INF") out.real = -std::numeric_limits<double>::infinity();
    else if (special == "INF") out.real = std::numeric_limits<double>::infinity();
    else if (special == "NAN") out.real = std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

class PirReader {
 public:
  explicit PirReader(Program& program) : program_(program) {}

  Status read(const Json& root) {
    const Json& regions = field(field(root, "program"), "regions");
    if (!regions.is_array() || regions.empty())
      return make_error(ErrorCode::kInvalidGraph, "the program has no region");
    ProgramBlock main;
    NNGAUGE_CHECK(read_block(field(regions[0], "blocks"), main, 0));
    program_.vars = std::move(main.vars);
    program_.ops = std::move(main.ops);
    return ok();
  }

 private:
  Status read_block(const Json& blocks, ProgramBlock& out, int depth) {
    if (depth > kMostDepth) return make_error(ErrorCode::kTooLarge, "blocks lie too deep");
    if (!blocks.is_array() || blocks.empty()) return make_error(ErrorCode::kInvalidGraph, "a region has no block");
    for (const Json& argument : field(blocks[0], "args")) {
      const std::string name = name_of_value(field(argument, "#"));
      out.arguments.push_back(name);
      add_var(name, field(argument, "TT"), out);
    }
    const Json& ops = field(blocks[0], "ops");
    if (!ops.is_array()) return make_error(ErrorCode::kInvalidGraph, "a block has no operators");
    std::size_t index = 0;
    for (const Json& op : ops) {
      if (Status status = read_op(op, out, depth); !status) {
        const std::string name = printable(text_of(field(op, "#")));
        return status.error().at("op #" + std::to_string(index) + (name.empty() ? "" : " " + name));
      }
      ++index;
    }
    return ok();
  }

  static void add_type(const Json& type, ProgramVar& var) {
    const Json& parts = field(type, "D");
    var.is_tensor = text_of(field(type, "#")).ends_with("t_dtensor");
    if (!var.is_tensor || !parts.is_array() || parts.size() < 2) return;
    var.dtype = dtype_of(dtype_number(text_of(field(parts[0], "#"))));
    if (!parts[1].is_array()) return;
    std::vector<Dim> dims;
    for (const Json& extent : parts[1]) {
      const std::int64_t value = integer_of(extent);
      dims.push_back(value < 0 ? Dim::unknown() : Dim(value));
    }
    var.shape = Shape(std::move(dims));
  }

  // A list of tensors is as many variables.
  void add_var(const std::string& name, const Json& type, ProgramBlock& block) {
    if (text_of(field(type, "#")).ends_with("t_vec")) {
      std::vector<std::string>& parts = lists_[name];
      parts.clear();
      for (const Json& part : field(type, "D")) {
        ProgramVar var;
        var.name = name + "." + std::to_string(parts.size());
        parts.push_back(var.name);
        add_type(part, var);
        block.vars.push_back(std::move(var));
      }
      return;
    }
    ProgramVar var;
    var.name = name;
    add_type(type, var);
    block.vars.push_back(std::move(var));
  }

  static std::vector<Json> results_of(const Json& op) {
    const Json& results = field(op, "O");
    if (results.is_object()) return {results};
    std::vector<Json> out;
    for (const Json& result : results) out.push_back(result);
    return out;
  }

  std::vector<std::string> names_of(const Json& value) const {
    const std::int64_t number = integer_of(field(value, "%"));
    if (number == 0) return {};
    const std::string name = name_of_value(field(value, "%"));
    const auto list = lists_.find(name);
    if (list != lists_.end()) return list->second;
    const auto alias = aliases_.find(name);
    return {alias == aliases_.end() ? name : alias->second};
  }

  Status read_parameter(const Json& op, ProgramBlock& block) {
    const Json& parts = field(op, "A");
    const std::vector<Json> results = results_of(op);
    if (!parts.is_array() || parts.empty() || results.size() != 1)
      return make_error(ErrorCode::kInvalidGraph, "a parameter has no name or no result");
    ProgramVar var;
    var.name = text_of(parts.back());
    add_type(field(results[0], "TT"), var);
    // What is not stored says so in its name.
    var.persistable = var.is_tensor && !var.name.ends_with("non_persistable");
    aliases_[name_of_value(field(results[0], "%"))] = var.name;
    const bool stored = var.persistable;
    if (!stored) var.persistable = true, var.is_tensor = false;
    block.vars.push_back(std::move(var));
    return ok();
  }

  // `full`, `full_int_array`: their elements become attributes or constants, not operators.
  bool read_constant(std::string_view type, const ProgramOp& op, const std::string& name, ProgramBlock& block) {
    Value value;
    if (type == "full_int_array") {
      const Ints list = op.ints("value");
      if (list.size() > kMostFolded) return false;
      value = Value::of_ints(std::vector<Dim>(list.begin(), list.end()));
    } else {
      ProgramVar& var = block.vars.back();
      const Attr* number = op.find("value");
      if (!number || !var.shape.is_static() || !(*var.shape.elements() == Count(1))) return false;
      value = is_float(var.dtype) ? Value::of_reals({number->real}) : Value::of_ints({Dim(number->integer)});
    }
    ProgramVar& var = block.vars.back();
    constants_[name] = value;
    var.value = std::move(value);
    var.persistable = true;
    var.is_tensor = false;
    return true;
  }

  Status read_op(const Json& json, ProgramBlock& block, int depth) {
    const std::string full = text_of(field(json, "#"));
    if (full.empty()) return make_error(ErrorCode::kInvalidGraph, "an operator has no name");
    if (full == "p") return read_parameter(json, block);
    const std::size_t dot = full.find('.');
    std::string type = dot == std::string::npos ? full : full.substr(dot + 1);
    const Json& operands = field(json, "I");
    if (type == "yield") {
      for (const Json& operand : operands) {
        for (std::string& name : names_of(operand)) block.results.push_back(std::move(name));
      }
      return ok();
    }
    const std::vector<Json> results = results_of(json);
    if (type == "combine" && results.size() == 1) {
      std::vector<std::string> parts;
      for (const Json& operand : operands) {
        for (std::string& name : names_of(operand)) parts.push_back(std::move(name));
      }
      lists_[name_of_value(field(results[0], "%"))] = std::move(parts);
      return ok();
    }
    if (type == "split" && full.starts_with("0.") && operands.is_array() && operands.size() == 1) {
      const std::vector<std::string> parts = names_of(operands[0]);
      for (std::size_t i = 0; i < std::min(parts.size(), results.size()); ++i)
        aliases_[name_of_value(field(results[i], "%"))] = parts[i];
      return ok();
    }
    ProgramOp op;
    for (const Json& attr : field(json, "A")) op.attrs[text_of(field(attr, "N"))] = read_attr(field(attr, "AT"));
    for (const Json& result : results) add_var(name_of_value(field(result, "%")), field(result, "TT"), block);
    if (type == "shadow_output" || type == "fetch") {
      op.type = "fetch";
      if (operands.is_array() && !operands.empty()) op.inputs["X"] = names_of(operands[0]);
      block.ops.push_back(std::move(op));
      return ok();
    }
    if ((type == "data" || type == "feed") && results.size() == 1) {
      const std::string value = name_of_value(field(results[0], "%"));
      // Inputs are called as the program calls them.
      if (const std::string name = op.text("name"); !name.empty()) {
        block.vars.back().name = name;
        aliases_[value] = name;
      }
      op.type = "feed";
      op.outputs["Out"] = {block.vars.back().name};
      block.ops.push_back(std::move(op));
      return ok();
    }
    if ((type == "full" || type == "full_int_array") && results.size() == 1 &&
        read_constant(type, op, name_of_value(field(results[0], "%")), block))
      return ok();
    const Json& regions = field(json, "regions");
    if (regions.is_array()) {
      for (const Json& region : regions) {
        ProgramBlock inner;
        NNGAUGE_CHECK(read_block(field(region, "blocks"), inner, depth + 1));
        op.blocks.push_back(std::move(inner));
      }
      op.type = type;
      for (const Json& operand : operands) {
        for (std::string& name : names_of(operand)) op.inputs["X"].push_back(std::move(name));
      }
      for (const Json& result : results) op.outputs["Out"].push_back(name_of_value(field(result, "%")));
      block.ops.push_back(std::move(op));
      return ok();
    }
    take_operands(type, operands, results, op);
    block.ops.push_back(std::move(op));
    return ok();
  }

  // As the older programs name what they hold (pir_ops.h).
  void take_operands(const std::string& type, const Json& operands, const std::vector<Json>& results, ProgramOp& op) {
    const PirOp form = form_of(type);
    op.type = form.type;
    for (const auto& [from, to] : form.renamed) {
      if (auto node = op.attrs.extract(from); !node.empty()) {
        node.key() = to;
        op.attrs.insert(std::move(node));
      }
    }
    std::size_t position = 0;
    for (const Json& operand : operands) {
      const std::vector<std::string> names = names_of(operand);
      const PirOperand place = position < form.operands.size() ? form.operands[position] : PirOperand{"", ""};
      ++position;
      if (!place.attribute.empty() && names.size() == 1) {
        if (const auto known = constants_.find(names[0]); known != constants_.end()) {
          op.attrs[place.attribute] = as_attr(known->second);
          continue;
        }
      }
      if (!place.parameter.empty()) op.inputs[place.parameter] = names;
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::string parameter = i < form.results.size() ? form.results[i] : "Result" + std::to_string(i);
      op.outputs[parameter] = names_of(results[i]);
    }
  }

  static Attr as_attr(const Value& value) {
    Attr out;
    if (value.real) {
      out.reals = value.reals;
      constexpr double kMost = 9e15;
      if (value.reals.size() == 1) out.real = value.reals[0];
      if (std::fabs(out.real) < kMost) out.integer = static_cast<std::int64_t>(out.real);
      return out;
    }
    for (const Dim dim : value.ints) out.ints.push_back(dim.value());
    if (out.ints.size() == 1) out.integer = out.ints[0], out.real = static_cast<double>(out.ints[0]);
    return out;
  }

  Program& program_;
  std::unordered_map<std::string, std::vector<std::string>> lists_;
  std::unordered_map<std::string, std::string> aliases_;
  std::unordered_map<std::string, Value> constants_;
};

}  // namespace

bool is_pir(Bytes file) {
  constexpr std::size_t kLooked = 512;
  const std::string_view head = as_text(file.subspan(0, std::min<std::size_t>(file.size(), kLooked)));
  if (trim(head).substr(0, 1) != "{") return false;
  const std::size_t key = head.find("\"magic\"");
  if (key == std::string_view::npos || head.find("\"base_code\"") == std::string_view::npos) return false;
  const std::string_view rest = trim(head.substr(key + 7));
  return rest.substr(0, 1) == ":" && trim(rest.substr(1)).starts_with("\"pir\"");
}

Result<Program> read_pir(Bytes file, std::string& version) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 28;
  if (file.size() > kMostBytes) return make_error(ErrorCode::kTooLarge, "a program of more than 256 MB");
  const Json root = Json::parse(as_text(file), nullptr, false);
  if (root.is_discarded()) return make_error(ErrorCode::kDamaged, "the program is no whole JSON document");
  version = std::to_string(integer_of(field(field(root, "base_code"), "version")));
  Program program;
  NNGAUGE_CHECK(PirReader(program).read(root));
  return program;
}

}  // namespace nngauge::paddle

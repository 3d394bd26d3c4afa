// SPDX-License-Identifier: Apache-2.0
#include "parsers/snapshot/reader.h"

#include <charconv>
#include <map>

#include "base/text.h"
#include "graph/attribute_text.h"
#include "graph/op_table.h"

namespace nngauge::snapshot {
namespace {

constexpr std::string_view kMagic = "nngauge-graph ";
constexpr std::string_view kVersion = "1";

// A line taken apart: words without `=` in order, fields with it by name. Quotes are gone.
struct Record {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> fields;

  [[nodiscard]] const std::string* find(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return &value;
    }
    return nullptr;
  }
  [[nodiscard]] bool has_word(std::string_view word) const {
    for (const std::string& candidate : words) {
      if (candidate == word) return true;
    }
    return false;
  }
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Takes the quoted string at the start of `rest` off it. Inside lists of extents the quotes stay with the caller.
Result<std::string> take_quoted(std::string_view& rest) {
  std::string out;
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] != '\\') {
      out += rest[i];
      continue;
    }
    if (++i >= rest.size()) break;
    if (rest[i] != 'x') {
      out += rest[i];
      continue;
    }
    if (i + 2 >= rest.size() || hex_digit(rest[i + 1]) < 0 || hex_digit(rest[i + 2]) < 0)
      return damaged("a \\x escape is cut short");
    out += static_cast<char>(hex_digit(rest[i + 1]) * 16 + hex_digit(rest[i + 2]));
    i += 2;
  }
  if (i >= rest.size()) return damaged("a quoted string does not end");
  rest.remove_prefix(i + 1);
  return out;
}

// A bare value up to the next blank; quoted parts inside brackets are kept with their quotes.
std::string_view take_bare(std::string_view& rest) {
  bool inside = false;
  std::size_t i = 0;
  for (; i < rest.size() && (inside || rest[i] != ' '); ++i) {
    if (rest[i] == '\\' && inside) ++i;
    else if (rest[i] == '"') inside = !inside;
  }
  const std::string_view out = rest.substr(0, std::min(i, rest.size()));
  rest.remove_prefix(out.size());
  return out;
}

Result<Record> parse_record(std::string_view line) {
  Record out;
  while (true) {
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    if (line.empty()) return out;
    const std::size_t end = line.find_first_of(" =");
    if (end == std::string_view::npos || line[end] == ' ') {
      out.words.emplace_back(take_bare(line));
      continue;
    }
    std::string name(line.substr(0, end));
    line.remove_prefix(end + 1);
    if (!line.empty() && line.front() == '"') {
      NNGAUGE_TRY(std::string value, take_quoted(line));
      out.fields.emplace_back(std::move(name), std::move(value));
    } else {
      out.fields.emplace_back(std::move(name), std::string(take_bare(line)));
    }
  }
}

template <class N>
Result<N> parse_number(std::string_view text) {
  N value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return damaged(in_quotes(text) + " is not a number");
  return value;
}

class Reader {
 public:
  Result<Model> read(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number;
      if (number == 1 || line.empty()) continue;
      const Status status = read_line(line);
      if (!status) return status.error().at("line " + std::to_string(number));
    }
    if (model_.graphs.empty()) return damaged("the snapshot has no graph");
    return std::move(model_);
  }

 private:
  Status read_line(std::string_view line) {
    NNGAUGE_TRY(const Record record, parse_record(line));
    if (record.words.empty()) return damaged("the record has no type");
    const std::string& type = record.words[0];
    if (type == "model") return read_model(record);
    if (type == "graph") return read_graph(record);
    if (model_.graphs.empty()) return damaged("a " + in_quotes(type) + " record before the first graph");
    if (type == "tensor") return read_tensor(record);
    if (type == "op") return read_op(record);
    if (type == "inputs") return read_ids(record, model_.graphs.back().inputs);
    if (type == "outputs") return read_ids(record, model_.graphs.back().outputs);
    if (type == "capture") return read_capture(record);
    return damaged("a record of unknown type " + in_quotes(type));
  }

  Status read_model(const Record& record) {
    const auto text = [&](const char* name) { return record.find(name) ? *record.find(name) : std::string(); };
    model_.name = text("name");
    model_.producer = text("producer");
    model_.format = text("format").empty() ? "snapshot" : text("format");
    model_.format_version = text("format_version");
    return ok();
  }

  Status read_graph(const Record& record) {
    Graph graph;
    if (const std::string* name = record.find("name")) graph.name = *name;
    if (const std::string* parent = record.find("parent")) {
      NNGAUGE_TRY(graph.parent, parse_number<GraphId>(*parent));
      if (graph.parent >= static_cast<GraphId>(model_.graphs.size()))
        return damaged("a graph stands before its parent");
    }
    model_.graphs.push_back(std::move(graph));
    return ok();
  }

  Result<Dim> parse_dim(std::string_view text) {
    if (text == "?") return Dim::unknown();
    if (!text.empty() && text.front() == '"') {
      NNGAUGE_TRY(const std::string name, take_quoted(text));
      return Dim::symbol(model_.symbols.intern(name));
    }
    NNGAUGE_TRY(const std::int64_t value, parse_number<std::int64_t>(text));
    return Dim(value);
  }

  Result<std::vector<Dim>> parse_dims(std::string_view text) {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']')
      return damaged(in_quotes(text) + " is not a list");
    text = text.substr(1, text.size() - 2);
    std::vector<Dim> out;
    while (!text.empty()) {
      bool inside = false;
      std::size_t i = 0;
      for (; i < text.size() && (inside || text[i] != ','); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') inside = !inside;
      }
      i = std::min(i, text.size());
      NNGAUGE_TRY(const Dim dim, parse_dim(text.substr(0, i)));
      out.push_back(dim);
      text.remove_prefix(std::min(i + 1, text.size()));
    }
    return out;
  }

  Status read_tensor(const Record& record) {
    Tensor tensor;
    for (const auto& [name, value] : record.fields) NNGAUGE_CHECK(set_tensor_field(tensor, name, value));
    tensor.is_constant = record.has_word("const");
    tensor.is_variable = record.has_word("variable");
    for (const Dim dim : tensor.declared.dims()) {
      if (dim.known() && dim.value() < 0) return damaged("a negative extent");
    }
    tensor.shape = tensor.declared;
    model_.graphs.back().tensors.push_back(std::move(tensor));
    return ok();
  }

  Status set_tensor_field(Tensor& tensor, const std::string& name, const std::string& value) {
    if (name == "name") {
      tensor.name = value;
    } else if (name == "dtype") {
      const std::optional<DType> dtype = find_dtype(value);
      if (!dtype) return damaged("no dtype " + in_quotes(value));
      tensor.dtype = *dtype;
    } else if (name == "shape") {
      NNGAUGE_TRY(std::vector<Dim> dims, parse_dims(value));
      tensor.declared = Shape(std::move(dims));
    } else if (name == "stored") {
      NNGAUGE_TRY(tensor.stored_elements, parse_number<std::uint64_t>(value));
    } else if (name == "quant") {
      const std::optional<QuantScheme> scheme = find_quant_scheme(value);
      if (!scheme) return damaged("no quantisation scheme " + in_quotes(value));
      tensor.quantization.scheme = *scheme;
    } else if (name == "axis") {
      NNGAUGE_TRY(tensor.quantization.axis, parse_number<std::int32_t>(value));
    } else if (name == "block") {
      NNGAUGE_TRY(tensor.quantization.block_size, parse_number<std::int32_t>(value));
    } else if (name == "ints") {
      NNGAUGE_TRY(std::vector<Dim> elements, parse_dims(value));
      tensor.value = Value::of_ints(std::move(elements));
    } else if (name == "reals") {
      if (value.size() < 2 || value.front() != '[' || value.back() != ']')
        return damaged(in_quotes(value) + " is not a list");
      std::vector<double> reals;
      const std::string inner = value.substr(1, value.size() - 2);
      for (const std::string& part : inner.empty() ? std::vector<std::string>{} : split(inner, ',')) {
        NNGAUGE_TRY(const double real, parse_number<double>(part));
        reals.push_back(real);
      }
      tensor.value = Value::of_reals(std::move(reals));
    } else {
      return damaged("a tensor has no field " + in_quotes(name));
    }
    return ok();
  }

  static Result<TensorId> parse_id(std::string_view text) {
    if (text == "-") return kNoTensor;
    NNGAUGE_TRY(const TensorId id, parse_number<TensorId>(text));
    if (id < 0) return damaged("a negative tensor number");
    return id;
  }

  Status read_op(const Record& record) {
    if (record.words.size() != 2) return damaged("an op record names one kind");
    const std::optional<OpKind> kind = find_op_kind(record.words[1]);
    if (!kind) return damaged("no op kind " + in_quotes(record.words[1]));
    Op op;
    op.kind = *kind;
    std::string attribute_type = "none";
    std::map<std::string, std::string> attributes;
    bool in_attributes = false;
    for (const auto& [name, value] : record.fields) {
      if (in_attributes) {
        attributes[name] = value;
      } else if (name == "attrs") {
        attribute_type = value;
        in_attributes = true;
      } else {
        NNGAUGE_CHECK(set_op_field(op, name, value));
      }
    }
    NNGAUGE_TRY(op.attrs, parse_attributes(attribute_type, attributes));
    model_.graphs.back().ops.push_back(std::move(op));
    return ok();
  }

  static Status set_op_field(Op& op, const std::string& name, const std::string& value) {
    if (name == "name") {
      op.name = value;
    } else if (name == "source") {
      op.source_op = value;
    } else if (name == "index") {
      NNGAUGE_TRY(op.source.index, parse_number<std::int32_t>(value));
    } else if (name == "in") {
      if (value.empty()) return ok();
      for (const std::string& part : split(value, ',')) {
        const std::size_t colon = part.find(':');
        Operand operand;
        NNGAUGE_TRY(operand.tensor, parse_id(std::string_view(part).substr(0, colon)));
        if (colon != std::string::npos) {
          const std::optional<OperandRole> role = find_operand_role(std::string_view(part).substr(colon + 1));
          if (!role) return damaged("no operand role in " + in_quotes(part));
          operand.role = *role;
        }
        op.inputs.push_back(operand);
      }
    } else if (name == "out") {
      if (value.empty()) return ok();
      for (const std::string& part : split(value, ',')) {
        NNGAUGE_TRY(const TensorId id, parse_id(part));
        op.outputs.push_back(id);
      }
    } else if (name == "act") {
      const std::optional<FusedActivation> activation = find_fused_activation(value);
      if (!activation) return damaged("no fused activation " + in_quotes(value));
      op.activation = *activation;
    } else {
      return damaged("an op has no field " + in_quotes(name));
    }
    return ok();
  }

  static Status read_ids(const Record& record, std::vector<TensorId>& out) {
    for (std::size_t i = 1; i < record.words.size(); ++i) {
      NNGAUGE_TRY(const TensorId id, parse_id(record.words[i]));
      out.push_back(id);
    }
    return ok();
  }

  Status read_capture(const Record& record) {
    if (record.words.size() != 3) return damaged("a capture names two tensors");
    Capture capture;
    NNGAUGE_TRY(capture.inner, parse_id(record.words[1]));
    NNGAUGE_TRY(capture.outer, parse_id(record.words[2]));
    const Graph& graph = model_.graphs.back();
    if (graph.parent < 0 || capture.inner >= static_cast<TensorId>(graph.tensors.size()) ||
        capture.outer >= static_cast<TensorId>(model_.graphs[static_cast<std::size_t>(graph.parent)].tensors.size())) {
      return damaged("a capture names a tensor that does not exist");
    }
    model_.graphs.back().captures.push_back(capture);
    return ok();
  }

  Model model_;
};

}  // namespace

Claim sniff(const ModelSource& source) {
  if (!as_text(source.bytes).starts_with(kMagic)) return {};
  return {Confidence::kCertain, "the first line of a snapshot"};
}

Result<Model> read(const ModelSource& source) {
  const std::string_view text = as_text(source.bytes);
  if (!text.starts_with(kMagic)) return make_error(ErrorCode::kNotAModel, "no snapshot header");
  const std::string_view version = text.substr(kMagic.size(), text.find('\n') - kMagic.size());
  if (version != kVersion) {
    return make_error(ErrorCode::kUnsupportedVersion, "snapshot version " + printable(version.substr(0, 16)) +
                                                          ", this program reads " + std::string(kVersion));
  }
  return Reader().read(text);
}

}  // namespace nngauge::snapshot

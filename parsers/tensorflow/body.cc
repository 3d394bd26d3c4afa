// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/body.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/text.h"
#include "graph_def.pb.h"
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

// No operator has more results; larger numbers are damage.
constexpr std::int64_t kMostResults = 65536;

std::int64_t parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::clamp<std::int64_t>(value, 0, kMostResults)
                                                                  : 0;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Status fill(Body& body, const google::protobuf::RepeatedPtrField<tf::NodeDef>& nodes) {
  body.nodes.reserve(static_cast<std::size_t>(nodes.size()));
  for (const tf::NodeDef& node : nodes) {
    if (!body.by_name.emplace(node.name(), static_cast<int>(body.nodes.size())).second)
      return make_error(ErrorCode::kInvalidGraph, "two nodes are called " + in_quotes(node.name()));
    body.nodes.push_back(&node);
  }
  return ok();
}

// Position of a word in a list of words; -1 if it is not there.
std::int64_t word_index(std::string_view words, std::string_view word) {
  std::int64_t index = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return index;
    words.remove_prefix(std::min(end + 1, words.size()));
    ++index;
  }
  return -1;
}

std::size_t count_words(std::string_view words) {
  return words.empty() ? 1 : static_cast<std::size_t>(std::count(words.begin(), words.end(), ' ')) + 1;
}

}  // namespace

InputRef parse_input(std::string_view text) {
  InputRef out;
  if (text.starts_with('^')) {
    out.control = true;
    out.node = text.substr(1);
    return out;
  }
  const std::size_t first = text.find(':');
  out.node = text.substr(0, first);
  if (first == std::string_view::npos) return out;
  std::string_view rest = text.substr(first + 1);
  if (is_number(rest)) {
    out.number = parse_number(rest);
    return out;
  }
  const std::size_t second = rest.find(':');
  out.result = rest.substr(0, second);
  if (second != std::string_view::npos) out.number = parse_number(rest.substr(second + 1));
  return out;
}

Status Library::add(const tf::GraphDef& graph) {
  NNGAUGE_CHECK(fill(main_, graph.node()));
  for (const tf::FunctionDef& function : graph.library().function()) {
    const std::string& name = function.signature().name();
    Body body;
    body.function = &function;
    if (auto status = fill(body, function.node_def()); !status) return status.error().at("function " + in_quotes(name));
    int position = 0;
    for (const auto& arg : function.signature().input_arg()) body.parameters.emplace(arg.name(), position++);
    if (!functions_.emplace(name, std::move(body)).second)
      return make_error(ErrorCode::kInvalidGraph, "two functions are called " + in_quotes(name));
  }
  return ok();
}

const Body* Library::find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

const Body* Library::callee(const tf::NodeDef& node) const {
  const std::string& op = node.op();
  if (op == "PartitionedCall" || op == "StatefulPartitionedCall" || op == "TPUPartitionedCall" || op == "RemoteCall") {
    const auto found = node.attr().find("f");
    return found == node.attr().end() ? nullptr : find(found->second.func().name());
  }
  return find(op);
}

bool Library::saves(const Body& body) const {
  std::unordered_set<const Body*> seen = {&body};
  std::vector<const Body*> open = {&body};
  while (!open.empty()) {
    const Body* at = open.back();
    open.pop_back();
    for (const tf::NodeDef* node : at->nodes) {
      const std::string& op = node->op();
      if (op.starts_with("Save") || op.starts_with("Restore") || op == "MergeV2Checkpoints") return true;
      const Body* called = callee(*node);
      if (called && seen.insert(called).second) open.push_back(called);
    }
  }
  return false;
}

std::size_t Library::result_index(const tf::NodeDef& node, const InputRef& ref) const {
  if (ref.result.empty()) return static_cast<std::size_t>(ref.number);
  if (const Body* called = find(node.op())) {
    const auto& results = called->function->signature().output_arg();
    for (int i = 0; i < results.size(); ++i) {
      if (results.Get(i).name() == ref.result) return static_cast<std::size_t>(i + ref.number);
    }
  }
  const OpRow* row = find_op_row(node.op());
  const std::int64_t named = row ? word_index(row->results, ref.result) : -1;
  return static_cast<std::size_t>(std::max<std::int64_t>(named, 0) + ref.number);
}

std::size_t Library::result_count(const tf::NodeDef& node) const {
  const NodeView view(node);
  const std::string& op = node.op();
  std::int64_t count = 1;
  if (const Body* called = callee(node)) count = called->function->signature().output_arg_size();
  else if (op == "Split" || op == "SplitV") count = view.integer("num_split", 1);
  else if (op == "Unpack") count = view.integer("num", 1);
  else if (op == "IteratorGetNext") count = static_cast<std::int64_t>(view.list_size("output_types"));
  else if (op == "If" || op == "StatelessIf" || op == "Case" || op == "StatelessCase")
    count = static_cast<std::int64_t>(view.list_size("Tout"));
  else if (op == "While" || op == "StatelessWhile") count = static_cast<std::int64_t>(view.list_size("T"));
  else if (op.starts_with("NonMaxSuppression") || op.starts_with("TopK") || op == "Unique" || op == "Switch")
    count = static_cast<std::int64_t>(count_words(find_op_row(op) ? find_op_row(op)->results : ""));
  return static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, kMostResults));
}

}  // namespace nngauge::tensorflow

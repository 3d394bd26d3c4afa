// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/tensorflow.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "base/text.h"
#include "graph/algorithms.h"
#include "graph_def.pb.h"
#include "parsers/tensorflow/graph_builder.h"
#include "parsers/tensorflow/node_view.h"
#include "parsers/tensorflow/schema.h"
#include "parsers/tensorflow/sniff.h"

namespace nngauge::tensorflow {
namespace {

constexpr std::string_view kInitSignature = "__saved_model_init_op";
constexpr std::string_view kDefaultSignature = "serving_default";
constexpr int kMostNesting = 100;

// The first complaint of the parser of texts.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("line {}, column {}: {}", line + 1, column + 1, printable(message));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

template <class Message>
Status parse_text(Bytes file, Message& message) {
  constexpr std::size_t kMostBytes = 1U << 30U;
  if (file.size() > kMostBytes) return make_error(ErrorCode::kTooLarge, "a text of more than 1 GB");
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.SetRecursionLimit(kMostNesting);
  google::protobuf::io::ArrayInputStream input(file.data(), static_cast<int>(file.size()));
  if (parser.Parse(&input, &message)) return ok();
  return make_error(ErrorCode::kDamaged, error.text().empty() ? "the text cannot be read" : error.text());
}

template <class Message>
Status parse_binary(const ModelSource& source, std::uint8_t root, Message& message, Reduction& reduction) {
  NNGAUGE_TRY(reduction, reduce_message(source.bytes, schema(), root, source.mapping));
  if (message.ParseFromString(reduction.message)) {
    reduction.message.clear();
    reduction.message.shrink_to_fit();
    return ok();
  }
  return make_error(ErrorCode::kDamaged, "the protobuf message cannot be read");
}

// What a file holds, whatever its form.
struct Content {
  const tf::GraphDef* graph = nullptr;
  const tf::MetaGraphDef* meta = nullptr;
  std::string checkpoint;  // prefix of the files with its variables; empty: none
};

const tf::MetaGraphDef* choose_graph(const tf::SavedModel& saved) {
  for (const auto& meta : saved.meta_graphs()) {
    const auto& tags = meta.meta_info_def().tags();
    if (std::find(tags.begin(), tags.end(), "serve") != tags.end()) return &meta;
  }
  return saved.meta_graphs_size() > 0 ? &saved.meta_graphs(0) : nullptr;
}

// "net" of "some/folder/net.meta".
std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\!");
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.find_last_of('.');
  if (dot != std::string::npos && dot > 0) name.resize(dot);
  return name;
}

Result<Content> parse(const ModelSource& source, const Identity& identity, google::protobuf::Arena& arena,
                      Reduction& reduction, Model& model) {
  Content out;
  switch (identity.container) {
    case Container::kGraph: {
      auto* graph = google::protobuf::Arena::CreateMessage<tf::GraphDef>(&arena);
      NNGAUGE_CHECK(identity.text ? parse_text(source.bytes, *graph)
                                  : parse_binary(source, kGraphMessage, *graph, reduction));
      out.graph = graph;
      break;
    }
    case Container::kMetaGraph: {
      auto* meta = google::protobuf::Arena::CreateMessage<tf::MetaGraphDef>(&arena);
      NNGAUGE_CHECK(identity.text ? parse_text(source.bytes, *meta)
                                  : parse_binary(source, kMetaGraphMessage, *meta, reduction));
      out.meta = meta;
      out.checkpoint = stem_of(source.path);
      break;
    }
    case Container::kSavedModel: {
      auto* saved = google::protobuf::Arena::CreateMessage<tf::SavedModel>(&arena);
      NNGAUGE_CHECK(identity.text ? parse_text(source.bytes, *saved)
                                  : parse_binary(source, kSavedModelMessage, *saved, reduction));
      out.meta = choose_graph(*saved);
      if (!out.meta) return make_error(ErrorCode::kNotAModel, "the SavedModel holds no graph");
      out.checkpoint = "variables/variables";
      if (saved->meta_graphs_size() > 1) {
        model.diagnostics.note("other-graphs", "",
                               fmt::format("one of {} graphs of the SavedModel is read", saved->meta_graphs_size()));
      }
      break;
    }
  }
  if (out.meta) out.graph = &out.meta->graph_def();
  if (out.graph->node_size() == 0) return make_error(ErrorCode::kNotAModel, "the graph has no nodes");
  return out;
}

void describe(const Content& content, Model& model) {
  model.format = "tensorflow";
  const int producer = content.graph->versions().producer();
  if (producer > 0) model.format_version = std::to_string(producer);
  else if (content.graph->version() > 0) model.format_version = std::to_string(content.graph->version());
  if (!content.meta) return;
  const auto& info = content.meta->meta_info_def();
  if (!info.tensorflow_version().empty()) model.producer = "tensorflow " + readable(info.tensorflow_version());
  std::vector<std::string> tags;
  for (const std::string& tag : info.tags()) tags.push_back(readable(tag));
  if (!tags.empty()) model.metadata.emplace_back("tags", join(tags, ", "));
}

// Signatures by name: protobuf's maps have no order of their own.
std::vector<std::string> signature_names(const tf::MetaGraphDef& meta) {
  std::vector<std::string> out;
  for (const auto& [name, signature] : meta.signature_def()) {
    if (name != kInitSignature && signature.outputs_size() > 0) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

using Ends = std::vector<std::pair<std::string, Root>>;  // names of a signature's tensors

template <class Map>
Result<Ends> find_ends(const Library& library, const Map& tensors) {
  Ends out;
  std::vector<std::string> names;
  for (const auto& [name, info] : tensors) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string& tensor = tensors.at(name).name();
    if (tensor.empty()) continue;  // sparse and composite tensors
    const InputRef ref = parse_input(tensor);
    const int node = library.main().find(ref.node);
    if (node < 0) {
      return make_error(ErrorCode::kInvalidGraph,
                        fmt::format("tensor {} of the signature is never defined", in_quotes(tensor)));
    }
    out.emplace_back(name, Root{node, static_cast<std::size_t>(ref.number)});
  }
  return out;
}

std::vector<Root> roots_of(const Ends& ends) {
  std::vector<Root> out;
  for (const auto& [name, root] : ends) out.push_back(root);
  return out;
}

// What the signature states of a tensor, where the graph does not.
template <class Map>
void declare(const GraphBuilder& builder, const Ends& ends, const Map& tensors, Model& model,
             std::vector<std::pair<std::string, TensorId>>& out) {
  for (const auto& [name, root] : ends) {
    const TensorId id = builder.find_result(root.node, root.result);
    if (id < 0) continue;
    out.emplace_back(readable(name), id);
    Tensor& tensor = model.main().tensors[static_cast<std::size_t>(id)];
    const auto& info = tensors.at(name);
    if (tensor.declared.ranked() || !info.has_tensor_shape()) continue;
    tensor.declared = shape_of(info.tensor_shape());
    if (tensor.declared.ranked() && tensor.declared.rank() > 1 && tensor.declared[0] == Dim::unknown())
      tensor.declared[0] = Dim::symbol(model.symbols.intern("batch"));
    tensor.shape = tensor.declared;
  }
}

void tell_left_out(const Library& library, const std::vector<Root>& roots, Model& model) {
  const Body& body = library.main();
  const std::vector<bool> live = find_live_nodes(body, roots);
  std::size_t count = 0;
  for (std::size_t i = 0; i < body.nodes.size(); ++i) {
    if (!live[i] && !makes_no_op(*body.nodes[i])) ++count;
  }
  if (count == 0) return;
  model.diagnostics.note("left-out", "",
                         fmt::format("{} {} for training, saving, initialising or of no use to the results left out",
                                     count, count == 1 ? "node" : "nodes"));
}

// The constant behind identities; nullptr for a computed tensor.
const Tensor* constant_behind(const Graph& graph, const Uses& uses, TensorId id) {
  for (int hops = 0; hops < 8 && id >= 0; ++hops) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    if (tensor.is_constant) return &tensor;
    const OpId from = uses.producer[static_cast<std::size_t>(id)];
    if (from < 0 || graph.ops[static_cast<std::size_t>(from)].kind != OpKind::kIdentity) return nullptr;
    id = graph.ops[static_cast<std::size_t>(from)].inputs[0].tensor;
  }
  return nullptr;
}

// x * g / sqrt(variance + epsilon) + …: old graphs hold batch normalisation in pieces. They stay what they are; the
// remark says what they amount to.
void tell_batch_norms(Model& model) {
  const Graph& graph = model.main();
  const Uses uses = find_uses(graph);
  std::size_t count = 0;
  for (const Op& op : graph.ops) {
    if (op.kind != OpKind::kRsqrt || op.inputs.size() != 1 || op.inputs[0].tensor < 0) continue;
    const OpId from = uses.producer[static_cast<std::size_t>(op.inputs[0].tensor)];
    if (from < 0 || graph.ops[static_cast<std::size_t>(from)].kind != OpKind::kAdd) continue;
    for (const Operand& operand : graph.ops[static_cast<std::size_t>(from)].inputs) {
      const Tensor* variance = constant_behind(graph, uses, operand.tensor);
      if (!variance || !variance->declared.ranked() || variance->declared.rank() != 1) continue;
      ++count;
      break;
    }
  }
  if (count == 0) return;
  model.diagnostics.note("batch-norm-in-pieces", "",
                         fmt::format("{} batch {} in pieces (Rsqrt, Mul, Sub, Add); folded into the "
                                     "convolutions they would cost nothing",
                                     count, count == 1 ? "normalisation stands" : "normalisations stand"));
}

}  // namespace

Claim sniff(const ModelSource& source) {
  const auto identity = identify(source.bytes);
  if (!identity) return {};
  if (identity->whole) return {Confidence::kCertain, "nodes of a GraphDef"};
  return {Confidence::kLikely, "the first nodes of a GraphDef"};
}

Result<Model> read(const ModelSource& source) {
  const auto identity = identify(source.bytes);
  if (!identity) return make_error(ErrorCode::kNotAModel, "not one of TensorFlow's messages");
  Model model;
  model.files.push_back({"", source.bytes.size()});
  google::protobuf::Arena arena;
  Reduction reduction;
  NNGAUGE_TRY(const Content content, parse(source, *identity, arena, reduction, model));
  describe(content, model);
  Library library;
  NNGAUGE_CHECK(library.add(*content.graph));
  Variables variables;
  if (!content.checkpoint.empty()) {
    NNGAUGE_TRY(variables, Variables::open(content.checkpoint, *source.companions, model));
    if (!variables.present())
      model.diagnostics.note("variables-absent", "", "no " + content.checkpoint + ".index beside the model");
  }
  const int producer = content.graph->has_versions() ? content.graph->versions().producer() : content.graph->version();
  GraphBuilder builder(library, identity->text ? nullptr : &reduction, variables, producer, model);

  const std::vector<std::string> names = content.meta ? signature_names(*content.meta) : std::vector<std::string>();
  if (names.empty()) {
    const std::vector<Root> roots = find_roots(library);
    NNGAUGE_CHECK(builder.build(roots, {}));
    tell_left_out(library, roots, model);
    tell_batch_norms(model);
    return model;
  }
  const bool has_default = std::find(names.begin(), names.end(), kDefaultSignature) != names.end();
  const std::string chosen = has_default ? std::string(kDefaultSignature) : names.front();
  const tf::SignatureDef& signature = content.meta->signature_def().at(chosen);
  NNGAUGE_TRY(const Ends inputs, find_ends(library, signature.inputs()));
  NNGAUGE_TRY(const Ends outputs, find_ends(library, signature.outputs()));
  NNGAUGE_CHECK(builder.build(roots_of(outputs), roots_of(inputs)));
  Signature entry;
  entry.key = readable(chosen);
  declare(builder, inputs, signature.inputs(), model, entry.inputs);
  declare(builder, outputs, signature.outputs(), model, entry.outputs);
  model.signatures.push_back(std::move(entry));
  std::vector<Root> roots = roots_of(outputs);
  const std::vector<Root> more = roots_of(inputs);
  roots.insert(roots.end(), more.begin(), more.end());
  tell_left_out(library, roots, model);
  tell_batch_norms(model);
  if (names.size() > 1) {
    model.diagnostics.note(
        "other-signatures", "",
        fmt::format("signature {} of {} is read: {}", in_quotes(chosen), names.size(), printable(join(names, ", "))));
  }
  return model;
}

}  // namespace nngauge::tensorflow

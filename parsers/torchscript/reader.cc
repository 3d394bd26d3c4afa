// SPDX-License-Identifier: Apache-2.0
#include "parsers/torchscript/reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "parsers/containers/archive.h"
#include "parsers/elements.h"
#include "parsers/graph_writer.h"
#include "parsers/torchscript/interpreter.h"
#include "parsers/torchscript/pickle.h"

namespace nngauge::torchscript {
namespace {

// Before archives: pickles one after the other, the first of them a magic number.
constexpr std::string_view kOldCheckpoint = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::uint64_t kMostCode = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostPickle = std::uint64_t{128} << 20;

// The folder that all members lie in: the one of data.pkl.
std::optional<std::string> archive_folder(const Archive& zip) {
  for (const ArchiveMember& member : zip.members()) {
    const std::size_t slash = member.name.rfind('/');
    if (slash != std::string::npos && member.name.substr(slash) == "/data.pkl" && member.name.find('/') == slash)
      return member.name.substr(0, slash + 1);
  }
  return std::nullopt;
}

bool has_folder(const Archive& zip, const std::string& prefix) {
  return std::any_of(zip.members().begin(), zip.members().end(),
                     [&](const ArchiveMember& member) { return member.name.starts_with(prefix); });
}

Result<FilePtr> open_member(const Archive& zip, const ArchiveMember& member, std::uint64_t most_bytes) {
  auto file = zip.open(member, most_bytes);
  if (!file) return file.error().at("member " + in_quotes(member.name));
  return file;
}

// The parts of an archive, read once; code is parsed when it is first needed.
class Parts {
 public:
  Parts(const Archive& zip, std::string folder) : zip_(zip), folder_(std::move(folder)) {}

  Result<PyValue> pickle(const std::string& name, const std::string& storages) {
    const ArchiveMember* member = zip_.find(folder_ + name);
    if (!member) return PyValue::none();
    NNGAUGE_TRY(const FilePtr file, open_member(zip_, *member, kMostPickle));
    auto value = walk_pickle(as_text(file->bytes()), storages, arena_);
    if (!value) return value.error().at("member " + in_quotes(folder_ + name));
    return value;
  }

  // The file of module "__torch__.a.b"; null where there is none.
  Result<const SourceFile*> source(const std::string& module) {
    if (const auto found = sources_.find(module); found != sources_.end()) return found->second.get();
    std::string path = folder_ + "code/" + module;
    std::replace(path.begin() + static_cast<std::ptrdiff_t>(folder_.size()), path.end(), '.', '/');
    const ArchiveMember* member = zip_.find(path + ".py");
    if (!member) {
      sources_[module] = nullptr;
      return static_cast<const SourceFile*>(nullptr);
    }
    NNGAUGE_TRY(const FilePtr text, open_member(zip_, *member, kMostCode));
    auto file = parse_source(as_text(text->bytes()));
    if (!file) return file.error().at("member " + in_quotes(member->name));
    const SourceFile* out = (sources_[module] = std::make_unique<SourceFile>(*std::move(file))).get();
    return out;
  }

  Result<DataRef> locate(const StoredTensor& tensor) const {
    const ArchiveMember* member = zip_.find(folder_ + tensor.storage);
    if (!member)
      return make_error(ErrorCode::kDamaged, "storage " + in_quotes(tensor.storage) + " is not in the archive");
    NNGAUGE_TRY(const std::optional<std::uint64_t> start, zip_.offset_of(*member));
    if (!start)
      return make_error(ErrorCode::kUnsupportedVersion, "storage " + in_quotes(tensor.storage) + " is compressed");
    Count elements = 1;
    for (const std::int64_t extent : tensor.sizes) elements *= Count::from_signed(extent);
    const Count offset = packed_bytes(tensor.dtype, Count::from_signed(tensor.offset));
    const Count bytes = packed_bytes(tensor.dtype, elements);
    const Count end = offset + bytes;
    // Extents may repeat elements by a stride of 0: then the storage is smaller.
    if (offset.overflowed() || bytes.overflowed() || offset.value() > member->packed_bytes)
      return make_error(ErrorCode::kDamaged, "a tensor lies outside of storage " + in_quotes(tensor.storage));
    const std::uint64_t size =
        end.value() <= member->packed_bytes ? bytes.value() : member->packed_bytes - offset.value();
    if (end.value() > member->packed_bytes &&
        member->packed_bytes < tensor.storage_elements * static_cast<std::uint64_t>(dtype_bits(tensor.dtype)) / 8) {
      return make_error(ErrorCode::kDamaged, "storage " + in_quotes(tensor.storage) + " has " +
                                                 std::to_string(member->packed_bytes) + " bytes, too few for " +
                                                 std::to_string(tensor.storage_elements) + " elements");
    }
    return DataRef{0, *start + offset.value(), size, 0};
  }

  Arena& arena() { return arena_; }

 private:
  const Archive& zip_;
  std::string folder_;
  Arena arena_;
  std::map<std::string, std::unique_ptr<SourceFile>> sources_;
};

struct InputShape {
  Shape shape;
  DType dtype = DType::kFloat32;
  bool stated = false;  // by the file or the user
};

// What forward() is called with in the archive's own example, if it has one: shapes of tensors by position.
void take_example(const PyValue& example, std::vector<InputShape>& inputs) {
  if (!example.items) return;
  for (const PyValue& entry : *example.items) {
    if (!entry.is_sequence()) continue;
    std::size_t next = 0;
    for (const PyValue& value : *entry.items) {
      if (value.kind != Kind::kStored || next >= inputs.size()) continue;
      const std::vector<std::int64_t>& sizes = value.stored->sizes;
      inputs[next++] = {Shape(std::vector<Dim>(sizes.begin(), sizes.end())), value.stored->dtype, true};
    }
    return;
  }
}

// The graph's results: tensors, and those inside of tuples, lists and dicts.
void collect_results(const PyValue& value, int depth, Graph& graph) {
  if (depth > 16) return;
  if (value.kind == Kind::kTensor &&
      std::find(graph.outputs.begin(), graph.outputs.end(), value.tensor->id) == graph.outputs.end())
    graph.outputs.push_back(value.tensor->id);
  if (!value.items) return;
  for (const PyValue& element : *value.items) collect_results(element, depth + 1, graph);
}

// The one element of `bytes`.
PyValue number_of(DType dtype, Bytes bytes) {
  if (!has_plain_value(dtype) || bytes.size() < static_cast<std::size_t>(dtype_bits(dtype)) / 8)
    return PyValue::unknown();
  const std::optional<Value> value = decode_raw(dtype, 1, bytes);
  if (!value) return PyValue::unknown();
  if (value->real) return value->reals.empty() ? PyValue::unknown() : PyValue::of_real(value->reals.front());
  const auto integers = value->known_ints();
  return integers && !integers->empty() ? PyValue::of_int(integers->front()) : PyValue::unknown();
}

// One attempt at following forward() with given shapes.
struct Attempt {
  Model model;
  Demand demand;  // of an input, by its place
  std::size_t demanded = 0;
};

Result<Attempt> follow(const ModelSource& source, const Archive& zip, const std::string& folder,
                       const std::vector<InputShape>& shapes, Status& status) {
  Attempt out;
  Model& model = out.model;
  model.format = "torchscript";
  model.graphs.emplace_back();
  model.files.push_back({"", source.bytes.size()});
  if (const ArchiveMember* version = zip.find(folder + "version")) {
    NNGAUGE_TRY(const std::string text, zip.head(*version, 64));
    model.format_version = printable(trim(text));
  }
  Parts archive(zip, folder);
  NNGAUGE_TRY(const PyValue module, archive.pickle("data.pkl", "data"));
  NNGAUGE_TRY(const PyValue constants, archive.pickle("constants.pkl", "constants"));
  if (module.kind != Kind::kObject) return make_error(ErrorCode::kDamaged, "data.pkl holds no module");
  model.name = split_name(module.object->class_name).second;
  GraphWriter writer(model);
  const auto locate = [&](StoredTensor& tensor) -> Result<TensorId> {
    NNGAUGE_TRY(const DataRef data, archive.locate(tensor));
    Shape shape(std::vector<Dim>(tensor.sizes.begin(), tensor.sizes.end()));
    return writer.add_constant(tensor.name.empty() ? tensor.storage : tensor.name, tensor.dtype, std::move(shape),
                               data);
  };
  const auto read_number = [&](const StoredTensor& tensor) {
    const Result<DataRef> data = archive.locate(tensor);
    return data ? number_of(tensor.dtype, source.bytes.subspan(data->offset, data->size_bytes)) : PyValue::unknown();
  };
  Interpreter interpreter(
      writer, archive.arena(), [&](const std::string& name) { return archive.source(name); },
      constants.is_sequence() ? *constants.items : Items(), locate, read_number);
  NNGAUGE_TRY(const Function* forward, interpreter.find_method(module, "forward"));
  if (!forward) return make_error(ErrorCode::kInvalidGraph, "the module has no forward()");
  Arguments arguments;
  std::size_t next = 0;
  std::map<TensorId, std::size_t> places;
  for (std::size_t i = 1; i < forward->parameters.size(); ++i) {
    const Parameter& parameter = forward->parameters[i];
    if (parameter.type != "Tensor") {
      if (!parameter.fallback) arguments.named[parameter.name] = PyValue::unknown();
      continue;
    }
    const InputShape given = next < shapes.size() ? shapes[next] : InputShape();
    const TensorId id = writer.add_input(parameter.name, given.dtype, given.shape);
    if (!given.shape.ranked()) interpreter.open_inputs[id] = interpreter.origins[id] = id;
    places[id] = next++;
    arguments.named[parameter.name] = interpreter.tensor_value(id);
  }
  auto result = interpreter.call_method(module, "forward", std::move(arguments));
  status = result ? ok() : Status(result.error());
  if (!result && interpreter.demand.input != kNoTensor) {
    out.demand = interpreter.demand;
    out.demanded = places[interpreter.demand.input];
  }
  if (result) collect_results(*result, 0, model.main());
  return out;
}

std::vector<std::string> tensor_parameters(const Attempt& attempt) {
  std::vector<std::string> out;
  for (const TensorId id : attempt.model.main().inputs)
    out.push_back(attempt.model.main().tensors[static_cast<std::size_t>(id)].name);
  return out;
}

struct Size {
  std::int64_t picture, line;
};
// What open heights, widths and lengths are taken as, in this order.
constexpr Size kSizes[] = {{224, 16000}, {256, 8000}, {227, 512},  {299, 256}, {320, 128}, {384, 32000}, {416, 64},
                           {512, 1024},  {640, 2048}, {192, 4096}, {128, 100}, {112, 50},  {96, 48000},  {64, 44100},
                           {48, 40},     {32, 32},    {28, 30},    {24, 20},   {20, 16},   {16, 10},     {8, 8}};

Shape fill_demand(const Demand& demand, Size size) {
  std::vector<Dim> dims;
  const auto open = std::count(demand.extents.begin(), demand.extents.end(), -1);
  for (const std::int64_t extent : demand.extents) {
    if (extent >= 0) dims.emplace_back(extent);
    else dims.emplace_back(open == 1 ? size.line : open == 3 ? std::min<std::int64_t>(size.picture, 32) : size.picture);
  }
  return Shape(std::move(dims));
}

bool is_about_shapes(const Error& error) {
  return error.code == ErrorCode::kShapeMismatch || error.code == ErrorCode::kInvalidAttribute;
}

void report_assumption(Model& model, std::size_t input) {
  const Tensor& tensor = model.main().tensors[static_cast<std::size_t>(model.main().inputs[input])];
  std::vector<std::string> extents;
  for (std::size_t i = 0; i < tensor.declared.rank(); ++i) {
    const Dim dim = tensor.declared[i];
    extents.push_back(std::to_string(dim.value()));
    model.assumed_dims.push_back({tensor.name + "." + std::to_string(i), dim.value()});
  }
  const std::string text = join(extents, ",");
  model.diagnostics.note("assumed-input", "input " + in_quotes(tensor.name),
                         "the file does not state its shape; it is taken as " + text + "; another one by --input " +
                             printable(tensor.name) + "=" + text);
}

// Runs forward() until every input that an operator asks about has a shape.
Result<Model> read_module(const ModelSource& source, const Archive& zip, const std::string& folder) {
  Status status = ok();
  NNGAUGE_TRY(Attempt attempt, follow(source, zip, folder, {}, status));
  const std::vector<std::string> names = tensor_parameters(attempt);
  std::vector<InputShape> start(names.size());
  {
    Parts archive(zip, folder);
    NNGAUGE_TRY(const PyValue example, archive.pickle("traced_inputs.pkl", "traced_inputs"));
    take_example(example, start);
  }
  for (std::size_t i = 0; source.bindings && i < names.size(); ++i) {
    auto found = source.bindings->inputs.find(names[i]);
    if (found == source.bindings->inputs.end() && names.size() == 1) found = source.bindings->inputs.find("");
    if (found == source.bindings->inputs.end()) continue;
    start[i].shape = Shape(std::vector<Dim>(found->second.begin(), found->second.end()));
    start[i].stated = true;
  }
  std::optional<Error> first;
  for (const Size size : kSizes) {
    std::vector<InputShape> shapes = start;
    bool assumed = false;
    for (std::size_t round = 0; round <= names.size(); ++round) {
      NNGAUGE_TRY(attempt, follow(source, zip, folder, shapes, status));
      if (attempt.demand.input == kNoTensor || attempt.demanded >= shapes.size()) break;
      shapes[attempt.demanded].shape = fill_demand(attempt.demand, size);
      assumed = true;
    }
    if (status.has_value()) {
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (!start[i].stated && shapes[i].shape.ranked()) report_assumption(attempt.model, i);
      }
      return std::move(attempt.model);
    }
    if (!first) first = status.error();
    if (!assumed || !is_about_shapes(status.error())) break;
  }
  return *first;
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (as_text(source.bytes).starts_with(kOldCheckpoint))
    return {Confidence::kCertain, "the magic number of PyTorch's old checkpoints"};
  if (!source.archive || !archive_folder(*source.archive)) return {};
  return {Confidence::kCertain, "a ZIP archive with data.pkl in its one folder"};
}

Result<Model> read(const ModelSource& source) {
  if (as_text(source.bytes).starts_with(kOldCheckpoint)) {
    return make_error(ErrorCode::kWeightsOnly,
                      "a PyTorch checkpoint in the old pickled form: it holds weights but no network; export it with "
                      "torch.jit.trace or torch.onnx.export");
  }
  const auto folder = source.archive ? archive_folder(*source.archive) : std::nullopt;
  if (!folder) return make_error(ErrorCode::kNotAModel, "no PyTorch archive");
  const Archive& zip = *source.archive;
  if (!has_folder(zip, *folder + "code/")) {
    if (zip.find(*folder + "bytecode.pkl")) {
      return make_error(ErrorCode::kUnsupportedVersion,
                        "a PyTorch Mobile archive that holds bytecode only; save it with its code");
    }
    return make_error(ErrorCode::kWeightsOnly,
                      "a PyTorch checkpoint (a pickled state_dict): it holds weights but no network; export it with "
                      "torch.jit.trace or torch.onnx.export");
  }
  return read_module(source, zip, *folder);
}

}  // namespace nngauge::torchscript

// SPDX-License-Identifier: Apache-2.0
// TorchScript: archives that are put together here, their code followed with shapes, their pickles walked.
#include <catch2/catch.hpp>
#include <filesystem>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "parsers/torchscript/pickle.h"
#include "parsers/torchscript/source.h"
#include "tests/parsers/onnx_support.h"
#include "tests/support/archives.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// --- pickles --------------------------------------------------------------------------------------------------------

std::string text(const std::string& value) {
  std::string out = "X";
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value.size() >> (8 * i));
  return out + value;
}

std::string integer(int value) {
  std::string out = "J";
  for (int i = 0; i < 4; ++i) out += static_cast<char>(static_cast<unsigned>(value) >> (8 * i));
  return out;
}

std::string tuple(const std::vector<std::string>& elements) {
  std::string out = "(";
  for (const std::string& element : elements) out += element;
  return out + "t";
}

std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }

// A tensor in storage `key`, of floats unless said otherwise.
std::string tensor(const std::string& key, const std::vector<int>& sizes, int offset = 0,
                   const std::string& storage_type = "FloatStorage") {
  int elements = 1;
  std::vector<std::string> extents;
  for (const int size : sizes) elements *= size, extents.push_back(integer(size));
  const std::string storage =
      tuple({text("storage"), global("torch", storage_type), text(key), text("cpu"), integer(elements + offset)}) + "Q";
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({storage, integer(offset), tuple(extents), tuple({}), "\x89", "N"}) + "R";
}

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string object(const std::string& module, const std::string& type, const Fields& fields) {
  std::string out = global(module, type) + ")\x81}(";
  for (const auto& [name, value] : fields) out += text(name) + value;
  return out + "ub";
}

std::string pickle(const std::string& value) { return "\x80\x02" + value + "."; }

// --- archives -------------------------------------------------------------------------------------------------------

struct Net {
  std::string code;                             // of module __torch__
  Fields fields;                                // of the module
  std::vector<std::size_t> storages;            // bytes of data/0, data/1, …
  std::vector<std::string> constants = {};      // CONSTANTS.c0, …
  std::vector<std::string> constant_data = {};  // constants/0, …
};

std::string archive(const Net& net) {
  std::vector<ZipEntry> entries = {
      {"net/version", "3\n"},
      {"net/data.pkl", pickle(object("__torch__", "Net", net.fields)), true},
      {"net/constants.pkl", pickle(tuple(net.constants))},
      {"net/code/__torch__.py", net.code, true},
  };
  for (std::size_t i = 0; i < net.storages.size(); ++i)
    entries.push_back({"net/data/" + std::to_string(i), std::string(net.storages[i], 'w')});
  for (std::size_t i = 0; i < net.constant_data.size(); ++i)
    entries.push_back({"net/constants/" + std::to_string(i), net.constant_data[i]});
  return zip_of(entries);
}

Result<Model> read_archive(const std::string& bytes, const Bindings& bindings = {}) {
  ModelSource source{"net.pt", as_bytes(bytes)};
  source.bindings = &bindings;
  return read_model(source);
}

Model completed(const Net& net, const Bindings& bindings = {}) {
  const std::string bytes = archive(net);
  auto model = read_archive(bytes, bindings);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, bindings);
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  return *std::move(model);
}

Totals totals_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  return analysis->totals;
}

std::string output_shape(const Model& model) {
  REQUIRE(model.main().outputs.size() == 1);
  return shape_text(model.main().tensors[static_cast<std::size_t>(model.main().outputs[0])].shape, model.symbols);
}

// A module of one method, forward(x).
std::string forward_of(const std::string& body) {
  return "class Net(Module):\n  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n" + body;
}

// forward(x) of a module without weights that returns one expression of x.
std::string shape_of_code(const std::string& body, const std::vector<std::int64_t>& input) {
  Net net;
  net.code = forward_of(body);
  Bindings bindings;
  bindings.inputs["x"] = input;
  return output_shape(completed(net, bindings));
}

const Net kConvNet = {
    "class Net(Module):\n"
    "  __parameters__ = [\"weight\", \"bias\", ]\n"
    "  weight : Tensor\n"
    "  scale : Final[int] = 2\n"
    "  def forward(self: __torch__.Net,\n"
    "    x: Tensor) -> Tensor:\n"
    "    _0 = torch._convolution(x, self.weight, self.bias, [2, 2], [1, 1], [1, 1], False, [0, 0], 1, False, False, "
    "True)\n"
    "    y = (self).head(torch.relu_(_0), )\n"
    "    return y\n"
    "  def head(self: __torch__.Net,\n"
    "    x: Tensor) -> Tensor:\n"
    "    flat = torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1, -1)\n"
    "    if torch.eq(self.scale, 2):\n"
    "      z = torch.linear(flat, self.fc, None)\n"
    "    else:\n"
    "      z = flat\n"
    "    return z\n",
    {{"weight", tensor("0", {8, 3, 3, 3})}, {"bias", tensor("1", {8})}, {"fc", tensor("2", {10, 8})}},
    {8 * 27 * 4, 8 * 4, 80 * 4}};

}  // namespace

TEST_CASE("torchscript: weights are located, inputs are assumed or given") {
  const Model model = completed(kConvNet);
  CHECK(model.format == "torchscript");
  CHECK(output_shape(model) == "[1,10]");
  const Totals totals = totals_of(model);
  CHECK(totals.macs == 112ULL * 112 * 8 * 3 * 3 * 3 + 8ULL * 10);
  CHECK(totals.params == 8ULL * 27 + 8 + 80);
  CHECK(totals.weight_bytes == 4ULL * (8 * 27 + 8 + 80));
  CHECK(model.assumed_dims.size() == 4);
  CHECK(model.main().ops[0].source_op == "aten::_convolution");
  const std::string bytes = archive(kConvNet);
  const Tensor& weight = model.main().tensors[1];
  CHECK(weight.name == "weight");
  CHECK(bytes.substr(weight.data.offset, weight.data.size_bytes) == std::string(8 * 27 * 4, 'w'));
  Bindings bindings;
  bindings.inputs["x"] = {2, 3, 32, 32};
  CHECK(totals_of(completed(kConvNet, bindings)).macs == 2ULL * 16 * 16 * 8 * 27 + 2ULL * 80);
}

TEST_CASE("torchscript: operators and shapes") {
  struct Case {
    const char* body;
    std::vector<std::int64_t> input;
    const char* shape;
  };
  const Case cases[] = {
      {"    return torch.view(x, [torch.size(x, 0), -1])\n", {2, 3, 4}, "[2,12]"},
      {"    a, b, = torch.size(x)\n    return torch.reshape(x, [b, a])\n", {2, 5}, "[5,2]"},
      {"    y = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], False)\n    return y\n", {1, 3, 8, 8}, "[1,3,4,4]"},
      {"    return torch.avg_pool2d(x, [2, 2], annotate(List[int], []), [0, 0], True)\n", {1, 3, 7, 7}, "[1,3,4,4]"},
      {"    _0 = torch.chunk(x, 3, 1)\n    a, b, c, = _0\n    return torch.cat([c, a], -1)\n", {1, 6, 5}, "[1,2,10]"},
      {"    return torch.transpose(torch.unsqueeze(x, 1), 1, -1)\n", {2, 3}, "[2,3,1]"},
      {"    return torch.permute(x, [0, 2, 1])\n", {1, 2, 3}, "[1,3,2]"},
      {"    return torch.mean(x, [2, 3], True)\n", {1, 4, 5, 6}, "[1,4,1,1]"},
      {"    return torch.sum(x, [-1], False, dtype=None)\n", {1, 4, 5}, "[1,4]"},
      {"    return torch.add(torch.mul(x, 2.), torch.slice(x, 1, 0, 1, 1), alpha=1)\n", {1, 4}, "[1,4]"},
      {"    return torch.select(x, 1, 0)\n", {2, 4, 5}, "[2,5]"},
      {"    return torch.upsample_nearest2d(x, None, [2., 2.])\n", {1, 3, 4, 5}, "[1,3,8,10]"},
      {"    return torch.upsample_bilinear2d(x, [7, 9], False, None)\n", {1, 3, 4, 5}, "[1,3,7,9]"},
      {"    return torch.constant_pad_nd(x, [1, 2, 3, 4], 0.)\n", {1, 3, 4, 5}, "[1,3,11,8]"},
      {"    return torch.matmul(x, torch.transpose(x, 1, 2))\n", {2, 3, 4}, "[2,3,3]"},
      {"    return torch.softmax(torch.squeeze(x), -1, None)\n", {1, 3, 1, 4}, "[3,4]"},
      {"    return torch.expand(x, [-1, 3, 5])\n", {2, 3, 1}, "[2,3,5]"},
      {"    return torch.pixel_shuffle(x, 2)\n", {1, 8, 3, 3}, "[1,2,6,6]"},
      {"    y = x\n    for i in range(3):\n      y = torch.cat([y, x], 0)\n    return y\n", {2, 3}, "[8,3]"},
      {"    i = 0\n    y = x\n    while torch.lt(i, 2):\n      y = torch.unsqueeze(y, 0)\n      i = torch.add(i, 1)\n  "
       "  return y\n",
       {2},
       "[1,1,2]"},
      {"    if torch.__is__(None, None):\n      y = torch.t(x)\n    else:\n      y = x\n    return y\n",
       {2, 3},
       "[3,2]"},
      {"    y = torch.stack([x, x], 1) if torch.gt(torch.dim(x), 1) else x\n    return y\n", {2, 3}, "[2,2,3]"},
      {"    s = torch.mul([1], torch.sub(3, torch.dim(x)))\n    return torch.view(x, torch.add(s, "
       "torch.list(torch.size(x))))\n",
       {2, 3},
       "[1,2,3]"},
      {"    return torch.scaled_dot_product_attention(x, x, x)\n", {1, 2, 5, 8}, "[1,2,5,8]"},
      {"    y = x - x * 2\n    return -y\n", {2, 3}, "[2,3]"},
      {"    n = ops.prim.NumToTensor(torch.size(x, 1))\n    p = torch.remainder(torch.rsub(torch.remainder(n, 7), 7), "
       "7)\n    return torch.pad(x, [0, int(p)])\n",
       {1, 9},
       "[1,14]"},
      {"    n = torch.div(ops.prim.NumToTensor(torch.size(x, 1)), 2, rounding_mode=\"floor\")\n    return "
       "torch.view(x, [int(n), -1])\n",
       {3, 4},
       "[2,6]"},
      {"    return torch.view(x, [int(torch.max(x)), -1])\n", {2, 3}, "[?...]"},
      {"    return torch.pad(x, [0, int(torch.max(x))])\n", {2, 3}, "[?...]"},
      {"    return torch.matmul(x, torch.size(torch.nonzero(x), 0))\n", {2, 3}, "[?...]"},
      {"    return torch.reshape_as(torch.flatten(x, 0, 1), x)\n", {2, 3}, "[2,3]"},
      {"    return torch.unflatten(x, -1, [3, 2])\n", {5, 6}, "[5,3,2]"},
      {"    return torch.unflatten(x, 0, [2, -1])\n", {6, 5}, "[2,3,5]"},
      {"    return torch.roll(x, [1, 1], [0, 1])\n", {2, 3}, "[2,3]"},
      {"    return torch._add_relu_(x, x)\n", {2, 3}, "[2,3]"},
      {"    return torch.index(x, [None, torch.arange(4, dtype=4)])\n", {2, 5, 6}, "[2,4,6]"},
  };
  for (const Case& c : cases) {
    INFO(c.body);
    CHECK(shape_of_code(c.body, c.input) == c.shape);
  }
}

TEST_CASE("torchscript: tracing writes sizes as tensors without axes") {
  Net net;
  net.code = forward_of(
      "    n = ops.prim.NumToTensor(torch.size(x, 1))\n"
      "    each = torch.floor_divide(n, CONSTANTS.c0)\n"
      "    half = torch.mul(CONSTANTS.c1, n)\n"
      "    return torch.view(x, [int(each), int(half), -1])\n");
  net.constants = {tensor("0", {}, 0, "LongStorage"), tensor("1", {})};
  net.constant_data = {std::string("\x04\0\0\0\0\0\0\0", 8), std::string("\0\0\0\x3F", 4)};  // 4, 0.5
  Bindings bindings;
  bindings.inputs["x"] = {3, 8};
  CHECK(output_shape(completed(net, bindings)) == "[2,4,3]");
}

TEST_CASE("torchscript: layers that were prepared for XNNPACK, Vulkan and Metal") {
  const auto ints = [](const std::vector<int>& values) {
    std::string list = "](";
    for (const int value : values) list += integer(value);
    return list + "e";
  };
  const auto context = [](const std::string& backend, const std::string& name, const std::vector<std::string>& state) {
    return global("__torch__.torch.classes." + backend, name) + ")\x81" + tuple(state) + "b";
  };
  const auto real = [](const char* big_endian) { return "G" + std::string(big_endian, 8); };
  const std::string zero = real("\0\0\0\0\0\0\0\0"), six = real("\x40\x18\0\0\0\0\0\0");
  const std::string filter = tensor("0", {8, 3, 3, 3}), up = tensor("1", {8, 4, 2, 2}), rows = tensor("2", {5, 4});
  struct Case {
    const char* run;
    std::string context;
    std::vector<std::int64_t> input;
    const char* shape;
    OpKind kind;
    FusedActivation activation;
    std::uint64_t macs;
  };
  const std::vector<std::string> plain = {filter, "N", ints({2, 2}), ints({1, 1}), ints({1, 1}), integer(1)};
  const auto with = [](std::vector<std::string> state, const std::vector<std::string>& more) {
    state.insert(state.end(), more.begin(), more.end());
    return state;
  };
  const std::vector<Case> cases = {
      {"prepacked.conv2d_clamp_run",
       context("xnnpack", "Conv2dOpContext", with(plain, {zero, six})),
       {1, 3, 8, 8},
       "[1,8,4,4]",
       OpKind::kConv2D,
       FusedActivation::kRelu6,
       16ULL * 8 * 27},
      {"vulkan_prepack.conv2d_clamp_run",
       context("vulkan", "Conv2dOpContext", with(plain, {zero, "N"})),
       {1, 3, 8, 8},
       "[1,8,4,4]",
       OpKind::kConv2D,
       FusedActivation::kRelu,
       16ULL * 8 * 27},
      {"metal_prepack.conv2d_run",
       context("metal", "Conv2dOpContext", with(plain, {"N", "N"})),
       {1, 3, 8, 8},
       "[1,8,4,4]",
       OpKind::kConv2D,
       FusedActivation::kNone,
       16ULL * 8 * 27},
      {"vulkan_prepack.run_conv2d_context",
       context(
           "vulkan", "Conv2dPackedContext",
           {filter, "N", ints({2, 2}), ints({1, 1}), ints({1, 1}), "\x89", "\x89", ints({0, 0}), integer(1), "N", "N"}),
       {1, 3, 8, 8},
       "[1,8,4,4]",
       OpKind::kConv2D,
       FusedActivation::kNone,
       16ULL * 8 * 27},
      {"prepacked.conv2d_transpose_clamp_run",
       context("xnnpack", "TransposeConv2dOpContext",
               {up, "N", ints({2, 2}), ints({0, 0}), ints({0, 0}), ints({1, 1}), integer(1), zero, "N"}),
       {1, 8, 3, 3},
       "[1,4,6,6]",
       OpKind::kConvTranspose2D,
       FusedActivation::kRelu,
       9ULL * 8 * 4 * 4},
      {"prepacked.linear_clamp_run",
       context("xnnpack", "LinearOpContext", {rows, "N", "N", "N"}),
       {2, 4},
       "[2,5]",
       OpKind::kDense,
       FusedActivation::kNone,
       2ULL * 20},
  };
  for (const Case& c : cases) {
    INFO(c.run);
    Net net;
    net.code = forward_of("    return ops." + std::string(c.run) + "(x, CONSTANTS.c0)\n");
    net.constants = {c.context};
    net.constant_data = {std::string(8 * 27 * 4, 'w'), std::string(128 * 4, 'w'), std::string(80, 'w')};
    Bindings bindings;
    bindings.inputs["x"] = c.input;
    const Model model = completed(net, bindings);
    CHECK(output_shape(model) == c.shape);
    REQUIRE(model.main().ops.size() == 1);
    CHECK(model.main().ops[0].kind == c.kind);
    CHECK(model.main().ops[0].activation == c.activation);
    CHECK(totals_of(model).macs == c.macs);
  }
}

TEST_CASE("torchscript: code that prepares a layer when it runs") {
  Net net;
  net.code = forward_of(
      "    c = ops.prepacked.conv2d_clamp_prepack(self.weight, None, [1, 1], [0, 0], [1, 1], 1, 0., None)\n"
      "    return ops.prepacked.conv2d_clamp_run(x, c)\n");
  net.fields = {{"weight", tensor("0", {8, 3, 3, 3})}};
  net.storages = {8 * 27 * 4};
  Bindings bindings;
  bindings.inputs["x"] = {1, 3, 5, 5};
  const Model model = completed(net, bindings);
  CHECK(output_shape(model) == "[1,8,3,3]");
  CHECK(model.main().ops[0].activation == FusedActivation::kRelu);
}

TEST_CASE("torchscript: recurrent layers") {
  Net net;
  net.code = forward_of(
      "    w = [self.a, self.b, self.c, self.d]\n"
      "    h = torch.zeros([1, 1, 8], dtype=6)\n"
      "    out, hn, cn, = torch.lstm(x, [h, h], w, True, 1, 0., False, False, True)\n"
      "    return out\n");
  net.fields = {
      {"a", tensor("0", {32, 5})}, {"b", tensor("1", {32, 8})}, {"c", tensor("2", {32})}, {"d", tensor("3", {32})}};
  net.storages = {32 * 5 * 4, 32 * 8 * 4, 128, 128};
  Bindings bindings;
  bindings.inputs["x"] = {1, 7, 5};
  const Model model = completed(net, bindings);
  CHECK(totals_of(model).macs == 7ULL * 32 * (5 + 8));
  CHECK(totals_of(model).params == 32ULL * (5 + 8 + 2));
}

TEST_CASE("torchscript: what is not known is an operator without a rule") {
  Net net;
  net.code = forward_of(
      "    y = ops.torchvision.nms(x, x, 0.5)\n"
      "    if torch.Bool(torch.any(y)):\n      z = torch.relu(y)\n    else:\n      z = y\n"
      "    return z\n");
  Bindings bindings;
  bindings.inputs["x"] = {4, 4};
  const auto analysis = analyse(completed(net, bindings));
  REQUIRE(analysis);
  std::vector<std::string> unknown;
  for (const UnknownOp& op : analysis->coverage.unknown_ops) unknown.push_back(op.op);
  CHECK(std::find(unknown.begin(), unknown.end(), "CUSTOM:torchvision::nms") != unknown.end());
  CHECK(std::find(unknown.begin(), unknown.end(), "CUSTOM:If") != unknown.end());
}

TEST_CASE("torchscript: errors") {
  const auto error_of = [](const Net& net, const std::vector<std::int64_t>& input) -> std::string {
    Bindings bindings;
    bindings.inputs["x"] = input;
    const std::string bytes = archive(net);
    const auto model = read_archive(bytes, bindings);
    return model ? "" : model.error().text();
  };
  const auto forward = [](const std::string& body) {
    Net net;
    net.code = forward_of(body);
    return net;
  };
  Net broken = kConvNet;
  CHECK(error_of(broken, {1, 4, 8, 8}) ==
        "op #0 aten::_convolution \"\": filter has 3 input channels, input has 4 [shape-mismatch]");
  broken.storages[0] = 5;
  CHECK(error_of(broken, {1, 3, 8, 8}) == "storage \"data/0\" has 5 bytes, too few for 216 elements [damaged]");
  broken.storages.clear();
  CHECK(error_of(broken, {1, 3, 8, 8}) == "storage \"data/0\" is not in the archive [damaged]");
  CHECK(error_of(forward("    return (x\n"), {1}) ==
        "member \"net/code/__torch__.py\": line 5: \",\" is expected, there is \"\" [damaged]");
  CHECK(error_of(forward("    return (self).f(x, )\n"), {1}) ==
        "the code calls method \"f\" of __torch__.Net, which the archive does not have [invalid-graph]");
  CHECK(error_of(forward("    return __torch__.f(x, )\n"), {1}) ==
        "the code calls __torch__.f, which the archive does not have [invalid-graph]");
  CHECK(error_of(forward("    ops.prim.RaiseException(\"no\")\n    return x\n"), {1}) ==
        "the model's own check fails: no [shape-mismatch]");
  CHECK(error_of(forward("    while True:\n      pass\n    return x\n"), {1}) ==
        "a loop of the code does not end [too-large]");
  CHECK(error_of(forward("    return (self).forward(x, )\n"), {1}) ==
        "functions of the code call each other too deeply [too-large]");
}

TEST_CASE("torchscript: archives without code and old checkpoints") {
  const auto error_of = [](const std::string& bytes) { return read_archive(bytes).error().text(); };
  CHECK(
      error_of(zip_of({{"net/data.pkl", pickle("}")}, {"net/version", "3"}})) ==
      "a PyTorch checkpoint (a pickled state_dict): it holds weights but no network; export it with torch.jit.trace or "
      "torch.onnx.export [weights-only]");
  CHECK(error_of(zip_of({{"net/data.pkl", pickle("}")}, {"net/bytecode.pkl", pickle(")")}})) ==
        "a PyTorch Mobile archive that holds bytecode only; save it with its code [unsupported-version]");
  CHECK(error_of(std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.")) ==
        "a PyTorch checkpoint in the old pickled form: it holds weights but no network; export it with torch.jit.trace "
        "or "
        "torch.onnx.export [weights-only]");
}

TEST_CASE("torchscript: damaged archives give errors") {
  const std::string whole = archive(kConvNet);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const std::string cut = whole.substr(0, size);
    CHECK_FALSE(read_archive(cut));
  }
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string wrong = whole;
    wrong[place] = static_cast<char>(wrong[place] ^ 0x15);
    auto model = read_archive(wrong);  // an error or a model, never a crash
    if (model) static_cast<void>(complete_model(*model, {}));
  }
}

TEST_CASE("pickles are walked, never executed") {
  torchscript::Arena arena;
  const auto walk = [&](const std::string& bytes) { return torchscript::walk_pickle(bytes, "data", arena); };
  const auto system = walk(pickle(global("os", "system") + tuple({text("true")}) + "R"));
  REQUIRE(system);
  CHECK(system->kind == torchscript::Kind::kObject);
  CHECK(system->object->class_name == "os.system");
  const auto number = walk(pickle("\x8a\x02\xff\x7f"));
  REQUIRE(number);
  CHECK(number->integer == 32767);
  const auto real = walk(pickle(std::string("G\x3f\xf8\0\0\0\0\0\0", 9)));
  REQUIRE(real);
  CHECK(real->real == 1.5);
  CHECK(walk(pickle("h\x05")).error().text() == "the pickle reads memory 5 that nothing was put to (byte 4) [damaged]");
  CHECK(walk("\x80\x02").error().text() == "the pickle is cut short (byte 2) [damaged]");
  CHECK(walk(pickle("\xff")).error().text() ==
        "the pickle has an instruction 255 that is not understood (byte 3) [damaged]");
  CHECK(walk(pickle("t")).error().text() == "the pickle misses a mark (byte 3) [damaged]");
}

TEST_CASE("torchscript: the shared archives") {
  const std::string folder = NNGAUGE_SOURCE_DIR "/../shared/models/torchscript";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models/torchscript is absent: real files are not tested");
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    INFO(path);
    const auto file = MappedFile::open(path);
    REQUIRE(file);
    auto model = read_model({path, (*file)->bytes(), nullptr});
    INFO((model ? std::string() : model.error().text()));
    REQUIRE(model);
    CHECK(complete_model(*model, {}));
    CHECK_FALSE(model->main().ops.empty());
  }
}

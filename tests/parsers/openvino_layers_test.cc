// SPDX-License-Identifier: Apache-2.0
// The OpenVINO reader: networks inside layers, recurrent layers, weights that are unpacked, open extents.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "cost/analysis.h"
#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;

namespace {

class Beside final : public Companions {
 public:
  explicit Beside(std::string content) : content_(std::move(content)) {}
  Result<std::uint64_t> size_bytes(const std::string& name) const override {
    if (name == "net.bin") return content_.size();
    return make_error(ErrorCode::kUnreadable, "absent");
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override {
    if (name == "net.bin") return MappedFile::over(as_bytes(content_));
    return make_error(ErrorCode::kUnreadable, "absent");
  }

 private:
  std::string content_;
};

std::string ports(const std::string& side, int first, const std::vector<std::string>& shapes, const std::string& type) {
  std::string out = "<" + side + ">";
  for (const std::string& shape : shapes) {
    out += fmt::format("<port id=\"{}\" precision=\"{}\">", first++, type);
    if (!shape.empty()) {
      for (const std::string& dim : split(shape, ',')) out += "<dim>" + dim + "</dim>";
    }
    out += "</port>";
  }
  return shapes.empty() ? "" : out + "</" + side + ">";
}

// A network put together layer by layer: operands are numbers of layers, taken at their first result.
struct Net {
  std::string layers, edges;
  std::string* bin;
  int count = 0;
  std::vector<int> first_results;
  std::vector<std::string> first_shapes;

  explicit Net(std::string& weights) : bin(&weights) {}

  int add(const std::string& type, const std::string& data, const std::vector<int>& operands,
          const std::vector<std::string>& results, const std::string& dtype = "FP32", const std::string& inner = "") {
    const int id = count++, inputs = static_cast<int>(operands.size());
    layers +=
        fmt::format("<layer id=\"{}\" name=\"l{}\" type=\"{}\"><data {}/>{}{}{}</layer>", id, id, type, data, inner,
                    ports("input", 0, shapes_of(operands), "FP32"), ports("output", inputs, results, dtype));
    for (int i = 0; i < inputs; ++i) {
      const int from = operands[static_cast<std::size_t>(i)];
      edges += fmt::format("<edge from-layer=\"{}\" from-port=\"{}\" to-layer=\"{}\" to-port=\"{}\"/>", from,
                           first_results[static_cast<std::size_t>(from)], id, i);
    }
    first_results.push_back(inputs);
    first_shapes.push_back(results.empty() ? "" : results[0]);
    return id;
  }
  [[nodiscard]] std::vector<std::string> shapes_of(const std::vector<int>& operands) const {
    std::vector<std::string> out;
    for (const int each : operands) out.push_back(first_shapes[static_cast<std::size_t>(each)]);
    return out;
  }
  int input(const std::string& shape, const std::string& dtype = "f32") {
    return add("Parameter", fmt::format("shape=\"{}\" element_type=\"{}\"", shape, dtype), {}, {shape}, dtype);
  }
  int stored(const std::string& shape, const std::string& dtype, const std::string& bytes) {
    bin->resize((bin->size() + 63) / 64 * 64);
    const std::string data = fmt::format("element_type=\"{}\" shape=\"{}\" offset=\"{}\" size=\"{}\"", dtype, shape,
                                         bin->size(), bytes.size());
    *bin += bytes;
    return add("Const", data, {}, {shape}, dtype);
  }
  int weights(const std::string& shape, std::size_t elements) {
    return stored(shape, "f32", std::string(4 * elements, '\1'));
  }
  int integers(const std::vector<int>& values, bool scalar = false) {
    std::string bytes;
    for (const int value : values) {
      for (int i = 0; i < 8; ++i) bytes += static_cast<char>(std::int64_t{value} >> (8 * i));
    }
    return stored(scalar ? "" : std::to_string(values.size()), "i64", bytes);
  }
  int result(int from) { return add("Result", "", {from}, {}); }
  [[nodiscard]] std::string body() const { return "<layers>" + layers + "</layers><edges>" + edges + "</edges>"; }
  [[nodiscard]] std::string text() const {
    return "<?xml version=\"1.0\"?><net name=\"n\" version=\"11\">" + body() + "</net>";
  }
};

Result<Model> completed(const Net& net, const Bindings& bindings = {}) {
  const std::string text = net.text();
  const Beside beside(*net.bin);
  auto model = read_model({"net.xml", as_bytes(text), &beside});
  if (!model) return model.error();
  if (auto status = complete_model(*model, bindings); !status) return status.error();
  return model;
}

Model read_net(const Net& net, const Bindings& bindings = {}) {
  auto model = completed(net, bindings);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  return *std::move(model);
}

std::string error_of(const Net& net) {
  const auto model = completed(net);
  return model ? "no error" : model.error().text();
}

std::string kinds(const Model& model) {
  std::string out;
  for (const Op& op : model.main().ops) out += (out.empty() ? "" : " ") + std::string(op_info(op.kind).name);
  return out;
}

std::uint64_t macs_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->totals.macs.has_value());
  return *analysis->totals.macs;
}

std::string output_shape(const Model& model, std::size_t i = 0) {
  const Graph& graph = model.main();
  return shape_text(graph.tensors[static_cast<std::size_t>(graph.outputs.at(i))].shape, model.symbols);
}

const char* const kMatMul = "transpose_a=\"false\" transpose_b=\"false\"";

}  // namespace

TEST_CASE("openvino: an If has two networks inside", "[openvino]") {
  std::string bin;
  Net then(bin), other(bin), net(bin);
  then.result(then.add("MatMul", kMatMul, {then.input("1,8"), then.weights("8,4", 32)}, {"1,4"}));
  const int wide = other.add("MatMul", kMatMul, {other.input("1,8"), other.weights("8,8", 64)}, {"1,8"});
  other.result(other.add("MatMul", kMatMul, {wide, other.weights("8,4", 32)}, {"1,4"}));
  const auto map = [](const std::string& branch, int result, int external = 2) {
    return fmt::format(
        "<{}_port_map><input external_port_id=\"1\" internal_layer_id=\"0\"/><output "
        "external_port_id=\"{}\" internal_layer_id=\"{}\"/></{}_port_map>",
        branch, external, result, branch);
  };
  const auto inner = [&](int external) {
    return map("else", 5) + map("then", 3, external) + "<then_body>" + then.body() + "</then_body><else_body>" +
           other.body() + "</else_body>";
  };
  Net wrong = net;
  const int condition = net.input("", "boolean"), x = net.input("1,8");
  net.result(net.add("If", "", {condition, x}, {"1,4"}, "FP32", inner(2)));
  const Model model = read_net(net);
  CHECK(kinds(model) == "If");
  CHECK(macs_of(model) == 8 * 8 + 8 * 4);
  CHECK(output_shape(model) == "[1,4]");
  CHECK(analyse(model)->totals.params == 8 * 4 + 8 * 8 + 8 * 4);

  const int condition2 = wrong.input("", "boolean"), x2 = wrong.input("1,8");
  wrong.result(wrong.add("If", "", {condition2, x2}, {"1,4"}, "FP32", inner(7)));
  CHECK(error_of(wrong) == "layer 2 If \"l2\": then_body gives nothing to its output port 2 [invalid-graph]");
}

TEST_CASE("openvino: a Loop carries values, counts its turns and joins what they give", "[openvino]") {
  std::string bin;
  Net body(bin);
  const int turn = body.input("", "i64"), x = body.input("1,8"), same = body.input("8,8");
  const int y = body.add("MatMul", kMatMul, {x, same}, {"1,8"});
  const int carried = body.result(y), part = body.result(body.add("Unsqueeze", "", {y, body.integers({0})}, {"1,1,8"}));
  const int on = body.result(body.stored("1", "boolean", "\1"));
  body.result(body.add("Convert", "destination_type=\"f32\"", {turn}, {""}));
  const auto inner = [&](const std::string& last) {
    return fmt::format(
               "<port_map><input external_port_id=\"-1\" internal_layer_id=\"{}\" purpose=\"current_iteration\"/>"
               "<input external_port_id=\"2\" internal_layer_id=\"{}\"/><input external_port_id=\"3\" "
               "internal_layer_id=\"{}\"/><output external_port_id=\"4\" internal_layer_id=\"{}\"/><output axis=\"1\" "
               "external_port_id=\"5\" internal_layer_id=\"{}\" start=\"0\" end=\"-1\" stride=\"1\" part_size=\"1\"/>"
               "<output external_port_id=\"-1\" internal_layer_id=\"{}\" purpose=\"execution_condition\"/></port_map>",
               turn, x, same, carried, part, on) +
           "<back_edges><edge from-layer=\"" + std::to_string(carried) + "\" to-layer=\"" + last +
           "\"/></back_edges><body>" + body.body() + "</body>";
  };
  const auto around = [&](int turns) {
    Net net(bin);
    const int first = net.input("1,8"), weights = net.weights("8,8", 64);
    const int number = net.integers({turns}, true), starts = net.stored("1", "boolean", "\1");
    const int loop =
        net.add("Loop", "", {number, starts, first, weights}, {"1,8", "1,5,8"}, "FP32", inner(std::to_string(x)));
    net.result(loop);
    net.edges += fmt::format("<edge from-layer=\"{}\" from-port=\"5\" to-layer=\"99\" to-port=\"0\"/>", loop);
    net.layers += "<layer id=\"99\" name=\"all\" type=\"Result\">" + ports("input", 0, {"1,5,8"}, "FP32") + "</layer>";
    return net;
  };
  const Model model = read_net(around(5));
  CHECK(kinds(model) == "Loop Transpose");
  CHECK(macs_of(model) == 5 * 8 * 8);
  CHECK(output_shape(model) == "[1,8]");
  CHECK(output_shape(model, 1) == "[1,5,8]");
  CHECK(analyse(model)->coverage.exact);
  // Without an end but by its condition, which data decide.
  const auto endless = analyse(read_net(around(-1)));
  REQUIRE(endless);
  CHECK_FALSE(endless->coverage.exact);
}

TEST_CASE("openvino: a TensorIterator runs over the parts of its operand", "[openvino]") {
  std::string bin;
  Net body(bin);
  const int x = body.input("2,1,8"), h = body.input("2,4");
  const int row = body.add("Squeeze", "", {x, body.integers({1})}, {"2,8"});
  const int y = body.add("Add", "", {body.add("MatMul", kMatMul, {row, body.weights("8,4", 32)}, {"2,4"}), h}, {"2,4"});
  const int state = body.result(y), part = body.result(body.add("Unsqueeze", "", {y, body.integers({1})}, {"2,1,4"}));
  const std::string inner = fmt::format(
      "<port_map><input axis=\"1\" external_port_id=\"0\" internal_layer_id=\"{}\" start=\"0\" end=\"-1\" stride=\"1\" "
      "part_size=\"1\"/><input external_port_id=\"1\" internal_layer_id=\"{}\"/><output axis=\"1\" "
      "external_port_id=\"2\" internal_layer_id=\"{}\" part_size=\"1\"/></port_map><back_edges><edge from-layer=\"{}\" "
      "to-layer=\"{}\"/></back_edges><body>{}</body>",
      x, h, part, state, h, body.body());
  Net net(bin);
  const int all = net.input("2,6,8"), first = net.input("2,4");
  net.result(net.add("TensorIterator", "", {all, first}, {"2,6,4"}, "FP32", inner));
  const Model model = read_net(net);
  CHECK(kinds(model) == "Scan");
  CHECK(macs_of(model) == 6 * 2 * 8 * 4);
  CHECK(output_shape(model) == "[2,6,4]");
  CHECK(analyse(model)->coverage.exact);
  CHECK(analyse(model)->totals.params == 8 * 4);
}

TEST_CASE("openvino: recurrent layers over sequences, attention", "[openvino]") {
  std::string bin;
  Net net(bin);
  const int x = net.input("2,7,5"), h = net.input("2,2,3"), c = net.input("2,2,3");
  const int lstm = net.add(
      "LSTMSequence", "hidden_size=\"3\" direction=\"bidirectional\"",
      {x, h, c, net.integers({7, 7}), net.weights("2,12,5", 120), net.weights("2,12,3", 72), net.weights("2,12", 24)},
      {"2,2,7,3", "2,2,3", "2,2,3"});
  net.result(net.add("ScaledDotProductAttention", "causal=\"false\"", {lstm, lstm, lstm}, {"2,2,7,3"}));
  const Model model = read_net(net);
  CHECK(kinds(model) == "LSTM Reshape Attention");
  CHECK(output_shape(model) == "[2,2,7,3]");
  CHECK(macs_of(model) == 2 * 7 * 2 * (12 * 5 + 12 * 3) + 2 * (2 * 2 * 7 * 7 * 3));
  CHECK(analyse(model)->totals.params == 120 + 72 + 24);
}

TEST_CASE("openvino: weights are unpacked by a zero point and a scale", "[openvino]") {
  std::string bin;
  Net net(bin);
  const auto unpacked = [&](const std::string& dtype, std::size_t bytes, const std::string& shape,
                            const std::string& per_channel, std::size_t channels) {
    const int raw =
        net.add("Convert", "destination_type=\"f32\"", {net.stored(shape, dtype, std::string(bytes, '\1'))}, {shape});
    const int zero = net.add("Convert", "destination_type=\"f32\"",
                             {net.stored(per_channel, "u8", std::string(channels, '\1'))}, {per_channel});
    return net.add("Multiply", "", {net.add("Subtract", "", {raw, zero}, {shape}), net.weights(per_channel, channels)},
                   {shape});
  };
  const int x = net.input("1,4,6,6");
  const int filter = unpacked("u8", 4 * 9, "4,1,1,3,3", "4,1,1,1,1", 4);
  const int conv = net.add("GroupConvolution", "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\" dilations=\"1,1\"",
                           {x, filter}, {"1,4,4,4"});
  const int flat = net.add("Reshape", "", {conv, net.integers({1, 64})}, {"1,64"});
  // Four bits in groups of 16, then seen as a matrix.
  const int groups = unpacked("u4", 8 * 64 / 2, "8,4,16", "8,4,1", 32);
  const int matrix = net.add("Reshape", "", {groups, net.integers({8, 64})}, {"8,64"});
  net.result(net.add("MatMul", "transpose_b=\"true\"", {flat, matrix}, {"1,8"}));
  const Model model = read_net(net);
  CHECK(kinds(model) ==
        "Cast Cast Dequantize Dequantize DepthwiseConv2D Reshape Cast Cast Dequantize Dequantize Reshape MatMul");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->coverage.exact);
  CHECK(macs_of(model) == 4 * 4 * 9 * 4 + 64 * 8);
  CHECK(analysis->totals.params == 4 * 9 + 8 * 64);
  CHECK(analysis->totals.weight_bytes == 4 * 9 + 8 * 64 / 2);
}

TEST_CASE("openvino: open extents follow from the operands", "[openvino]") {
  std::string bin;
  Net net(bin);
  const int x = net.input("-1,-1,8");
  const int shape = net.add("ShapeOf", "output_type=\"i64\"", {x}, {"3"}, "I64");
  const int steps =
      net.add("Gather", "batch_dims=\"0\"", {shape, net.integers({1}), net.integers({0}, true)}, {"1"}, "I64");
  const int to = net.add("Concat", "axis=\"0\"", {net.integers({0}), steps, net.integers({2, 4})}, {"4"}, "I64");
  const int heads = net.add("Reshape", "special_zero=\"true\"", {x, to}, {"-1,-1,2,4"});
  const int cut =
      net.add("StridedSlice", "begin_mask=\"1,1,1\" end_mask=\"1,0,1\"",
              {heads, net.integers({0, 0, 0}), net.integers({0, -1, 0}), net.integers({1, 1, 1})}, {"-1,-1,2,4"});
  const int padded = net.add("Pad", "pad_mode=\"constant\"",
                             {cut, net.integers({0, 2, 0, 0}), net.integers({0, 3, 0, 0})}, {"-1,-1,2,4"});
  const int wide = net.add("Unsqueeze", "", {padded, net.integers({0})}, {"1,-1,-1,2,4"});
  const int sliced =
      net.add("Slice", "", {wide, net.integers({1}), net.integers({1000}), net.integers({2}), net.integers({2})},
              {"1,-1,-1,2,4"});
  net.result(net.add("Split", "num_splits=\"2\"", {sliced, net.integers({-1}, true)}, {"1,-1,-1,2,2", "1,-1,-1,2,2"}));
  Bindings bindings;
  bindings.inputs["l0"] = {3, 10, 8};
  const Model model = read_net(net, bindings);
  CHECK(output_shape(model) == "[1,3,7,2,2]");  // (10 - 1 + 2 + 3 - 1 + 1) / 2
  CHECK(analyse(model)->coverage.exact);
}

TEST_CASE("openvino: networks inside layers that do not fit", "[openvino]") {
  std::string bin;
  const auto loop = [&](const std::string& inner) {
    Net net(bin);
    const int x = net.input("4,8");
    net.result(net.add("TensorIterator", "", {x}, {"4,8"}, "FP32", inner));
    return error_of(net);
  };
  Net body(bin);
  body.result(body.input("1,8"));
  const std::string inside = "<body>" + body.body() + "</body>";
  CHECK(loop("<port_map><input external_port_id=\"0\" internal_layer_id=\"5\"/></port_map>" + inside) ==
        "layer 1 TensorIterator \"l1\": layer \"5\" inside is no Parameter [invalid-graph]");
  CHECK(loop("<port_map><input external_port_id=\"4\" internal_layer_id=\"0\"/></port_map>" + inside) ==
        "layer 1 TensorIterator \"l1\": its map names the input port 4, which is not there [invalid-graph]");
  CHECK(loop("<port_map><input axis=\"0\" external_port_id=\"0\" internal_layer_id=\"0\"/></port_map>" + inside) ==
        "layer 1 TensorIterator \"l1\": its body gives nothing to its output port 1 [invalid-graph]");
  std::string nested;
  for (int i = 0; i < 20; ++i) nested = "<body><layers><layer id=\"0\" name=\"n\" type=\"If\">" + nested;
  CHECK(loop(nested).find("networks are nested more than 16 deep [too-large]") != std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
// Keras: sequential and functional configurations to operators, weights found in HDF5 files that are written here.
#include <hdf5.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "cost/analysis.h"
#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "tests/support/archives.h"

using namespace nngauge;
using test::zip_of;

namespace {

struct Weight {
  std::string path;  // groups and the dataset's name
  std::vector<hsize_t> extents;
};

// An HDF5 file in memory with float datasets and, if it is not empty, a root attribute model_config.
std::string make_hdf5(const std::string& config, const std::vector<Weight>& weights) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 4096, false);
  const hid_t file = H5Fcreate("memory", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (!config.empty()) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, config.size());
    // Attributes of more than 64 kB need the newer object headers; these are short.
    const hid_t attribute = H5Acreate2(file, "model_config", type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, config.data());
    H5Aclose(attribute), H5Sclose(space), H5Tclose(type);
  }
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  for (const Weight& weight : weights) {
    const hid_t space = H5Screate_simple(static_cast<int>(weight.extents.size()), weight.extents.data(), nullptr);
    const hid_t set = H5Dcreate2(file, weight.path.c_str(), H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    hsize_t elements = 1;
    for (const hsize_t extent : weight.extents) elements *= extent;
    const std::vector<float> values(elements, 1.5F);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set), H5Sclose(space);
  }
  H5Pclose(links);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  std::string out(static_cast<std::size_t>(H5Fget_file_image(file, nullptr, 0)), '\0');
  H5Fget_file_image(file, out.data(), out.size());
  H5Fclose(file), H5Pclose(access);
  return out;
}

Result<Model> read_bytes(const std::string& bytes) { return read_model({"net.h5", as_bytes(bytes)}); }

Model completed(const std::string& bytes) {
  auto model = read_bytes(bytes);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, {});
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
  REQUIRE_FALSE(model.main().outputs.empty());
  return shape_text(model.main().tensors[static_cast<std::size_t>(model.main().outputs[0])].shape, model.symbols);
}

std::string error_of(const std::string& bytes) {
  const auto model = read_bytes(bytes);
  return model ? "" : model.error().text();
}

std::string layer(const std::string& type, const std::string& name, const std::string& config) {
  return R"({"class_name":")" + type + R"(","config":{"name":")" + name + "\"" + (config.empty() ? "" : "," + config) +
         "}}";
}

std::string sequential(const std::string& input, const std::vector<std::string>& layers) {
  std::string out = R"({"class_name":"Sequential","config":{"name":"net","layers":[)" +
                    layer("InputLayer", "input", "\"batch_input_shape\":" + input);
  for (const std::string& one : layers) out += "," + one;
  return out + "]}}";
}

const std::string kConv =
    layer("Conv2D", "conv", R"("filters":8,"kernel_size":[3,3],"strides":[2,2],"padding":"same","activation":"relu")");
const std::string kDense = layer("Dense", "fc", R"("units":10,"activation":"softmax")");

}  // namespace

TEST_CASE("keras: a sequential model and its weights") {
  const std::string config = sequential("[null,28,28,1]", {kConv, layer("GlobalAveragePooling2D", "pool", ""), kDense});
  const std::string bytes = make_hdf5(config, {{"model_weights/conv/conv/kernel:0", {3, 3, 1, 8}},
                                               {"model_weights/conv/conv/bias:0", {8}},
                                               {"model_weights/fc/fc/kernel:0", {8, 10}},
                                               {"model_weights/fc/fc/bias:0", {10}}});
  const Model model = completed(bytes);
  CHECK(model.format == "keras");
  CHECK(output_shape(model) == "[1,10]");
  CHECK(totals_of(model).macs == 14ULL * 14 * 8 * 3 * 3 + 8ULL * 10);
  CHECK(totals_of(model).params == 72ULL + 8 + 80 + 10);
  CHECK(totals_of(model).ops == 4);
  const Op& conv = model.main().ops[0];
  const Tensor& kernel = model.main().tensors[static_cast<std::size_t>(conv.inputs[1].tensor)];
  REQUIRE(kernel.data.size_bytes == 72 * 4);
  CHECK(bytes.substr(kernel.data.offset, 4) == std::string("\0\0\xc0\x3f", 4));  // 1.5
  CHECK(conv.activation == FusedActivation::kRelu);
}

TEST_CASE("keras: shapes of layers") {
  struct Case {
    std::string input, layer, shape;
  };
  const std::vector<Case> cases = {
      {"[null,8,8,3]",
       layer("Conv2DTranspose", "l", R"("filters":4,"kernel_size":[4,4],"strides":[2,2],"padding":"same")"),
       "[1,16,16,4]"},
      {"[null,8,8,3]", layer("DepthwiseConv2D", "l", R"("kernel_size":[3,3],"depth_multiplier":2)"), "[1,6,6,6]"},
      {"[null,8,8,3]", layer("SeparableConv2D", "l", R"("filters":5,"kernel_size":3)"), "[1,6,6,5]"},
      {"[null,8,3]", layer("Conv1D", "l", R"("filters":5,"kernel_size":[3],"padding":"causal")"), "[1,8,5]"},
      {"[null,8,8,3]", layer("MaxPooling2D", "l", R"("pool_size":[2,2],"strides":null)"), "[1,4,4,3]"},
      {"[null,8,8,3]", layer("AveragePooling2D", "l", R"("pool_size":[3,3],"strides":[2,2],"padding":"same")"),
       "[1,4,4,3]"},
      {"[null,3,8,8]", layer("GlobalMaxPooling2D", "l", R"("data_format":"channels_first")"), "[1,3]"},
      {"[null,8,8,3]", layer("ZeroPadding2D", "l", R"("padding":[[0,1],[2,3]])"), "[1,9,13,3]"},
      {"[null,8,8,3]", layer("Cropping2D", "l", R"("cropping":[[1,2],[0,3]])"), "[1,5,5,3]"},
      {"[null,8,8,3]", layer("UpSampling2D", "l", R"("size":[2,3],"interpolation":"bilinear")"), "[1,16,24,3]"},
      {"[null,8,8,3]", layer("Flatten", "l", ""), "[1,192]"},
      {"[null,192]", layer("Reshape", "l", R"("target_shape":[8,-1,3])"), "[1,8,8,3]"},
      {"[null,8,6]", layer("Permute", "l", R"("dims":[2,1])"), "[1,6,8]"},
      {"[null,5]", layer("RepeatVector", "l", R"("n":7)"), "[1,7,5]"},
      {"[null,7]", layer("Embedding", "l", R"("input_dim":100,"output_dim":16)"), "[1,7,16]"},
      {"[null,7,5]", layer("LSTM", "l", R"("units":6,"return_sequences":true)"), "[1,7,6]"},
      {"[null,7,5]", layer("GRU", "l", R"("units":6)"), "[1,6]"},
      {"[null,7,5]",
       layer("Bidirectional", "l",
             R"("merge_mode":"concat","layer":{"class_name":"LSTM","config":{"name":"x","units":6}})"),
       "[1,12]"},
      {"[null,7,5]", layer("TimeDistributed", "l", R"("layer":{"class_name":"Dense","config":{"name":"x","units":4}})"),
       "[1,7,4]"},
      {"[null,8,8,3]", layer("BatchNormalization", "l", R"("axis":[3])"), "[1,8,8,3]"},
      {"[null,8,8,3]", layer("LayerNormalization", "l", R"("axis":[3])"), "[1,8,8,3]"},
      {"[null,8,8,3]", layer("PReLU", "l", R"("shared_axes":[1,2])"), "[1,8,8,3]"},
      {"[null,8]", layer("Activation", "l", R"("activation":{"class_name":"PReLU","config":{"name":"p"}})"), "[1,8]"},
      {"[null,8]", layer("Activation", "l", R"("activation":{"class_name":"function","config":"relu"})"), "[1,8]"},
      {"[null,8,8,3]", layer("Rescaling", "l", R"("scale":0.5,"offset":-1)"), "[1,8,8,3]"},
      {"[null,8,8,3]", layer("Rescaling", "l", R"("scale":[0.5,0.4,0.3],"offset":0)"), "[1,8,8,3]"},
      {"[null,8,6]", layer("EinsumDense", "l", R"("equation":"abc,cd->abd","output_shape":[null,5],"bias_axes":"d")"),
       "[1,8,5]"},
      {"[null,8,6]", layer("EinsumDense", "l", R"("equation":"...x,xyz->...yz","output_shape":[4,5],"bias_axes":"yz")"),
       "[1,8,4,5]"},
      {"[null,7,5]", layer("RNN", "l", R"("cell":{"class_name":"GRUCell","config":{"name":"c","units":6}})"), "[1,6]"},
      {"[null,7,5]",
       layer(
           "RNN", "l",
           R"("return_sequences":true,"cell":{"class_name":"StackedRNNCells","config":{"cells":[)"
           R"({"class_name":"LSTMCell","config":{"units":6}},{"class_name":"SimpleRNNCell","config":{"units":3}}]}})"),
       "[1,7,3]"},
      {"[null,7,9,9,2]", layer("ConvLSTM2D", "l", R"("filters":4,"kernel_size":[3,3],"return_sequences":true)"),
       "[1,7,7,7,4]"},
      {"[null,7,9,2]", layer("ConvLSTM1D", "l", R"("filters":4,"kernel_size":[3],"padding":"same","strides":[2])"),
       "[1,5,4]"},
      {"[null,7,9,9,2]",
       layer("TimeDistributed", "l",
             R"("layer":{"class_name":"Conv2D","config":{"name":"x","filters":4,"kernel_size":[3,3]}})"),
       "[1,7,7,7,4]"},
      {"[null,7,9,9,2]",
       layer(
           "TimeDistributed", "l",
           R"("layer":{"class_name":"Sequential","config":{"name":"s","layers":[)"
           R"({"class_name":"Flatten","config":{"name":"f"}},{"class_name":"Dense","config":{"name":"d","units":5}}]}})"),
       "[1,7,5]"},
      {"[null,8,8,3]", layer("CenterCrop", "l", R"("height":6,"width":5)"), "[1,6,5,3]"},
      {"[null,8,8,3]", layer("CenterCrop", "l", R"("height":16,"width":16)"), "[1,16,16,3]"},
      {"[null,8,8,3]", layer("AdaptiveAveragePooling2D", "l", R"("output_size":[3,2])"), "[1,3,2,3]"},
      {"[null,8,3]", layer("Normalization", "l", R"("axis":[-1],"mean":null,"variance":null)"), "[1,8,3]"},
      {"[null,4]", layer("CategoryEncoding", "l", R"("num_tokens":9,"output_mode":"multi_hot")"), "[1,9]"},
      {"[null,4]", layer("CategoryEncoding", "l", R"("num_tokens":9,"output_mode":"one_hot")"), "[1,4,9]"},
      {"[null,4]", layer("Discretization", "l", R"("bin_boundaries":[0.5,1.5])"), "[1,4]"},
      {"[null,4]", layer("IntegerLookup", "l", R"("vocabulary":[3,4,5])"), "[1,4]"},
      {"[null]", layer("TextVectorization", "l", R"("output_mode":"int","output_sequence_length":20,"dtype":"string")"),
       "[1,20]"},
      {"[null,8,3]", layer("LayerScale", "l", R"("projection_dim":3,"init_values":1e-6)"), "[1,8,3]"},
      {"[null,8,3]", layer("UnitNormalization", "l", R"("axis":-1)"), "[1,8,3]"},
      {"[null,8,3]", layer("RMSNormalization", "l", R"("axis":-1)"), "[1,8,3]"},
      {"[null,8,3]",
       layer("SpectralNormalization", "l", R"("layer":{"class_name":"Dense","config":{"name":"x","units":4}})"),
       "[1,8,4]"},
  };
  for (const Case& c : cases) {
    INFO(c.layer);
    CHECK(output_shape(completed(make_hdf5(sequential(c.input, {c.layer}), {}))) == c.shape);
  }
}

TEST_CASE("keras: a functional model of Keras 2, with a nested model and a layer that is used twice") {
  const std::string inner = R"({"class_name":"Sequential","name":"body","config":{"name":"body","layers":[)" +
                            layer("InputLayer", "b_in", R"("batch_input_shape":[null,8])") + "," +
                            layer("Dense", "b_fc", R"("units":4)") +
                            R"(]},"inbound_nodes":[[["a",0,0,{}]],[["b",0,0,{}]]]})";
  const auto input = [](const std::string& name) {
    return R"({"class_name":"InputLayer","name":")" + name + R"(","config":{"name":")" + name +
           R"(","batch_input_shape":[null,8]},"inbound_nodes":[]})";
  };
  const std::string config =
      R"({"class_name":"Functional","config":{"name":"net","layers":[)"
      R"({"class_name":"Add","name":"sum","config":{"name":"sum"},"inbound_nodes":[[["body",1,0,{}],["body",2,0,{}]]]},)" +
      input("a") + "," + input("b") + "," + inner +
      R"(],"input_layers":[["a",0,0],["b",0,0]],"output_layers":[["sum",0,0]]}})";
  const Model model = completed(make_hdf5(config, {{"model_weights/body/b_fc/kernel:0", {8, 4}}}));
  CHECK(output_shape(model) == "[1,4]");
  CHECK(totals_of(model).macs == 2ULL * 8 * 4);
  CHECK(totals_of(model).params == 8ULL * 4 + 4);  // shared
}

namespace {

// A tensor of Keras 3 as an argument of a call.
std::string tensor(const std::string& name, int call = 0, int place = 0, const std::string& shape = "[null,8]") {
  return R"({"class_name":"__keras_tensor__","config":{"shape":)" + shape + R"(,"dtype":"float32","keras_history":[")" +
         name + "\"," + std::to_string(call) + "," + std::to_string(place) + "]}}";
}

// A layer, or an operation of a module, with its calls.
std::string node(const std::string& type, const std::string& name, const std::string& config,
                 const std::vector<std::string>& calls, const std::string& module = "keras.layers") {
  std::string out = R"({"module":")" + module + R"(","class_name":")" + type + R"(","name":")" + name +
                    R"(","config":{"name":")" + name + "\"" + (config.empty() ? "" : "," + config) +
                    R"(},"inbound_nodes":[)";
  for (const std::string& one : calls) out += (&one == &calls[0] ? "" : ",") + one;
  return out + "]}";
}
std::string arguments(const std::string& args, const std::string& kwargs = "") {
  return R"({"args":[)" + args + R"(],"kwargs":{)" + kwargs + "}}";
}
std::string operation(const std::string& type, const std::string& name, const std::string& config,
                      const std::string& args) {
  return node(type, name, config, {arguments(args)}, "keras.src.ops.numpy");
}

std::string functional(const std::string& input, const std::vector<std::string>& layers, const std::string& outputs) {
  std::string out = R"({"class_name":"Functional","config":{"name":"net","layers":[)"
                    R"({"class_name":"InputLayer","name":"x","config":{"name":"x","batch_shape":)" +
                    input + R"(},"inbound_nodes":[]})";
  for (const std::string& one : layers) out += "," + one;
  return out + R"(],"input_layers":["x",0,0],"output_layers":)" + outputs + "}}";
}

std::string all_output_shapes(const Model& model) {
  std::string out;
  for (const TensorId id : model.main().outputs)
    out +=
        (out.empty() ? "" : " ") + shape_text(model.main().tensors[static_cast<std::size_t>(id)].shape, model.symbols);
  return out;
}

std::string kinds(const Model& model) {
  std::string out;
  for (const Op& op : model.main().ops) out += (out.empty() ? "" : " ") + std::string(op_info(op.kind).name);
  return out;
}

}  // namespace

TEST_CASE("keras: operations of Keras 3 between layers") {
  struct Case {
    std::string operation, kinds, shape;
  };
  const std::string x = tensor("x", 0, 0, "[null,6,8]");
  const auto slice = [](const std::string& start, const std::string& stop, const std::string& step) {
    return R"({"class_name":"__slice__","config":{"start":)" + start + R"(,"stop":)" + stop + R"(,"step":)" + step +
           "}}";
  };
  const std::vector<Case> cases = {
      {operation("Add", "y", "", x + ",1.5"), "Add", "[1,6,8]"},
      {operation("TrueDivide", "y", "", x + ",[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0]"), "Div", "[1,6,8]"},
      {operation("Mean", "y", R"("axis":[1],"keepdims":true)", x), "ReduceMean", "[1,1,8]"},
      {operation("Sum", "y", R"("axis":null,"keepdims":false)", x), "ReduceSum", "[]"},
      {operation("Var", "y", R"("axis":-1,"keepdims":false)", x), "ReduceMean SquaredDifference ReduceMean", "[1,6]"},
      {operation("Reshape", "y", R"("newshape":[-1,4,12])", x), "Reshape", "[1,4,12]"},
      {operation("Transpose", "y", R"("axes":[0,2,1])", x), "Transpose", "[1,8,6]"},
      {operation("Moveaxis", "y", R"("source":1,"destination":2)", x), "Transpose", "[1,8,6]"},
      {operation("ExpandDims", "y", R"("axis":1)", x), "Unsqueeze", "[1,1,6,8]"},
      {operation("Concatenate", "y", R"("axis":-1)", "[" + x + "," + x + "]"), "Concat", "[1,6,16]"},
      {operation("Stack", "y", R"("axis":1)", "[" + x + "," + x + "]"), "Stack", "[1,2,6,8]"},
      {operation("Split", "y", R"("indices_or_sections":[2,5],"axis":1)", x), "Split", "[1,2,8]"},
      {operation("Repeat", "y", R"("repeats":3,"axis":1)", x), "Gather", "[1,18,8]"},
      {operation("Tile", "y", R"("repeats":[1,2,1])", x), "Tile", "[1,12,8]"},
      {operation("Pad", "y", R"("pad_width":[[0,0],[1,2],[0,0]],"mode":"constant")", x), "Pad", "[1,9,8]"},
      {operation("Roll", "y", R"("shift":1,"axis":1)", x), "Slice Slice Concat", "[1,6,8]"},
      {operation("GetItem", "y", "", x + ",[" + slice("null", "null", "null") + ",-1," + slice("1", "7", "2") + "]"),
       "StridedSlice", "[1,3]"},
      {operation("GetItem", "y", "", x + R"(,[{"class_name":"__ellipsis__","config":{}},null])"), "StridedSlice",
       "[1,6,8,1]"},
      {operation("Einsum", "y", R"("subscripts":"bij,bkj->bik")", x + "," + x), "Einsum", "[1,6,6]"},
      {operation("Tensordot", "y", R"("axes":[[2],[2]])", x + "," + x), "Einsum", "[1,6,1,6]"},
      {operation("Argmax", "y", R"("axis":-1,"keepdims":false)", x), "ArgMax", "[1,6]"},
      {operation("TopK", "y", R"("k":3,"sorted":true)", x), "TopK", "[1,6,3]"},
      {operation("OneHot", "y", R"("num_classes":5,"axis":-1)", x), "OneHot", "[1,6,8,5]"},
      {operation("Glu", "y", R"("axis":-1)", x), "Split Sigmoid Mul", "[1,6,4]"},
      {operation("LogSoftmax", "y", R"("axis":-1)", x), "LogSoftmax", "[1,6,8]"},
  };
  for (const Case& c : cases) {
    INFO(c.operation);
    const Model model = completed(make_hdf5(functional("[null,6,8]", {c.operation}, R"(["y",0,0])"), {}));
    CHECK(kinds(model) == c.kinds);
    CHECK(output_shape(model) == c.shape);
  }
}

TEST_CASE("keras: functions of TensorFlow in Keras 2") {
  const auto call = [](const std::string& function, const std::string& inbound) {
    return R"({"class_name":"TFOpLambda","name":"y","config":{"name":"y","trainable":true,"function":")" + function +
           R"("},"inbound_nodes":[)" + inbound + "]}";
  };
  struct Case {
    std::string layer, kinds, shape;
  };
  const std::vector<Case> cases = {
      {call("__operators__.add", R"(["x",0,0,{"y":3.0,"name":null}])"), "Add", "[1,6,8]"},
      {call("math.subtract", R"(["_CONSTANT_VALUE",-1,1.0,{"y":["x",0,0],"name":null}])"), "Sub", "[1,6,8]"},
      {call("math.reduce_mean", R"(["x",0,0,{"axis":[1],"keepdims":true}])"), "ReduceMean", "[1,1,8]"},
      {call("concat", R"([["x",0,0,{"axis":-1}],["x",0,0,{"axis":-1}]])"), "Concat", "[1,6,16]"},
      {call("nn.relu", R"(["x",0,0,{"name":null}])"), "Relu", "[1,6,8]"},
      {call("linalg.matmul", R"(["x",0,0,{"b":["x",0,0],"transpose_b":true}])"), "MatMul", "[1,6,6]"},
      {R"({"class_name":"SlicingOpLambda","name":"y","config":{"name":"y","function":"__operators__.getitem"},)"
       R"("inbound_nodes":[["x",0,0,{"slice_spec":[{"start":null,"stop":null,"step":null},{"start":0,"stop":2,"step":null}]}]]})",
       "StridedSlice", "[1,2,8]"},
  };
  for (const Case& c : cases) {
    INFO(c.layer);
    const Model model = completed(make_hdf5(functional("[null,6,8]", {c.layer}, R"([["y",0,0]])"), {}));
    CHECK(kinds(model) == c.kinds);
    CHECK(output_shape(model) == c.shape);
  }
}

TEST_CASE("keras: attention") {
  const std::string x = tensor("x", 0, 0, "[null,10,32]");
  const std::string scores = arguments(x + "," + x, R"("return_attention_scores":true,"use_causal_mask":true)");
  const std::string config = functional(
      "[null,10,32]", {node("MultiHeadAttention", "a", R"("num_heads":4,"key_dim":5,"value_dim":6)", {scores})},
      R"([["a",0,0],["a",0,1]])");
  const Model model = completed(make_hdf5(config, {{"model_weights/a/a/query/kernel:0", {32, 4, 5}},
                                                   {"model_weights/a/a/key/kernel:0", {32, 4, 5}},
                                                   {"model_weights/a/a/value/kernel:0", {32, 4, 6}},
                                                   {"model_weights/a/a/attention_output/kernel:0", {4, 6, 32}}}));
  CHECK(all_output_shapes(model) == "[1,10,32] [1,4,10,10]");
  const Totals totals = totals_of(model);
  CHECK(totals.macs == 10ULL * 32 * 4 * (5 + 5 + 6) + 4ULL * 10 * 10 * (5 + 6) + 10ULL * 4 * 6 * 32);
  CHECK(totals.params == 32ULL * 4 * (5 + 5 + 6) + 4 * (5 + 5 + 6) + 4 * 6 * 32 + 32);
  const Tensor& kernel = model.main().tensors[static_cast<std::size_t>(model.main().ops[0].inputs[1].tensor)];
  CHECK(kernel.data.size_bytes == 32 * 4 * 5 * 4);

  const Model grouped = completed(make_hdf5(
      functional("[null,10,32]",
                 {node("GroupQueryAttention", "a", R"("head_dim":8,"num_query_heads":4,"num_key_value_heads":2)",
                       {arguments(x + "," + x)})},
                 R"(["a",0,0])"),
      {}));
  CHECK(totals_of(grouped).macs == 10ULL * 32 * 8 * (4 + 2 + 2) + 2ULL * 4 * 10 * 10 * 8 + 10ULL * 4 * 8 * 32);
  CHECK(totals_of(grouped).params == 32ULL * 8 * (4 + 2 + 2) + 8 * (4 + 2 + 2) + 4 * 8 * 32 + 32);
}

TEST_CASE("keras: a convolutional LSTM runs once a step") {
  const Model model = completed(
      make_hdf5(sequential("[null,7,9,9,2]", {layer("ConvLSTM2D", "l", R"("filters":4,"kernel_size":[3,3])")}), {}));
  CHECK(output_shape(model) == "[1,7,7,4]");
  const Totals totals = totals_of(model);
  CHECK(totals.macs == 7ULL * (7 * 7 * 3 * 3 * 2 * 16 + 7 * 7 * 3 * 3 * 4 * 16));
  CHECK(totals.params == 3ULL * 3 * 2 * 16 + 3 * 3 * 4 * 16 + 16);
}

TEST_CASE("keras: layers of the networks that come with Keras") {
  const std::string x = tensor("x", 0, 0, "[null,6,8]");
  const Model model = completed(make_hdf5(
      functional(
          "[null,6,8]",
          {node("LayerScale", "g", R"("projection_dim":8)", {arguments(x)}, "keras.applications.convnext"),
           node("CustomScaleLayer", "s", R"("scale":0.2)",
                {arguments("[" + x + "," + tensor("g", 0, 0, "[null,6,8]") + "]")}, "keras.applications.inception")},
          R"(["s",0,0])"),
      {{"model_weights/g/g/gamma:0", {8}}}));
  CHECK(kinds(model) == "Mul Mul Add");
  CHECK(totals_of(model).params == 8);
}

TEST_CASE("keras: layers with several results, and nested models with several calls") {
  const std::string x = tensor("x", 0, 0, "[null,6,8]");
  const std::string states =
      functional("[null,6,8]",
                 {node("LSTM", "l", R"("units":5,"return_state":true,"return_sequences":true)", {arguments(x)}),
                  operation("Add", "y", "", tensor("l", 0, 1) + "," + tensor("l", 0, 2))},
                 R"([["l",0,0],["y",0,0]])");
  CHECK(all_output_shapes(completed(make_hdf5(states, {}))) == "[1,6,5] [1,5]");

  // The second call is fed with the first one's result: their extents differ.
  const std::string halve =
      R"({"class_name":"Functional","name":"half","config":{"name":"half","layers":[)"
      R"({"class_name":"InputLayer","name":"i","config":{"name":"i","batch_shape":[null,null,8]},"inbound_nodes":[]},)" +
      node("MaxPooling1D", "p", R"("pool_size":[2])", {arguments(tensor("i", 0, 0, "[null,null,8]"))}) +
      R"(],"input_layers":["i",0,0],"output_layers":["p",0,0]},"inbound_nodes":[)" + arguments(tensor("x")) + "," +
      arguments(tensor("half")) + "]}";
  const Model twice = completed(make_hdf5(functional("[null,8,8]", {halve}, R"([["half",1,0],["half",2,0]])"), {}));
  CHECK(all_output_shapes(twice) == "[1,4,8] [1,2,8]");
}

TEST_CASE("keras: precision, quantised weights, layers with variables of their own") {
  const std::string mixed = R"("dtype":{"class_name":"DTypePolicy","config":{"name":"mixed_float16"}})";
  const Model half = completed(make_hdf5(sequential("[null,8]", {layer("Dense", "d", R"("units":4,)" + mixed)}), {}));
  CHECK(kinds(half) == "Cast Dense");
  CHECK(half.main().tensors[static_cast<std::size_t>(half.main().outputs[0])].dtype == DType::kFloat16);

  const std::string four =
      R"("units":6,"use_bias":false,"dtype":{"class_name":"Int4DTypePolicy","config":{"mode":"int4/128","source_name":"float32"}})";
  const Model packed = completed(make_hdf5(sequential("[null,8]", {layer("Dense", "d", four)}), {}));
  CHECK(totals_of(packed).weight_bytes == 8ULL * 6 / 2);

  // Its variables count; its result has the shape that the file states.
  const std::string own =
      functional("[null,8]",
                 {node("Scale", "s", "", {arguments(tensor("x"))}, "my_layers"),
                  node("Dense", "d", R"("units":3,"use_bias":false)", {arguments(tensor("s", 0, 0, "[null,8]"))})},
                 R"(["d",0,0])");
  const Model custom =
      completed(make_hdf5(own, {{"model_weights/s/s/w:0", {8}}, {"model_weights/d/d/kernel:0", {8, 3}}}));
  CHECK(output_shape(custom) == "[1,3]");
  CHECK(totals_of(custom).params == 8ULL + 8 * 3);
  CHECK(totals_of(custom).macs == 8ULL * 3);
}

TEST_CASE("keras: names with slashes, the same name in two models, variables of Keras 3") {
  const std::string one = layer("Dense", "block/a", R"("units":4,"use_bias":false)");
  const std::string other = layer("Dense", "block_1/a", R"("units":5,"use_bias":false)");
  const std::string named = make_hdf5(
      sequential("[null,3]", {one, other}),
      {{"model_weights/block/a/block/a/kernel:0", {3, 4}}, {"model_weights/block_1/a/block_1/a/kernel:0", {4, 5}}});
  CHECK(totals_of(completed(named)).params == 3ULL * 4 + 4 * 5);

  const auto inner = [](const std::string& name, int units) {
    return R"({"class_name":"Sequential","config":{"name":")" + name + R"(","layers":[)" +
           layer("Dense", "a", R"("use_bias":false,"units":)" + std::to_string(units)) + "]}}";
  };
  const std::string nested =
      make_hdf5(sequential("[null,3]", {inner("left", 4), inner("right", 5)}),
                {{"model_weights/left/a/kernel:0", {3, 4}}, {"model_weights/right/a/kernel:0", {4, 5}}});
  CHECK(totals_of(completed(nested)).params == 3ULL * 4 + 4 * 5);

  const std::string weights = make_hdf5("", {{"layers/rnn/cell/cells/lstm_cell/vars/0", {5, 24}},
                                             {"layers/rnn/cell/cells/lstm_cell/vars/1", {6, 24}},
                                             {"layers/rnn/cell/cells/lstm_cell/vars/2", {24}},
                                             {"layers/rnn/cell/cells/lstm_cell_1/vars/0", {6, 12}},
                                             {"layers/rnn/cell/cells/lstm_cell_1/vars/1", {3, 12}},
                                             {"layers/rnn/cell/cells/lstm_cell_1/vars/2", {12}}});
  const std::string cells =
      R"("cell":{"class_name":"StackedRNNCells","config":{"cells":[{"class_name":"LSTMCell","config":{"units":6}},)"
      R"({"class_name":"LSTMCell","config":{"units":3}}]}})";
  const Model stacked = completed(zip_of({{"metadata.json", R"({"keras_version":"3.5.0"})"},
                                          {"config.json", sequential("[null,7,5]", {layer("RNN", "r", cells)})},
                                          {"model.weights.h5", weights}}));
  CHECK(totals_of(stacked).params == (5ULL + 6 + 1) * 24 + (6ULL + 3 + 1) * 12);
  for (const Tensor& tensor : stacked.main().tensors) {
    if (tensor.is_constant && !tensor.value) CHECK(tensor.data.size_bytes > 0);
  }
}

TEST_CASE("keras: an archive of Keras 3") {
  const std::string config =
      R"({"class_name":"Functional","config":{"name":"net","layers":[)"
      R"({"class_name":"InputLayer","name":"a","config":{"name":"a","batch_shape":[null,8]},"inbound_nodes":[]},)"
      R"({"class_name":"Dense","name":"first","config":{"name":"first","units":4},"inbound_nodes":[{"args":[)" +
      tensor("a") +
      R"(],"kwargs":{}}]},)"
      R"({"class_name":"Dense","name":"second","config":{"name":"second","units":4},"inbound_nodes":[{"args":[)" +
      tensor("a") +
      R"(],"kwargs":{}}]},)"
      R"({"class_name":"Concatenate","name":"join","config":{"name":"join","axis":-1},"inbound_nodes":[{"args":[[)" +
      tensor("first") + "," + tensor("second") +
      R"(]],"kwargs":{}}]}],)"
      R"("input_layers":["a",0,0],"output_layers":["join",0,0]}})";
  const std::string weights = make_hdf5("", {{"layers/dense/vars/0", {8, 4}},
                                             {"layers/dense/vars/1", {4}},
                                             {"layers/dense_1/vars/0", {8, 4}},
                                             {"layers/dense_1/vars/1", {4}}});
  const std::string bytes = zip_of(
      {{"metadata.json", R"({"keras_version":"3.5.0"})"}, {"config.json", config}, {"model.weights.h5", weights}});
  const Model model = completed(bytes);
  CHECK(model.format_version == "3.5.0");
  CHECK(output_shape(model) == "[1,8]");
  CHECK(totals_of(model).params == 2ULL * (8 * 4 + 4));
  const Op& second = model.main().ops[1];
  const Tensor& kernel = model.main().tensors[static_cast<std::size_t>(second.inputs[1].tensor)];
  CHECK(kernel.data.file == 0);
  CHECK(bytes.substr(kernel.data.offset, 4) == std::string("\0\0\xc0\x3f", 4));
}

TEST_CASE("keras: errors") {
  CHECK(error_of(make_hdf5("", {{"conv/kernel:0", {3}}})) ==
        "Keras weights without the network (saved with save_weights); save the whole model [weights-only]");
  CHECK(error_of(make_hdf5("", {})) == "an HDF5 file without a Keras model [not-a-model]");
  CHECK(
      error_of(make_hdf5(R"({"class_name":"Mine>Net","config":{"units":3}})", {})) ==
      "the network of class \"Mine>Net\" stands in its Python code, not in the file; export it (model.export, TFLite, "
      "ONNX) [weights-only]");
  CHECK(error_of(make_hdf5("{", {})) == "the model's configuration is no JSON object [damaged]");
  CHECK(
      error_of(make_hdf5(sequential("[null,8,8,4]", {kConv}), {{"model_weights/conv/conv/kernel:0", {3, 3, 1, 8}}})) ==
      "op #0 Conv2D \"conv\": filter has 1 input channels, input has 4 [shape-mismatch]");
  CHECK(error_of(make_hdf5(R"({"class_name":"Sequential","config":{"layers":[]}})", {})) ==
        "a sequential model has no layers [damaged]");
  const std::string whole =
      make_hdf5(sequential("[null,28,28,1]", {kConv}), {{"model_weights/conv/conv/kernel:0", {3, 3, 1, 8}}});
  for (std::size_t size = 16; size < whole.size(); size += 97) CHECK_FALSE(read_bytes(whole.substr(0, size)));
}

TEST_CASE("keras: a file cannot name our tensors") {
  for (const std::string forged : {R"({"#tensor":99999})", R"({"tensor":1})", "[0]", "-1", "null"}) {
    const std::string config =
        functional("[null,8]", {node("Dense", "d", R"("units":3)", {arguments(forged)})}, R"(["d",0,0])");
    const auto model = read_bytes(make_hdf5(config, {}));
    if (model) CHECK(model->main().ops[0].kind == OpKind::kCustom);  // a layer of nothing
  }
}

TEST_CASE("keras: layers that nobody knows are reported") {
  const Model model = completed(make_hdf5(sequential("[null,8]", {layer("MyLayer", "mine", "")}), {}));
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->coverage.unknown_ops.size() == 1);
  CHECK(analysis->coverage.unknown_ops[0].op == "CUSTOM:MyLayer");
}

TEST_CASE("keras: the shared models") {
  const std::string folder = NNGAUGE_SOURCE_DIR "/../shared/models/keras_h5";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models/keras_h5 is absent: real files are not tested");
    return;
  }
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    INFO(path);
    const auto file = MappedFile::open(path);
    REQUIRE(file);
    auto model = read_model({path, (*file)->bytes(), nullptr});
    if (!model) {
      CHECK(model.error().code == ErrorCode::kWeightsOnly);  // weights only
      continue;
    }
    ++read;
    REQUIRE(complete_model(*model, {}));
    const auto analysis = analyse(*model);
    REQUIRE(analysis);
    CHECK(analysis->coverage.exact);
  }
  CHECK(read >= 8);
}

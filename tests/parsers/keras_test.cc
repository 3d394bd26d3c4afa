// SPDX-License-Identifier: Apache-2.0
// Keras: sequential and functional configurations to operators, weights found in HDF5 files that are written here.
#include <hdf5.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "cost/analysis.h"
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

TEST_CASE("keras: an archive of Keras 3") {
  const auto tensor = [](const std::string& name) {
    return R"({"class_name":"__keras_tensor__","config":{"shape":[null,8],"dtype":"float32","keras_history":[")" +
           name + R"(",0,0]}})";
  };
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

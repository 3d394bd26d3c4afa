// SPDX-License-Identifier: Apache-2.0
// The Caffe reader: generations, inputs, phases, in-place layers, weights of caffemodels, layers of forks, errors.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <memory>

#include "graph/op_table.h"
#include "tests/parsers/caffe_text.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// The operators, one a line: kind, name, shape of the first result.
std::string op_lines(const Model& model) {
  std::string out;
  for (const Op& op : model.main().ops) {
    out += fmt::format("{} {}", op_info(op.kind).name, op.name);
    if (!op.outputs.empty()) {
      out += " " + shape_text(model.main().tensors[static_cast<std::size_t>(op.outputs[0])].shape, model.symbols);
    }
    out += "\n";
  }
  return out;
}

std::string input_lines(const Model& model) {
  std::string out;
  for (const TensorId id : model.main().inputs) {
    const Tensor& tensor = model.main().tensors[static_cast<std::size_t>(id)];
    out += tensor.name + " " + shape_text(tensor.shape, model.symbols) + "\n";
  }
  return out;
}

std::string output_names(const Model& model) {
  std::string out;
  for (const TensorId id : model.main().outputs) out += model.main().tensors[static_cast<std::size_t>(id)].name + " ";
  return out;
}

bool has_diagnostic(const Model& model, const std::string& code) {
  for (const Diagnostic& item : model.diagnostics.items()) {
    if (item.code == code) return true;
  }
  return false;
}

// One layer on an input of the given extents: its lines.
std::string one_layer(const std::string& dims, const std::string& type, const std::string& parameters) {
  NetText net(dims);
  net.layer(type, "x", parameters);
  const Model model = read_caffe_text(net.text());
  (void)counted(model);
  return op_lines(model);
}

constexpr const char* kV2 = R"(
name: "lenet"
input: "data" input_dim: 2 input_dim: 1 input_dim: 12 input_dim: 12
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 4 kernel_size: 3 pad: 1 stride: 2 group: 1 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "pool" top: "fc" inner_product_param { num_output: 5 bias_term: false } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
)";

constexpr const char* kV1 = R"(
name: "lenet"
input: "data" input_dim: 2 input_dim: 1 input_dim: 12 input_dim: 12
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1
         convolution_param { num_output: 4 kernel_size: 3 pad: 1 stride: 2 weight_filler { type: "xavier" } } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layers { name: "fc" type: 14 bottom: "pool" top: "fc" inner_product_param { num_output: 5 bias_term: false } }
layers { name: "prob" type: "SOFTMAX" bottom: "fc" top: "prob" }
)";

constexpr const char* kV0 = R"(
name: "lenet"
input: "data" input_dim: 2 input_dim: 1 input_dim: 12 input_dim: 12
layers { layer { name: "pad" type: "padding" pad: 1 } bottom: "data" top: "pad" }
layers { layer { name: "conv" type: "conv" num_output: 4 kernelsize: 3 stride: 2 } bottom: "pad" top: "conv" }
layers { layer { name: "relu" type: "relu" } bottom: "conv" top: "conv" }
layers { layer { name: "pool" type: "pool" pool: AVE kernelsize: 2 stride: 2 } bottom: "conv" top: "pool" }
layers { layer { name: "fc" type: "innerproduct" num_output: 5 biasterm: false } bottom: "pool" top: "fc" }
layers { layer { name: "prob" type: "softmax" } bottom: "fc" top: "prob" }
)";

constexpr const char* kLines =
    "Conv2D conv [2,4,6,6]\nRelu relu [2,4,6,6]\nAveragePool pool [2,4,3,3]\nDense fc [2,5]\nSoftmax prob [2,5]\n";

// --- binary files ---------------------------------------------------------------------------------------------------

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(value));
  return out;
}
std::string number(unsigned field, std::uint64_t value) { return varint(field << 3U) + varint(value); }
std::string bytes(unsigned field, const std::string& content) {
  return varint((field << 3U) | 2U) + varint(content.size()) + content;
}
std::string floats(std::size_t count) { return std::string(4 * count, '\x01'); }
std::string shape(std::initializer_list<std::uint64_t> dims) {
  std::string packed;
  for (const std::uint64_t dim : dims) packed += varint(dim);
  return bytes(7, bytes(1, packed));
}
std::string blob(std::initializer_list<std::uint64_t> dims, std::size_t count) {
  return shape(dims) + bytes(5, floats(count));
}

// A V2 caffemodel of one convolution on three channels, as a training leaves it.
std::string conv_model(std::size_t weights = 4 * 3 * 3 * 3) {
  const std::string data = bytes(1, "data") + bytes(2, "Data") + bytes(4, "data") + bytes(4, "label") + number(10, 0) +
                           bytes(100, number(3, 8)) + bytes(107, number(4, 2));
  const std::string conv = bytes(1, "conv") + bytes(2, "Convolution") + bytes(3, "data") + bytes(4, "conv") +
                           bytes(7, blob({4, 3, 3, 3}, weights)) + bytes(7, blob({4}, 4)) +
                           bytes(106, number(1, 4) + number(4, 3));
  return bytes(1, "net") + bytes(100, data) + bytes(100, conv);
}

// Files in memory.
class Memory : public Companions {
 public:
  std::map<std::string, std::string> files;
  Result<std::uint64_t> size_bytes(const std::string& name) const override {
    const auto found = files.find(name);
    if (found == files.end()) return make_error(ErrorCode::kUnreadable, "no such file");
    return std::uint64_t{found->second.size()};
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override {
    const std::string path = "caffe_reader_test.tmp";
    NNGAUGE_TRY(const std::uint64_t size, size_bytes(name));
    (void)size;
    NNGAUGE_CHECK(write_file(path, files.at(name)));
    auto file = MappedFile::open(path);
    std::remove(path.c_str());
    return file;
  }
};

Result<Model> read_pair(const std::string& path, const std::string& content, const Memory& side) {
  Result<Model> model = read_model({path, as_bytes(content), &side});
  if (model) {
    if (const Status status = complete_model(*model, {}); !status) return status.error();
  }
  return model;
}

}  // namespace

TEST_CASE("caffe reader: three generations say the same", "[caffe]") {
  const std::pair<const char*, const char*> cases[] = {{"V2", kV2}, {"V1", kV1}, {"V0", kV0}};
  for (const auto& [generation, text] : cases) {
    INFO(generation);
    const Model model = read_caffe_text(text);
    CHECK(model.format_version == generation);
    CHECK(model.name == "lenet");
    CHECK(op_lines(model) == kLines);
    CHECK(output_names(model) == "prob ");
    const Analysis analysis = counted(model);
    CHECK(analysis.totals.macs == 2ULL * 6 * 6 * 3 * 3 * 4 + 2ULL * 4 * 3 * 3 * 5);
    CHECK(analysis.totals.params == 4ULL * 9 + 4 + 5 * 36);
  }
}

TEST_CASE("caffe reader: text of all spellings", "[caffe]") {
  const Model model = read_caffe_text(
      "\xef\xbb\xbf# caf\xe9\r\nname: 'a' \"b\"\r\ninput: \"d\" input_shape: < dim: 1, dim: 2; dim: 4 dim: 4 >\r\n"
      "layer: { type: 'Convolution' name: \"c\" bottom: \"d\" top: \"c\" # comment { \r\n"
      "convolution_param { num_output: 0x3 kernel_size: [1, 3] pad_h: 0 pad_w: 1 unheard_of { a: FOO b: [X, Y] } "
      "weight_filler { type: \"gaussian\" std: 1e-2f value: -.5 } } }");
  CHECK(model.name == "ab");
  CHECK(op_lines(model) == "Conv2D c [1,3,4,4]\n");
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].message == "fields without a meaning here: unheard_of (line 5)");
}

TEST_CASE("caffe reader: in-place layers, labels, outputs", "[caffe]") {
  const Model model = read_caffe_text(
      "layer { name: 'd' type: 'MemoryData' top: 'data' top: 'label' memory_data_param { batch_size: 2 channels: 3 "
      "height: 4 "
      "width: 4 } }"
      "layer { name: 'a' type: 'ReLU' bottom: 'data' top: 'x' } layer { name: 'b' type: 'Dropout' bottom: 'x' top: 'x' "
      "}"
      "layer { name: 'c' type: 'TanH' bottom: 'x' top: 'x' } layer { name: 'e' type: 'Split' bottom: 'x' top: 's' top: "
      "'t' }"
      "layer { name: 'f' type: 'Silence' bottom: 't' } layer { name: 'g' type: 'Accuracy' bottom: 's' bottom: 'label' "
      "top: 'acc' }");
  CHECK(input_lines(model) == "data [2,3,4,4]\n");
  CHECK(op_lines(model) == "Relu a [2,3,4,4]\nDropout b [2,3,4,4]\nTanh c [2,3,4,4]\nIdentity e [2,3,4,4]\n");
  CHECK(output_names(model) == "s ");
  CHECK(has_diagnostic(model, "deploy-view"));
}

TEST_CASE("caffe reader: phases, levels and stages", "[caffe]") {
  const std::string text =
      "layer { name: 'train' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN } transform_param { "
      "crop_size: 8 } "
      "data_param { batch_size: 64 } }"
      "layer { name: 'test' type: 'Data' top: 'data' top: 'label' include { phase: TEST } transform_param { crop_size: "
      "4 } "
      "data_param { batch_size: 3 } }"
      "layer { name: 'a' type: 'ReLU' bottom: 'data' top: 'a' exclude { phase: TRAIN } }"
      "layer { name: 'b' type: 'TanH' bottom: 'data' top: 'b' include { min_level: 1 } }"
      "layer { name: 'c' type: 'Sigmoid' bottom: 'data' top: 'c' include { stage: 'deploy' } include { not_stage: "
      "'deploy' phase: "
      "TRAIN } }"
      "layer { name: 'loss' type: 'EuclideanLoss' bottom: 'data' bottom: 'label' top: 'loss' }";
  const Model test = read_caffe_text(text);
  CHECK(input_lines(test) == "data [3,3,4,4]\n");
  CHECK(op_lines(test) == "Relu a [3,3,4,4]\n");
  REQUIRE(test.assumed_dims.size() == 1);
  CHECK(test.assumed_dims[0].name == "data channels");
  const Model train = read_caffe_text(text, {}, Phase::kTrain);
  CHECK(input_lines(train) == "data [64,3,8,8]\nlabel [64]\n");
  CHECK(op_lines(train) == "Sigmoid c [64,3,8,8]\nTrainingStep loss []\n");
  // A file for training only, and one whose input exists in the stage deploy only.
  const Model only_train = read_caffe_text(
      "layer { name: 'd' type: 'DummyData' top: 'd' include { phase: TRAIN } dummy_data_param { num: 2 channels: 3 "
      "height: 4 "
      "width: 5 } } layer { name: 'a' type: 'AbsVal' bottom: 'd' top: 'a' }");
  CHECK(op_lines(only_train) == "Abs a [2,3,4,5]\n");
  CHECK(has_diagnostic(only_train, "phase"));
  const Model deploy = read_caffe_text(
      "layer { name: 'd' type: 'Input' top: 'd' include { stage: 'deploy' } input_param { shape { dim: 1 dim: 2 } } }"
      "layer { name: 'a' type: 'BNLL' bottom: 'd' top: 'a' }");
  CHECK(op_lines(deploy) == "Softplus a [1,2]\n");
}

TEST_CASE("caffe reader: inputs of all kinds", "[caffe]") {
  const auto inputs = [](const std::string& layer) {
    return input_lines(read_caffe_text(layer + " layer { name: 'a' type: 'ReLU' bottom: 'd' top: 'a' }"));
  };
  CHECK(inputs("input: 'd' input_dim: 1 input_dim: 2 input_dim: 3 input_dim: 4") == "d [1,2,3,4]\n");
  CHECK(inputs("input: 'd' input_shape { dim: 5 dim: 6 }") == "d [5,6]\n");
  CHECK(inputs("layer { name: 'i' type: 'Input' top: 'd' input_param { shape { dim: 7 } } }") == "d [7]\n");
  CHECK(inputs("layer { name: 'i' type: 'ImageData' top: 'd' top: 'l' image_data_param { batch_size: 2 new_height: 5 "
               "new_width: 6 "
               "is_color: false } }") == "d [2,1,5,6]\n");
  CHECK(inputs("layer { name: 'i' type: 'DummyData' top: 'd' dummy_data_param { shape { dim: 3 dim: 1 } } }") ==
        "d [3,1]\n");
  CHECK(inputs("layer { name: 'i' type: 'HDF5Data' top: 'd' hdf5_data_param { batch_size: 9 } }") == "d [9,?,?,?]\n");
  CHECK(inputs("layer { name: 'i' type: 'Data' top: 'd' data_param { batch_size: 9 } transform_param { force_gray: "
               "true } }") == "d [9,1,?,?]\n");
  CHECK(inputs("layer { name: 'i' type: 'AnnotatedData' top: 'd' data_param { batch_size: 8 } transform_param { "
               "resize_param { "
               "height: 300 width: 200 } } }") == "d [8,3,300,200]\n");
  Bindings bindings;
  bindings.inputs["d"] = {2, 10};
  const Model bound = read_caffe_text(
      "layer { name: 'i' type: 'HDF5Data' top: 'd' } layer { name: 'f' type: 'InnerProduct' bottom: 'd' top: 'f' "
      "inner_product_param { num_output: 4 } }",
      bindings);
  CHECK(counted(bound).totals.params == 10ULL * 4 + 4);
}

TEST_CASE("caffe reader: pooling rounds up, and takes the last window back only with padding", "[caffe]") {
  const auto pool = [](int extent, const std::string& parameters) {
    return one_layer(fmt::format("dim: 1 dim: 1 dim: {} dim: {}", extent, extent), "Pooling",
                     "pooling_param { " + parameters + " }");
  };
  CHECK(pool(6, "kernel_size: 3 stride: 2") == "MaxPool x [1,1,3,3]\n");
  CHECK(pool(4, "kernel_size: 1 stride: 3 pad: 1") ==
        "MaxPool x [1,1,2,2]\n");                                         // 3 by size; the third begins at 6 >= 4 + 1
  CHECK(pool(4, "kernel_size: 1 stride: 5") == "MaxPool x [1,1,2,2]\n");  // begins outside, and stays
  CHECK(pool(6, "kernel_size: 3 stride: 2 round_mode: FLOOR") == "MaxPool x [1,1,2,2]\n");
  CHECK(pool(6, "pool: 1 kernel_h: 2 kernel_w: 6 stride_h: 2 stride_w: 1") == "AveragePool x [1,1,3,1]\n");
  CHECK(pool(6, "pool: AVE global_pooling: true") == "GlobalAveragePool x [1,1,1,1]\n");
}

TEST_CASE("caffe reader: layers, those of forks among them", "[caffe]") {
  struct Case {
    const char *dims, *type, *parameters, *lines;
  };
  const Case cases[] = {
      {"dim: 1 dim: 6 dim: 5 dim: 5", "Convolution",
       "convolution_param { num_output: 6 group: 6 kernel_size: 3 dilation: 2 }", "DepthwiseConv2D x [1,6,1,1]\n"},
      {"dim: 1 dim: 6 dim: 5 dim: 5", "DepthwiseConvolution",
       "convolution_param { num_output: 6 kernel_size: 3 pad: 1 }", "DepthwiseConv2D x [1,6,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Deconvolution",
       "convolution_param { num_output: 3 kernel_size: 4 stride: 2 pad: 1 }", "ConvTranspose2D x [1,3,10,10]\n"},
      {"dim: 1 dim: 2 dim: 3 dim: 5 dim: 5", "Convolution", "convolution_param { num_output: 3 kernel_size: 3 }",
       "Conv3D x [1,3,1,3,3]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Local", "local_param { num_output: 3 kernel_size: 3 }",
       "Reshape x [?...]\nReshape x [?...]\nConv2D x [1,3,3,3]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "BatchNorm", "", "BatchNorm x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Scale", "scale_param { bias_term: true }", "BatchNorm x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Scale", "", "Mul x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Bias", "", "BiasAdd x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "PReLU", "prelu_param { channel_shared: true }", "PRelu x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "ReLU", "relu_param { negative_slope: 0.1 }", "LeakyRelu x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "ReLU6", "", "Relu6 x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Normalize", "norm_param { across_spatial: false channel_shared: false }",
       "L2Norm x [1,2,5,5]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 6", "Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }",
       "Transpose x [1,5,6,2]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 6", "Flatten", "flatten_param { axis: 2 end_axis: -1 }", "Reshape x [1,2,30]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 6", "Reshape", "reshape_param { shape { dim: 0 dim: -1 } axis: 1 num_axes: 2 }",
       "Reshape x [1,2,5,6]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 6", "Tile", "tile_param { axis: 3 tiles: 3 }", "Tile x [1,2,5,18]\n"},
      {"dim: 1 dim: 2 dim: 5 dim: 6", "Reduction", "reduction_param { operation: MEAN axis: 2 }",
       "ReduceMean x [1,2]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 6", "ShuffleChannel", "shuffle_channel_param { group: 2 }",
       "ChannelShuffle x [1,4,6,6]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 6", "Reorg", "reorg_param { stride: 2 }", "SpaceToDepth x [1,16,3,3]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 6", "Interp", "interp_param { zoom_factor: 8 }", "ResizeBilinear x [1,4,41,41]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 6", "Interp", "interp_param { shrink_factor: 2 pad_end: -1 }",
       "ResizeBilinear x [1,4,3,3]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 6", "Upsample", "upsample_param { scale: 2 }", "ResizeNearest x [1,4,12,12]\n"},
      {"dim: 1 dim: 4 dim: 6 dim: 7", "PriorBox",
       "prior_box_param { min_size: 60 max_size: 111 aspect_ratio: 2 aspect_ratio: 3 flip: true }",
       "PriorBox x [1,2,1008]\n"},
      {"dim: 7 dim: 4 dim: 6", "LSTM", "recurrent_param { num_output: 5 }", "LSTM x [7,4,5]\n"},
      {"dim: 7 dim: 4", "Embed", "embed_param { num_output: 5 input_dim: 9 }", "EmbeddingLookup x [7,4,5]\n"},
      {"dim: 1 dim: 2", "Power", "power_param { power: 2 scale: 3 }", "Mul x [1,2]\nSquare x [1,2]\n"},
      {"dim: 1 dim: 2", "Python", "python_param { module: 'm' layer: 'L' }", "Custom x [?...]\n"},
      {"dim: 1 dim: 2", "NeverHeardOf", "", "Custom x [?...]\n"},
  };
  for (const Case& c : cases) {
    INFO(c.type << " " << c.parameters);
    CHECK(one_layer(c.dims, c.type, c.parameters) == c.lines);
  }
}

TEST_CASE("caffe reader: work and weights of single layers", "[caffe]") {
  struct Case {
    const char *dims, *type, *parameters;
    std::uint64_t macs, params;
  };
  const Case cases[] = {
      {"dim: 1 dim: 2 dim: 5 dim: 5", "Local", "local_param { num_output: 3 kernel_size: 3 }", 3ULL * 3 * 3 * 3 * 2 * 3,
       3ULL * 18 * 9 + 3 * 9},
      {"dim: 1 dim: 4 dim: 5 dim: 5", "Convolution", "convolution_param { num_output: 6 group: 2 kernel_size: 3 }",
       3ULL * 3 * 3 * 3 * 2 * 6, 6ULL * 2 * 9 + 6},
      {"dim: 1 dim: 4 dim: 5 dim: 5", "Deconvolution", "convolution_param { num_output: 6 group: 2 kernel_size: 3 }",
       5ULL * 5 * 3 * 3 * 4 * 3, 4ULL * 3 * 9 + 6},
      {"dim: 7 dim: 4 dim: 6", "LSTM", "recurrent_param { num_output: 5 }", 7ULL * 4 * (20 * 6 + 20 * 5),
       20ULL * 6 + 20 + 20 * 5},
      {"dim: 7 dim: 4", "Embed", "embed_param { num_output: 5 input_dim: 9 }", 0, 9ULL * 5 + 5},
      {"dim: 1 dim: 3 dim: 2 dim: 2", "BatchNorm", "", 0, 2ULL * 3},
      {"dim: 1 dim: 3 dim: 2 dim: 2", "Scale", "scale_param { bias_term: true }", 0, 2ULL * 3},
      {"dim: 1 dim: 3 dim: 2 dim: 2", "InnerProduct", "inner_product_param { num_output: 2 axis: 2 }", 3ULL * 4 * 2,
       4ULL * 2 + 2},
  };
  for (const Case& c : cases) {
    INFO(c.type << " " << c.parameters);
    NetText net(c.dims);
    net.layer(c.type, "x", c.parameters);
    const Analysis analysis = counted(read_caffe_text(net.text()));
    CHECK(analysis.totals.macs == c.macs);
    CHECK(analysis.totals.params == c.params);
  }
}

TEST_CASE("caffe reader: weights with one name are stored once", "[caffe]") {
  NetText net("dim: 1 dim: 8");
  const std::string shared = "param { name: 'w' } param { name: 'b' } inner_product_param { num_output: 8 }";
  net.layer("InnerProduct", "a", shared).layer("InnerProduct", "b", shared);
  CHECK(counted(read_caffe_text(net.text())).totals.params == 8ULL * 8 + 8);
}

TEST_CASE("caffe reader: a caffemodel alone", "[caffe]") {
  const std::string content = conv_model();
  Result<Model> model = read_model({"net.caffemodel", as_bytes(content), nullptr});
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  CHECK(model->format_version == "V2");
  CHECK(op_lines(*model) == "Conv2D conv [2,4,6,6]\n");
  CHECK(counted(*model).totals.weight_bytes == 4ULL * (4 * 27 + 4));
  const Tensor& filter = model->main().tensors[static_cast<std::size_t>(model->main().ops[0].inputs[1].tensor)];
  CHECK(filter.data.file == 0);
  CHECK(filter.data.size_bytes == 4ULL * 4 * 27);
  CHECK(content.substr(filter.data.offset, filter.data.size_bytes) == floats(4 * 27));
}

TEST_CASE("caffe reader: prototxt and caffemodel find each other", "[caffe]") {
  const std::string text =
      "input: 'data' input_dim: 1 input_dim: 3 input_dim: 5 input_dim: 5 layer { name: 'conv' type: 'Convolution' "
      "bottom: 'data' "
      "top: 'c' convolution_param { num_output: 4 kernel_size: 3 } }";
  Memory side;
  side.files = {{"net.prototxt", text}, {"net.caffemodel", conv_model()}};
  const auto from_text = read_pair("some/net.prototxt", text, side);
  REQUIRE(from_text);
  CHECK(op_lines(*from_text) == "Conv2D conv [1,4,3,3]\n");
  REQUIRE(from_text->files.size() == 2);
  CHECK(from_text->files[1].name == "net.caffemodel");
  CHECK(from_text->main().tensors[static_cast<std::size_t>(from_text->main().ops[0].inputs[1].tensor)].data.file == 1);
  const auto from_weights = read_pair("some/net.caffemodel", conv_model(), side);
  REQUIRE(from_weights);
  CHECK(op_lines(*from_weights) == "Conv2D conv [1,4,3,3]\n");
  CHECK(
      from_weights->main().tensors[static_cast<std::size_t>(from_weights->main().ops[0].inputs[1].tensor)].data.file ==
      0);
  side.files["net.caffemodel"] = conv_model(4 * 27 - 1);
  CHECK(read_pair("net.prototxt", text, side).error().text() ==
        "net.caffemodel: layer \"conv\", blob #0: a blob holds 428 bytes, float32 [4,3,3,3] takes 432 [damaged]");
}

TEST_CASE("caffe reader: errors", "[caffe]") {
  const std::string input = "input: 'd' input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 4 ";
  CHECK(
      caffe_error(input +
                  "layer { name: 'c' type: 'Convolution' bottom: 'd' top: 'c' convolution_param { num_output: 4 } }") ==
      "layer #0 Convolution \"c\": kernel_size is missing [invalid-attribute]");
  CHECK(caffe_error(
            input +
            "layer { name: 'c' type: 'Convolution' bottom: 'd' top: 'c' convolution_param { kernel_size: 4 } }") ==
        "layer #0 Convolution \"c\": num_output is missing or 0 [invalid-attribute]");
  CHECK(caffe_error(input + "layer { name: 'c' type: 'Pooling' bottom: 'd' top: 'c' }") ==
        "layer #0 Pooling \"c\": kernel_size is missing or 0 [invalid-attribute]");
  CHECK(caffe_error(input + "layer { name: 'c' type: 'Slice' bottom: 'd' top: 'c' slice_param { slice_point: 2 } }") ==
        "layer #0 Slice \"c\": 1 slice points for 1 tops [invalid-attribute]");
  CHECK(caffe_error(input + "layer { type: 'ReLU' } layers { type: RELU }") ==
        "the network mixes layers of two generations (layer and layers) [invalid-graph]");
  CHECK(caffe_error(input + "\nlayer { name: }") == "line 2: Expected string, got: } [damaged]");
  CHECK(
      caffe_error(input +
                  "\nlayer { name: 'a' type: 'ReLU' }\n<<<<<<< HEAD\nlayer { name: 'b' }\n=======\n>>>>>>> other\n") ==
      "line 3: the marks of an unresolved merge stand in the text [damaged]");
  CHECK(caffe_error(input + "\nlayer { name: 'a' inner_product_param {\n num_output: ${n} } }") ==
        "line 3: a template whose placeholders are not filled in: \"num_output: ${n} } }\" [damaged]");
  std::string deep = input + "layer { ";
  for (int i = 0; i < 40; ++i) deep += "a { ";
  CHECK(caffe_error(deep + std::string(41 * 2, '}')) == "line 1: fields are nested more than 32 deep [too-large]");
}

TEST_CASE("caffe reader: what is like a network and is none", "[caffe]") {
  CHECK(caffe_error("net: \"train.prototxt\"\nbase_lr: 0.01\nlr_policy: \"step\"\n") ==
        "settings of a Caffe solver, not a network [side-file]");
  CHECK(caffe_error("name: \"n\" op { input: \"a\" output: \"b\" type: \"Relu\" } external_input: \"a\"") ==
        "a Caffe2 network (NetDef) as text, which is another format than Caffe [unsupported-format]");
  CHECK(caffe_error(number(1, 1) + number(2, 3) + number(3, 2) + number(4, 2) + bytes(5, floats(12))) ==
        "a Caffe blob (a mean picture), not a network [side-file]");
  const std::string op = bytes(1, "a") + bytes(2, "b") + bytes(3, "") + bytes(4, "Relu");
  CHECK(caffe_error(bytes(1, "net") + bytes(2, op) + bytes(2, op)) ==
        "a Caffe2 network (NetDef), which is another format than Caffe [unsupported-format]");
  const Model model = read_caffe_text(
      "base_lr: 0.1 lr_policy: 'fixed' net_param { input: 'd' input_shape { dim: 1 } layer { name: 'a' type: 'ReLU' "
      "bottom: 'd' "
      "top: 'a' } }");
  CHECK(op_lines(model) == "Relu a [1]\n");
}

TEST_CASE("caffe reader: every cut of a caffemodel is answered", "[caffe]") {
  const std::string whole = conv_model();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    Result<Model> model = read_model({"net.caffemodel", as_bytes(cut), nullptr});
    if (model) (void)complete_model(*model, {});
  }
}

// SPDX-License-Identifier: Apache-2.0
// V0 and V1 layers as V2 ones.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "caffe.pb.h"
#include "parsers/caffe/net.h"

namespace nngauge::caffe_format {
namespace {

struct V1Type {
  std::int32_t number;  // -1: known from texts of forks only
  std::string_view word, type;
};

constexpr V1Type kV1Types[] = {
    {1, "ACCURACY", "Accuracy"},
    {2, "BNLL", "BNLL"},
    {3, "CONCAT", "Concat"},
    {4, "CONVOLUTION", "Convolution"},
    {5, "DATA", "Data"},
    {6, "DROPOUT", "Dropout"},
    {7, "EUCLIDEAN_LOSS", "EuclideanLoss"},
    {8, "FLATTEN", "Flatten"},
    {9, "HDF5_DATA", "HDF5Data"},
    {10, "HDF5_OUTPUT", "HDF5Output"},
    {11, "IM2COL", "Im2col"},
    {12, "IMAGE_DATA", "ImageData"},
    {13, "INFOGAIN_LOSS", "InfogainLoss"},
    {14, "INNER_PRODUCT", "InnerProduct"},
    {15, "LRN", "LRN"},
    {16, "MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"},
    {17, "POOLING", "Pooling"},
    {18, "RELU", "ReLU"},
    {19, "SIGMOID", "Sigmoid"},
    {20, "SOFTMAX", "Softmax"},
    {21, "SOFTMAX_LOSS", "SoftmaxWithLoss"},
    {22, "SPLIT", "Split"},
    {23, "TANH", "TanH"},
    {24, "WINDOW_DATA", "WindowData"},
    {25, "ELTWISE", "Eltwise"},
    {26, "POWER", "Power"},
    {27, "SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
    {28, "HINGE_LOSS", "HingeLoss"},
    {29, "MEMORY_DATA", "MemoryData"},
    {30, "ARGMAX", "ArgMax"},
    {31, "THRESHOLD", "Threshold"},
    {32, "DUMMY_DATA", "DummyData"},
    {33, "SLICE", "Slice"},
    {34, "MVN", "MVN"},
    {35, "ABSVAL", "AbsVal"},
    {36, "SILENCE", "Silence"},
    {37, "CONTRASTIVE_LOSS", "ContrastiveLoss"},
    {38, "EXP", "Exp"},
    {39, "DECONVOLUTION", "Deconvolution"},
    {40, "CROP", "Crop"},  // a fork's number
    {-1, "LOCAL", "Local"},
    {-1, "PRELU", "PReLU"},
    {-1, "RESHAPE", "Reshape"},
    {-1, "PERMUTE", "Permute"},
    {-1, "ROI_POOLING", "ROIPooling"},
    {-1, "LRN_MAP", "LRN_MAP"},
    {-1, "SPATIAL_PYRAMID_POOLING", "SPP"},
};

constexpr std::pair<std::string_view, std::string_view> kV0Types[] = {
    {"accuracy", "Accuracy"},
    {"bnll", "BNLL"},
    {"concat", "Concat"},
    {"conv", "Convolution"},
    {"data", "Data"},
    {"dropout", "Dropout"},
    {"euclidean_loss", "EuclideanLoss"},
    {"flatten", "Flatten"},
    {"hdf5_data", "HDF5Data"},
    {"hdf5_output", "HDF5Output"},
    {"im2col", "Im2col"},
    {"images", "ImageData"},
    {"infogain_loss", "InfogainLoss"},
    {"innerproduct", "InnerProduct"},
    {"locally_connected", "Local"},
    {"lrn", "LRN"},
    {"memory_data", "MemoryData"},
    {"multinomial_logistic_loss", "MultinomialLogisticLoss"},
    {"padding", "Padding"},
    {"pool", "Pooling"},
    {"relu", "ReLU"},
    {"sigmoid", "Sigmoid"},
    {"softmax", "Softmax"},
    {"softmax_loss", "SoftmaxWithLoss"},
    {"split", "Split"},
    {"tanh", "TanH"},
    {"window_data", "WindowData"},
};

std::string v1_type(const caffe::V1LayerParameter& layer) {
  if (layer.has_type_word()) {
    for (const V1Type& row : kV1Types) {
      if (row.word == layer.type_word() || row.type == layer.type_word()) return std::string(row.type);
    }
    return layer.type_word();  // of a fork
  }
  for (const V1Type& row : kV1Types) {
    if (row.number == layer.type()) return std::string(row.type);
  }
  return fmt::format("V1 type {}", layer.type());
}

std::string v0_type(const std::string& word) {
  for (const auto& [from, to] : kV0Types) {
    if (from == word) return std::string(to);
  }
  return word;  // of a fork
}

// The parameters of both generations have the same names and messages.
void move_parameters(caffe::V1LayerParameter& from, caffe::LayerParameter& to) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) continue;
    const auto* target = to.GetDescriptor()->FindFieldByName(field->name());
    if (target == nullptr || target->message_type() != field->message_type()) continue;
    to.GetReflection()->MutableMessage(&to, target)->CopyFrom(from.GetReflection()->GetMessage(from, field));
  }
  if (from.has_lrn_map_param()) *to.mutable_lrn_param() = from.lrn_map_param();
  if (from.has_spatial_pyramid_pooling_param()) *to.mutable_spp_param() = from.spatial_pyramid_pooling_param();
}

void move_convolution(const caffe::V0LayerParameter& v0, caffe::ConvolutionParameter& conv) {
  conv.set_num_output(v0.num_output());
  conv.set_bias_term(v0.biasterm());
  if (v0.has_pad()) conv.add_pad(v0.pad());
  if (v0.has_kernelsize()) conv.add_kernel_size(v0.kernelsize());
  if (v0.has_group()) conv.set_group(v0.group());
  if (v0.has_stride()) conv.add_stride(v0.stride());
}

void move_pooling(const caffe::V0LayerParameter& v0, caffe::PoolingParameter& pool) {
  if (v0.has_pool()) pool.set_pool(v0.pool());
  if (v0.has_pool_word()) pool.set_pool_word(v0.pool_word());
  if (v0.has_kernelsize()) pool.set_kernel_size(v0.kernelsize());
  if (v0.has_stride()) pool.set_stride(v0.stride());
  if (v0.has_pad()) pool.set_pad(v0.pad());
}

void move_data(const caffe::V0LayerParameter& v0, const std::string& type, caffe::LayerParameter& to) {
  if (v0.has_cropsize()) to.mutable_transform_param()->set_crop_size(v0.cropsize());
  if (!v0.has_batchsize()) return;
  if (type == "Data") to.mutable_data_param()->set_batch_size(v0.batchsize());
  if (type == "WindowData") to.mutable_window_data_param()->set_batch_size(v0.batchsize());
  if (type == "HDF5Data") to.mutable_hdf5_data_param()->set_batch_size(v0.batchsize());
  if (type == "MemoryData") to.mutable_memory_data_param()->set_batch_size(v0.batchsize());
  if (type == "ImageData") {
    to.mutable_image_data_param()->set_batch_size(v0.batchsize());
    to.mutable_image_data_param()->set_new_height(v0.new_height());
    to.mutable_image_data_param()->set_new_width(v0.new_width());
  }
}

void move_v0(caffe::V0LayerParameter& v0, caffe::LayerParameter& to) {
  to.set_name(v0.name());
  const std::string type = v0_type(v0.type());
  to.set_type(type);
  if (type == "Convolution") move_convolution(v0, *to.mutable_convolution_param());
  else if (type == "Pooling") move_pooling(v0, *to.mutable_pooling_param());
  else if (type == "InnerProduct") {
    to.mutable_inner_product_param()->set_num_output(v0.num_output());
    to.mutable_inner_product_param()->set_bias_term(v0.biasterm());
  } else if (type == "Local") {
    to.mutable_local_param()->set_num_output(v0.num_output());
    to.mutable_local_param()->set_bias_term(v0.biasterm());
    to.mutable_local_param()->set_kernel_size(v0.kernelsize());
    if (v0.has_stride()) to.mutable_local_param()->set_stride(v0.stride());
    to.mutable_local_param()->set_pad(v0.pad());
  } else if (type == "LRN" && v0.has_local_size()) {
    to.mutable_lrn_param()->set_local_size(v0.local_size());
  } else if (type == "Concat" && v0.has_concat_dim()) {
    to.mutable_concat_param()->set_concat_dim(v0.concat_dim());
  } else if (type == "Padding") {
    to.mutable_convolution_param()->add_pad(v0.pad());
  } else {
    move_data(v0, type, to);
  }
  to.mutable_blobs()->Swap(v0.mutable_blobs());
}

// V1 data layers kept the crop beside the source.
void move_crop(caffe::LayerParameter& layer) {
  std::uint32_t crop = 0;
  if (layer.has_data_param()) crop = layer.data_param().crop_size();
  if (layer.has_image_data_param()) crop = layer.image_data_param().crop_size();
  if (layer.has_window_data_param()) crop = layer.window_data_param().crop_size();
  if (crop > 0 && !layer.transform_param().has_crop_size()) layer.mutable_transform_param()->set_crop_size(crop);
}

void upgrade_layer(caffe::V1LayerParameter& from, caffe::LayerParameter& to) {
  to.mutable_unknown_fields()->Swap(from.mutable_unknown_fields());
  to.mutable_bottom()->Swap(from.mutable_bottom());
  to.mutable_top()->Swap(from.mutable_top());
  to.mutable_include()->Swap(from.mutable_include());
  to.mutable_exclude()->Swap(from.mutable_exclude());
  if (from.has_layer()) {
    move_v0(*from.mutable_layer(), to);
  } else {
    to.set_name(from.name());
    to.set_type(v1_type(from));
    move_parameters(from, to);
    to.mutable_blobs()->Swap(from.mutable_blobs());
  }
  for (const std::string& name : from.param()) to.add_param()->set_name(name);
  move_crop(to);
}

}  // namespace

std::string generation_of(const caffe::NetParameter& net) {
  if (net.layer_size() > 0) return "V2";
  if (net.layers_size() == 0) return "";
  const bool nested =
      std::any_of(net.layers().begin(), net.layers().end(), [](const auto& layer) { return layer.has_layer(); });
  return nested ? "V0" : "V1";
}

Status upgrade(caffe::NetParameter& net) {
  if (net.layer_size() > 0 && net.layers_size() > 0)
    return make_error(ErrorCode::kInvalidGraph, "the network mixes layers of two generations (layer and layers)");
  for (caffe::V1LayerParameter& layer : *net.mutable_layers()) upgrade_layer(layer, *net.add_layer());
  net.clear_layers();
  for (caffe::LayerParameter& layer : *net.mutable_layer()) {
    if (layer.type().empty() && layer.has_type_word()) layer.set_type(layer.type_word());
  }
  return ok();
}

}  // namespace nngauge::caffe_format

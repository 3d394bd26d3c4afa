// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "caffe.pb.h"
#include "parsers/caffe/layer_reader.h"

namespace nngauge::caffe_format {
namespace {

Dim known_if(std::uint32_t value) { return value > 0 ? Dim(std::int64_t{value}) : Dim::unknown(); }

struct Picture {
  Dim batch, channels, height, width;
  [[nodiscard]] Shape shape() const { return {batch, channels, height, width}; }
};

// What the preparation of a picture says of its shape.
void transform(const caffe::TransformationParameter& param, Picture& picture) {
  if (param.has_resize_param()) {
    picture.height = known_if(param.resize_param().height());
    picture.width = known_if(param.resize_param().width());
  }
  if (param.crop_size() > 0) picture.height = picture.width = known_if(param.crop_size());
  if (param.crop_h() > 0) picture.height = known_if(param.crop_h());
  if (param.crop_w() > 0) picture.width = known_if(param.crop_w());
  if (param.force_color()) picture.channels = 3;
  if (param.force_gray()) picture.channels = 1;
  // One mean for each channel; a single one may stand for all.
  if (!picture.channels.known() && param.mean_value_size() > 1)
    picture.channels = std::int64_t{param.mean_value_size()};
}

// The picture, then labels: one number for each.
std::vector<Source> pictures(const caffe::LayerParameter& layer, Picture picture) {
  transform(layer.transform_param(), picture);
  std::vector<Source> out;
  const bool assumed = !picture.channels.known() && picture.height.known() && picture.width.known();
  if (assumed) picture.channels = 3;
  for (int i = 0; i < layer.top_size(); ++i)
    out.push_back({layer.top(i), i == 0 ? picture.shape() : Shape{picture.batch}, {}, assumed && i == 0});
  return out;
}

std::vector<Source> image_data(const caffe::LayerParameter& layer) {
  const auto& param = layer.image_data_param();
  Picture picture{known_if(param.batch_size()), param.is_color() ? 3 : 1, known_if(param.new_height()),
                  known_if(param.new_width())};
  return pictures(layer, picture);
}

std::vector<Source> memory_data(const caffe::LayerParameter& layer) {
  const auto& param = layer.memory_data_param();
  return pictures(layer, {known_if(param.batch_size()), known_if(param.channels()), known_if(param.height()),
                          known_if(param.width())});
}

Shape legacy_shape(const caffe::DummyDataParameter& param, int i) {
  const auto extent = [&](const google::protobuf::RepeatedField<std::uint32_t>& values) {
    if (values.empty()) return Dim::unknown();
    return Dim(std::int64_t{values.size() == 1 ? values.Get(0) : values.Get(std::min(i, values.size() - 1))});
  };
  return {extent(param.num()), extent(param.channels()), extent(param.height()), extent(param.width())};
}

std::vector<Source> dummy_data(const caffe::LayerParameter& layer) {
  const auto& param = layer.dummy_data_param();
  std::vector<Source> out;
  for (int i = 0; i < layer.top_size(); ++i) {
    if (param.shape_size() > 0)
      out.push_back({layer.top(i), Shape(dims_of(param.shape(std::min(i, param.shape_size() - 1)))), {}});
    else out.push_back({layer.top(i), legacy_shape(param, i), {}});
  }
  return out;
}

Result<std::vector<Source>> input_layer(const caffe::LayerParameter& layer) {
  const auto& param = layer.input_param();
  if (param.shape_size() > 1 && param.shape_size() != layer.top_size()) {
    return make_error(ErrorCode::kInvalidAttribute,
                      fmt::format("{} shapes are given for {} tops", param.shape_size(), layer.top_size()));
  }
  std::vector<Source> out;
  for (int i = 0; i < layer.top_size(); ++i) {
    Shape shape;
    if (param.shape_size() > 0) shape = Shape(dims_of(param.shape(param.shape_size() == 1 ? 0 : i)));
    out.push_back({layer.top(i), std::move(shape), {}});
  }
  return out;
}

// Rows of another make: each top has the batch in front, the rest stands in the data.
std::vector<Source> rows(const caffe::LayerParameter& layer, Dim batch = {}) {
  std::vector<Source> out;
  for (const std::string& top : layer.top()) out.push_back({top, Shape(), batch});
  return out;
}

}  // namespace

Result<std::vector<Source>> net_inputs(const caffe::NetParameter& net) {
  const int count = net.input_size();
  std::vector<Source> out;
  if (net.input_shape_size() > 0 && net.input_shape_size() != count) {
    return make_error(ErrorCode::kInvalidGraph,
                      fmt::format("the network has {} inputs and {} shapes of inputs", count, net.input_shape_size()));
  }
  if (net.input_shape_size() == 0 && net.input_dim_size() > 0 && count > 0 && net.input_dim_size() != 4 * count &&
      count > 1) {
    return make_error(
        ErrorCode::kInvalidGraph,
        fmt::format("the network has {} inputs and {} input_dim, 4 for each are needed", count, net.input_dim_size()));
  }
  for (int i = 0; i < count; ++i) {
    std::vector<Dim> dims;
    if (net.input_shape_size() > 0) dims = dims_of(net.input_shape(i));
    const int first = count == 1 ? 0 : 4 * i;
    const int last = count == 1 ? net.input_dim_size() : std::min(first + 4, net.input_dim_size());
    for (int k = first; net.input_shape_size() == 0 && k < last; ++k)
      dims.push_back(net.input_dim(k) >= 0 ? Dim(std::int64_t{net.input_dim(k)}) : Dim::unknown());
    out.push_back({net.input(i), dims.empty() ? Shape() : Shape(std::move(dims)), {}});
  }
  return out;
}

Result<std::vector<Source>> source_tops(const caffe::LayerParameter& layer) {
  const std::string& type = layer.type();
  if (type == "Input") return input_layer(layer);
  if (type == "ImageData") return image_data(layer);
  if (type == "MemoryData") return memory_data(layer);
  if (type == "DummyData") return dummy_data(layer);
  if (type == "WindowData") return pictures(layer, {known_if(layer.window_data_param().batch_size()), 3, {}, {}});
  if (type == "Data" || type == "AnnotatedData" || type == "VideoData")
    return pictures(layer, {known_if(layer.data_param().batch_size()), {}, {}, {}});
  if (type == "ContinuationIndicator") {
    const auto& param = layer.continuation_indicator_param();
    std::vector<Source> out = rows(layer);
    if (!out.empty()) out[0].shape = {known_if(param.time_step()), known_if(param.batch_size())};
    return out;
  }
  if (type == "HDF5Data") return rows(layer, known_if(layer.hdf5_data_param().batch_size()));
  return rows(layer);
}

}  // namespace nngauge::caffe_format

// SPDX-License-Identifier: Apache-2.0
// Owns: the names of the functions that read one type of layer each; the file after which a group stands has them.
#pragma once

#include "parsers/caffe/layer_reader.h"

namespace nngauge::caffe_format {

// read_convolution.cc
void read_convolution(LayerReader& r);
void read_deconvolution(LayerReader& r);
void read_depthwise(LayerReader& r);
void read_deformable(LayerReader& r);
void read_local(LayerReader& r);

// read_pooling.cc
void read_pooling(LayerReader& r);
void read_spp(LayerReader& r);
void read_unpooling(LayerReader& r);
void read_upsample(LayerReader& r);
void read_roi_pooling(LayerReader& r);
void read_roi_align(LayerReader& r);
void read_psroi_pooling(LayerReader& r);

// read_products.cc
void read_inner_product(LayerReader& r);
void read_embed(LayerReader& r);
void read_recurrent(LayerReader& r);
void read_matmul(LayerReader& r);

// read_elementwise.cc
void read_same(LayerReader& r);  // one operand, no attributes
void read_relu(LayerReader& r);
void read_prelu(LayerReader& r);
void read_elu(LayerReader& r);
void read_eltwise(LayerReader& r);
void read_power(LayerReader& r);
void read_exp(LayerReader& r);
void read_log(LayerReader& r);
void read_threshold(LayerReader& r);
void read_axpy(LayerReader& r);
void read_softmax(LayerReader& r);
void read_largest(LayerReader& r);

// read_normalisation.cc
void read_batch_norm(LayerReader& r);
void read_bn(LayerReader& r);
void read_scale(LayerReader& r);
void read_bias(LayerReader& r);
void read_lrn(LayerReader& r);
void read_lrn_map(LayerReader& r);
void read_mvn(LayerReader& r);
void read_normalize(LayerReader& r);

// read_movement.cc
void read_concat(LayerReader& r);
void read_slice(LayerReader& r);
void read_reshape(LayerReader& r);
void read_flatten(LayerReader& r);
void read_permute(LayerReader& r);
void read_transpose(LayerReader& r);
void read_crop(LayerReader& r);
void read_tile(LayerReader& r);
void read_reduction(LayerReader& r);
void read_argmax(LayerReader& r);
void read_reverse(LayerReader& r);
void read_shuffle(LayerReader& r);
void read_reorg(LayerReader& r);
void read_interp(LayerReader& r);
void read_resize_bilinear(LayerReader& r);
void read_padding(LayerReader& r);
void read_random(LayerReader& r);
void read_continuation(LayerReader& r);

// read_detection.cc
void read_prior_box(LayerReader& r);
void read_detection_output(LayerReader& r);
void read_proposal(LayerReader& r);
void read_python(LayerReader& r);

// read_loss.cc
void read_softmax_loss(LayerReader& r);
void read_training(LayerReader& r);

}  // namespace nngauge::caffe_format

// SPDX-License-Identifier: Apache-2.0
// Owns: forward declarations of the generated message classes, which only .cc files include.
#pragma once

namespace nngauge::caffe {
class BlobProto;
class BlobShape;
class LayerParameter;
class NetParameter;
class NetState;
}  // namespace nngauge::caffe

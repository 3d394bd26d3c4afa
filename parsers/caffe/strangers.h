// SPDX-License-Identifier: Apache-2.0
// Owns: saying what a file of Caffe or Caffe2 is that is no Caffe network.
#pragma once

#include <string>

#include "base/file.h"

namespace nngauge {

// "a Caffe solver (settings of a training), not a network"; empty for all other files.
std::string describe_caffe_stranger(Bytes bytes);

}  // namespace nngauge

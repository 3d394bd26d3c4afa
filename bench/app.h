// SPDX-License-Identifier: Apache-2.0
// Owns: an Android app made for benchmarks, of the members that large apps have.
#pragma once

#include <string>
#include <vector>

namespace nngauge::bench {

// An APK of about 200 MB with `models` in assets/ among code, libraries, pictures, sounds and texts. The models are
// deflated where `deflated`, else stored as Android's build tools do with .tflite; the rest is packed as they do.
void write_app(const std::string& path, const std::vector<std::string>& models, bool deflated);

}  // namespace nngauge::bench

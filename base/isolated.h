// SPDX-License-Identifier: Apache-2.0
// Owns: work in a process of its own, for libraries that bytes from strangers may crash, hang or make greedy.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace nngauge {

// Runs `work` in a copy of this process and gives what it returned; nothing else of what it does is seen here. Work
// that ends by a signal, takes more than some seconds of computing or allocates a gigabyte is stopped. Work that computes
// nothing for a second is begun anew in another copy, a few times: `work` must not wait for anything, least of all for
// other threads, which the copy does not have. Errors: kDamaged (it did not come to its end).
Result<std::string> run_isolated(const std::function<std::string()>& work);

}  // namespace nngauge

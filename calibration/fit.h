// SPDX-License-Identifier: Apache-2.0
// Owns: measured runs -> device profile: a regression of whole-model costs on kernel features.
// Not here: the features (cost/kernel_features.h), scores of a profile (validate.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/runs.h"
#include "cost/device_profile.h"

namespace nngauge {

// What the profile says of itself beside the numbers.
struct ProfileIdentity {
  std::string id;  // empty: the runs' only device
  std::string description, soc, cores, source, licence, date, runtime_version, gpu;
  std::string default_setup;  // empty: the first by name
};

struct CalibrateOptions {
  ProfileIdentity identity;
  // Devices to start from (--like): coefficients are drawn towards theirs where the runs say little.
  std::vector<DeviceProfile> like;
};

// How well one setup was fitted; the same numbers stand in the profile.
struct SetupFit {
  std::string setup;
  Metric metric = Metric::kLatencyMs;
  std::int64_t runs = 0, models = 0, families = 0;
  double seen_mape = 0;
  std::optional<double> held_out_model_mape, held_out_family_mape;  // nullopt: too few models or families
};

struct Calibration {
  DeviceProfile profile;
  std::vector<SetupFit> fits;
  std::vector<Error> errors;  // rows whose model or setup could not be used; not those of RunTable::errors
};

// Fits all setups of one device. Rows of one device: all of them, its id replaced by identity.id where that is given.
// Rows of several: those of identity.id; the others lend what their setups have in common.
// Errors: kBadRuns where no row can be used, or rows of several devices are given without an id;
// kUnknownSetup for a setup whose runtime has no cost model.
Result<Calibration> calibrate(const RunTable& runs, const ModelLoader& load, const CalibrateOptions& options);

// Fits every device that `identities` names from one table, all together; in the order of `identities`.
// Errors of rows stand in the first. Errors: as above.
Result<std::vector<Calibration>> calibrate_each(const RunTable& runs, const ModelLoader& load,
                                                std::span<const ProfileIdentity> identities);

}  // namespace nngauge

// SPDX-License-Identifier: Apache-2.0
#include "cli/offload_stages.h"

#include <set>

#include "base/text.h"
#include "cli/bundled_devices.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/load_model.h"
#include "cost/offload.h"
#include "data/bundled.h"
#include "report/offload.h"

namespace nngauge {
namespace {

std::string_view bundled_text(std::string_view name) { return as_text(*find_bundled(name)); }

// The row whose id is `id`. Errors: kUsage, naming the near ones.
template <class T>
Result<T> find_row(const std::vector<T>& rows, const std::string& id, const std::string& what) {
  std::vector<std::string> names;
  for (const T& row : rows) {
    if (row.id == id) return row;
    names.push_back(row.id);
  }
  const std::string near = did_you_mean(id, names);
  return usage_error("unknown " + what + " " + in_quotes(id) +
                     (near.empty() ? "; known are " + join(names, ", ") : near));
}

Result<double> above_zero(double value, const std::string& option) {
  if (value <= 0) return usage_error("option " + option + " takes a number above 0");
  return value;
}

Result<NetworkProfile> network_of(const Arguments& arguments) {
  const auto name = arguments.value("--network");
  NNGAUGE_TRY(const auto mbps, arguments.number("--upload-mbps", 0));
  NNGAUGE_TRY(const auto round_trip, arguments.number("--round-trip-ms", 0));
  NNGAUGE_TRY(const auto kb, arguments.number("--picture-kb", 0));
  if (name && mbps) return usage_error("options --network and --upload-mbps exclude each other");
  if (!name && !mbps) return usage_error("option --network or --upload-mbps is missing");
  NetworkProfile out{.id = "as given"};
  constexpr double kPictureKb = 61;
  if (mbps) {
    NNGAUGE_CHECK(above_zero(*mbps, "--upload-mbps"));
    out.upload_kb = kPictureKb, out.upload_mean_ms = kPictureKb * 8 / *mbps, out.round_trip_ms = 0;
    out.radio = arguments.value("--radio").value_or("wifi");
  } else {
    NNGAUGE_TRY(out, find_bundled_network(*name));
    if (arguments.has("--radio")) return usage_error("option --radio goes with --upload-mbps");
  }
  double sending = out.upload_mean_ms - out.round_trip_ms.value_or(0);
  if (kb) {
    NNGAUGE_CHECK(above_zero(*kb, "--picture-kb"));
    sending *= *kb / out.upload_kb, out.upload_sd_ms *= *kb / out.upload_kb, out.upload_kb = *kb;
  }
  if (round_trip) out.round_trip_ms = *round_trip;
  out.upload_mean_ms = sending + out.round_trip_ms.value_or(0);
  return out;
}

// The constants of every device, those of a preset in their place where it has them.
Result<std::vector<StageConstant>> constants_of(const std::optional<std::string>& preset) {
  NNGAUGE_TRY(const std::vector<StageConstant> common, parse_constants(bundled_text("offload/stages.csv")));
  if (!preset) return common;
  NNGAUGE_TRY(const std::vector<StageConstant> all, parse_constants(bundled_text("offload/presets.csv")));
  std::vector<StageConstant> out;
  std::set<std::string> names;
  for (const StageConstant& constant : all) {
    names.insert(constant.preset);
    if (constant.preset == *preset) out.push_back(constant);
  }
  if (out.empty()) {
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string near = did_you_mean(*preset, known);
    return usage_error("unknown preset " + in_quotes(*preset) +
                       (near.empty() ? "; known are " + join(known, ", ") : near));
  }
  const std::size_t own = out.size();
  for (const StageConstant& constant : common) {
    const bool replaced = std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(own),
                                      [&](const StageConstant& c) { return c.id == constant.id; });
    if (!replaced) out.push_back(constant);
  }
  return out;
}

// A study's phone: a rate for bytes and one for multiply-accumulates.
Result<OnDevice> preset_device(const ModelResult& result, const std::vector<StageConstant>& constants) {
  const Totals& totals = result.analysis.totals;
  if (!totals.macs || !totals.weight_bytes)
    return unknown("multiply-accumulates or weights of the model are not known");
  constexpr double kGiga = 1e9, kMega = 1e6;
  const auto basis = [&](const char* id) {
    for (const StageConstant& c : constants) {
      if (c.id == id) return c.basis;
    }
    return std::string();
  };
  const double gmac_per_s = constant_of(constants, "gmac_per_s"), load_rate = constant_of(constants, "load_mb_per_s");
  OnDevice out;
  out.load_ms =
      constant_of(constants, "load_base_ms") + static_cast<double>(*totals.weight_bytes) / kMega / load_rate * 1000;
  out.load_basis = basis("load_mb_per_s"), out.compute_basis = basis("gmac_per_s");
  out.load_mw = constant_of(constants, "load_mw");
  const double compute = static_cast<double>(*totals.macs) / kGiga / gmac_per_s * 1000;
  constexpr double kSpread = 2;  // of a rate for all networks: assumed
  out.compute_ms = {compute, compute / kSpread, compute * kSpread};
  out.compute_mj = constant_of(constants, "compute_mw") * compute / 1000;
  for (const OpCost& op : result.analysis.ops) {
    out.op_ms.push_back(op.macs ? static_cast<double>(*op.macs) / kGiga / gmac_per_s * 1000 : 0);
  }
  return out;
}

Result<OnDevice> predicted_device(const ModelResult& result, const DeviceProfile& device, const SetupProfile& setup) {
  NNGAUGE_TRY(const Prediction p, predict(result.model, device, setup));
  if (!p.latency_ms) return unknown(p.latency_reason).at(p.device + " " + p.setup);
  OnDevice out;
  out.compute_ms = *p.latency_ms, out.compute_basis = std::string(basis_name(p.basis));
  if (p.energy_mj) out.compute_mj = p.energy_mj->value;
  if (p.load_ms) out.load_ms = p.load_ms->value;
  out.load_basis = p.load_ms ? p.load.basis : "not known: " + p.load_reason;
  for (const LayerPrediction& layer : p.layers) out.op_ms.push_back(layer.latency_ms.value_or(0));
  return out;
}

}  // namespace

Result<NetworkProfile> find_bundled_network(const std::string& id) {
  std::vector<NetworkProfile> all;
  for (const std::string_view name : list_bundled("networks/")) {
    NNGAUGE_TRY(const std::vector<NetworkProfile> some, parse_networks(bundled_text(name)));
    all.insert(all.end(), some.begin(), some.end());
  }
  return find_row(all, id, "network");
}

Result<int> run_offload_stages(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.operands.empty()) return usage_error("the path of a model or option --choose is missing");
  const auto preset = arguments.value("--preset");
  if (preset && arguments.has("--device")) return usage_error("options --device and --preset exclude each other");
  if (!preset && !arguments.has("--device")) {
    return usage_error("option --device or --preset is missing; `nngauge devices` lists the devices");
  }
  OffloadQuestion question;
  NNGAUGE_TRY(question.deadline_ms, arguments.number("--deadline-ms", 0));
  NNGAUGE_TRY(question.network, network_of(arguments));
  NNGAUGE_TRY(question.constants, constants_of(preset));
  NNGAUGE_TRY(const auto servers, parse_servers(bundled_text("offload/servers.csv")));
  NNGAUGE_TRY(question.server, find_row(servers, arguments.value("--server").value_or("cloud-cpu"), "server"));
  NNGAUGE_TRY(const auto radios, parse_radios(bundled_text("offload/radios.csv")));
  if (question.network.radio.empty()) question.network.radio = "wifi";
  NNGAUGE_TRY(question.radio, find_row(radios, question.network.radio, "radio"));
  // A device that cannot be found is a mistake of the command line, whatever the model.
  std::vector<DeviceProfile> devices;
  const SetupProfile* setup = nullptr;
  std::string place = preset.value_or("");
  if (!preset) {
    NNGAUGE_TRY(devices, select_devices(arguments.values("--device")));
    NNGAUGE_TRY(const auto setups, select_setups(devices.front(), arguments.values("--setup")));
    setup = setups.front();
    place = devices.front().id + " " + setup->id;
  }
  const std::string& path = arguments.operands.front();
  const auto loaded = load_model(path, {session.common.bindings, session.common.phase, false, session.common.limits});
  if (!loaded) return end_with_failed_input(session, "offload", "stages", {path, {}, loaded.error()});
  const auto device =
      preset ? preset_device(*loaded, question.constants) : predicted_device(*loaded, devices.front(), *setup);
  if (!device) return end_with_failed_input(session, "offload", "stages", {path, {}, device.error()});
  const OffloadAnswer answer = price_offload(loaded->model, loaded->analysis, *device, question);
  const OffloadReport report{path, place, preset.has_value(), question, answer, loaded->model};
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kJson:
      console.print(offload_document(report));
      break;
    case OutputFormat::kNdjson:
      console.print(offload_ndjson(report));
      break;
    default:
      console.print(offload_text(report, console.style()));
  }
  return int{kExitDone};
}

}  // namespace nngauge

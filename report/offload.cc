// SPDX-License-Identifier: Apache-2.0
#include "report/offload.h"

#include <algorithm>

#include "base/text.h"
#include "report/document.h"
#include "report/json.h"

namespace nngauge {
namespace {

std::string times(double ratio) {
  return (ratio < 10 ? fixed(ratio, 1) : with_thousands(static_cast<std::uint64_t>(ratio + 0.5))) + " times";
}

// The stage that takes most of the device's cold time.
const OffloadStage* bottleneck(const OffloadAnswer& answer) {
  const OffloadStage* most = nullptr;
  for (const OffloadStage& stage : answer.stages) {
    if (stage.where == "device" && stage.stage != "encode" && (!most || stage.latency_ms > most->latency_ms))
      most = &stage;
  }
  return most;
}

std::string crossing_text(const OffloadReport& report, const Cut& split) {
  if (split.device_ops == split.ops) return "nothing";
  std::vector<std::string> names;
  for (const TensorId id : split.crossing) {
    const Tensor& tensor = report.model.main().tensors[static_cast<std::size_t>(id)];
    names.push_back(shortened(tensor.name.empty() ? "#" + std::to_string(id) : tensor.name, 30));
  }
  constexpr std::size_t kShown = 3;
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  if (more > 0) names.resize(kShown);
  return join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

Json split_json(const OffloadReport& report, const Cut& split) {
  Json crossing = Json::array();
  for (const TensorId id : split.crossing) {
    const Tensor& tensor = report.model.main().tensors[static_cast<std::size_t>(id)];
    crossing.push_back({{"tensor", id}, {"name", tensor.name}});
  }
  return {{"device_ops", split.device_ops},
          {"server_ops", split.ops - split.device_ops},
          {"last_device_op", split.device_ops > 0 ? Json(split.last_op) : Json(nullptr)},
          {"crossing", crossing},
          {"sent_kb", json_number(split.sent_kb)},
          {"latency_ms", json_number(split.latency_ms)},
          {"energy_mj", json_number(split.energy_mj)},
          {"best", split.best}};
}

Json members_of(const OffloadReport& report) {
  const OffloadAnswer& a = report.answer;
  Json stages = Json::array();
  for (const OffloadStage& stage : a.stages) {
    stages.push_back({{"where", stage.where},
                      {"stage", stage.stage},
                      {"latency_ms", json_number(stage.latency_ms)},
                      {"energy_mj", json_number(stage.energy_mj)},
                      {"basis", stage.basis}});
  }
  Json constants = Json::array();
  for (const StageConstant& c : report.question.constants) {
    constants.push_back(
        {{"id", c.id}, {"value", json_number(c.value)}, {"unit", c.unit}, {"basis", c.basis}, {"source", c.source}});
  }
  Json splits = Json::array();
  for (const Cut& split : a.splits) splits.push_back(split_json(report, split));
  const OffloadStage* most = bottleneck(a);
  const OffloadQuestion& q = report.question;
  return {{"path", report.path},
          {"device", report.device},
          {"network",
           {{"id", q.network.id},
            {"upload_mbps", json_number(a.upload_mbps)},
            {"round_trip_ms", json_number(q.network.round_trip_ms)},
            {"picture_kb", json_number(q.network.upload_kb)},
            {"source", q.network.source}}},
          {"server", {{"id", q.server.id}, {"basis", q.server.basis}, {"source", q.server.source}}},
          {"radio", {{"id", q.radio.id}, {"basis", q.radio.basis}, {"source", q.radio.source}}},
          {"stages", stages},
          {"totals",
           {{"device_cold_ms", json_number(a.device_cold_ms)},
            {"device_warm_ms", json_number(a.device_warm_ms)},
            {"cloud_ms", json_number(a.cloud_ms)},
            {"device_cold_mj", json_number(a.device_cold_mj)},
            {"device_warm_mj", json_number(a.device_warm_mj)},
            {"cloud_mj", json_number(a.cloud_mj)}}},
          {"bottleneck", most ? Json(most->stage) : Json(nullptr)},
          {"load_share",
           a.device_cold_ms > 0 ? json_number(a.stages.front().latency_ms / a.device_cold_ms) : Json(nullptr)},
          {"break_even_mbps", json_number(a.break_even_mbps)},
          {"break_even_round_trip_ms", json_number(a.break_even_round_trip_ms)},
          {"break_even_reason", a.break_even_reason.empty() ? Json(nullptr) : Json(a.break_even_reason)},
          {"deadline_ms", json_number(q.deadline_ms)},
          {"meets_deadline_on_device", json_number(a.meets_on_device)},
          {"meets_deadline_in_cloud", json_number(a.meets_in_cloud)},
          {"splits", splits},
          {"split_reason", a.split_reason.empty() ? Json(nullptr) : Json(a.split_reason)},
          {"advice", offload_advice(a)},
          {"constants", constants}};
}

std::string stages_text(const OffloadReport& report) {
  using Align = TextTable::Align;
  TextTable table({{"where"}, {"stage"}, {"ms", Align::kRight}, {"mJ", Align::kRight}, {"basis"}});
  bool cloud = false;
  for (const OffloadStage& stage : report.answer.stages) {
    if (!cloud && stage.stage == "encode") {
      table.add_rule();
      cloud = true;
    }
    table.add_row({stage.where, stage.stage, milliseconds(stage.latency_ms),
                   stage.energy_mj ? milliseconds(*stage.energy_mj) : "unknown", printable(stage.basis)});
  }
  return table.text("  ");
}

std::string totals_text(const OffloadReport& report) {
  using Align = TextTable::Align;
  const OffloadAnswer& a = report.answer;
  TextTable table({{""}, {"ms", Align::kRight}, {"mJ", Align::kRight}});
  const auto energy = [](const std::optional<double>& mj) { return mj ? milliseconds(*mj) : std::string("unknown"); };
  table.add_row(
      {"device, cold: the network is loaded first", milliseconds(a.device_cold_ms), energy(a.device_cold_mj)});
  table.add_row({"device, warm", milliseconds(a.device_warm_ms), energy(a.device_warm_mj)});
  table.add_row({"cloud", milliseconds(a.cloud_ms), energy(a.cloud_mj)});
  return table.text("  ");
}

std::string splits_text(const OffloadReport& report) {
  using Align = TextTable::Align;
  TextTable table({{""},
                   {"on the device", Align::kRight},
                   {"sent kB", Align::kRight},
                   {"ms", Align::kRight},
                   {"mJ", Align::kRight},
                   {"what is sent"}});
  for (const Cut& split : report.answer.splits) {
    table.add_row({split.best ? "*" : "", std::to_string(split.device_ops) + " of " + std::to_string(split.ops),
                   milliseconds(split.sent_kb), milliseconds(split.latency_ms),
                   split.energy_mj ? milliseconds(*split.energy_mj) : "unknown", crossing_text(report, split)});
  }
  return table.text("  ");
}

}  // namespace

std::string offload_advice(const OffloadAnswer& a) {
  const bool device_faster = a.device_warm_ms <= a.cloud_ms;
  std::string out = device_faster ? "The device is faster" : "The cloud is faster";
  const double low = std::min(a.device_warm_ms, a.cloud_ms), high = std::max(a.device_warm_ms, a.cloud_ms);
  if (low > 0) out += " (" + times(high / low) + ")";
  if (a.device_warm_mj) {
    const bool device_cheaper = *a.device_warm_mj <= a.cloud_mj;
    out += device_cheaper == device_faster ? " and takes less energy"
           : device_cheaper                ? "; the device takes less energy"
                                           : "; the cloud takes less energy";
    const double less = std::min(*a.device_warm_mj, a.cloud_mj), more = std::max(*a.device_warm_mj, a.cloud_mj);
    if (less > 0) out += " (" + times(more / less) + ")";
  }
  const bool cold_faster = a.device_cold_ms <= a.cloud_ms;
  if (cold_faster != device_faster)
    out += cold_faster ? "; so it is" : "; not for the first picture, while the network is loaded";
  return out + ".";
}

std::string offload_text(const OffloadReport& report, const Style& style) {
  const OffloadAnswer& a = report.answer;
  const OffloadQuestion& q = report.question;
  std::string out = style.bold(printable(report.path)) + "  " + printable(report.device) + " · " +
                    printable(q.network.id) + " (" + milliseconds(a.upload_mbps) + " Mbit/s) · " +
                    printable(q.server.id) + "\n\n" + stages_text(report) + "\n" + totals_text(report) + "\n";
  if (const OffloadStage* most = bottleneck(a); most && a.device_cold_ms > 0) {
    out += "  On the device, cold, " + most->stage + " takes " + percent(most->latency_ms / a.device_cold_ms) +
           " of the time.\n";
  }
  if (a.cloud_ms > 0 && a.device_cold_ms > a.cloud_ms) {
    out += "  Cold, the device takes " + times(a.device_cold_ms / a.cloud_ms) + " as long as the cloud.\n";
  }
  out += "  " + style.bold(offload_advice(a)) + "\n";
  if (a.break_even_mbps) out += "  As fast as the warm device from " + milliseconds(*a.break_even_mbps) + " Mbit/s on";
  if (a.break_even_mbps && a.break_even_round_trip_ms)
    out += ", or up to a round trip of " + milliseconds(*a.break_even_round_trip_ms) + " ms";
  if (a.break_even_mbps) out += ".\n";
  if (!a.break_even_reason.empty()) out += "  No break-even: " + a.break_even_reason + ".\n";
  if (a.meets_on_device && a.meets_in_cloud) {
    out += "  Within " + milliseconds(*q.deadline_ms) + " ms: " + percent(*a.meets_on_device) +
           " on the warm device, " + percent(*a.meets_in_cloud) + " in the cloud.\n";
  }
  if (!a.splits.empty())
    out += "\n  " + style.bold("where to split") + " (the network is loaded already)\n" + splits_text(report);
  else out += "  No split: " + a.split_reason + ".\n";
  out += "\n  " + style.bold("constants") + "\n";
  for (const StageConstant& c : q.constants) {
    out +=
        style.dim("  " + c.id + " " + shortest(c.value) + " " + c.unit + ": " + c.basis + ": " + printable(c.source)) +
        "\n";
  }
  return out;
}

std::string offload_document(const OffloadReport& report) { return document_of("offload", members_of(report)); }

std::string offload_ndjson(const OffloadReport& report) { return json_text(members_of(report), -1) + "\n"; }

}  // namespace nngauge

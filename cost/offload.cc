// SPDX-License-Identifier: Apache-2.0
#include "cost/offload.h"

#include <algorithm>
#include <cmath>

#include "base/csv.h"
#include "cost/memory.h"
#include "graph/algorithms.h"

namespace nngauge {
namespace {

constexpr double kMillion = 1e6;

// Fills numbers of a row by column.
template <class T>
struct Field {
  const char* column;
  double T::*field;
};
template <class T, std::size_t N>
Status read_fields(const CsvTable& table, const CsvRecord& row, const Field<T> (&fields)[N], T& out) {
  for (const Field<T>& field : fields) {
    NNGAUGE_TRY(const auto value, table.number(row, field.column, true, false));
    out.*field.field = value.value_or(0);
  }
  return ok();
}

double normal_below(double value, double mean, double deviation) {
  if (deviation <= 0) return value >= mean ? 1 : 0;
  return 0.5 * std::erfc(-(value - mean) / deviation / std::sqrt(2.0));
}

// Kilobytes over megabits a second, in milliseconds.
double transfer_ms(double kb, double mbps) { return mbps > 0 ? kb * 8 / mbps : 0; }

struct Cloud {
  double encode_ms = 0, upload_ms = 0, round_trip_ms = 0, server_ms = 0, download_ms = 0;
  [[nodiscard]] double total() const { return encode_ms + upload_ms + round_trip_ms + server_ms + download_ms; }
};

double gmac_of(const Analysis& analysis) {
  return analysis.totals.macs ? static_cast<double>(*analysis.totals.macs) / 1e9 : 0;
}

double mbps_of(const NetworkProfile& network) {
  return network.upload_kb * 8 / (network.upload_mean_ms - network.round_trip_ms.value_or(0));
}

Cloud cloud_of(const OffloadQuestion& q, const Analysis& analysis) {
  const double megapixels = constant_of(q.constants, "picture");
  Cloud out;
  out.encode_ms = constant_of(q.constants, "encode") * megapixels;
  out.round_trip_ms = q.network.round_trip_ms.value_or(0);
  out.upload_ms = q.network.upload_mean_ms - out.round_trip_ms;
  out.server_ms = q.server.base_ms + q.server.ms_per_gmac * gmac_of(analysis);
  out.download_ms = transfer_ms(constant_of(q.constants, "result"), mbps_of(q.network));
  return out;
}

double mj(double mw, double ms) { return mw * ms / 1000; }

void add_device_stages(OffloadAnswer& out, const OnDevice& device, const OffloadQuestion& q) {
  const double megapixels = constant_of(q.constants, "picture");
  const double busy = constant_of(q.constants, "cpu") + constant_of(q.constants, "idle");
  const auto add = [&](const char* stage, double ms, std::optional<double> energy, const std::string& basis) {
    out.stages.push_back({"device", stage, ms, energy, basis});
  };
  const auto basis = [&](const char* id) {
    for (const StageConstant& c : q.constants) {
      if (c.id == id) return c.basis;
    }
    return std::string();
  };
  const double decode = constant_of(q.constants, "decode") * megapixels;
  const double scale = constant_of(q.constants, "scale") * megapixels, post = constant_of(q.constants, "post");
  add("load", device.load_ms, mj(device.load_mw > 0 ? device.load_mw : busy, device.load_ms), device.load_basis);
  add("decode", decode, mj(busy, decode), basis("decode"));
  add("scale", scale, mj(busy, scale), basis("scale"));
  add("compute", device.compute_ms.value, device.compute_mj, device.compute_basis);
  add("post", post, mj(busy, post), basis("post"));
  double energy = 0;
  for (const OffloadStage& stage : out.stages) {
    out.device_cold_ms += stage.latency_ms, energy += stage.energy_mj.value_or(0);
  }
  out.device_warm_ms = out.device_cold_ms - device.load_ms;
  if (device.compute_mj) {
    out.device_cold_mj = energy;
    out.device_warm_mj = energy - out.stages.front().energy_mj.value_or(0);
  }
}

// What the radio takes to send and receive, with what the device draws meanwhile.
struct RadioEnergy {
  double promotion = 0, send = 0, wait = 0, receive = 0, tail = 0;
  [[nodiscard]] double total() const { return promotion + send + wait + receive + tail; }
};
RadioEnergy radio_of(const OffloadQuestion& q, double upload_ms, double wait_ms, double download_ms) {
  const double mbps = mbps_of(q.network), idle = constant_of(q.constants, "idle");
  const RadioProfile& r = q.radio;
  RadioEnergy out;
  out.promotion = mj(r.promotion_mw, r.promotion_ms);
  out.send = mj(r.active_mw + r.up_mw_per_mbps * mbps + idle, upload_ms);
  out.wait = mj(r.active_mw + idle, wait_ms);
  out.receive = mj(r.active_mw + r.down_mw_per_mbps * mbps + idle, download_ms);
  out.tail = mj(r.tail_mw, r.tail_ms);
  return out;
}

void add_cloud_stages(OffloadAnswer& out, const Cloud& cloud, const OffloadQuestion& q) {
  const double busy = constant_of(q.constants, "cpu") + constant_of(q.constants, "idle");
  const RadioEnergy radio = radio_of(q, cloud.upload_ms, cloud.round_trip_ms + cloud.server_ms, cloud.download_ms);
  const double wait = cloud.round_trip_ms + cloud.server_ms;
  const auto part = [&](double ms) { return wait > 0 ? radio.wait * ms / wait : 0; };
  const std::string radio_basis = q.radio.basis.empty() ? "as given" : q.radio.basis;
  out.stages.push_back({"device", "encode", cloud.encode_ms, mj(busy, cloud.encode_ms), "assumed"});
  out.stages.push_back({"network", "promotion", 0, radio.promotion, radio_basis});
  out.stages.push_back({"network", "upload", cloud.upload_ms, radio.send, "measured"});
  out.stages.push_back({"network", "round trip", cloud.round_trip_ms, part(cloud.round_trip_ms), "assumed"});
  out.stages.push_back({"server", "compute", cloud.server_ms, part(cloud.server_ms), q.server.basis});
  out.stages.push_back({"network", "download", cloud.download_ms, radio.receive, "assumed"});
  out.stages.push_back({"network", "tail", 0, radio.tail, radio_basis});
  out.cloud_ms = cloud.total();
  out.cloud_mj = mj(busy, cloud.encode_ms) + radio.total();
}

void add_break_even(OffloadAnswer& out, const Cloud& cloud, const OffloadQuestion& q) {
  const double result = constant_of(q.constants, "result");
  const double fixed = cloud.encode_ms + cloud.round_trip_ms + cloud.server_ms;
  if (out.device_warm_ms > fixed) {
    out.break_even_mbps = (q.network.upload_kb + result) * 8 / (out.device_warm_ms - fixed);
  } else {
    out.break_even_reason = "the device is faster at any bandwidth";
  }
  const double left = out.device_warm_ms - (cloud.total() - cloud.round_trip_ms);
  if (left >= 0) out.break_even_round_trip_ms = left;
  else if (out.break_even_reason.empty()) out.break_even_reason = "the device is faster at any round trip";
}

void add_probabilities(OffloadAnswer& out, const Cloud& cloud, const OnDevice& device, const OffloadQuestion& q) {
  if (!q.deadline_ms) return;
  constexpr double kP5ToP95 = 2 * 1.6448536269514722;  // standard deviations of a normal law between the quantiles
  const double spread = (device.compute_ms.p95 - device.compute_ms.p5) / kP5ToP95;
  out.meets_on_device = normal_below(*q.deadline_ms, out.device_warm_ms, spread);
  out.meets_in_cloud = normal_below(*q.deadline_ms, cloud.total(),
                                    std::hypot(q.network.upload_sd_ms, q.server.sd_share * cloud.server_ms));
}

// The graph as a flow network: on the source's side what stays on the device.
class Splitter {
 public:
  Splitter(const Model& model, const Analysis& analysis, const OnDevice& device, const OffloadQuestion& q)
      : graph_(model.main()), uses_(find_uses(graph_)), device_(device), q_(q), cloud_(cloud_of(q, analysis)) {
    for (const OpCost& op : analysis.ops) {
      server_ms_.push_back(op.macs ? static_cast<double>(*op.macs) / 1e9 * q.server.ms_per_gmac : 0);
    }
    // What is not known is not sent.
    kb_.assign(graph_.tensors.size(), 1e9);
    if (const auto lifetimes = activation_lifetimes(model, graph_)) {
      for (const Lifetime& row : *lifetimes) {
        kb_[static_cast<std::size_t>(row.tensor)] = static_cast<double>(row.bytes) / 1000;
      }
    }
  }

  // The cheapest cut at a bandwidth, priced at the question's.
  Cut best_at(double mbps) const {
    const std::size_t ops = graph_.ops.size();
    std::vector<FlowEdge> edges;
    const auto op_node = [](std::size_t op) { return static_cast<std::int32_t>(op + 2); };
    const auto tensor_node = [&](std::size_t t) { return static_cast<std::int32_t>(ops + t + 2); };
    for (std::size_t i = 0; i < ops; ++i) {
      edges.push_back({0, op_node(i), units(server_ms_[i])});
      edges.push_back({op_node(i), 1, units(device_.op_ms[i])});
    }
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (graph_.tensors[t].is_constant || uses_.consumers[t].empty()) continue;
      const OpId producer = uses_.producer[t];
      // A picture is sent as it was taken; anything else as it lies in memory.
      const double ms =
          producer < 0 ? transfer_ms(q_.network.upload_kb, mbps) + cloud_.encode_ms : transfer_ms(kb_[t], mbps);
      edges.push_back({producer < 0 ? 0 : op_node(static_cast<std::size_t>(producer)), tensor_node(t), units(ms)});
      for (const OpId consumer : uses_.consumers[t]) {
        edges.push_back({tensor_node(t), op_node(static_cast<std::size_t>(consumer)), kUncuttable});
        if (producer >= 0)
          edges.push_back(
              {op_node(static_cast<std::size_t>(consumer)), op_node(static_cast<std::size_t>(producer)), kUncuttable});
      }
    }
    const MinCut cut = find_min_cut(ops + graph_.tensors.size() + 2, edges, 0, 1);
    std::vector<bool> on_device(ops);
    for (std::size_t i = 0; i < ops; ++i) on_device[i] = cut.source_side[static_cast<std::size_t>(op_node(i))];
    return price(on_device);
  }

  Cut price(const std::vector<bool>& on_device) const {
    Cut out;
    out.ops = graph_.ops.size();
    double device_ms = 0, server_ms = 0;
    bool encoded = false, picture_stays = false;
    for (std::size_t i = 0; i < on_device.size(); ++i) {
      if (!on_device[i]) {
        server_ms += server_ms_[i];
        continue;
      }
      out.device_ops += 1, device_ms += device_.op_ms[i];
      out.last_op = graph_.ops[i].name.empty() ? std::to_string(i) : graph_.ops[i].name;
    }
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (graph_.tensors[t].is_constant) continue;
      const OpId producer = uses_.producer[t];
      const bool here = producer < 0 || on_device[static_cast<std::size_t>(producer)];
      const auto& consumers = uses_.consumers[t];
      const bool there = std::any_of(consumers.begin(), consumers.end(),
                                     [&](OpId op) { return !on_device[static_cast<std::size_t>(op)]; });
      if (producer < 0 && std::any_of(consumers.begin(), consumers.end(),
                                      [&](OpId op) { return on_device[static_cast<std::size_t>(op)]; }))
        picture_stays = true;
      if (!here || !there) continue;
      out.crossing.push_back(static_cast<TensorId>(t));
      out.sent_kb += producer < 0 ? q_.network.upload_kb : kb_[t];
      encoded = encoded || producer < 0;
    }
    const double megapixels = constant_of(q_.constants, "picture");
    const double prepare =
        picture_stays ? (constant_of(q_.constants, "decode") + constant_of(q_.constants, "scale")) * megapixels : 0;
    const double busy = constant_of(q_.constants, "cpu") + constant_of(q_.constants, "idle");
    const double compute_share = device_.compute_ms.value > 0 ? device_ms / device_.compute_ms.value : 0;
    double total = prepare + device_ms;
    double energy = mj(busy, prepare) + device_.compute_mj.value_or(0) * compute_share;
    if (out.device_ops < out.ops) {
      const double upload = transfer_ms(out.sent_kb, mbps_of(q_.network)), encode = encoded ? cloud_.encode_ms : 0;
      const double server = q_.server.base_ms + server_ms;
      total += encode + upload + cloud_.round_trip_ms + server + cloud_.download_ms;
      energy += mj(busy, encode) + radio_of(q_, upload, cloud_.round_trip_ms + server, cloud_.download_ms).total();
    } else {
      total += constant_of(q_.constants, "post");
      energy += mj(busy, constant_of(q_.constants, "post"));
    }
    out.latency_ms = total;
    if (device_.compute_mj || compute_share == 0) out.energy_mj = energy;
    return out;
  }

 private:
  // Nanoseconds, so that a cut is of whole numbers.
  static std::int64_t units(double ms) {
    return static_cast<std::int64_t>(std::clamp(std::round(ms * kMillion), 0.0, 1e12));
  }
  const Graph& graph_;
  Uses uses_;
  const OnDevice& device_;
  const OffloadQuestion& q_;
  Cloud cloud_;
  std::vector<double> server_ms_, kb_;
};

void add_splits(OffloadAnswer& out, const Splitter& splitter, std::size_t ops, double mbps) {
  out.splits.push_back(splitter.price(std::vector<bool>(ops, true)));
  out.splits.push_back(splitter.price(std::vector<bool>(ops, false)));
  for (const double other : {mbps, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0}) {
    Cut split = splitter.best_at(other);
    const bool known = std::any_of(out.splits.begin(), out.splits.end(), [&](const Cut& s) {
      return s.device_ops == split.device_ops && s.crossing == split.crossing;
    });
    if (!known) out.splits.push_back(std::move(split));
  }
  std::stable_sort(out.splits.begin(), out.splits.end(),
                   [](const Cut& a, const Cut& b) { return a.latency_ms < b.latency_ms; });
  out.splits.front().best = true;
}

}  // namespace

Result<std::vector<RadioProfile>> parse_radios(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"id", "active_mw"}));
  constexpr Field<RadioProfile> kFields[] = {{"active_mw", &RadioProfile::active_mw},
                                             {"up_mw_per_mbps", &RadioProfile::up_mw_per_mbps},
                                             {"down_mw_per_mbps", &RadioProfile::down_mw_per_mbps},
                                             {"promotion_mw", &RadioProfile::promotion_mw},
                                             {"promotion_ms", &RadioProfile::promotion_ms},
                                             {"tail_mw", &RadioProfile::tail_mw},
                                             {"tail_ms", &RadioProfile::tail_ms}};
  std::vector<RadioProfile> out;
  for (const CsvRecord& row : table.rows()) {
    RadioProfile radio;
    NNGAUGE_TRY(radio.id, table.text(row, "id"));
    NNGAUGE_CHECK(read_fields(table, row, kFields, radio));
    radio.basis = table.field(row, "basis"), radio.source = table.field(row, "source");
    out.push_back(std::move(radio));
  }
  return out;
}

Result<std::vector<ServerProfile>> parse_servers(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"id", "base_ms", "ms_per_gmac"}));
  constexpr Field<ServerProfile> kFields[] = {{"base_ms", &ServerProfile::base_ms},
                                              {"ms_per_gmac", &ServerProfile::ms_per_gmac},
                                              {"sd_share", &ServerProfile::sd_share}};
  std::vector<ServerProfile> out;
  for (const CsvRecord& row : table.rows()) {
    ServerProfile server;
    NNGAUGE_TRY(server.id, table.text(row, "id"));
    NNGAUGE_CHECK(read_fields(table, row, kFields, server));
    server.description = table.field(row, "description");
    server.basis = table.field(row, "basis"), server.source = table.field(row, "source");
    out.push_back(std::move(server));
  }
  return out;
}

Result<std::vector<StageConstant>> parse_constants(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"id", "value", "unit", "basis", "source"}));
  std::vector<StageConstant> out;
  for (const CsvRecord& row : table.rows()) {
    StageConstant constant;
    constant.preset = table.field(row, "preset");
    NNGAUGE_TRY(constant.id, table.text(row, "id"));
    NNGAUGE_TRY(const auto value, table.number(row, "value", true, true));
    NNGAUGE_TRY(constant.basis, table.text(row, "basis"));
    constant.value = *value, constant.unit = table.field(row, "unit"), constant.source = table.field(row, "source");
    out.push_back(std::move(constant));
  }
  return out;
}

double constant_of(std::span<const StageConstant> constants, std::string_view id) {
  for (const StageConstant& constant : constants) {
    if (constant.id == id) return constant.value;
  }
  return 0;
}

OffloadAnswer price_offload(const Model& model, const Analysis& analysis, const OnDevice& device,
                            const OffloadQuestion& question) {
  OffloadAnswer out;
  const Cloud cloud = cloud_of(question, analysis);
  out.upload_mbps = mbps_of(question.network);
  add_device_stages(out, device, question);
  add_cloud_stages(out, cloud, question);
  add_break_even(out, cloud, question);
  add_probabilities(out, cloud, device, question);
  constexpr std::size_t kMostOps = 20000;  // beyond that a cut takes seconds
  const std::size_t ops = model.main().ops.size();
  if (ops == 0 || device.op_ms.size() != ops) out.split_reason = "the time of each operator is not known";
  else if (ops > kMostOps) out.split_reason = "the network has more than 20000 operators";
  else add_splits(out, Splitter(model, analysis, device, question), ops, out.upload_mbps);
  return out;
}

}  // namespace nngauge

// SPDX-License-Identifier: Apache-2.0
#include "cli/predict_sweep.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/load_model.h"
#include "cli/print_table.h"

namespace nngauge {
namespace {

constexpr std::int64_t kMostBatch = 65536;

Result<std::vector<std::int64_t>> batches_of(const Arguments& arguments) {
  std::vector<std::int64_t> out;
  const auto text = arguments.value("--batch");
  if (!text) return out;
  for (const std::string& part : split(*text, ',')) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size() || value < 1 || value > kMostBatch) {
      return usage_error("option --batch takes whole numbers from 1 to 65536 with commas between, not " +
                         in_quotes(*text));
    }
    out.push_back(value);
  }
  return out;
}

// A point of the sweep.
struct Case {
  const DeviceProfile* device;
  const SetupProfile* setup;
  OperatingPoint point;
};

// Setups that differ from `setup` in the number and kind of threads alone.
bool same_but_threads(const SetupName& a, const SetupName& b) {
  return a.runtime == b.runtime && a.processor == b.processor && a.precision == b.precision;
}

Result<std::vector<Case>> cases_of(const Arguments& arguments, const std::vector<DeviceProfile>& devices,
                                   const OperatingPoint& point) {
  std::vector<Case> out;
  const std::string sweep = arguments.value("--sweep").value_or("");
  for (const DeviceProfile& device : devices) {
    NNGAUGE_TRY(const auto setups, select_setups(device, arguments.values("--setup")));
    for (const SetupProfile* setup : setups) {
      if (sweep == "freq") {
        if (!setup->energy || !setup->energy->power || setup->energy->power->draw.size() < 2) {
          return usage_error("device " + device.id + ", setup " + setup->id + " has no table of clocks");
        }
        for (const PowerDraw& draw : setup->energy->power->draw) {
          out.push_back({&device, setup, {draw.freq_mhz, point.host_freq_mhz}});
        }
      } else if (sweep == "threads") {
        NNGAUGE_TRY(const SetupName name, parse_setup_name(setup->id));
        for (const SetupProfile& other : device.setups) {
          NNGAUGE_TRY(const SetupName other_name, parse_setup_name(other.id));
          const bool there = std::any_of(out.begin(), out.end(), [&](const Case& c) { return c.setup == &other; });
          if (!there && same_but_threads(name, other_name)) out.push_back({&device, &other, point});
        }
      } else {
        out.push_back({&device, setup, point});
      }
    }
  }
  return out;
}

// The model with every input's first extent set to `batch`.
Result<ModelResult> with_batch(const std::string& path, const ModelResult& first, LoadOptions options,
                               std::int64_t batch) {
  const Graph& graph = first.model.main();
  for (const TensorId id : graph.inputs) {
    const Tensor& input = graph.tensors[static_cast<std::size_t>(id)];
    if (options.bindings.inputs.contains(input.name) || !input.shape.ranked() || input.shape.rank() < 2) continue;
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i < input.shape.rank(); ++i) {
      const Dim dim = input.shape[i];
      if (!dim.known()) return unknown("an extent of input " + in_quotes(input.name) + " is not known");
      extents.push_back(i == 0 ? batch * std::max<std::int64_t>(dim.value(), 1) : dim.value());
    }
    options.bindings.inputs[input.name] = extents;
  }
  return load_model(path, options);
}

// Marks the points that no other is both faster and thriftier than.
void mark_pareto(std::vector<Prediction>& predictions, std::vector<bool>& pareto) {
  pareto.assign(predictions.size(), false);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const Prediction& a = predictions[i];
    if (!a.latency_ms || !a.energy_mj) continue;
    pareto[i] = std::none_of(predictions.begin(), predictions.end(), [&](const Prediction& b) {
      if (!b.latency_ms || !b.energy_mj) return false;
      const bool no_worse = b.latency_ms->value <= a.latency_ms->value && b.energy_mj->value <= a.energy_mj->value;
      return no_worse && (b.latency_ms->value < a.latency_ms->value || b.energy_mj->value < a.energy_mj->value);
    });
  }
}

Table table_of() {
  return {{{"path", "model"},
           {"device", "device"},
           {"setup", "setup"},
           {"freq_mhz", "MHz", true},
           {"threads", "threads", true},
           {"batch", "batch", true},
           {"latency_ms", "ms", true},
           {"latency_p5_ms", "", true},
           {"latency_p95_ms", "", true},
           {"throughput_per_s", "inputs/s", true},
           {"energy_mj", "mJ", true},
           {"energy_p5_mj", "", true},
           {"energy_p95_mj", "", true},
           {"energy_per_input_mj", "mJ/input", true},
           {"energy_scope", "energy of"},
           {"peak_memory_bytes", "peak memory", true},
           {"pareto", "best trade-off"},
           {"basis", "basis"},
           {"reason", ""}},
          {}};
}

Cell rounded(double value) { return std::isfinite(value) ? Cell(value) : Cell(); }

void add_rows(Table& table, const std::string& path, const std::vector<Prediction>& predictions,
              const std::vector<bool>& pareto, std::int64_t batch) {
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const Prediction& p = predictions[i];
    const auto part = [](const std::optional<Estimate>& e, double Estimate::*field) {
      return e ? rounded((*e).*field) : Cell();
    };
    const Result<SetupName> name = parse_setup_name(p.setup);
    const double inputs = static_cast<double>(batch);
    const bool timed = p.latency_ms && p.latency_ms->value > 0;
    table.add({path, p.device, p.setup, p.point.freq_mhz ? Cell(*p.point.freq_mhz) : Cell(),
               name ? Cell(static_cast<std::uint64_t>(thread_count(*name))) : Cell(), static_cast<std::uint64_t>(batch),
               part(p.latency_ms, &Estimate::value), part(p.latency_ms, &Estimate::p5),
               part(p.latency_ms, &Estimate::p95), timed ? rounded(inputs * 1000 / p.latency_ms->value) : Cell(),
               part(p.energy_mj, &Estimate::value), part(p.energy_mj, &Estimate::p5), part(p.energy_mj, &Estimate::p95),
               p.energy_mj ? rounded(p.energy_mj->value / inputs) : Cell(),
               p.energy_mj ? Cell(std::string(energy_scope_name(p.energy.scope))) : Cell(),
               p.peak_memory_bytes ? Cell(*p.peak_memory_bytes) : Cell(), static_cast<bool>(pareto[i]),
               std::string(basis_name(p.basis)), p.latency_ms ? p.energy_reason : p.latency_reason});
  }
}

}  // namespace

Result<int> run_sweep(const Session& session, const std::vector<DeviceProfile>& devices, const OperatingPoint& point) {
  const Arguments& arguments = session.arguments;
  if (arguments.has("--compare") || arguments.has("--layers")) {
    return usage_error("options --compare and --layers do not go with --sweep and --batch");
  }
  NNGAUGE_TRY(std::vector<std::int64_t> batches, batches_of(arguments));
  const auto cases = cases_of(arguments, devices, point);
  if (!cases) return cases.error();
  const LoadOptions options{session.common.bindings, session.common.phase, false, session.common.limits};
  Table table = table_of();
  Outcome outcome;
  for (const std::string& path : arguments.operands) {
    const auto first = load_model(path, options);
    if (!first) {
      session.console.print_error({path, {}, first.error()});
      outcome.count_failure(first.error().code);
      continue;
    }
    outcome.used += 1;
    for (const std::int64_t batch : batches.empty() ? std::vector<std::int64_t>{1} : batches) {
      Result<ModelResult> again = *first;
      if (!batches.empty() && batch > 1) again = with_batch(path, *first, options, batch);
      if (!again) {
        session.console.print_error({path, {}, again.error().at("batch " + std::to_string(batch))});
        outcome.count_failure(again.error().code);
        continue;
      }
      const ModelFacts facts = facts_of(again->model);
      std::vector<Prediction> predictions;
      for (const Case& one : *cases) {
        auto prediction = predict(again->model, *one.device, *one.setup, {one.point, &facts});
        if (!prediction) {
          Prediction none;
          none.device = one.device->id, none.setup = one.setup->id, none.point = one.point;
          none.latency_reason = none.energy_reason = prediction.error().message;
          predictions.push_back(std::move(none));
          continue;
        }
        predictions.push_back(std::move(*prediction));
      }
      std::vector<bool> pareto;
      mark_pareto(predictions, pareto);
      add_rows(table, path, predictions, pareto, batch);
    }
  }
  const auto printed = print_table(session, table, "predict", "sweep");
  if (!printed) return printed.error();
  return int{exit_code(outcome)};
}

}  // namespace nngauge

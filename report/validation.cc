// SPDX-License-Identifier: Apache-2.0
#include "report/validation.h"

#include <algorithm>

#include "base/text.h"
#include "calibration/score_groups.h"
#include "report/json.h"

namespace nngauge {
namespace {

using Align = TextTable::Align;

constexpr std::size_t kShownGroups = 8, kShownWorst = 5;

std::string metric_text(double value, Metric metric) {
  return milliseconds(value) + (metric == Metric::kLatencyMs ? " ms" : " mJ");
}

Json result_json(const ValidationResult& result) {
  const Scores& s = result.scores;
  return {{"device", result.device},
          {"setup", result.setup},
          {"metric", metric_name(result.metric)},
          {"n", s.n},
          {"mape", json_number(s.mape)},
          {"median_ape", json_number(s.median_ape)},
          {"within_5", json_number(s.within_5)},
          {"within_10", json_number(s.within_10)},
          {"within_15", json_number(s.within_15)},
          {"rmspe", json_number(s.rmspe)},
          {"bias", json_number(s.bias)},
          {"kendall_tau", json_number(s.kendall_tau)},
          {"interval_coverage", json_number(s.interval_coverage)},
          {"interval_median_relative_width", json_number(s.interval_median_relative_width)}};
}

Json run_json(const ScoredRun& run) {
  return {{"model", run.model},
          {"device", run.device},
          {"setup", run.setup},
          {"family", run.family},
          {"metric", metric_name(run.metric)},
          {"predicted", json_number(run.predicted)},
          {"p5", json_number(run.p5)},
          {"p95", json_number(run.p95)},
          {"measured", json_number(run.measured)},
          {"ape", json_number(run.ape)},
          {"in_support", run.in_support}};
}

// The frame with several lists and the errors that were met.
std::string document_with(std::string_view command, const Json& members, std::string_view last_list,
                          const Json& last_items, std::span<const FailedInput> errors) {
  std::string out = document_opening(command, last_list, members);
  bool first = true;
  for (const Json& item : last_items) {
    out += document_item(json_text(item, kItemLevel), first);
    first = false;
  }
  return out + document_closing(!first, errors);
}

Json group_json(const ScoreGroup& group, const char* key) {
  const Scores& s = group.scores;
  return {{key, group.name},
          {"models", group.models},
          {"n", s.n},
          {"mape", json_number(s.mape)},
          {"median_ape", json_number(s.median_ape)},
          {"within_10", json_number(s.within_10)},
          {"bias", json_number(s.bias)},
          {"interval_coverage", json_number(s.interval_coverage)}};
}

Json groups_json(const std::vector<ScoreGroup>& groups, const char* key) {
  Json out = Json::array();
  for (const ScoreGroup& group : groups) out.push_back(group_json(group, key));
  return out;
}

Json worst_json(const std::vector<WorstCase>& cases) {
  Json out = Json::array();
  for (const WorstCase& worst : cases) {
    out.push_back({{"model", worst.run.model},
                   {"device", worst.run.device},
                   {"setup", worst.run.setup},
                   {"metric", metric_name(worst.run.metric)},
                   {"predicted", json_number(worst.run.predicted)},
                   {"measured", json_number(worst.run.measured)},
                   {"ape", json_number(worst.run.ape)},
                   {"reason", worst.reason}});
  }
  return out;
}

// Nothing where there is one group: it would be the totals again.
std::string groups_text(const std::vector<ScoreGroup>& groups, const char* title, const char* which,
                        const Style& style) {
  if (groups.size() < 2) return "";
  TextTable table({{title},
                   {"networks", Align::kRight},
                   {"runs", Align::kRight},
                   {"mean", Align::kRight},
                   {"median", Align::kRight},
                   {"<= 10 %", Align::kRight},
                   {"bias", Align::kRight},
                   {"in interval", Align::kRight}});
  for (std::size_t i = 0; i < std::min(kShownGroups, groups.size()); ++i) {
    const Scores& s = groups[i].scores;
    table.add_row({printable(groups[i].name), std::to_string(groups[i].models), std::to_string(s.n), percent(s.mape),
                   percent(s.median_ape), percent(s.within_10), percent(s.bias), percent(s.interval_coverage)});
  }
  std::string out = "\n" + style.bold(std::string("by ") + title + which) + ", worst first\n\n" + table.text("  ");
  if (groups.size() > kShownGroups)
    out += "  … " + std::to_string(groups.size() - kShownGroups) + " more; --format json lists them\n";
  return out;
}

std::string worst_text(const std::vector<WorstCase>& cases, const Style& style) {
  std::string out = "\n" + style.bold("worst cases") + "\n\n";
  for (const WorstCase& worst : cases) {
    const ScoredRun& run = worst.run;
    out += "  " + printable(run.model) + " on " + printable(run.device) + " " + printable(run.setup) + ": predicted " +
           metric_text(run.predicted, run.metric) + ", measured " + metric_text(run.measured, run.metric) + "\n    " +
           printable(worst.reason) + "\n";
  }
  return out;
}

std::string_view split_meaning(Split split) {
  switch (split) {
    case Split::kNone:
      return "the profiles as they are";
    case Split::kModel:
      return "each model predicted by a profile that was fitted without it";
    case Split::kFamily:
      return "each model predicted by a profile that was fitted without its family";
  }
  return "";
}

}  // namespace

std::string validation_text(const Validation& validation, const Style& style) {
  TextTable table({{"device"},
                   {"setup"},
                   {"metric"},
                   {"runs", Align::kRight},
                   {"mean", Align::kRight},
                   {"median", Align::kRight},
                   {"<= 5 %", Align::kRight},
                   {"<= 10 %", Align::kRight},
                   {"<= 15 %", Align::kRight},
                   {"bias", Align::kRight},
                   {"tau", Align::kRight},
                   {"in interval", Align::kRight},
                   {"its width", Align::kRight}});
  for (const ValidationResult& result : validation.results) {
    const Scores& s = result.scores;
    table.add_row({printable(result.device), printable(result.setup), std::string(metric_name(result.metric)),
                   std::to_string(s.n), percent(s.mape), percent(s.median_ape), percent(s.within_5),
                   percent(s.within_10), percent(s.within_15), percent(s.bias),
                   s.kendall_tau ? fixed(*s.kendall_tau, 2) : "", percent(s.interval_coverage),
                   percent(s.interval_median_relative_width)});
  }
  std::string out = style.bold("errors of predictions") + ": " + std::string(split_meaning(validation.split)) + "\n\n" +
                    table.text("  ") + groups_text(scores_by_family(validation.runs), "family", "", style) +
                    groups_text(scores_by_kernel(validation.runs), "kernels", " that make most of the time", style) +
                    worst_text(worst_cases(validation.runs, kShownWorst), style);
  for (const std::string& note : validation.notes) out += "\n" + style.warning("note") + ": " + printable(note);
  return out + (validation.notes.empty() ? "" : "\n");
}

std::string validation_document(const Validation& validation, std::span<const FailedInput> errors) {
  Json results = Json::array();
  for (const ValidationResult& result : validation.results) results.push_back(result_json(result));
  Json runs = Json::array();
  for (const ScoredRun& run : validation.runs) runs.push_back(run_json(run));
  return document_with("validate",
                       {{"split", split_name(validation.split)},
                        {"results", results},
                        {"families", groups_json(scores_by_family(validation.runs), "family")},
                        {"kernel_mixes", groups_json(scores_by_kernel(validation.runs), "kernel")},
                        {"worst", worst_json(worst_cases(validation.runs, kShownWorst))},
                        {"notes", validation.notes}},
                       "runs", runs, errors);
}

std::string validation_ndjson(const Validation& validation) {
  std::string out;
  for (const ValidationResult& result : validation.results) out += json_text(result_json(result), -1) + "\n";
  for (const ScoredRun& run : validation.runs) out += json_text(run_json(run), -1) + "\n";
  return out;
}

Table validation_table(const Validation& validation) {
  Table table{{{"device", ""},
               {"setup", ""},
               {"metric", ""},
               {"n", ""},
               {"mape", ""},
               {"median_ape", ""},
               {"within_5", ""},
               {"within_10", ""},
               {"within_15", ""},
               {"rmspe", ""},
               {"bias", ""},
               {"kendall_tau", ""},
               {"interval_coverage", ""},
               {"interval_median_relative_width", ""}},
              {}};
  for (const ValidationResult& result : validation.results) {
    const Scores& s = result.scores;
    table.add({result.device, result.setup, std::string(metric_name(result.metric)), static_cast<std::uint64_t>(s.n),
               s.mape, s.median_ape, s.within_5, s.within_10, s.within_15, s.rmspe, s.bias, cell(s.kendall_tau),
               s.interval_coverage, s.interval_median_relative_width});
  }
  return table;
}

std::string calibration_text(const Calibration& calibration, const Style& style) {
  TextTable table({{"setup"},
                   {"metric"},
                   {"runs", Align::kRight},
                   {"models", Align::kRight},
                   {"families", Align::kRight},
                   {"error on its runs", Align::kRight},
                   {"new model", Align::kRight},
                   {"new family", Align::kRight}});
  for (const SetupFit& fit : calibration.fits) {
    table.add_row({printable(fit.setup), std::string(metric_name(fit.metric)), std::to_string(fit.runs),
                   std::to_string(fit.models), std::to_string(fit.families), percent(fit.seen_mape),
                   percent_or_blank(fit.held_out_model_mape), percent_or_blank(fit.held_out_family_mape)});
  }
  return style.bold(printable(calibration.profile.id)) + "  " + printable(calibration.profile.description) + "\n\n" +
         table.text("  ");
}

std::string calibration_document(std::span<const Calibration> calibrations, std::span<const FailedInput> errors) {
  Json fits = Json::array();
  for (const Calibration& calibration : calibrations) {
    for (const SetupFit& fit : calibration.fits) {
      fits.push_back({{"device", calibration.profile.id},
                      {"setup", fit.setup},
                      {"metric", metric_name(fit.metric)},
                      {"runs", fit.runs},
                      {"models", fit.models},
                      {"families", fit.families},
                      {"seen_mape", json_number(fit.seen_mape)},
                      {"held_out_model_mape", json_number(fit.held_out_model_mape)},
                      {"held_out_family_mape", json_number(fit.held_out_family_mape)}});
    }
  }
  Json members = Json::object();
  if (calibrations.size() == 1) members["device"] = calibrations.front().profile.id;
  return document_with("calibrate", members, "fits", fits, errors);
}

Table calibration_table(std::span<const Calibration> calibrations) {
  Table table{{{"device", ""},
               {"setup", ""},
               {"metric", ""},
               {"runs", ""},
               {"models", ""},
               {"families", ""},
               {"seen_mape", ""},
               {"held_out_model_mape", ""},
               {"held_out_family_mape", ""}},
              {}};
  for (const Calibration& calibration : calibrations) {
    for (const SetupFit& fit : calibration.fits) {
      table.add({calibration.profile.id, fit.setup, std::string(metric_name(fit.metric)),
                 static_cast<std::uint64_t>(fit.runs), static_cast<std::uint64_t>(fit.models),
                 static_cast<std::uint64_t>(fit.families), fit.seen_mape, cell(fit.held_out_model_mape),
                 cell(fit.held_out_family_mape)});
    }
  }
  return table;
}

std::string suggestions_text(const std::vector<Suggestion>& suggestions, const Style& style) {
  TextTable table({{"setup"}, {"measure next"}, {"spread of predictions", Align::kRight}, {"with it", Align::kRight}});
  for (const Suggestion& row : suggestions) {
    table.add_row({printable(row.setup), printable(row.model), percent(row.spread_before), percent(row.spread_after)});
  }
  return style.bold("models whose measurement would narrow predictions most") + "\n\n" + table.text("  ");
}

std::string suggestions_document(const std::vector<Suggestion>& suggestions, std::span<const FailedInput> errors) {
  Json rows = Json::array();
  for (const Suggestion& row : suggestions) {
    rows.push_back({{"setup", row.setup},
                    {"model", row.model},
                    {"spread_before", json_number(row.spread_before)},
                    {"spread_after", json_number(row.spread_after)}});
  }
  return document_with("calibrate", Json::object(), "suggestions", rows, errors);
}

Table suggestions_table(const std::vector<Suggestion>& suggestions) {
  Table table{{{"setup", ""}, {"model", ""}, {"spread_before", ""}, {"spread_after", ""}}, {}};
  for (const Suggestion& row : suggestions) table.add({row.setup, row.model, row.spread_before, row.spread_after});
  return table;
}

}  // namespace nngauge

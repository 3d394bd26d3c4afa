#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes docs/validation.md: errors of predictions on bundled runs that the fit had not seen, baselines beside, and
# pictures into docs/pictures. Usage: tools/validate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
validate() { "$binary" validate --quiet "$@"; }
for split in model family; do
  for predictor in class-sums flops; do
    validate --split "$split" --predictor "$predictor" --format csv >"$scratch/$split-$predictor.csv"
  done
  validate --split "$split" --format ndjson >"$scratch/$split-own.ndjson"
  # Lines of setups first, of runs behind them: the former as a table.
  { echo header; sed -n '/^{"device"/{s/"[a-z0-9_]*"://g; s/[{}"]//g; p}' "$scratch/$split-own.ndjson"; } >"$scratch/$split-own.csv"
done
mkdir -p docs/pictures
validate --split family --plot docs/pictures --format csv >/dev/null
# Energies of kernels and of networks that the fit had not seen, for docs/energy.md.
energy() {
  picture="docs/pictures/$1.svg"
  shift
  "$binary" calibrate --quiet "$@" -o "$scratch/energy.textproto" --plot "$scratch/energy" --format csv >/dev/null
  cp "$scratch/energy/predicted.svg" "$picture"
}
energy energy_kernels --kernel-runs data/energy_runs/conv_kernels.csv
energy energy_networks --power-runs data/energy_runs/rk3399_power.csv --idle-mw 3050

# Columns of the CSV: 1 device, 2 setup, 3 metric, 4 n, 5 mape, 8 within 10 %, 12 tau, 13 coverage, 14 width.
# Means over the setups of a runtime, processor and precision.
# shellcheck disable=SC2016
group='function group(setup,  p, n) { n = split(setup, p, "-"); return p[n] ~ /^(fp|int)[0-9]+$/ ? p[1] "-" p[2] "-" p[n] : p[1] "-" p[2] }'
means() {
  awk -F, "$group"' FNR > 1 && $3 == "latency_ms" { g = group($2); n[g]++; mape[g] += $5; within[g] += $8; tau[g] += $12
      inside[g] += $13; width[g] += $14 }
    END { for (g in n) printf "%s,%d,%.1f,%.1f,%.2f,%.1f,%.1f\n", g, n[g], 100 * mape[g] / n[g], 100 * within[g] / n[g],
      tau[g] / n[g], 100 * inside[g] / n[g], 100 * width[g] / n[g] }' "$1" | sort
}
# goal GROUP SPLIT COLUMN FIGURE AIM: a row of the table of aims, over the six phones and ncnn's devices.
# Means over setups of what the runs of convolutional networks (kind cnn: those of qed_usc.csv) or of transformers say:
# score GROUP SPLIT error|within|inside|width cnn|transformer|all
score() {
  awk -F, -v g="$1" -v what="$3" -v kind="$4" "$group"'
    BEGIN { split("pixel4 s10 mi8se a03s iphone7 iphonexs onefusion", names, " "); for (i in names) phone[names[i]] }
    function field(name,  v) {
      if (!match($0, "\"" name "\":\"?[^,\"}]*")) return ""
      v = substr($0, RSTART, RLENGTH)
      sub(/^[^:]*:"?/, "", v)
      return v
    }
    function middle(list, n,  i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
      return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    FNR == NR { if (FNR > 1) cnn[$1]; next }
    !/^\{"model"/ || field("metric") != "latency_ms" || group(field("setup")) != g { next }
    { model = field("model"); plain = model; sub(/_torch$/, "", plain); own = g ~ /^(tflite|torch)/
      if (own && !(field("device") in phone)) next
      if (own && kind != "all" && ((model in cnn || plain in cnn) ? "cnn" : "transformer") != kind) next
      key = field("device") " " field("setup"); predicted = field("predicted") + 0; measured = field("measured") + 0; ape = field("ape") + 0
      n[key]++
      sum[key] += what == "error" ? ape : what == "within" ? (ape <= 0.1) : measured >= field("p5") + 0 && measured <= field("p95") + 0
      width[key, n[key]] = (field("p95") - field("p5")) / predicted }
    END {
      for (key in n) {
        setups++
        for (i = 1; i <= n[key]; i++) list[i] = width[key, i]
        all += what == "width" ? middle(list, n[key]) : sum[key] / n[key]
      }
      printf "%.1f %%", 100 * all / setups }' data/runs/qed_usc.csv "$scratch/$2-own.ndjson"
}
goal() { echo "| $1 | $4 | $5 | $(score "$1" "$2" "$3" "${6:-cnn}") |"; }
for file in "$scratch"/*.csv; do means "$file" >"${file%.csv}.means"; done

{
  echo '<!-- SPDX-License-Identifier: Apache-2.0. Written by tools/validate.sh (`make validate`); do not edit. -->'
  echo '# How wrong predictions are'
  echo
  echo 'Every bundled run predicted by a fit that had not seen its model ("seen": other models of its family were there) or'
  echo 'its family ("unseen"). Means over the setups of a kind; each setup counts once. Beside them two predictors that'
  echo 'need no knowledge of kernels: least squares on sums of MACs and bytes by class of operator, one fit a setup, and'
  echo 'latency in proportion to MACs. "In interval" is the share of runs inside the stated 90 % interval, "width" the'
  echo 'median width of that interval as a share of the prediction, tau is Kendall'"'"'s, of the order of models.'
  for split in model family; do
    echo
    [ "$split" = model ] && echo '## Seen families: one model left out' || echo '## Unseen families: one family left out'
    echo
    echo '| setups | number | error | class sums | MACs alone | within 10 % | tau | in interval | width |'
    echo '|---|---|---|---|---|---|---|---|---|'
    while IFS=, read -r name count mape within tau inside width; do
      sums="$(awk -F, -v g="$name" '$1 == g { print $3 }' "$scratch/$split-class-sums.means")"
      macs="$(awk -F, -v g="$name" '$1 == g { print $3 }' "$scratch/$split-flops.means")"
      echo "| $name | $count | **$mape %** | $sums % | $macs % | $within % | $tau | $inside % | $width % |"
    done <"$scratch/$split-own.means"
  done
  echo
  echo '## What was aimed at'
  echo
  echo 'Means over the six phones that were measured on all 70 convolutional networks, of those networks (transformers below), and'
  echo 'over the devices of ncnn. What was tried where a goal is missed, and what the residuals show: [latency.md](latency.md).'
  echo
  echo '| setups | figure | aim | reached |'
  echo '|---|---|---|---|'
  goal tflite-cpu-fp32 model error 'error, seen' '<= 2.0 %'
  goal tflite-cpu-fp32 family error 'error, unseen' '<= 4.5 %'
  goal tflite-cpu-fp32 model within 'within 10 %, seen' '>= 99 %'
  goal tflite-cpu-fp32 family within 'within 10 %, unseen' '>= 92 %'
  goal tflite-cpu-int8 model error 'error, seen' '<= 2.5 %'
  goal tflite-cpu-int8 family error 'error, unseen' '<= 6 %'
  goal tflite-gpu-fp16 model error 'error, seen' '<= 3.2 %'
  goal tflite-gpu-fp16 family error 'error, unseen' '<= 5.5 %'
  goal tflite-cpu-fp32 family inside 'in 90 % interval, unseen, all networks' '85 to 95 %' all
  goal tflite-cpu-fp32 family width 'width of the interval, unseen, all networks' '<= 25 %' all
  goal ncnn-cpu family error 'error, unseen' '<= 12 %'
  echo
  echo '## Convolutional networks and transformers'
  echo
  echo 'Both are fitted together. Here the runs of each are scored by themselves, over the same phones and one more that only has'
  echo 'transformers; "transformers" are also what is made of attention-like blocks (poolformer, van, focalnet, levit).'
  echo
  echo '| setups | convolutional, seen | unseen | transformers, seen | unseen |'
  echo '|---|---|---|---|---|'
  for kind in tflite-cpu-fp32 tflite-cpu-int8 torch-cpu-fp32 torch-cpu-int8; do
    echo "| $kind | $(score $kind model error cnn) | $(score $kind family error cnn) |" \
      "$(score $kind model error transformer) | $(score $kind family error transformer) |"
  done
  echo
  echo '## Unseen families in pictures'
  echo
  echo '![predicted against measured](pictures/predicted.svg)'
  echo
  echo '![how often intervals hold](pictures/intervals.svg)'
  echo
  echo '## Every setup'
  echo
  echo '| device | setup | runs | seen | unseen | within 10 %, unseen | in interval, unseen | width, unseen |'
  echo '|---|---|---|---|---|---|---|---|'
  awk -F, 'function percent(x) { return sprintf("%.1f %%", 100 * x) }
    FNR == 1 { next }
    $3 != "latency_ms" { next }
    FNR == NR { seen[$1, $2] = $5; next }
    { print "| " $1 " | " $2 " | " $4 " | " (($1, $2) in seen ? percent(seen[$1, $2]) : "") " | " percent($5) " | " \
        percent($8) " | " percent($13) " | " percent($14) " |" }' "$scratch/model-own.csv" "$scratch/family-own.csv"
} >docs/validation.md

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes docs/validation.md: errors of predictions on bundled runs that the fit had not seen, baselines beside, and
# pictures into docs/pictures. Usage: tools/validate.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."
binary="${1:-build/release/nngauge}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
validate() { "$binary" validate --quiet "$@" --format csv; }
for split in model family; do
  for predictor in own class-sums flops; do
    validate --split "$split" --predictor "$predictor" >"$scratch/$split-$predictor.csv"
  done
done
mkdir -p docs/pictures
validate --split family --plot docs/pictures >/dev/null
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
goal() {
  awk -F, -v g="$1" -v column="$3" -v figure="$4" -v aim="$5" "$group"'
    BEGIN { split("pixel4 s10 mi8se a03s iphone7 iphonexs", names, " "); for (i in names) six[names[i]] }
    FNR > 1 && $3 == "latency_ms" && group($2) == g && ($1 in six || g ~ /^ncnn/) { n++; sum += $column }
    END { printf "| %s | %s | %s | %.1f %% |\n", g, figure, aim, 100 * sum / n }' "$scratch/$2-own.csv"
}
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
  echo 'Means over the six phones that were measured on all 70 networks, and over the devices of ncnn. What was tried where'
  echo 'a goal is missed, and what the residuals show: [latency.md](latency.md).'
  echo
  echo '| setups | figure | aim | reached |'
  echo '|---|---|---|---|'
  goal tflite-cpu-fp32 model 5 'error, seen' '<= 2.0 %'
  goal tflite-cpu-fp32 family 5 'error, unseen' '<= 4.5 %'
  goal tflite-cpu-fp32 model 8 'within 10 %, seen' '>= 99 %'
  goal tflite-cpu-fp32 family 8 'within 10 %, unseen' '>= 92 %'
  goal tflite-cpu-int8 model 5 'error, seen' '<= 2.5 %'
  goal tflite-cpu-int8 family 5 'error, unseen' '<= 6 %'
  goal tflite-gpu-fp16 model 5 'error, seen' '<= 3.2 %'
  goal tflite-gpu-fp16 family 5 'error, unseen' '<= 5.5 %'
  goal tflite-cpu-fp32 family 13 'in 90 % interval, unseen' '85 to 95 %'
  goal tflite-cpu-fp32 family 14 'width of the interval, unseen' '<= 25 %'
  goal ncnn-cpu family 5 'error, unseen' '<= 12 %'
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

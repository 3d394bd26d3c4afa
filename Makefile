# SPDX-License-Identifier: Apache-2.0
.PHONY: demo test bench fuzz calibrate validate
demo:
	sh tools/demo.sh
test:
	sh tools/test.sh
bench:
	sh tools/install-deps.sh --dev
	cmake --preset bench >/dev/null
	cmake --build --preset bench --target nngauge_bench
	build/bench/bench/nngauge_bench
# make fuzz SECONDS=600: that long for each format and container.
SECONDS ?= 60
fuzz:
	SECONDS_EACH=$(SECONDS) sh tools/fuzz.sh
calibrate:
	sh tools/install-deps.sh --dev
	cmake --preset release >/dev/null
	cmake --build --preset release --target nngauge
	sh tools/calibrate.sh
# Writes docs/validation.md.
validate:
	sh tools/install-deps.sh --dev
	cmake --preset release >/dev/null
	cmake --build --preset release --target nngauge
	sh tools/validate.sh

# SPDX-License-Identifier: Apache-2.0
.PHONY: demo test bench
demo:
	sh tools/demo.sh
test:
	sh tools/test.sh
bench:
	sh tools/install-deps.sh --dev
	cmake --preset bench >/dev/null
	cmake --build --preset bench --target nngauge_bench
	build/bench/bench/nngauge_bench

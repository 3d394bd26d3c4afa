# SPDX-License-Identifier: Apache-2.0
.PHONY: demo test bench
demo:
	sh tools/demo.sh
test:
	sh tools/test.sh

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets everything up on a bare Debian 12, then runs the main job on bundled models.
set -eu
cd "$(dirname "$0")/.."
sh tools/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release --target nngauge
exec build/release/nngauge

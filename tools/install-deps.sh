#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that nngauge is built from, those that are missing only. Needs root or sudo for that.
# `--dev` adds what only developers use (clang for fuzzing, clang-format, clang-tidy, zip, the benchmark library).
set -eu

packages="g++ cmake ninja-build ccache pkg-config
  libflatbuffers-dev flatbuffers-compiler
  libprotobuf-dev protobuf-compiler libonnx-dev libxml2-dev
  libboost-graph-dev libeigen3-dev catch2
  libcli11-dev libfmt-dev nlohmann-json3-dev libssl-dev
  zlib1g-dev libdeflate-dev libarchive-dev libhdf5-dev"
developer_packages="clang-16 libclang-rt-16-dev clang-format-16 clang-tidy-16 libbenchmark-dev zip"
[ "${1:-}" = "--dev" ] && packages="$packages $developer_packages"

missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install-deps: these Debian packages are missing:$missing" >&2
    echo "install-deps: run as root: apt-get install$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "install-deps: installing Debian packages:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "install-deps: done"

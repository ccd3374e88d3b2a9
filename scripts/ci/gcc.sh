#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gcc: the tests, built by gcc with warnings as errors; clang must find nothing to warn of either.
set -eu
RT_BUILD=build-gcc MESON_ARGS='-Dwerror=true --buildtype=debugoptimized' CC=gcc ./dev test

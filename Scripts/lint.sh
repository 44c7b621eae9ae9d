#!/usr/bin/env bash
# Formatting as .swift-format says; every deviation is an error. `--fix` formats instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "${1:-}" = "--fix" ]; then
    exec swift format format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks Examples
fi
swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks Examples
printf 'lint: formatted\n'

#!/usr/bin/env bash
# Builds the release program and measures it: orders at saturation, reads, one order alone; see Benchmarks/bench.py --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/release.sh
exec python3 Benchmarks/bench.py "$@"

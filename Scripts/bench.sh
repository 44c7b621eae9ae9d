#!/usr/bin/env bash
# Builds the release program and measures it: orders at saturation, reads, one order alone; see Benchmarks/bench.py --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
printf 'bench: building the release program (the first build takes some minutes)\n'
swift build -c release --product purchase
exec python3 Benchmarks/bench.py "$@"

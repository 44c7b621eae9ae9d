#!/usr/bin/env bash
# Builds the program and starts it with its defaults: one process, one SQLite file in ./data.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
printf 'run: building (the first build takes some minutes)\n'
swift build --product purchase
mkdir -p data
export PORT="${PORT:-3000}"
exec "$(swift build --show-bin-path)/purchase" serve

#!/usr/bin/env bash
# Builds the program and plays its demo: orders that succeed, fail and are cancelled. Options: make demo OPTIONS="--pace slow"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
printf 'demo: building (the first build takes some minutes)\n'
swift build --product purchase
exec "$(swift build --show-bin-path)/purchase" demo "$@"

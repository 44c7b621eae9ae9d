#!/usr/bin/env bash
# Every test: units, contracts, scenarios, HTTP, the rules of the house, and the short crash suite.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
# The crash suite starts the program itself, so it is built before the tests.
swift build --product purchase
exec swift test "$@"

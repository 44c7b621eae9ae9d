#!/usr/bin/env bash
# Every test: units, contracts, scenarios, HTTP, the rules of the house, the short crash suite, then the simulation.
# With arguments: one run with them, such as --filter OrdersTests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh --tests
# The crash suite starts the program itself, so it is built before the tests.
swift build --product purchase
if [ $# -gt 0 ]; then exec swift test "$@"; fi
# The simulation keeps every core busy for minutes. Beside it the tests of real processes, with real time limits, would
# measure it and not the program.
swift test --skip '^(SimulationTests|TutorialTests)\.'
exec swift test --skip-build --filter '^(SimulationTests|TutorialTests)\.'

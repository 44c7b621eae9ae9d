#!/usr/bin/env bash
# What a reviewer should not have to look for: formatting, warnings, the rules of the house, the documents.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
bash Scripts/lint.sh
# Warnings are errors in Package.swift, so a build is the check for them.
swift build --build-tests
swift test --skip-build --filter '^ArchitectureTests\.'
bash Scripts/check-docs.sh --made-only

#!/usr/bin/env bash
# Checks the alert rules with Prometheus' own promtool (Debian: prometheus): their form, and that each fires when it should.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Where Scripts/setup.sh --tests puts it.
PATH="$PATH:$PWD/.build/tools/usr/bin"
cd deploy/prometheus

if ! command -v promtool >/dev/null; then
    printf "alerts: promtool is missing: run 'bash Scripts/setup.sh --tests'\n" >&2
    exit 1
fi
promtool check rules alerts.yml
promtool test rules alerts.test.yml

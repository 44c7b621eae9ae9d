#!/usr/bin/env bash
# Benchmarks need the load generator, which does not exist yet; a figure without one would be an invention.
set -euo pipefail

printf 'bench: no benchmarks yet: they come with the load generator\n' >&2
exit 2

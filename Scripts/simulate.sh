#!/usr/bin/env bash
# Fresh seeds of the simulation for TIME seconds (300), on JOBS threads, and every plan that once found something.
# BUILD=debug runs the build that the tests have made: fewer seeds, and none of the minutes that a release build takes.
# SKIP_BUILD=1: it is current.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build="${BUILD:-release}"
if [ -z "${SKIP_BUILD:-}" ]; then
    if [ "$build" = release ]; then
        bash Scripts/release.sh
    else
        bash Scripts/setup.sh
        swift build -c "$build" --product purchase
    fi
fi
# SQLite takes and frees some 90 kB for each temporary table; given back to the system each time, that is a tenth of all work.
export MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=16777216
# Seconds since 1970: other seeds each time, and no seed twice.
exec ".build/$build/purchase" simulate --time "${TIME:-300}" --jobs "${JOBS:-$(nproc)}" --from "${FROM:-$(date +%s)000}" \
    --corpus Tests/SimulationTests/corpus.txt "$@"

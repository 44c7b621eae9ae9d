#!/usr/bin/env bash
# Builds the program and starts it: with its defaults (one process, one SQLite file in ./data), or on ENGINES=STORE,BUS, such as
# postgres,redis or postgres,embedded, with the servers of 'make up' unless DATABASE_URL and REDIS_URL name others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh
printf 'run: building (the first build takes some minutes)\n'
swift build --product purchase
mkdir -p data
export PORT="${PORT:-3000}"

engines="${ENGINES:-sqlite,embedded}"
case "$engines" in
    sqlite,embedded) ;;
    postgres,embedded | postgres,redis)
        if [ -z "${DATABASE_URL:-}" ]; then
            bash Scripts/servers.sh up
            # shellcheck disable=SC1091
            . .servers/env
        fi
        export DATABASE_TYPE=postgres EVENT_BUS="${engines#*,}"
        [ "$EVENT_BUS" = redis ] || unset REDIS_URL
        ;;
    *) printf "run: ENGINES is '%s'; known are sqlite,embedded  postgres,embedded  postgres,redis\n" "$engines" >&2; exit 78 ;;
esac
exec "$(swift build --show-bin-path)/purchase" serve

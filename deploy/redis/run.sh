#!/bin/sh
# Starts Redis as this system needs it, its password from a file: run.sh PASSWORD_FILE [setting…]
# The settings go in on standard input, so that the password stands on no command line.
set -eu

password="$(cat "$1")"; shift
more=""
for setting in "$@"; do
    more="$more
$setting"
done
# What does not fit is refused, never forgotten: maxmemory-policy must be noeviction.
exec redis-server - <<SETTINGS
appendonly yes
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy noeviction
requirepass $password$more
SETTINGS

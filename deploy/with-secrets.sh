#!/bin/sh
# Runs a command with the secrets of a folder in its environment: with-secrets.sh COMMAND…
# A file SECRETS_FOLDER/DATABASE_PASSWORD becomes DATABASE_PASSWORD. So no secret stands in a compose file, on a command line or in
# `docker inspect`. What is set already stays.
set -eu

folder="${SECRETS_FOLDER:-/run/secrets}"
if [ -d "$folder" ]; then
    for file in "$folder"/*; do
        [ -f "$file" ] || continue
        name="${file##*/}"
        case "$name" in
            *[!A-Z_]*) continue ;;
        esac
        if eval "[ -z \"\${$name:-}\" ]"; then
            [ -r "$file" ] || { printf 'with-secrets: %s cannot be read by user %s\n' "$file" "$(id -u)" >&2; exit 78; }
            value="$(cat "$file")"
            export "$name=$value"
        fi
    done
fi
exec "$@"

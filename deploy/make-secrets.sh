#!/usr/bin/env bash
# Makes what deploy/compose.yaml reads from deploy/secrets/: one random secret a file. What is there stays as it is.
# The folder is its owner's alone; the files in it can be read by whoever they are mounted for, whose user id is another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mkdir -p secrets
chmod 700 secrets
for name in postgres_owner redis jwt database_api database_trade database_goods database_money; do
    [ ! -s "secrets/$name" ] || continue
    (umask 077 && head -c 36 /dev/urandom | od -An -tx1 | tr -d ' \n' >"secrets/$name.new")
    chmod 444 "secrets/$name.new"
    mv "secrets/$name.new" "secrets/$name"
    printf 'secrets: made deploy/secrets/%s\n' "$name"
done
# The payment gateway's are not ours to make up; empty as long as payments are simulated.
for name in payment_api_key payment_webhook; do
    [ -e "secrets/$name" ] || { : >"secrets/$name" && chmod 444 "secrets/$name"; }
done

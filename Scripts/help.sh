#!/usr/bin/env bash
# What can be made here.
set -euo pipefail

cat <<'TEXT'
make setup   install what a build needs and is missing (says what it does)
make run     build and start the purchase system on http://127.0.0.1:3000 (PORT=… for another port)
make run ENGINES=postgres,redis   the same on PostgreSQL and Redis (or postgres,embedded)
make up      start a PostgreSQL and a Redis of the project's own on free ports of 127.0.0.1; make down ends them
make demo    play orders that succeed, fail and are cancelled, in the terminal (OPTIONS="--pace slow", --help)
make test    build and run every test
make check   formatting, the rules of the house, the documents
make simulate  run the services under virtual time with everything going wrong (TIME=… seconds, JOBS=…)
make fuzz    fuzz the served API against its own description, on each pair of store and bus (ENGINES=… for one, FUZZ_EXAMPLES=… for more)
make release  build the program to be installed: .build/release/purchase
make bench   measure the release program (OPTIONS="--rounds 5", --help)
make docs    the documents alone: links, both languages, what is made from the code
TEXT

#!/usr/bin/env bash
# Every test: units, contracts, scenarios, HTTP, the rules of the house, the short crash suite, then the simulation.
# With arguments: one run with them, such as --filter OrdersTests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash Scripts/setup.sh --tests
# The crash suite starts the program itself: this builds it along with the tests.
swift build --build-tests
if [ $# -gt 0 ]; then exec swift test --skip-build "$@"; fi
# Swift Testing begins all tests at once. With a thousand to take turns, ten seconds and more pass between two looks of one of them,
# and a server that is there is found too late. So only so many run at a time; what a test waits for its turn is not its own time.
at_a_time() { SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$1 swift test --skip-build "${@:2}"; }
# The simulation keeps every core busy for minutes. Beside it the tests of real processes, with real time limits, would
# measure it and not the program.
processes='^(CommandLineTests|EdgeTests|OperationsTests|ChaosTests|SMTPAdapterTests|WebhookNotifierTests|HTTPPaymentGatewayTests)\.'
servers='^(PurchaseAppTests|PostgresAdapterTests|RedisStreamsAdapterTests|MongoAuditAdapterTests)\.'
at_a_time 32 --skip "^(SimulationTests|TutorialTests)\.|$processes|$servers"
# Nor beside a thousand others. Each of these has its servers and loads, and a small machine has time for few of them.
at_a_time 8 --filter "$processes" --skip 'Eight processes on PostgreSQL and Redis'
at_a_time 8 --filter "$servers"
# Eight processes and two servers that are killed, stopped and cut off: nobody else's time should depend on them.
at_a_time 1 --filter 'Eight processes on PostgreSQL and Redis'
# The same scenarios and HTTP tests on real servers, which the tests start themselves.
if { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 && command -v redis-server >/dev/null; then
    for engines in postgres,embedded postgres,redis; do
        printf '\ntest: scenarios and HTTP on %s\n' "$engines"
        PURCHASE_TEST_ENGINES="$engines" at_a_time 32 --filter '^(ScenarioTests|PurchaseAPITests)\.'
    done
    if [ -n "$(ls .build/secantusdb-*/bin/secantusd-py 2>/dev/null)" ]; then
        printf '\ntest: the audit trail on PostgreSQL and MongoDB\n'
        PURCHASE_TEST_ENGINES=postgres,embedded PURCHASE_TEST_AUDIT_STORE=mongodb \
            at_a_time 32 --filter '^AuditTests\.'
    elif [ "${PURCHASE_REQUIRE_SERVERS:-}" = 1 ]; then
        printf 'test: secantusdb is missing, and PURCHASE_REQUIRE_SERVERS=1 asks for it\n' >&2
        exit 1
    else
        printf '\nSKIPPED: the audit trail on PostgreSQL and MongoDB: secantusdb is not installed\n\n'
    fi
elif [ "${PURCHASE_REQUIRE_SERVERS:-}" = 1 ]; then
    printf 'test: PostgreSQL or redis-server is missing, and PURCHASE_REQUIRE_SERVERS=1 asks for both\n' >&2
    exit 1
else
    printf '\nSKIPPED: scenarios and HTTP on PostgreSQL and Redis: PostgreSQL or redis-server is not installed\n\n'
fi
swift test --skip-build --filter '^(SimulationTests|TutorialTests)\.'

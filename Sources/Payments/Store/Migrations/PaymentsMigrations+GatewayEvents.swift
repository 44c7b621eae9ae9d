import SQLCore

extension PaymentsMigrations {
    private static let gatewayEventsName = "payments/0003_gateway_events"

    static let gatewayEventsSQLite = Migration(
        gatewayEventsName,
        """
        -- Where the gateway that was asked keeps its book: only one in this database can be compared.
        ALTER TABLE payments_saga ADD COLUMN book TEXT NOT NULL DEFAULT 'here' CHECK (book IN ('here', 'elsewhere'));

        -- What the gateway told of its own accord, each event once. What contradicts a payment stays for a person.
        CREATE TABLE payments_gateway_events (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 255),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            subject BLOB NOT NULL CHECK (length(subject) = 16),
            kind TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('applied', 'known', 'contradiction')),
            received_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX payments_gateway_events_by_age ON payments_gateway_events (received_at)
            WHERE outcome <> 'contradiction';
        CREATE INDEX payments_gateway_events_wrong ON payments_gateway_events (subject) WHERE outcome = 'contradiction';
        """)

    /// The same for PostgreSQL, for the list of its migrations.
    static let gatewayEventsPostgres = Migration(
        gatewayEventsName,
        """
        ALTER TABLE payments_saga ADD COLUMN book text NOT NULL DEFAULT 'here' CHECK (book IN ('here', 'elsewhere'));

        CREATE TABLE payments.payments_gateway_events (
            id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
            digest bytea NOT NULL CHECK (length(digest) = 32),
            subject uuid NOT NULL,
            kind text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('applied', 'known', 'contradiction')),
            received_at bigint NOT NULL
        );
        CREATE INDEX payments_gateway_events_by_age ON payments_gateway_events (received_at)
            WHERE outcome <> 'contradiction';
        CREATE INDEX payments_gateway_events_wrong ON payments_gateway_events (subject) WHERE outcome = 'contradiction';
        """)
}

import SQLCore

extension EngineMigrations {
    /// What a long outbox needs, so that a look at a part of it does not read all of it: see ``OutboxAdoption`` and ``RelayPresence``.
    static let backlogOnPostgres = Migration(
        "saga/0008_backlog",
        """
        -- However much is under way.
        SET LOCAL statement_timeout = 0;
        -- What a relay has to send, in order, and which relays have anything: without it every look reads the rows of all of them.
        CREATE INDEX saga_outbox_by_relay ON saga.saga_outbox_bundles (relay, seq) WHERE NOT acknowledged;
        -- Whether what it sent waits for long: everybody who would send more on suspicion asks.
        ALTER TABLE saga.saga_relays ADD COLUMN behind BOOLEAN NOT NULL DEFAULT FALSE;
        """)

    /// The same for SQLite, whose rows have one relay mostly, and so need no index for it.
    static let backlogOnSQLite = Migration(
        "saga/0007_backlog",
        "ALTER TABLE saga_relays ADD COLUMN behind INTEGER NOT NULL DEFAULT 0 CHECK (behind IN (0, 1));")
}

import SQLCore

/// The engine's own tables.
public enum EngineMigrations {
    /// For SQLite: `saga_outbox`, `saga_relays`, `saga_positions`, `saga_inbox`, `saga_retries`, `saga_parked`, `saga_audit`,
    /// `saga_operations`, `saga_operation_items`, `saga_services`.
    public static let sqlite: [Migration] = [
        Migration(
            "saga/0001_engine",
            """
            -- AUTOINCREMENT: a position is never used twice, not even after the table was emptied, so a group's position
            -- stays true for ever.
            CREATE TABLE saga_outbox (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                id BLOB NOT NULL CHECK (length(id) = 16),
                type TEXT NOT NULL,
                version INTEGER NOT NULL CHECK (version > 0),
                source TEXT NOT NULL,
                subject BLOB CHECK (subject IS NULL OR length(subject) = 16),
                time INTEGER NOT NULL,
                correlation_id BLOB,
                causation_id BLOB,
                traceparent TEXT,
                data TEXT NOT NULL,
                -- The rest is the relay's; the embedded transport leaves it alone.
                sent_at INTEGER,
                sent_count INTEGER NOT NULL DEFAULT 0,
                receipt TEXT,
                generation TEXT,
                acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1)),
                CHECK ((sent_at IS NULL) = (receipt IS NULL))
            ) STRICT;
            CREATE INDEX saga_outbox_by_subject ON saga_outbox (subject) WHERE subject IS NOT NULL;

            -- How far each consumer group has come in the outbox (the embedded transport's acknowledgement).
            CREATE TABLE saga_positions (
                consumer TEXT PRIMARY KEY,
                position INTEGER NOT NULL CHECK (position >= 0)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE saga_inbox (
                consumer TEXT NOT NULL,
                event_id BLOB NOT NULL CHECK (length(event_id) = 16),
                subject BLOB,
                handled_at INTEGER NOT NULL,
                PRIMARY KEY (consumer, event_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX saga_inbox_by_subject ON saga_inbox (subject, consumer) WHERE subject IS NOT NULL;

            CREATE TABLE saga_retries (
                consumer TEXT NOT NULL,
                event_id BLOB NOT NULL CHECK (length(event_id) = 16),
                subject BLOB,
                envelope BLOB NOT NULL,
                attempts INTEGER NOT NULL CHECK (attempts > 0),
                due_at INTEGER NOT NULL,
                reason TEXT NOT NULL,
                PRIMARY KEY (consumer, event_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX saga_retries_due ON saga_retries (consumer, due_at);

            CREATE TABLE saga_parked (
                consumer TEXT NOT NULL,
                event_id BLOB NOT NULL CHECK (length(event_id) = 16),
                type TEXT NOT NULL,
                subject BLOB,
                envelope TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('undecodable', 'alarm', 'contract', 'exhausted')),
                reason TEXT NOT NULL,
                parked_at INTEGER NOT NULL,
                PRIMARY KEY (consumer, event_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX saga_parked_by_subject ON saga_parked (subject) WHERE subject IS NOT NULL;

            -- Audit rows of changes that emit no event.
            CREATE TABLE saga_audit (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                service TEXT NOT NULL,
                action TEXT NOT NULL CHECK (length(action) <= 100),
                resource TEXT NOT NULL CHECK (length(resource) <= 100),
                resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
                actor BLOB,
                status TEXT NOT NULL CHECK (status IN ('success', 'failed', 'blocked')),
                severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
                details TEXT NOT NULL CHECK (json_valid(details)),
                correlation_id BLOB,
                occurred_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            "saga/0002_outbox_without_index",
            """
            -- Whoever sends the events of a subject again looks at the whole table: it holds what is under way, and an index
            -- costs each event two changes more.
            DROP INDEX saga_outbox_by_subject;
            """),
        Migration(
            "saga/0003_relays",
            """
            -- Rows are no longer changed when they are sent. Positions go on where they were, also if the table is empty.
            CREATE TABLE saga_outbox_new (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                id BLOB NOT NULL CHECK (length(id) = 16),
                type TEXT NOT NULL,
                version INTEGER NOT NULL CHECK (version > 0),
                source TEXT NOT NULL,
                subject BLOB CHECK (subject IS NULL OR length(subject) = 16),
                time INTEGER NOT NULL,
                correlation_id BLOB,
                causation_id BLOB,
                traceparent TEXT,
                data TEXT NOT NULL,
                -- Whose relay sends it; the embedded transport needs none.
                relay INTEGER,
                -- Every group has it, and its saga goes on for long.
                acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1))
            ) STRICT;
            INSERT INTO saga_outbox_new (seq, id, type, version, source, subject, time, correlation_id, causation_id, traceparent,
                data, acknowledged)
            SELECT seq, id, type, version, source, subject, time, correlation_id, causation_id, traceparent, data, acknowledged
            FROM saga_outbox;
            DELETE FROM sqlite_sequence WHERE name = 'saga_outbox_new';
            INSERT INTO sqlite_sequence (name, seq) SELECT 'saga_outbox_new', seq FROM sqlite_sequence WHERE name = 'saga_outbox';
            DROP TABLE saga_outbox;
            ALTER TABLE saga_outbox_new RENAME TO saga_outbox;

            -- Until when each relay may be taken for alive.
            CREATE TABLE saga_relays (
                relay INTEGER PRIMARY KEY,
                until INTEGER NOT NULL
            ) STRICT;
            """),
        Migration(
            "saga/0004_audit_origin",
            """
            -- Where an audited request came from.
            ALTER TABLE saga_audit ADD COLUMN actor_role TEXT;
            ALTER TABLE saga_audit ADD COLUMN ip_address TEXT CHECK (length(ip_address) <= 45);
            ALTER TABLE saga_audit ADD COLUMN user_agent TEXT CHECK (length(user_agent) <= 1000);
            """),
        deadLetters,
        servicesOnSQLite,
        backlogOnSQLite,
    ]

    private static let deadLetters = Migration(
        "saga/0005_dead_letters",
        """
        -- A parked message has an id of its own: as young as its event, and another in each group that parked it.
        CREATE TABLE saga_parked_new (
            consumer TEXT NOT NULL,
            event_id BLOB NOT NULL CHECK (length(event_id) = 16),
            id BLOB NOT NULL UNIQUE DEFAULT (randomblob(16)) CHECK (length(id) = 16),
            type TEXT NOT NULL,
            subject BLOB,
            envelope TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('undecodable', 'alarm', 'contract', 'exhausted')),
            reason TEXT NOT NULL,
            parked_at INTEGER NOT NULL,
            PRIMARY KEY (consumer, event_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO saga_parked_new (consumer, event_id, id, type, subject, envelope, attempts, kind, reason, parked_at)
        SELECT consumer, event_id, CAST(substr(event_id, 1, 8) || randomblob(8) AS BLOB), type, subject, envelope, attempts,
            kind, reason, parked_at
        FROM saga_parked;
        DROP TABLE saga_parked;
        ALTER TABLE saga_parked_new RENAME TO saga_parked;
        CREATE INDEX saga_parked_by_subject ON saga_parked (subject) WHERE subject IS NOT NULL;

        -- What people asked for, and why.
        CREATE TABLE saga_operations (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            kind TEXT NOT NULL CHECK (kind IN ('replay', 'discard', 'edit', 'resync')),
            actor BLOB,
            reason TEXT NOT NULL,
            requested_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- What became of each thing that an operation is about.
        CREATE TABLE saga_operation_items (
            operation BLOB NOT NULL CHECK (length(operation) = 16),
            item BLOB NOT NULL CHECK (length(item) = 16),
            consumer TEXT NOT NULL,
            event_id BLOB,
            type TEXT NOT NULL,
            subject BLOB,
            state TEXT NOT NULL CHECK (state IN ('requested', 'handled', 'parked', 'discarded', 'edited', 'kept')),
            disposition TEXT,
            emitted TEXT NOT NULL DEFAULT '',
            detail TEXT,
            -- What an edit replaced.
            replaced TEXT,
            finished_at INTEGER,
            PRIMARY KEY (operation, item)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX saga_operation_items_open ON saga_operation_items (consumer, event_id) WHERE state = 'requested';
        CREATE INDEX saga_operation_items_by_item ON saga_operation_items (item);
        """)
}

import SQLCore

/// The schema of Audit.
public enum AuditMigrations {
    /// For SQLite, in order.
    public static let sqlite: [Migration] = [
        Migration(
            "audit/0001_log",
            """
            CREATE TABLE audit_entries (
                sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
                id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
                action TEXT NOT NULL CHECK (length(action) <= 100),
                resource TEXT NOT NULL CHECK (length(resource) <= 100),
                resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
                actor BLOB,
                actor_role TEXT,
                ip_address TEXT CHECK (length(ip_address) <= 45),
                user_agent TEXT CHECK (length(user_agent) <= 1000),
                occurred_at INTEGER NOT NULL,
                recorded_at INTEGER NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('success', 'failed', 'blocked')),
                severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
                details TEXT NOT NULL,
                correlation_id BLOB,
                causation_id BLOB,
                traceparent TEXT,
                service TEXT NOT NULL,
                hash BLOB NOT NULL CHECK (length(hash) = 32)
            ) STRICT;
            -- None by time: segments and the head say when what they hold happened.
            CREATE INDEX audit_entries_by_order ON audit_entries (correlation_id, sequence)
                WHERE correlation_id IS NOT NULL;
            CREATE INDEX audit_entries_by_actor ON audit_entries (actor, sequence) WHERE actor IS NOT NULL;
            CREATE INDEX audit_entries_by_resource ON audit_entries (resource_id, sequence);
            CREATE INDEX audit_entries_severe ON audit_entries (sequence) WHERE severity >= 4;
            CREATE INDEX audit_entries_not_done ON audit_entries (sequence) WHERE status <> 'success';

            -- The last entry: whoever appends holds this row.
            CREATE TABLE audit_head (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                sequence INTEGER NOT NULL CHECK (sequence >= 0),
                hash BLOB NOT NULL CHECK (length(hash) = 32),
                -- The last segment and where it ends; then when the entries behind it happened.
                segment INTEGER NOT NULL DEFAULT 0,
                sealed INTEGER NOT NULL DEFAULT 0,
                oldest INTEGER,
                newest INTEGER,
                -- What was placed from then on is in the log; NULL while nobody records.
                since INTEGER,
                -- What happened before may be gone by retention.
                pruned_before INTEGER
            ) STRICT;

            -- Segments that are full.
            CREATE TABLE audit_segments (
                number INTEGER PRIMARY KEY CHECK (number > 0),
                first_sequence INTEGER NOT NULL,
                last_sequence INTEGER NOT NULL CHECK (last_sequence >= first_sequence),
                head BLOB NOT NULL CHECK (length(head) = 32),
                sealed_at INTEGER NOT NULL,
                oldest INTEGER NOT NULL,
                newest INTEGER NOT NULL
            ) STRICT;

            -- Entries of full segments that retention took away, one row for each run without a gap: the hash of its last entry is what
            -- the next one's covers.
            CREATE TABLE audit_pruned (
                first_sequence INTEGER PRIMARY KEY CHECK (first_sequence > 0),
                last_sequence INTEGER NOT NULL CHECK (last_sequence >= first_sequence),
                segment INTEGER NOT NULL,
                last_hash BLOB NOT NULL CHECK (length(last_hash) = 32)
            ) STRICT;
            CREATE INDEX audit_pruned_by_segment ON audit_pruned (segment, first_sequence);

            -- What retention may not take away.
            CREATE TABLE audit_holds (
                id BLOB PRIMARY KEY,
                reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
                actor BLOB,
                correlation_id BLOB,
                resource TEXT,
                resource_id TEXT,
                action TEXT,
                happened_from INTEGER,
                happened_until INTEGER,
                placed_at INTEGER NOT NULL,
                released_at INTEGER
            ) STRICT;

            -- What is in a full segment, in numbers.
            CREATE TABLE audit_tallies (
                segment INTEGER NOT NULL,
                day INTEGER NOT NULL,
                action TEXT NOT NULL,
                status TEXT NOT NULL,
                severity INTEGER NOT NULL,
                n INTEGER NOT NULL CHECK (n > 0),
                PRIMARY KEY (segment, day, action, status, severity)
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            "audit/0002_stores",
            """
            -- How far each store beside the log is.
            CREATE TABLE audit_feeds (
                store TEXT PRIMARY KEY,
                -- Up to this place the store has everything that belongs there.
                position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
                -- Of these segments it has the heads.
                heads INTEGER NOT NULL DEFAULT 0,
                -- Up to this segment the log has given away what belongs to the store alone.
                given INTEGER NOT NULL DEFAULT 0
            ) STRICT, WITHOUT ROWID;

            -- Entries that are in one place only: in the log, or in the store beside it.
            CREATE TABLE audit_lone (
                first_sequence INTEGER PRIMARY KEY CHECK (first_sequence > 0),
                last_sequence INTEGER NOT NULL CHECK (last_sequence >= first_sequence),
                place TEXT NOT NULL CHECK (place IN ('log', 'store'))
            ) STRICT;
            CREATE INDEX audit_lone_by_last ON audit_lone (last_sequence);

            -- Whether a store has yet to forget what retention took away.
            ALTER TABLE audit_pruned ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1));
            CREATE INDEX audit_pruned_remembered ON audit_pruned (first_sequence) WHERE forgotten = 0;
            """),
    ]
}

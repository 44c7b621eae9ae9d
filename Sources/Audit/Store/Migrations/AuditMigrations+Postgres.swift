import SQLCore

extension AuditMigrations {
    /// For PostgreSQL, in the schema `audit`, in order. Texts are compared byte by byte, as SQLite does: an index by the rules of a
    /// language costs more for nothing.
    public static let postgres: [Migration] = [
        Migration(
            "audit/0001_log",
            """
            CREATE SCHEMA IF NOT EXISTS audit;

            CREATE TABLE audit.audit_entries (
                sequence BIGINT PRIMARY KEY CHECK (sequence > 0),
                id UUID NOT NULL UNIQUE,
                action TEXT COLLATE "C" NOT NULL CHECK (length(action) <= 100),
                resource TEXT COLLATE "C" NOT NULL CHECK (length(resource) <= 100),
                resource_id TEXT COLLATE "C" NOT NULL CHECK (length(resource_id) <= 255),
                actor UUID,
                actor_role TEXT,
                ip_address TEXT CHECK (length(ip_address) <= 45),
                user_agent TEXT CHECK (length(user_agent) <= 1000),
                occurred_at BIGINT NOT NULL,
                recorded_at BIGINT NOT NULL,
                status TEXT COLLATE "C" NOT NULL CHECK (status IN ('success', 'failed', 'blocked')),
                severity BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 5),
                details TEXT COLLATE "C" NOT NULL,
                correlation_id UUID,
                causation_id UUID,
                traceparent TEXT,
                service TEXT COLLATE "C" NOT NULL,
                hash BYTEA NOT NULL CHECK (length(hash) = 32)
            );
            -- None by time: segments and the head say when what they hold happened.
            CREATE INDEX audit_entries_by_order ON audit.audit_entries (correlation_id, sequence)
                WHERE correlation_id IS NOT NULL;
            CREATE INDEX audit_entries_by_actor ON audit.audit_entries (actor, sequence) WHERE actor IS NOT NULL;
            CREATE INDEX audit_entries_by_resource ON audit.audit_entries (resource_id, sequence);
            CREATE INDEX audit_entries_severe ON audit.audit_entries (sequence) WHERE severity >= 4;
            CREATE INDEX audit_entries_not_done ON audit.audit_entries (sequence) WHERE status <> 'success';

            -- The last entry: whoever appends holds this row.
            CREATE TABLE audit.audit_head (
                one BIGINT PRIMARY KEY CHECK (one = 1),
                sequence BIGINT NOT NULL CHECK (sequence >= 0),
                hash BYTEA NOT NULL CHECK (length(hash) = 32),
                -- The last segment and where it ends; then when the entries behind it happened.
                segment BIGINT NOT NULL DEFAULT 0,
                sealed BIGINT NOT NULL DEFAULT 0,
                oldest BIGINT,
                newest BIGINT,
                -- What was placed from then on is in the log; NULL while nobody records.
                since BIGINT,
                -- What happened before may be gone by retention.
                pruned_before BIGINT
            ) WITH (fillfactor = 50);

            -- Segments that are full.
            CREATE TABLE audit.audit_segments (
                number BIGINT PRIMARY KEY CHECK (number > 0),
                first_sequence BIGINT NOT NULL,
                last_sequence BIGINT NOT NULL CHECK (last_sequence >= first_sequence),
                head BYTEA NOT NULL CHECK (length(head) = 32),
                sealed_at BIGINT NOT NULL,
                oldest BIGINT NOT NULL,
                newest BIGINT NOT NULL
            );

            -- Entries of full segments that retention took away, one row for each run without a gap: the hash of its last entry is what
            -- the next one's covers.
            CREATE TABLE audit.audit_pruned (
                first_sequence BIGINT PRIMARY KEY CHECK (first_sequence > 0),
                last_sequence BIGINT NOT NULL CHECK (last_sequence >= first_sequence),
                segment BIGINT NOT NULL,
                last_hash BYTEA NOT NULL CHECK (length(last_hash) = 32)
            );
            CREATE INDEX audit_pruned_by_segment ON audit.audit_pruned (segment, first_sequence);

            -- What retention may not take away.
            CREATE TABLE audit.audit_holds (
                id UUID PRIMARY KEY,
                reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
                actor UUID,
                correlation_id UUID,
                resource TEXT,
                resource_id TEXT,
                action TEXT,
                happened_from BIGINT,
                happened_until BIGINT,
                placed_at BIGINT NOT NULL,
                released_at BIGINT
            );

            -- What is in a full segment, in numbers.
            CREATE TABLE audit.audit_tallies (
                segment BIGINT NOT NULL,
                day BIGINT NOT NULL,
                action TEXT COLLATE "C" NOT NULL,
                status TEXT COLLATE "C" NOT NULL,
                severity BIGINT NOT NULL,
                n BIGINT NOT NULL CHECK (n > 0),
                PRIMARY KEY (segment, day, action, status, severity)
            );
            """),
        Migration(
            "audit/0002_stores",
            """
            -- How far each store beside the log is.
            CREATE TABLE audit.audit_feeds (
                store TEXT PRIMARY KEY,
                -- Up to this place the store has everything that belongs there.
                position BIGINT NOT NULL DEFAULT 0 CHECK (position >= 0),
                -- Of these segments it has the heads.
                heads BIGINT NOT NULL DEFAULT 0,
                -- Up to this segment the log has given away what belongs to the store alone.
                given BIGINT NOT NULL DEFAULT 0
            ) WITH (fillfactor = 50);

            -- Entries that are in one place only: in the log, or in the store beside it.
            CREATE TABLE audit.audit_lone (
                first_sequence BIGINT PRIMARY KEY CHECK (first_sequence > 0),
                last_sequence BIGINT NOT NULL CHECK (last_sequence >= first_sequence),
                place TEXT NOT NULL CHECK (place IN ('log', 'store'))
            );
            CREATE INDEX audit_lone_by_last ON audit.audit_lone (last_sequence);

            -- Whether a store has yet to forget what retention took away.
            ALTER TABLE audit.audit_pruned ADD COLUMN forgotten BIGINT NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1));
            CREATE INDEX audit_pruned_remembered ON audit.audit_pruned (first_sequence) WHERE forgotten = 0;
            """),
    ]
}

import SQLCore

extension AuditMigrations {
    /// For PostgreSQL, in the schema `audit`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "audit/0001_log",
            """
            CREATE SCHEMA IF NOT EXISTS audit;

            CREATE TABLE audit.audit_entries (
                sequence BIGINT PRIMARY KEY CHECK (sequence > 0),
                id UUID NOT NULL UNIQUE,
                action TEXT NOT NULL CHECK (length(action) <= 100),
                resource TEXT NOT NULL CHECK (length(resource) <= 100),
                resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
                actor UUID,
                actor_role TEXT,
                ip_address TEXT CHECK (length(ip_address) <= 45),
                user_agent TEXT CHECK (length(user_agent) <= 1000),
                occurred_at BIGINT NOT NULL,
                recorded_at BIGINT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('success', 'failed', 'blocked')),
                severity BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 5),
                details TEXT NOT NULL,
                correlation_id UUID,
                causation_id UUID,
                traceparent TEXT,
                service TEXT NOT NULL,
                hash BYTEA NOT NULL CHECK (length(hash) = 32)
            );
            CREATE INDEX audit_entries_by_time ON audit.audit_entries (occurred_at);
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
                hash BYTEA NOT NULL CHECK (length(hash) = 32)
            );

            -- Segments that are full.
            CREATE TABLE audit.audit_segments (
                number BIGINT PRIMARY KEY CHECK (number > 0),
                first_sequence BIGINT NOT NULL,
                last_sequence BIGINT NOT NULL CHECK (last_sequence >= first_sequence),
                head BYTEA NOT NULL CHECK (length(head) = 32),
                sealed_at BIGINT NOT NULL
            );
            """)
    ]
}

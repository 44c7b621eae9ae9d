import SQLCore

extension EngineMigrations {
    /// For PostgreSQL, in the schema `saga`: `saga_outbox_bundles` (and `saga_outbox`, a view of it), `saga_relays`, `saga_positions`, `saga_inbox`, `saga_retries`, `saga_parked`,
    /// `saga_audit`, `saga_operations`, `saga_operation_items`.
    public static let postgres: [Migration] = [
        Migration(
            "saga/0001_engine",
            """
            CREATE SCHEMA IF NOT EXISTS saga;

            -- The text that SQLite's function of this name makes, so that checks read the same on both.
            CREATE FUNCTION saga.hex(id UUID) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
                AS $$ SELECT upper(replace(id::text, '-', '')) $$;

            -- Positions say in which order rows were made, not in which order they were committed.
            CREATE TABLE saga.saga_outbox (
                seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                id UUID NOT NULL,
                type TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                source TEXT NOT NULL,
                subject UUID,
                time BIGINT NOT NULL,
                correlation_id UUID,
                causation_id UUID,
                traceparent TEXT,
                data TEXT NOT NULL,
                -- Whose relay sends it. A row is written once and deleted once.
                relay BIGINT,
                -- Every group has it, and its saga goes on for long.
                acknowledged BOOLEAN NOT NULL DEFAULT FALSE
            -- It is emptied as fast as it is filled, so what is dead must go soon, whatever else is to be cleaned.
            ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
            -- For orders whose events are sent again. Without it each looks at everything that is under way, and that is most just when
            -- many have to be sent again.
            CREATE INDEX saga_outbox_by_subject ON saga.saga_outbox (subject) WHERE subject IS NOT NULL;
            CREATE INDEX saga_outbox_acknowledged ON saga_outbox (seq) WHERE acknowledged;

            -- How far each consumer group has come, for a transport that delivers in the order of positions.
            CREATE TABLE saga.saga_positions (
                consumer TEXT PRIMARY KEY,
                position BIGINT NOT NULL CHECK (position >= 0)
            );

            CREATE TABLE saga.saga_inbox (
                consumer TEXT NOT NULL,
                event_id UUID NOT NULL,
                subject UUID,
                handled_at BIGINT NOT NULL,
                PRIMARY KEY (consumer, event_id)
            );
            CREATE INDEX saga_inbox_by_subject ON saga_inbox (subject, consumer) WHERE subject IS NOT NULL;

            CREATE TABLE saga.saga_retries (
                consumer TEXT NOT NULL,
                event_id UUID NOT NULL,
                subject UUID,
                envelope BYTEA NOT NULL,
                attempts BIGINT NOT NULL CHECK (attempts > 0),
                due_at BIGINT NOT NULL,
                reason TEXT NOT NULL,
                PRIMARY KEY (consumer, event_id)
            );
            CREATE INDEX saga_retries_due ON saga_retries (consumer, due_at);

            CREATE TABLE saga.saga_parked (
                consumer TEXT NOT NULL,
                event_id UUID NOT NULL,
                type TEXT NOT NULL,
                subject UUID,
                envelope TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('undecodable', 'alarm', 'contract', 'exhausted')),
                reason TEXT NOT NULL,
                parked_at BIGINT NOT NULL,
                PRIMARY KEY (consumer, event_id)
            );
            CREATE INDEX saga_parked_by_subject ON saga_parked (subject) WHERE subject IS NOT NULL;

            -- Until when each relay may be taken for alive.
            CREATE TABLE saga.saga_relays (
                relay BIGINT PRIMARY KEY,
                until BIGINT NOT NULL
            );

            -- Who does what one process at a time does.
            CREATE TABLE saga.saga_leases (
                name TEXT PRIMARY KEY,
                holder UUID NOT NULL,
                until BIGINT NOT NULL
            );

            -- Audit rows of changes that emit no event.
            CREATE TABLE saga.saga_audit (
                id UUID PRIMARY KEY,
                service TEXT NOT NULL,
                action TEXT NOT NULL CHECK (length(action) <= 100),
                resource TEXT NOT NULL CHECK (length(resource) <= 100),
                resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
                actor UUID,
                status TEXT NOT NULL CHECK (status IN ('success', 'failed', 'blocked')),
                severity BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 5),
                details TEXT NOT NULL CHECK (details::json IS NOT NULL),
                correlation_id UUID,
                occurred_at BIGINT NOT NULL
            );
            """),
        Migration(
            "saga/0002_audit_origin",
            """
            -- Where an audited request came from.
            ALTER TABLE saga.saga_audit ADD COLUMN actor_role TEXT,
                ADD COLUMN ip_address TEXT CHECK (length(ip_address) <= 45),
                ADD COLUMN user_agent TEXT CHECK (length(user_agent) <= 1000);
            """),
        deadLetters,
        servicesOnPostgres,
        bundlesOnPostgres,
        homesOnPostgres,
        compressionOnPostgres,
        backlogOnPostgres,
    ]

    private static let deadLetters = Migration(
        "saga/0003_dead_letters",
        """
        -- A parked message has an id of its own: as young as its event, and another in each group that parked it.
        ALTER TABLE saga.saga_parked ADD COLUMN id UUID NOT NULL DEFAULT gen_random_uuid();
        UPDATE saga.saga_parked SET id = (left(event_id::text, 18) || right(id::text, 18))::uuid;
        CREATE UNIQUE INDEX saga_parked_by_id ON saga.saga_parked (id);

        -- What people asked for, and why.
        CREATE TABLE saga.saga_operations (
            id UUID PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('replay', 'discard', 'edit', 'resync')),
            actor UUID,
            reason TEXT NOT NULL,
            requested_at BIGINT NOT NULL
        );

        -- What became of each thing that an operation is about.
        CREATE TABLE saga.saga_operation_items (
            operation UUID NOT NULL,
            item UUID NOT NULL,
            consumer TEXT NOT NULL,
            event_id UUID,
            type TEXT NOT NULL,
            subject UUID,
            state TEXT NOT NULL CHECK (state IN ('requested', 'handled', 'parked', 'discarded', 'edited', 'kept')),
            disposition TEXT,
            emitted TEXT NOT NULL DEFAULT '',
            detail TEXT,
            -- What an edit replaced.
            replaced TEXT,
            finished_at BIGINT,
            PRIMARY KEY (operation, item)
        );
        CREATE INDEX saga_operation_items_open ON saga.saga_operation_items (consumer, event_id)
            WHERE state = 'requested';
        CREATE INDEX saga_operation_items_by_item ON saga.saga_operation_items (item);

        -- Consumers say what became of a replay: they need it at once, not when somebody runs deploy/postgres/roles.sql again.
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_engine') THEN
                GRANT SELECT, INSERT, UPDATE ON saga.saga_operations, saga.saga_operation_items TO purchase_engine;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_reader') THEN
                GRANT SELECT ON saga.saga_operations, saga.saga_operation_items TO purchase_reader;
            END IF;
        END $$;
        """)
}

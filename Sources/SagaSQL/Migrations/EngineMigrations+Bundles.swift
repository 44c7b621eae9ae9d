import SQLCore

extension EngineMigrations {
    /// What one transaction emits is a row of the outbox, see ``OutboxBundles``.
    static let bundlesOnPostgres = Migration(
        "saga/0005_outbox_bundles",
        """
        -- However much is under way.
        SET LOCAL statement_timeout = 0;
        -- Whoever adds events meanwhile waits, and then fails and does it again.
        ALTER TABLE saga.saga_outbox RENAME TO saga_outbox_single;
        DROP INDEX saga.saga_outbox_by_subject;
        DROP INDEX saga.saga_outbox_acknowledged;

        -- Events of one service that were written together: the n-th of them is the n-th element of each array, and its position
        -- is seq + n - 1. An array costs a fraction of what a row an event with its index entries does.
        CREATE TABLE saga.saga_outbox_bundles (
            seq BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 256 INCREMENT BY 256) PRIMARY KEY,
            size BIGINT NOT NULL CHECK (size BETWEEN 1 AND 256),
            source TEXT NOT NULL,
            -- When the oldest was emitted.
            time BIGINT NOT NULL,
            relay BIGINT,
            acknowledged BOOLEAN NOT NULL DEFAULT FALSE,
            ids UUID[] NOT NULL CHECK (cardinality(ids) = size AND array_position(ids, NULL) IS NULL),
            types TEXT[] NOT NULL CHECK (cardinality(types) = size AND array_position(types, NULL) IS NULL),
            versions BIGINT[] NOT NULL CHECK (cardinality(versions) = size AND array_position(versions, NULL) IS NULL
                AND 0 < ALL (versions)),
            subjects UUID[] NOT NULL CHECK (cardinality(subjects) = size),
            times BIGINT[] NOT NULL CHECK (cardinality(times) = size AND array_position(times, NULL) IS NULL),
            correlation_ids UUID[] NOT NULL CHECK (cardinality(correlation_ids) = size),
            causation_ids UUID[] NOT NULL CHECK (cardinality(causation_ids) = size),
            traceparents TEXT[] NOT NULL CHECK (cardinality(traceparents) = size),
            data TEXT[] NOT NULL CHECK (cardinality(data) = size AND array_position(data, NULL) IS NULL)
        -- It is emptied as fast as it is filled, so what is dead must go soon, whatever else is to be cleaned.
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0,
            toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000,
            toast.autovacuum_vacuum_cost_delay = 0);
        -- To compress what is gone in a second costs more than to write it.
        ALTER TABLE saga.saga_outbox_bundles
            ALTER ids SET STORAGE EXTERNAL, ALTER types SET STORAGE EXTERNAL, ALTER versions SET STORAGE EXTERNAL,
            ALTER subjects SET STORAGE EXTERNAL, ALTER times SET STORAGE EXTERNAL, ALTER correlation_ids SET STORAGE EXTERNAL,
            ALTER causation_ids SET STORAGE EXTERNAL, ALTER traceparents SET STORAGE EXTERNAL, ALTER data SET STORAGE EXTERNAL;
        CREATE INDEX saga_outbox_acknowledged ON saga.saga_outbox_bundles (seq) WHERE acknowledged;

        INSERT INTO saga.saga_outbox_bundles (size, source, time, relay, acknowledged, ids, types, versions, subjects, times,
            correlation_ids, causation_ids, traceparents, data)
        SELECT COUNT(*), source, MIN(time), relay, acknowledged, array_agg(id ORDER BY seq), array_agg(type ORDER BY seq),
            array_agg(version ORDER BY seq), array_agg(subject ORDER BY seq), array_agg(time ORDER BY seq),
            array_agg(correlation_id ORDER BY seq), array_agg(causation_id ORDER BY seq), array_agg(traceparent ORDER BY seq),
            array_agg(data ORDER BY seq)
        FROM (
            -- What everybody has waits for its saga, and so is by saga.
            SELECT *, CASE WHEN acknowledged THEN subject END AS saga, (ROW_NUMBER() OVER (
                PARTITION BY source, relay, acknowledged, CASE WHEN acknowledged THEN subject END ORDER BY seq) - 1) / 256 AS part
            FROM saga.saga_outbox_single) AS single
        GROUP BY source, relay, acknowledged, saga, part ORDER BY MIN(seq);
        DROP TABLE saga.saga_outbox_single;

        -- Each event as a row, as SQLite's table has it.
        CREATE VIEW saga.saga_outbox AS
        SELECT b.seq + e.place - 1 AS seq, e.id, e.type, e.version, b.source, e.subject, e.time, e.correlation_id,
            e.causation_id, e.traceparent, e.data, b.relay, b.acknowledged
        FROM saga.saga_outbox_bundles AS b CROSS JOIN LATERAL unnest(b.ids, b.types, b.versions, b.subjects, b.times,
            b.correlation_ids, b.causation_ids, b.traceparents, b.data) WITH ORDINALITY
            AS e (id, type, version, subject, time, correlation_id, causation_id, traceparent, data, place);

        -- The same for whoever needs no data, which are most of it.
        CREATE VIEW saga.saga_outbox_heads AS
        SELECT b.seq + e.place - 1 AS seq, e.id, e.type, b.source, e.subject, e.time, e.causation_id, b.acknowledged
        FROM saga.saga_outbox_bundles AS b CROSS JOIN LATERAL unnest(b.ids, b.types, b.subjects, b.times, b.causation_ids)
            WITH ORDINALITY AS e (id, type, subject, time, causation_id, place);

        -- The events of some sagas, of one service or, for NULL, of all. There is no index for them: what is under way is looked through, and few bundles are opened.
        CREATE FUNCTION saga.saga_outbox_of(about UUID[], service TEXT) RETURNS SETOF saga.saga_outbox
            LANGUAGE sql STABLE PARALLEL SAFE
        AS $$
            SELECT b.seq + e.place - 1, e.id, e.type, e.version, b.source, e.subject, e.time, e.correlation_id,
                e.causation_id, e.traceparent, e.data, b.relay, b.acknowledged
            FROM saga.saga_outbox_bundles AS b CROSS JOIN LATERAL unnest(b.ids, b.types, b.versions, b.subjects, b.times,
                b.correlation_ids, b.causation_ids, b.traceparents, b.data) WITH ORDINALITY
                AS e (id, type, version, subject, time, correlation_id, causation_id, traceparent, data, place)
            WHERE (service IS NULL OR b.source = service) AND b.subjects && about AND e.subject = ANY (about)
        $$;

        -- Whoever adds single rows to the view: an import, a process of the version before.
        CREATE FUNCTION saga.saga_outbox_add() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO saga.saga_outbox_bundles (size, source, time, relay, acknowledged, ids, types, versions, subjects, times,
                correlation_ids, causation_ids, traceparents, data)
            VALUES (1, NEW.source, NEW.time, NEW.relay, COALESCE(NEW.acknowledged, FALSE), ARRAY[NEW.id], ARRAY[NEW.type],
                ARRAY[NEW.version], ARRAY[NEW.subject], ARRAY[NEW.time], ARRAY[NEW.correlation_id], ARRAY[NEW.causation_id],
                ARRAY[NEW.traceparent], ARRAY[NEW.data]) RETURNING seq INTO NEW.seq;
            RETURN NEW;
        END $$;
        CREATE TRIGGER saga_outbox_add INSTEAD OF INSERT ON saga.saga_outbox
            FOR EACH ROW EXECUTE FUNCTION saga.saga_outbox_add();

        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_engine') THEN
                GRANT SELECT, INSERT, UPDATE, DELETE ON saga.saga_outbox_bundles TO purchase_engine;
                GRANT SELECT, INSERT ON saga.saga_outbox TO purchase_engine;
                GRANT SELECT ON saga.saga_outbox_heads TO purchase_engine;
                GRANT EXECUTE ON FUNCTION saga.saga_outbox_of TO purchase_engine;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_reader') THEN
                GRANT SELECT ON saga.saga_outbox_bundles, saga.saga_outbox, saga.saga_outbox_heads TO purchase_reader;
                GRANT EXECUTE ON FUNCTION saga.saga_outbox_of TO purchase_reader;
            END IF;
        END $$;
        """)
}

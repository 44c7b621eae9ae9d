import SQLCore

extension EngineMigrations {
    /// Which processes run which services, see ``ServicePresence``.
    static let servicesOnSQLite = Migration(
        "saga/0006_services",
        """
        CREATE TABLE saga_services (
            instance BLOB PRIMARY KEY CHECK (length(instance) = 16),
            -- Names with commas between.
            services TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            pauses TEXT NOT NULL CHECK (json_valid(pauses))
        ) STRICT, WITHOUT ROWID;
        -- For whoever looks what is in an order's way.
        CREATE INDEX saga_retries_by_subject ON saga_retries (subject) WHERE subject IS NOT NULL;
        """)

    /// The same for PostgreSQL.
    static let servicesOnPostgres = Migration(
        "saga/0004_services",
        """
        CREATE TABLE saga.saga_services (
            instance UUID PRIMARY KEY,
            services TEXT NOT NULL,
            since BIGINT NOT NULL,
            until BIGINT NOT NULL,
            pauses TEXT NOT NULL CHECK (pauses::json IS NOT NULL)
        );
        CREATE INDEX saga_retries_by_subject ON saga.saga_retries (subject) WHERE subject IS NOT NULL;

        -- Every process writes it from its start on, not when somebody runs deploy/postgres/roles.sql again.
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_engine') THEN
                GRANT SELECT, INSERT, UPDATE, DELETE ON saga.saga_services TO purchase_engine;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_reader') THEN
                GRANT SELECT ON saga.saga_services TO purchase_reader;
            END IF;
        END $$;
        """)
}

import SQLCore

extension EngineMigrations {
    /// Whose rows a PostgreSQL database is for, see ``ServiceHomes``.
    static let homesOnPostgres = Migration(
        "saga/0006_homes",
        """
        -- No row: every service's, as mostly.
        CREATE TABLE saga.saga_homes (service TEXT PRIMARY KEY);

        -- Every process asks at its start, not when somebody runs deploy/postgres/roles.sql again.
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_engine') THEN
                GRANT SELECT ON saga.saga_homes TO purchase_engine;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_reader') THEN
                GRANT SELECT ON saga.saga_homes TO purchase_reader;
            END IF;
        END $$;
        """)
}

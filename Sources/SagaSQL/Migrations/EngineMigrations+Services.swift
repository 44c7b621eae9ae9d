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
        """)
}

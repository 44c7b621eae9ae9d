import SQLCore

extension EngineMigrations {
    /// What events say is compressed by a method that costs less than it saves, where the server was built with it.
    static let compressionOnPostgres = Migration(
        "saga/0007_outbox_compression",
        """
        -- Events of one kind differ in little: by lz4 a bundle is a fraction of its size, and less is written to the table and the log.
        DO $$
        BEGIN
            EXECUTE 'ALTER TABLE saga.saga_outbox_bundles ALTER data SET COMPRESSION lz4, ALTER data SET STORAGE EXTENDED';
        EXCEPTION
            -- Built without lz4, or older than PostgreSQL 14.
            WHEN feature_not_supported OR syntax_error OR invalid_parameter_value THEN NULL;
        END $$;
        """)
}

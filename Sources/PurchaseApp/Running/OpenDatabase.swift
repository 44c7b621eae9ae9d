import PostgresAdapter
import SQLCore
import SQLiteAdapter

/// A database that somebody opened and has to close.
public protocol OpenDatabase: SQLDatabase {
    /// Ends every connection after what it runs.
    ///
    /// - Throws: ``SQLError``.
    func close() throws
}

extension SQLiteDatabase: OpenDatabase {}
extension PostgresDatabase: OpenDatabase {}

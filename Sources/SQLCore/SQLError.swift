/// What went wrong in a database, without any bound value in its text.
public struct SQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is; decides whether trying again can help.
    public enum Code: String, Sendable {
        /// A CHECK, UNIQUE, NOT NULL or foreign key constraint refused the change.
        case constraint
        /// The database cannot be reached, is full, or its answer to COMMIT was lost.
        case unavailable
        /// Another transaction is in the way; trying again is right.
        case busy
        /// Another process writes to this database and only one may.
        case locked
        /// A write in a read-only transaction, a statement after the end of its transaction, wrong SQL.
        case misuse
        /// A row is not of the expected shape.
        case shape
        /// The database says that its file is damaged.
        case corrupt
        /// A migration was changed after it had been applied, or the database is newer than this program.
        case migration
    }

    /// The kind of trouble.
    public let code: Code
    /// What happened, for logs: no values, no secrets.
    public let detail: String

    /// An error; `detail` must hold no bound value.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}

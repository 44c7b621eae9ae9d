import SQLCore

/// One sentence that must be true of a service's tables at all times, as a query for what breaks it.
public struct InvariantCheck: Sendable {
    /// `items.stock-adds-up`, …; stable, for scripts.
    public let id: String
    /// The invariant as a sentence.
    public let sentence: String
    /// Selects the rows that break it, with one column `what` (text) that names them; none in a correct system.
    public let violations: SQLStatement

    /// A check under its id, with its sentence and the query for what breaks it.
    public init(_ id: String, _ sentence: String, violations: SQLStatement) {
        self.id = id
        self.sentence = sentence
        self.violations = violations
    }

    /// The rows that break the invariant, at most `limit` of them.
    ///
    /// - Throws: ``SQLError``.
    public func run(in transaction: any SQLTransaction, limit: Int = 20) throws -> [String] {
        try transaction.rows(violations).prefix(limit).map { try $0.text("what") }
    }
}

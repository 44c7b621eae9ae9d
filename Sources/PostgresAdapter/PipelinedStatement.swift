import CPostgres
import SQLCore

/// A statement as part of a pipeline, and what becomes of its answer.
struct PipelinedStatement {
    let statement: SQLStatement
    /// Takes its rows, and how many were inserted, changed, deleted or selected.
    let take: ([SQLRow], Int) throws -> Void
    /// What its failure means if it is that the number of changed rows is another than expected.
    private let unexpected: (any Error)?

    init(_ statement: SQLStatement, take: @escaping ([SQLRow], Int) throws -> Void = { _, _ in }) {
        self.statement = statement
        self.take = take
        unexpected = nil
    }

    /// A change that fails unless it changes as many rows as are expected. The server has to check it: when its answer is read here,
    /// the COMMIT behind it was sent long ago.
    init(_ change: SQLStatement, changing expected: ExpectedChanges) {
        statement = SQLStatement(
            """
            WITH changed AS (\(change.text) RETURNING 1)
            SELECT 1 / (COUNT(*) = $\(change.values.count + 1))::int AS expected FROM changed
            """, values: change.values + [.integer(Int64(expected.count))])
        take = { _, _ in }
        unexpected = expected.failure
    }

    /// division_by_zero (PostgreSQL's Appendix A, Error Codes).
    private static let divisionByZero = "22012"

    /// What an error answer means.
    func failure(_ result: OpaquePointer) -> any Error {
        if let unexpected, SQLError.state(of: result) == Self.divisionByZero { return unexpected }
        return SQLError(result: result)
    }
}

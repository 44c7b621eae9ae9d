/// The answer to a reading that travels with whatever is asked beside it, see ``SQLTransaction/asking(_:)``.
///
/// Of one transaction, and of no use after it.
public struct Pending<Answer> {
    private let fetch: () throws -> Answer

    /// - Parameters:
    ///   - rows: what was asked.
    ///   - read: makes an answer of it.
    public init(_ rows: PendingRows, _ read: @escaping ([SQLRow]) throws -> Answer) {
        fetch = { try read(rows.rows()) }
    }

    /// Waits for it, if it is not there yet.
    ///
    /// - Throws: ``SQLError`` of this reading, or of what was sent before it.
    public func answer() throws -> Answer { try fetch() }
}

/// Rows that were asked for, or are there already.
public final class PendingRows {
    private var found: [SQLRow]
    private var missing: Int
    private let fetch: () throws -> Void

    /// Rows that are there.
    public init(_ rows: [SQLRow]) {
        found = rows
        missing = 0
        fetch = {}
    }

    /// - Parameters:
    ///   - statements: how many answers there will be, each given to ``take(_:)``.
    ///   - fetch: sends whatever waits and takes all answers.
    public init(of statements: Int, fetch: @escaping () throws -> Void) {
        found = []
        missing = statements
        self.fetch = fetch
    }

    /// Takes the next answer.
    public func take(_ rows: [SQLRow]) {
        found += rows
        missing -= 1
    }

    /// The rows of all answers, in order.
    ///
    /// - Throws: ``SQLError``; `.misuse` if the transaction is over, or failed before.
    public func rows() throws -> [SQLRow] {
        if missing > 0 { try fetch() }
        guard missing <= 0 else { throw SQLError(.misuse, "an answer was waited for that never came") }
        return found
    }
}

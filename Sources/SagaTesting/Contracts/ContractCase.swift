import SQLCore

/// One sentence that every implementation of a port must make true. Run each against each implementation:
///
///     @Test(arguments: DatabaseContract.cases)
///     func `SQLite keeps the database contract`(_ contract: ContractCase<any SQLDatabase>) async throws {
///         try await contract.check(SQLiteDatabase.inMemory())
///     }
public struct ContractCase<Subject>: Sendable, CustomStringConvertible {
    /// What must be true, as a sentence.
    public let sentence: String
    private let body: @Sendable (Subject) async throws -> Void

    package init(_ sentence: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.sentence = sentence
        self.body = body
    }

    public var description: String { sentence }

    /// - Throws: ``ContractViolation``, or what the implementation throws.
    public func check(_ subject: Subject) async throws { try await body(subject) }
}

/// A port's implementation does not do what its contract says.
public struct ContractViolation: Error, CustomStringConvertible {
    /// What was found instead.
    public let description: String
}

/// Throws a ``ContractViolation`` unless `condition` holds.
package func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
    guard condition else { throw ContractViolation(description: otherwise()) }
}

/// An error that a contract asks for.
struct ExpectedError {
    let matches: (any Error) -> Bool

    static func code(_ code: SQLError.Code) -> ExpectedError {
        ExpectedError { ($0 as? SQLError)?.code == code }
    }

    static func type<E: Error>(_: E.Type) -> ExpectedError {
        ExpectedError { $0 is E }
    }
}

/// Throws a ``ContractViolation`` unless `body` throws the `expected` error.
func requireThrows(_ what: String, _ expected: ExpectedError, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        try require(expected.matches(error), "\(what): threw \(error)")
        return
    }
    throw ContractViolation(description: "\(what): threw nothing")
}

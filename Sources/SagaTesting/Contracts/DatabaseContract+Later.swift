import SQLCore
import Synchronization

/// Changes to whose answers nobody waits (``SQLTransaction/later(_:changing:)``).
extension DatabaseContract {
    struct Unexpected: Error {}

    static let deferredCases: [ContractCase<any SQLDatabase>] = [
        ContractCase("a deferred change is seen by what comes next, and committed", aDeferredChangeIsSeen),
        ContractCase(
            "a deferred change of another number of rows undoes the transaction", aDeferredChangeOfAnotherNumber),
        ContractCase("a deferred change that breaks a constraint is refused", aDeferredChangeThatBreaksAConstraint),
        ContractCase("the rows of a deferred change are told before the commit", theRowsOfADeferredChangeAreTold),
        ContractCase("any number of deferred changes keep their order", anyNumberOfDeferredChanges),
    ]

    private static func aDeferredChangeIsSeen(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        let seen = try await database.write { transaction in
            try transaction.later(
                "INSERT INTO contract (id, number) VALUES (\(1), \(10))",
                changing: ExpectedChanges(1, else: Unexpected()))
            let seen = try transaction.rows("SELECT number FROM contract").map { try $0.int("number") }
            try transaction.later("UPDATE contract SET number = number + \(1) WHERE id = \(1)", changing: nil)
            return seen
        }
        try require(seen == [10], "the query behind it saw \(seen)")
        try require(try await numbers(database) == [11], "the last change is not there")
    }

    private static func aDeferredChangeOfAnotherNumber(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        for isLast in [true, false] {
            try await requireThrows("the transaction", .type(Unexpected.self)) {
                try await database.write { transaction in
                    try transaction.later("INSERT INTO contract (id, number) VALUES (\(1), \(10))", changing: nil)
                    try transaction.later(
                        "UPDATE contract SET number = \(5) WHERE id IN (\(list: [1, 2]))",
                        changing: ExpectedChanges(2, else: Unexpected()))
                    if !isLast { _ = try transaction.rows("SELECT number FROM contract") }
                }
            }
            try require(try await numbers(database).isEmpty, "something of it is there")
        }
    }

    private static func aDeferredChangeThatBreaksAConstraint(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await database.write { try $0.execute("INSERT INTO contract (id, number) VALUES (\(1), \(10))") }
        try await requireThrows("the transaction", .code(.constraint)) {
            try await database.write { transaction in
                try transaction.later("INSERT INTO contract (id, number) VALUES (\(2), \(20))", changing: nil)
                try transaction.later(
                    "INSERT INTO contract (id, number) VALUES (\(1), \(11))",
                    changing: ExpectedChanges(1, else: Unexpected()))
            }
        }
        try require(try await numbers(database) == [10], "something of it is there")
    }

    private static func theRowsOfADeferredChangeAreTold(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        let heard = Mutex<[Int]>([])
        database.listen { news in
            guard case .committed(let announcements) = news else { return }
            heard.withLock { $0 += announcements.compactMap { $0 as? Int } }
        }
        try await database.write { transaction in
            try transaction.later("INSERT INTO contract (id, number) VALUES (\(1), \(10)) RETURNING number") { rows in
                for row in rows { transaction.announce(try row.int("number")) }
            }
        }
        try require(heard.withLock { $0 } == [10], "\(heard.withLock { $0 }) was announced")
    }

    private static func anyNumberOfDeferredChanges(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await database.write { transaction in
            try transaction.later("INSERT INTO contract (id, number) VALUES (\(1), \(0))", changing: nil)
            for step in 1...50 {
                try transaction.later(
                    "UPDATE contract SET number = \(step) WHERE id = \(1) AND number = \(step - 1)",
                    changing: ExpectedChanges(1, else: Unexpected()))
            }
        }
        try require(try await numbers(database) == [50], "not all were made in order")
    }
}

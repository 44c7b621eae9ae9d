import FoundationEssentials
import SQLCore
import SagaSQL

/// What every SQL database must do, on an empty one.
public enum DatabaseContract {
    private struct Deliberate: Error {}

    /// Every sentence of the contract; each needs an empty database of its own.
    public static let cases: [ContractCase<any SQLDatabase>] =
        [
            ContractCase("what a transaction wrote is read by the next one", whatATransactionWroteIsReadBy),
            ContractCase("a thrown error rolls everything back", aThrownErrorRollsEverythingBack),
            ContractCase(
                "of concurrent transactions only the failing ones are rolled back",
                ofConcurrentTransactionsOnlyTheFailingOnes),
            ContractCase("a counter changed by many at once loses no change", aCounterChangedByManyAtOnce),
            ContractCase("a guarded change tells whether it took effect", aGuardedChangeTellsWhetherItTook),
            ContractCase("a constraint refuses what it must, with its own code", aConstraintRefusesWhatItMustWith),
            ContractCase("a reader cannot write", aReaderCannotWrite),
            ContractCase("every kind of value comes back as it was bound", everyKindOfValueComesBackAs),
            ContractCase("a list of any length is searched, an empty one has nothing", aListOfAnyLengthIsSearched),
            ContractCase("many rows are inserted in order, changed and read", manyRowsAreInsertedChangedAndRead),
            ContractCase("rows are completed by what other rows say", rowsAreCompletedByOthers),
            ContractCase(
                "migrations are applied once, and a changed one is refused", migrationsAreAppliedOnceAndAChanged),
        ] + deferredCases

    private static func whatATransactionWroteIsReadBy(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await database.write { try $0.execute("INSERT INTO contract (id, number) VALUES (\(1), \(10))") }
        try require(try await numbers(database) == [10], "the row is not there")
    }

    private static func aThrownErrorRollsEverythingBack(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await requireThrows("the transaction", .type(Deliberate.self)) {
            try await database.write { transaction in
                try transaction.execute("INSERT INTO contract (id, number) VALUES (\(1), \(10))")
                throw Deliberate()
            }
        }
        try require(try await numbers(database).isEmpty, "the row is there")
    }

    private static func ofConcurrentTransactionsOnlyTheFailingOnes(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        let failures = await withTaskGroup(of: Bool.self) { group in
            for id in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { transaction in
                            try transaction.execute(
                                "INSERT INTO contract (id, number) VALUES (\(id), \(id % 3))")
                            if id % 3 == 0 { throw Deliberate() }
                        }
                        return false
                    } catch { return true }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        try require(failures == 67, "\(failures) transactions failed instead of 67")
        let left = try await numbers(database)
        try require(left.count == 133 && !left.contains(0), "\(left.count) rows are left")
    }

    private static func aCounterChangedByManyAtOnce(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await database.write { try $0.execute("INSERT INTO contract (id, number) VALUES (\(1), \(0))") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    _ = try await database.write {
                        try $0.execute("UPDATE contract SET number = number + 1 WHERE id = \(1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        try require(try await numbers(database) == [100], "changes were lost")
    }

    private static func aGuardedChangeTellsWhetherItTook(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        let (first, second) = try await database.write { transaction in
            try transaction.execute("INSERT INTO contract (id, number) VALUES (\(1), \(5))")
            let change: SQLStatement = "UPDATE contract SET number = number - \(4) WHERE id = \(1) AND number >= \(4)"
            return (try transaction.changesOne(change), try transaction.changesOne(change))
        }
        try require(first && !second, "changesOne answered \(first), then \(second)")
    }

    private static func aConstraintRefusesWhatItMustWith(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await requireThrows("a negative number", .code(.constraint)) {
            _ = try await database.write { try $0.execute("INSERT INTO contract (id, number) VALUES (\(1), \(-1))") }
        }
    }

    private static func aReaderCannotWrite(_ database: any SQLDatabase) async throws {
        try await prepare(database)
        try await requireThrows("the write", .code(.misuse)) {
            try await database.read {
                _ = try $0.rows("INSERT INTO contract (id, number) VALUES (\(1), \(1)) RETURNING id")
            }
        }
        try require(try await numbers(database).isEmpty, "the row is there")
    }

    private static func everyKindOfValueComesBackAs(_ database: any SQLDatabase) async throws {
        let id = UUID()
        let row = try await database.read { transaction in
            try transaction.first(
                "SELECT \(id) AS a, \(Int64.max) AS b, \("마법검 'x'; --") AS c, \(1.5) AS d, \(String?.none) AS e, \(true) AS f"
            )
        }
        guard let row else { throw ContractViolation(description: "no row") }
        try require(row.uuid("a") == id, "uuid")
        try require(row.int64("b") == .max, "integer")
        try require(row.text("c") == "마법검 'x'; --", "text")
        try require(row.double("d") == 1.5, "real")
        try require(row.isNull("e"), "null")
        try require(row.bool("f"), "boolean")
    }

    private static func migrationsAreAppliedOnceAndAChanged(_ database: any SQLDatabase) async throws {
        let first = Migration("t/0001", "CREATE TABLE migrated (id BIGINT PRIMARY KEY);")
        let second = Migration("t/0002", "ALTER TABLE migrated ADD COLUMN name TEXT;")
        let applied = try await Migrator([first]).migrate(database, now: 1)
        try require(applied == ["t/0001"], "applied \(applied)")
        let pending = try await Migrator([first, second]).pending(database)
        try require(pending == ["t/0002"], "pending \(pending)")
        try await Migrator([first, second]).migrate(database, now: 2)
        let again = try await Migrator([first, second]).migrate(database, now: 3)
        try require(again.isEmpty, "applied again: \(again)")
        let isRefusal = ExpectedError.code(.migration)
        try await requireThrows("a changed migration", isRefusal) {
            try await Migrator([Migration("t/0001", "SELECT 1;"), second]).migrate(database, now: 4)
        }
        try await requireThrows("a newer database", isRefusal) {
            try await Migrator([first]).migrate(database, now: 5)
        }
    }

    static func prepare(_ database: any SQLDatabase) async throws {
        try await database.write {
            try $0.script("CREATE TABLE contract (id BIGINT PRIMARY KEY, number BIGINT NOT NULL CHECK (number >= 0));")
        }
    }

    static func numbers(_ database: any SQLDatabase) async throws -> [Int64] {
        try await database.read {
            try $0.rows("SELECT number FROM contract ORDER BY id").map { try $0.int64("number") }
        }
    }
}

import Foundation
import Orders
import PostgresAdapter
import PurchaseApp
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaTesting
import Synchronization
import TestEngines
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct `Moving from SQLite to PostgreSQL` {
    private struct Killed: Error {}

    /// Runs `body` with a file in which some orders have ended and some are under way, and an empty database.
    private func withBoth(
        _ body: (_ path: String, _ target: PostgresEndpoint, _ orders: [OrderID]) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "purchase.sqlite").path
        let file = try SQLiteDatabase.open(path: path)
        try await Migrator(PurchaseSystem.migrations(for: .sqlite)).migrate(file, now: 0)
        let world = try await World(on: file)
        let item = try await world.item(price: 1_000, stock: 40)
        _ = try await world.coupon(code: "MOVE", quantity: 5)
        let user = try await world.user(balance: 20_000)
        var orders: [OrderID] = []
        for number in 0..<12 {
            orders.append(try await world.place(user, [item: 1], coupon: number == 0 ? .code("move") : nil))
        }
        try await world.runUntilRest()
        for _ in 0..<3 { orders.append(try await world.place(user, [item: 1])) }
        for _ in 0..<25 { try await world.pollOnce() }
        try file.close()
        let server = try await PostgresServer.shared()
        let target = try await server.makeDatabase()
        try await body(path, target, orders)
        try await server.drop(target)
    }

    @Test(.onItsOwnNetwork) func `takes every row along, and orders under way go on there`() async throws {
        try await withBoth { path, target, orders in
            let outcome = try await Importation(from: path, to: target, batch: 7).run()
            #expect(!outcome.wasResumed)
            #expect(outcome.rows["orders_orders"] == 15)
            let database = PostgresDatabase(target, PostgresSettings(poolSize: 3, searchPath: PurchaseSystem.schemas))
            let noted = try await database.read { transaction in
                try transaction.rows("SELECT resource_id FROM saga_audit WHERE action = 'system.imported'")
                    .map { try $0.text("resource_id") }
            }
            #expect(noted == ["purchase.sqlite"])
            let world = try await World(on: database)
            try await world.finish()
            for order in orders { #expect(try await world.order(order).isFinal) }
            database.close()
        }
    }

    @Test func `goes on where it was ended`() async throws {
        try await withBoth { path, target, _ in
            let counted = Mutex(0)
            let killed = Task {
                try await Importation(from: path, to: target, batch: 3).run { _ in
                    // Ended in the middle of some table.
                    let count = counted.withLock { count in
                        count += 1
                        return count
                    }
                    if count == 9 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: (any Error).self) { _ = try await killed.value }
            let outcome = try await Importation(from: path, to: target, batch: 3).run()
            #expect(outcome.wasResumed)
            #expect(outcome.rows["orders_orders"] == 15)
        }
    }

    @Test func `is refused into a database that holds something, and while a server runs`() async throws {
        try await withBoth { path, target, _ in
            _ = try await Importation(from: path, to: target).run()
            let again = await #expect(throws: SQLError.self) {
                _ = try await Importation(from: path, to: target).run()
            }
            #expect(again?.detail.contains("not empty") == true)
            let running = try SQLiteDatabase.open(path: path)
            let locked = await #expect(throws: SQLError.self) {
                _ = try await Importation(from: path, to: target).run()
            }
            #expect(locked?.code == .locked)
            try running.close()
        }
    }
}

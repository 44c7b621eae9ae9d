import Audit
import Foundation
import MongoAuditAdapter
import SagaChoreography

/// What an entry of the audit trail costs, written one by one, in batches of 100 and of 1000: in a store beside the log over one connection,
/// or in the log itself, with its chain. The sizes take turns in each round, so that their ratios mean something on a busy machine.
///
///     swift run -c release entry-store-bench mongodb://127.0.0.1:27017/bench [rounds]
///     swift run -c release entry-store-bench postgres://user:password@127.0.0.1:5432/bench [rounds]
///
/// For PostgreSQL the rows alone follow, without chain and events, by INSERT and by COPY.
///
/// The database is the bench's own.
@main struct EntryStoreBench {
    private static let sizes = [1, 100, 1000]
    /// So many entries of each size a round.
    private static let entries = [200, 4000, 8000]

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: entry-store-bench mongodb://host:port/database | postgres://host:port/database [rounds]")
            exit(2)
        }
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 5 : 5
        if arguments[1].hasPrefix("mongodb") {
            var settings = try MongoSettings(uri: arguments[1])
            settings.poolSize = 1
            let store = MongoEntryStore(settings)
            try await store.prepare()
            try await measure(store.name, rounds: rounds) { try await store.put($0) }
            try await store.remove(1...Int64.max)
            await store.close()
        } else {
            try await LogBench(arguments[1]).run { write in
                try await measure("the log", rounds: rounds) { try await write($0.map(\.entry)) }
            }
            for way in RowsBench.Way.allCases {
                try await RowsBench(arguments[1], by: way).run { write in
                    try await measure("rows by \(way.rawValue)", rounds: rounds, write)
                }
            }
        }
    }

    private static func measure(
        _ name: String, rounds: Int, _ put: @Sendable ([LoggedEntry]) async throws -> Void
    ) async throws {
        var next: Int64 = 1
        var costs = sizes.map { _ in [Double]() }
        // The first round warms up and does not count.
        for round in 0...rounds {
            for (index, size) in sizes.enumerated() {
                let batches = (0..<(entries[index] / size)).map { _ in
                    defer { next += Int64(size) }
                    return (next..<(next + Int64(size))).map(entry)
                }
                let start = ContinuousClock.now
                for batch in batches { try await put(batch) }
                let taken = (ContinuousClock.now - start) / .milliseconds(entries[index])
                if round > 0 { costs[index].append(taken) }
            }
        }
        let medians = costs.map { $0.sorted()[$0.count / 2] }
        for (size, cost) in zip(sizes, medians) {
            print(
                "\(name), \(size) a batch: \(text(cost, 4)) ms an entry, \(text(1000 / cost, 0)) entries a second, "
                    + "\(text(medians[0] / cost, 1)) times one by one")
        }
    }

    private static func text(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

    private static func entry(_ sequence: Int64) -> LoggedEntry {
        LoggedEntry(
            AuditEntry(
                id: UUID(), action: "order.completed", resource: "order", resourceID: UUID().uuidString,
                actor: .init(userID: UUID(), role: "user", ipAddress: "203.0.113.7", userAgent: "bench"),
                occurredAt: Timestamp(milliseconds: 1_767_225_600_000 + sequence), status: .success, severity: .high,
                details: Data(#"{"total":"50000","items":"3","coupon":"WELCOME10","note":"마법검과 방패"}"#.utf8),
                correlationID: UUID(), service: "orders"),
            sequence: sequence, recordedAt: Timestamp(milliseconds: 1_767_225_600_000 + sequence),
            hash: Data(repeating: UInt8(truncatingIfNeeded: sequence), count: 32))
    }
}

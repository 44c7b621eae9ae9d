import Audit
import Foundation
import PurchaseApp
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// The log in a PostgreSQL database, written as production does: by the recorder, from events that are handed to it.
struct LogBench {
    private let url: String

    init(_ url: String) { self.url = url }

    nonisolated(nonsending) func run(
        _ body: (@Sendable ([AuditEntry]) async throws -> Void) async throws -> Void
    ) async throws {
        let database = try await Self.open(url)
        let events = HandedEvents()
        let recorder = AuditRecorder(
            on: database, from: events, clock: SystemClock(), policy: AuditPolicy(batchSize: 1000), hash: SHA256Hash())
        try await body { entries in
            events.hand(entries)
            try await recorder.flush()
        }
        try database.close()
    }

    /// The log's database, as the services use it.
    static func open(_ url: String) async throws -> any OpenDatabase {
        let configuration = try await PurchaseConfiguration.load(
            environment: [
                "APP_ENV": "test", "DATABASE_TYPE": "postgres", "DATABASE_URL": url, "DATABASE_POOL_SIZE": "2",
                "JWT_SECRET": Data((0..<48).map { _ in UInt8.random(in: 0...255) }).base64EncodedString(),
            ], directory: FileManager.default.temporaryDirectory.path)
        return try await PurchaseDatabase.openToWrite(configuration, isServed: true, logger: .init(label: "bench"))
    }
}

/// Hands over what it is given until that is acknowledged.
private final class HandedEvents: EventTransport {
    private let waiting = Mutex<(last: Int64, deliveries: [Delivery])>((0, []))

    func hand(_ entries: [AuditEntry]) {
        let envelopes = entries.map { entry in
            Envelope(
                id: entry.id, type: "order.completed", version: 1, source: "orders", subject: entry.correlationID,
                time: entry.occurredAt, correlationID: entry.correlationID ?? entry.id, causationID: nil,
                traceparent: nil,
                data: Data(#"{"orderId":"\(entry.resourceID)"}"#.utf8))
        }
        waiting.withLock { waiting in
            for envelope in envelopes {
                waiting.last += 1
                waiting.deliveries.append(Delivery(envelope: envelope, position: waiting.last))
            }
        }
    }

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        waiting.withLock { Array($0.deliveries.prefix(limit)) }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        waiting.withLock { $0.deliveries.removeFirst(deliveries.count) }
    }
}

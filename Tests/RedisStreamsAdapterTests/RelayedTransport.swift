import Foundation
import ProcessDriver
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import TestServers

@testable import RedisStreamsAdapter

/// Two groups that subscribe to two types each.
let subscriptions: [ServiceID: Set<EventType>] = ["one": ["a.made", "b.made"], "two": ["a.made", "b.made"]]

/// Redis behind the outbox of a database in memory. The relay runs before each receive, as its own loop would.
struct RelayedTransport: EventTransport {
    let redis: RedisStreamsTransport
    let relay: OutboxRelay
    let acknowledgements: OutboxAcknowledgements
    let database: SQLiteDatabase
    let ids: any IDGenerator
    let clock = ManualClock()

    init(_ redis: RedisStreamsTransport) async throws {
        self.redis = redis
        database = try SQLiteDatabase.inMemory()
        try await Migrator(EngineMigrations.sqlite).migrate(database, now: 0)
        ids = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 1))
        relay = OutboxRelay(database, to: redis, participants: [], clock: clock)
        acknowledgements = OutboxAcknowledgements(
            of: relay.book, from: redis, store: SQLSagaStore(database), stateTables: [:], clock: clock,
            interval: .zero)
    }

    /// Puts events into the outbox.
    func emit(_ count: Int, _ type: EventType = "a.made") async throws -> [UUID] {
        let envelopes = (0..<count).map { _ in envelope(ids.next(), type) }
        try await database.write { try SQLSagaStore(database).append(envelopes, in: $0) }
        return envelopes.map(\.id)
    }

    /// Lets the relay work until it has nothing to do; while Redis is away it tries again.
    func relayAll() async throws {
        _ = try await waiting(for: "a relay with nothing to do") { () -> Bool? in
            do {
                _ = try await acknowledgements.poll()
                while try await relay.poll() == .worked {}
                return true
            } catch SagaFault.unavailable {
                return nil
            }
        }
    }

    /// Rows that some group has yet to acknowledge, as far as is known: the others are deleted.
    func unacknowledged() async throws -> Int {
        try await database.read { try $0.rows("SELECT seq FROM saga_outbox").count }
    }

    /// What has arrived, after a wait for what is on its way.
    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await relayAll()
        return try await waiting(for: "deliveries of '\(group)', or the end of them") {
            do {
                let deliveries = try await redis.receive(for: group, types: types, limit: limit)
                if !deliveries.isEmpty { return deliveries }
                let lags = try await redis.lags()
                let isAtRest = lags.allSatisfy { $0.group != group || !types.contains($0.stream.type) || $0.count == 0 }
                return isAtRest ? [] : nil
            } catch SagaFault.unavailable {
                return nil
            } catch is RedisAdapterError {
                return nil
            }
        }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        try redis.acknowledge(deliveries, for: group, in: transaction)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await redis.acknowledge(deliveries, for: group)
    }

    /// Receives and acknowledges until there is nothing more.
    func drain(_ group: ServiceID) async throws -> [UUID] {
        var ids: [UUID] = []
        while true {
            let deliveries = try await receive(for: group, types: ["a.made", "b.made"], limit: 100)
            if deliveries.isEmpty { return ids }
            ids += deliveries.map(\.envelope.id)
            try await acknowledge(deliveries, for: group)
        }
    }
}

func envelope(_ id: UUID, _ type: EventType = "a.made", subject: UUID? = nil) -> Envelope {
    Envelope(
        id: id, type: type, version: 1, source: "maker", subject: subject, time: Timestamp(milliseconds: 1),
        correlationID: subject, causationID: nil, traceparent: nil, data: Data("{}".utf8))
}

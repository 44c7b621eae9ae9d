import Audit
import AuditContract
import Foundation
import MongoAuditAdapter
import PurchaseApp
import SagaChoreography
import SagaSQL
import TestServers

/// A log of segments of ten, and a store that is fed from it.
struct Both: Sendable {
    let trail: Trail
    let store: UnsteadyStore
    var placement: AuditPlacement

    init(_ placement: AuditPlacement) async throws {
        var policy = AuditPolicy()
        policy.segmentLength = 10
        trail = try await Trail(policy)
        store = UnsteadyStore(try await Self.kept())
        self.placement = placement
    }

    /// In MongoDB if `PURCHASE_TEST_AUDIT_STORE` says so, else in memory.
    private static func kept() async throws -> any EntryStore {
        switch ProcessInfo.processInfo.environment["PURCHASE_TEST_AUDIT_STORE"] {
        case "mongodb":
            let server = try await MongoServer.shared()
            let settings = try MongoSettings(port: server.port, database: "t\(UUID().uuidString.prefix(8))")
            let store = MongoEntryStore(settings)
            try await store.prepare()
            return store
        case nil: return MemoryEntryStore()
        case .some(let other): throw Unknown(store: other)
        }
    }

    private struct Unknown: Error {
        let store: String
    }

    var feeder: StoreFeeder {
        StoreFeeder(
            from: trail.database, to: store, placement: placement, hash: SHA256Hash(), clock: trail.clock,
            batch: 7)
    }

    var relief: LogRelief {
        LogRelief(of: trail.database, to: store, placement: placement, clock: trail.clock)
    }

    /// Every fourth change is critical, every fifth entry a login that failed.
    func happen(_ count: Int = 33) async throws {
        for number in 1...count {
            try await trail.write(
                AuditRecord(
                    service: "users", action: number % 5 == 0 ? "users.login-failed" : "items.stock-set",
                    resource: "item", resourceID: "\(number)", actor: nil,
                    status: number % 5 == 0 ? .failed : .success, severity: number % 4 == 0 ? .critical : .high))
            trail.clock.advance(by: .seconds(1))
            try await trail.changes.flush()
        }
    }

    /// Lets the log give away what the store alone has to have.
    func relieve() async throws {
        trail.clock.advance(by: .seconds(3601))
        while try await relief.poll() == .worked {}
    }

    func reader(_ primary: AuditReader.Primary = .log) -> AuditReader {
        AuditReader(trail.database, store: store, primary: primary)
    }

    func verify() async throws -> TrailVerification {
        try await AuditVerifier(hash: SHA256Hash()).all(trail.database, store: store)
    }

    /// All pages of a filter.
    func read(
        _ filter: AuditFilter = AuditFilter(), by reader: AuditReader, limit: Int = 4
    ) async throws -> [Int64] {
        var (found, place) = ([Int64](), Int64?.none)
        repeat {
            let page = try await reader.entries(filter, from: place, limit: limit)
            found += page.entries.map(\.sequence)
            place = page.next
        } while place != nil
        return found
    }
}

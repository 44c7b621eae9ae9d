import Foundation
import PurchaseApp
import SagaChoreography
import Testing

/// Events that were stored by this program or an earlier one.
@Suite struct StoredEventTests {
    @Test func `what was ever stored is read, and is what was published`() throws {
        let published = try StoredEvents.published()
        let events = Dictionary(uniqueKeysWithValues: try PurchaseSystem.events().map { ($0.contract.type, $0) })
        let rows = try StoredEvents.rows()
        for row in rows {
            let event = try #require(events[row.type], "nobody reads the stored \(row.type) any more")
            do { try event.read(row.envelope) } catch {
                Issue.record("a stored \(row.type) v\(row.version) cannot be read: \(error)")
            }
            let schema = try #require(published.schemas[row.contract], "\(row.type) v\(row.version) is not published")
            #expect(try schema.violations(in: row.envelope.data) == [], "\(row.type) v\(row.version)")
        }
        let missing = Set(published.schemas.keys).subtracting(rows.map(\.contract)).sorted()
        if !StoredEvents.isRecording {
            #expect(
                missing.map { "\($0.type) v\($0.number)" } == [],
                "no stored example: PURCHASE_RECORD_EVENTS=1 swift test --filter StoredEventTests")
        }
    }

    @Test func `every event is emitted, and each is of its published schema`() async throws {
        let published = try StoredEvents.published()
        let emitted = try await EventRun.emitted()
        for envelope in emitted {
            let version = ContractBook.Version(envelope.type, envelope.version)
            let schema = try #require(published.schemas[version], "\(envelope.type) is not published")
            #expect(try schema.violations(in: envelope.data) == [], "\(envelope.type) v\(envelope.version)")
        }
        let types = Set(emitted.map(\.type))
        let silent = published.types.filter { !types.contains($0) }
        #expect(silent.map(\.name) == [], "EventRun emits none of these: let it")
        if StoredEvents.isRecording { try record(emitted) }
    }

    /// Of what has no example yet, the one that says most.
    private func record(_ emitted: [Envelope]) throws {
        let known = Set(try StoredEvents.rows().map(\.contract))
        let rows = Dictionary(grouping: emitted.map(StoredEvents.Row.init), by: \.contract)
            .filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
            .compactMap { $0.value.max { $0.data.utf8.count < $1.data.utf8.count } }
        try StoredEvents.append(rows)
    }
}

import Audit
import SagaChoreography
import Synchronization

/// A store that a test takes away, or whose answers it loses.
final class UnsteadyStore: EntryStore {
    let kept: any EntryStore
    private let state = Mutex((isAway: false, losesAnswers: false))

    init(_ kept: any EntryStore) { self.kept = kept }

    var name: String { kept.name }

    func goAway() { state.withLock { $0.isAway = true } }
    func comeBack() { state.withLock { $0 = (false, false) } }
    /// From now on what is put is kept, and whoever puts it does not hear so.
    func loseAnswers() { state.withLock { $0.losesAnswers = true } }

    private func check() throws {
        if state.withLock({ $0.isAway }) { throw SagaFault.unavailable("the store is away") }
    }

    func put(_ entries: [LoggedEntry]) async throws {
        try check()
        try await kept.put(entries)
        if state.withLock({ $0.losesAnswers }) { throw SagaFault.unavailable("the answer is lost") }
    }

    func replace(_ entries: [LoggedEntry]) async throws {
        try check()
        try await kept.replace(entries)
    }

    func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry] {
        try check()
        return try await kept.entries(filter, in: places, order, limit: limit)
    }

    func tallies(in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp) async throws -> [AuditTally] {
        try check()
        return try await kept.tallies(in: places, from: from, until: until)
    }

    func remove(_ places: ClosedRange<Int64>) async throws {
        try check()
        try await kept.remove(places)
    }

    func put(heads: [KeptHead]) async throws {
        try check()
        try await kept.put(heads: heads)
    }

    func heads() async throws -> [KeptHead] {
        try check()
        return try await kept.heads()
    }

    func prepare() async throws { try check() }
}

import Audit
import SagaChoreography
import Synchronization

/// A store that a test takes away, or whose answers it loses.
final class UnsteadyStore: EntryStore {
    let kept: any EntryStore
    private let state = Mutex((isAway: false, losesAnswers: false))
    private let capacity = Mutex(Int.max)
    private let garbled = Mutex<Set<Int64>>([])

    init(_ kept: any EntryStore) { self.kept = kept }

    var name: String { kept.name }

    func goAway() { state.withLock { $0.isAway = true } }
    func comeBack() { state.withLock { $0 = (false, false) } }
    /// From now on what is put is kept, and whoever puts it does not hear so.
    func loseAnswers() { state.withLock { $0.losesAnswers = true } }

    /// From now on more than so many entries at once take it too long.
    func slowDown(to entries: Int) { capacity.withLock { $0 = entries } }

    /// What stands at these places cannot be read any more, until it is replaced or removed.
    func garble(_ places: Int64...) { garbled.withLock { $0.formUnion(places) } }

    private func check() throws {
        if state.withLock({ $0.isAway }) { throw SagaFault.unavailable("the store is away") }
    }

    func put(_ entries: [LoggedEntry]) async throws {
        try check()
        if entries.count > capacity.withLock({ $0 }) { throw SagaFault.unavailable("no answer in time") }
        try await kept.put(entries)
        if state.withLock({ $0.losesAnswers }) { throw SagaFault.unavailable("the answer is lost") }
    }

    func replace(_ entries: [LoggedEntry]) async throws {
        try check()
        try await kept.replace(entries)
        garbled.withLock { $0.subtract(entries.map(\.sequence)) }
    }

    func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry] {
        try check()
        let found = try await kept.entries(filter, in: places, order, limit: limit)
        if let place = garbled.withLock({ garbled in found.first { garbled.contains($0.sequence) } })?.sequence {
            throw SagaFault.permanent(.undecodable, "the entry at \(place) is garbled")
        }
        return found
    }

    func tallies(in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp) async throws -> [AuditTally] {
        try check()
        return try await kept.tallies(in: places, from: from, until: until)
    }

    func remove(_ places: ClosedRange<Int64>) async throws {
        try check()
        try await kept.remove(places)
        garbled.withLock { garbled in garbled = garbled.filter { !places.contains($0) } }
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

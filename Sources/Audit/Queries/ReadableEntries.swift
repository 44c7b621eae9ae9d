import SagaChoreography

/// What could be read of a range of places.
struct ReadableEntries: Sendable {
    var entries: [LoggedEntry] = []
    /// Places at which the store has something that is no entry.
    var unreadable: [Int64] = []
}

extension EntryStore {
    /// The entries in a range of places, oldest first; `limit` at most. One that somebody made unreadable is named, instead of keeping
    /// everything else from being read: it is found by halving.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the store is away.
    func readable(in places: ClosedRange<Int64>, limit: Int) async throws -> ReadableEntries {
        do {
            return ReadableEntries(entries: try await entries(AuditFilter(), in: places, .oldestFirst, limit: limit))
        } catch SagaFault.permanent(.undecodable, _) {
            guard places.lowerBound < places.upperBound else {
                return ReadableEntries(unreadable: [places.lowerBound])
            }
            let middle = places.lowerBound + (places.upperBound - places.lowerBound) / 2
            var found = try await readable(in: places.lowerBound...middle, limit: limit)
            guard found.entries.count < limit else { return found }
            let rest = try await readable(
                in: middle + 1...places.upperBound, limit: limit - found.entries.count)
            found.entries += rest.entries
            found.unreadable += rest.unreadable
            return found
        }
    }
}

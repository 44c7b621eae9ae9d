import SQLCore
import SagaChoreography

/// The whole trail in order, a page at a time.
protocol EntryPages: Sendable {
    /// The entries behind a place, `limit` at most; fewer only at the end.
    func next(after place: Int64, limit: Int) async throws -> ReadableEntries
}

/// What is in the log, and in the store what is there only.
struct LogPages: EntryPages {
    private let database: any SQLDatabase
    private let store: (any EntryStore)?

    init(_ database: any SQLDatabase, _ store: (any EntryStore)?) {
        self.database = database
        self.store = store
    }

    func next(after place: Int64, limit: Int) async throws -> ReadableEntries {
        let (logged, elsewhere) = try await database.read { transaction in
            let entries = try AuditQueries(transaction).entries(after: place, limit: limit)
            let end = entries.count == limit ? entries.last?.sequence ?? .max : .max
            guard place < end else { return (entries, [ClosedRange<Int64>]()) }
            return (entries, try PlaceRunStore(transaction).runs(in: place + 1...end, .store))
        }
        guard !elsewhere.isEmpty else { return ReadableEntries(entries: logged) }
        guard let store else {
            throw SagaFault.unavailable("a part of the audit trail is in a store that is not configured")
        }
        return try await filled(ReadableEntries(entries: logged), up: limit, with: elsewhere) {
            try await store.readable(in: $0, limit: $1)
        }
    }
}

/// What is in the store up to where it was fed, and in the log what is there only.
struct StorePages: EntryPages {
    private let database: any SQLDatabase
    private let store: any EntryStore
    private let end: Int64

    init(_ database: any SQLDatabase, _ store: any EntryStore, end: Int64) {
        self.database = database
        self.store = store
        self.end = end
    }

    func next(after place: Int64, limit: Int) async throws -> ReadableEntries {
        // What was put behind the end by somebody else is not looked at here: the feeder finds it.
        guard place < end else { return ReadableEntries() }
        let stored = try await store.readable(in: place + 1...end, limit: limit)
        let reached = stored.entries.count == limit ? stored.entries.last?.sequence ?? end : end
        guard place < reached else { return stored }
        let elsewhere = try await database.read { try PlaceRunStore($0).runs(in: place + 1...reached, .log) }
        return try await filled(stored, up: limit, with: elsewhere) { places, limit in
            try await database.read { transaction in
                ReadableEntries(
                    entries: try AuditQueries(transaction).entries(after: places.lowerBound - 1, limit: limit)
                        .filter { places.contains($0.sequence) })
            }
        }
    }
}

/// A page with what stands in between in another place; cut at `limit`.
private func filled(
    _ page: ReadableEntries, up limit: Int, with elsewhere: [ClosedRange<Int64>],
    _ read: (ClosedRange<Int64>, Int) async throws -> ReadableEntries
) async throws -> ReadableEntries {
    var others = ReadableEntries()
    for run in elsewhere {
        guard others.entries.count < limit else { break }
        let found = try await read(run, limit - others.entries.count)
        others.entries += found.entries
        others.unreadable += found.unreadable
    }
    let entries = AuditReader.merge(page.entries, others.entries, .oldestFirst).prefix(limit)
    return ReadableEntries(entries: Array(entries), unreadable: page.unreadable + others.unreadable)
}

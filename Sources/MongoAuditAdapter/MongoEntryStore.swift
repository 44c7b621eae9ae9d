import Audit
import SagaChoreography

/// Entries of the audit trail in MongoDB, collections `audit_entries` and `audit_heads`.
///
/// What was acknowledged is in the journals of most servers of the set. The library blocks, so its calls have threads of their own. No
/// call waits for ever: see the time-outs of ``MongoSettings``.
public final class MongoEntryStore: EntryStore {
    /// See `EntryStore`.
    public let name: String
    private let lanes: MongoLanes

    /// A store that connects when it is first used.
    ///
    /// - Parameter name: what the log notes; the same for ever.
    public init(_ settings: MongoSettings, name: String = "mongodb") {
        self.name = name
        lanes = MongoLanes(settings)
    }

    /// Ends all connections after what is under way; afterwards it is unavailable.
    public func close() async { await lanes.close() }

    /// Makes collection and indexes that are not there; the server that takes writes has to answer for it.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func prepare() async throws {
        try await lanes.run { try $0.command(EntryIndexes.creation) }
    }

    /// One bulk insert in order, which goes on behind what is there: see `EntryStore`.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the server is away or did not confirm in time, `.permanent(.contract, _)` if an entry is too
    ///   large for a document, `.retryable` for any other refusal.
    public func put(_ entries: [LoggedEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await lanes.run { connection in
            try MissingInsert(entries.map(PlacedDocument.init), into: EntryIndexes.entries).run(on: connection)
        }
    }

    /// Takes away what has the places or ids, then inserts; a call that was cut in between comes again.
    ///
    /// - Throws: as ``put(_:)``.
    public func replace(_ entries: [LoggedEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await lanes.run { try Self.replace(entries, on: $0) }
    }

    /// So often somebody may put something into a place between taking away and inserting.
    private static let mostReplacements = 5

    private static func replace(_ entries: [LoggedEntry], on connection: MongoConnection) throws {
        let documents = entries.map(PlacedDocument.init)
        for _ in 0..<mostReplacements {
            try connection.delete(PlacedDocument.sharingAnID(with: documents), from: EntryIndexes.entries)
            try connection.delete(PlacedDocument.sharingAPlace(with: documents), from: EntryIndexes.entries)
            if try connection.insert(documents.map(\.document), into: EntryIndexes.entries) == .done { return }
        }
        throw SagaFault.retryable("MongoDB: somebody else writes what is replaced")
    }

    /// See `EntryStore`.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`, `.permanent(.undecodable, _)`.
    public func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry] {
        // To MongoDB no limit is 0, and one entry in a single batch -1.
        guard limit > 0 else { return [] }
        let direction: Int32 =
            switch order {
            case .oldestFirst: 1
            case .newestFirst: -1
            }
        let pattern = filter.text.map(TextPattern.init)
        let needsALook = pattern?.needsALook ?? false
        var options: BSONDocument = ["sort": .document(["sequence": .int32(direction)])]
        if !needsALook { options.append("limit", .int64(Int64(limit))) }
        return try await lanes.run { [options] connection in
            try connection.find(
                EntryQuery.document(filter, in: places), in: EntryIndexes.entries, options, upTo: limit
            ) { document in
                let entry = try EntryDocument.entry(document)
                return pattern?.holds(in: entry.entry) ?? true ? entry : nil
            }
        }
    }

    /// See `EntryStore`.
    ///
    /// - Throws: as ``entries(_:in:_:limit:)``.
    public func tallies(
        in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp
    ) async throws -> [AuditTally] {
        try await lanes.run { connection in
            try connection.aggregate(
                EntryQuery.tallies(in: places, from: from, until: until), in: EntryIndexes.entries, EntryQuery.tally)
        }
    }

    /// See `EntryStore`.
    ///
    /// - Throws: as ``put(_:)``.
    public func remove(_ places: ClosedRange<Int64>) async throws {
        try await lanes.run { try $0.delete(EntryQuery.places(places), from: EntryIndexes.entries) }
    }

    /// See `EntryStore`.
    ///
    /// - Throws: as ``put(_:)``.
    public func put(heads: [KeptHead]) async throws {
        guard !heads.isEmpty else { return }
        try await lanes.run { connection in
            try MissingInsert(heads.map(PlacedDocument.init), into: EntryIndexes.heads).run(on: connection)
        }
    }

    /// See `EntryStore`.
    ///
    /// - Throws: as ``entries(_:in:_:limit:)``.
    public func heads() async throws -> [KeptHead] {
        try await lanes.run { connection in
            try connection.find(
                [:], in: EntryIndexes.heads, ["sort": .document(["_id": .int32(1)])], EntryDocument.head)
        }
    }
}

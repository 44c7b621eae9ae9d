import FoundationEssentials
import SagaChoreography

/// A store beside the log that keeps entries, each in its place, as the log has them.
///
/// What orders them stays in the log's database: the chain's head, segments, what retention took away. A store that is away therefore
/// holds up nobody, and nothing in it can be changed without contradicting the log.
public protocol EntryStore: Sendable {
    /// Under which the log notes what is in the store; the same for ever.
    var name: String { get }

    /// Keeps entries, in one round. Those whose place or id is there stay as they are, so a batch may come again.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the store is away; some may be kept then.
    func put(_ entries: [LoggedEntry]) async throws

    /// Keeps entries instead of what is in their places, or has their ids.
    ///
    /// - Throws: as ``put(_:)``.
    func replace(_ entries: [LoggedEntry]) async throws

    /// What a filter lets through in a range of places; `limit` at most.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the store is away, `.permanent(.undecodable, _)` if what it has is no entry.
    func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry]

    /// How many entries of each kind happened in `from..<until` and stand in the places.
    ///
    /// - Throws: as ``entries(_:in:_:limit:)``.
    func tallies(in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp) async throws -> [AuditTally]

    /// Takes away what is in a range of places; what is gone already does not matter.
    ///
    /// - Throws: as ``put(_:)``.
    func remove(_ places: ClosedRange<Int64>) async throws

    /// Keeps heads of segments; one whose place is there stays as it is.
    ///
    /// - Throws: as ``put(_:)``.
    func put(heads: [KeptHead]) async throws

    /// The heads that were kept, in the order of their places.
    ///
    /// - Throws: as ``entries(_:in:_:limit:)``.
    func heads() async throws -> [KeptHead]

    /// Asks whether the store answers, and makes what it needs (collections, indexes) if that is not there.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func prepare() async throws
}

/// In which direction entries are read.
public enum EntryOrder: Sendable {
    case oldestFirst
    case newestFirst
}

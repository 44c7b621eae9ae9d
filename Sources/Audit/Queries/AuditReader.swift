import SQLCore
import SagaChoreography

/// Answers questions about the audit trail from the log, the store beside it, or both: the answer is the same.
public struct AuditReader: Sendable {
    /// Which of the two answers if both could.
    public enum Primary: String, Sendable, CaseIterable {
        case log, store
    }

    /// Where the log is.
    public let database: any SQLDatabase
    /// `nil`: there is none.
    public let store: (any EntryStore)?
    private let primary: Primary

    public init(_ database: any SQLDatabase, store: (any EntryStore)? = nil, primary: Primary = .log) {
        self.database = database
        self.store = store
        self.primary = primary
    }

    /// What a filter lets through, page by page. Where no index leads to it, one call looks at a part of the trail, whatever it finds
    /// there: its page may be short, or empty, and have a next one.
    ///
    /// - Parameters:
    ///   - place: where the page before ended; `nil` for the first page.
    ///   - limit: at most so many.
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if what is asked for is only in the store beside the log, and that is away.
    public func entries(
        _ filter: AuditFilter, from place: Int64? = nil, _ order: EntryOrder = .newestFirst, limit: Int
    ) async throws -> AuditQueries.Page {
        guard let store else {
            return try await database.read { transaction in
                let queries = AuditQueries(transaction)
                guard let window = try queries.window(filter, from: place, order) else { return .empty }
                guard try !PlaceRunStore(transaction).hasRuns(in: window.places, .store) else {
                    throw Self.isNotConfigured
                }
                return .init(try queries.rows(filter, in: window, limit: limit + 1), limit: limit, in: window)
            }
        }
        let (primary, name) = (primary, store.name)
        let look = try await database.read { transaction -> Look? in
            let queries = AuditQueries(transaction)
            guard let window = try queries.window(filter, from: place, order) else { return nil }
            let sources = try queries.sources(of: window.places, store: name)
            let asksStore = primary == .store && sources.isWholeInStore
            let rows = asksStore ? [] : try queries.rows(filter, in: window, limit: limit + 1)
            return Look(window: window, sources: sources, asksStore: asksStore, rows: rows)
        }
        guard let look else { return .empty }
        let window = look.window
        if look.asksStore {
            do {
                let found = try await store.entries(filter, in: window.places, order, limit: limit + 1)
                return .init(found, limit: limit, in: window)
            } catch  where SagaFault(error).isOutage && look.sources.isWholeInLog {
                let rows = try await database.read { try AuditQueries($0).rows(filter, in: window, limit: limit + 1) }
                return .init(rows, limit: limit, in: window)
            }
        }
        guard !look.sources.isWholeInLog else { return .init(look.rows, limit: limit, in: window) }
        let stored = try await store.entries(filter, in: window.places, order, limit: limit + 1)
        return .init(Self.merge(look.rows, stored, order), limit: limit, in: window)
    }

    /// The place of the newest entry; 0 if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func last() async throws -> Int64 { try await database.read { try AuditQueries($0).last() } }

    private struct Look: Sendable {
        let window: AuditQueries.Window
        let sources: AuditQueries.Sources
        let asksStore: Bool
        let rows: [LoggedEntry]
    }

    /// Both in one order, what both have once.
    static func merge(_ first: [LoggedEntry], _ second: [LoggedEntry], _ order: EntryOrder) -> [LoggedEntry] {
        var seen: Set<Int64> = []
        let all = (first + second).filter { seen.insert($0.sequence).inserted }
        return order == .oldestFirst
            ? all.sorted { $0.sequence < $1.sequence } : all.sorted { $0.sequence > $1.sequence }
    }

    /// How many entries of each kind happened in a period.
    func tallies(from: Timestamp, until: Timestamp) async throws -> [AuditTally] {
        let counted = try await database.read { try AuditQueries($0).tallies(from: from, until: until) }
        guard !counted.elsewhere.isEmpty else { return counted.tallies }
        guard let store else { throw Self.isNotConfigured }
        var tallies = counted.tallies
        for places in counted.elsewhere { tallies += try await store.tallies(in: places, from: from, until: until) }
        return tallies
    }

    private static var isNotConfigured: SagaFault {
        .unavailable("a part of the audit trail is in a store that is not configured")
    }
}

extension AuditQueries {
    /// Where everything is that stands in a range of places.
    struct Sources: Sendable {
        let isWholeInLog: Bool
        let isWholeInStore: Bool
    }

    func sources(of places: ClosedRange<Int64>, store: String) throws -> Sources {
        let runs = PlaceRunStore(transaction)
        let position = try FeedStore(transaction).feed(of: store).position
        return Sources(
            isWholeInLog: try !runs.hasRuns(in: places, .store),
            isWholeInStore: try position >= places.upperBound && !runs.hasRuns(in: places, .log))
    }
}

extension AuditQueries.Page {
    static var empty: AuditQueries.Page { .init(entries: [], next: nil) }
}

extension SagaFault {
    /// Whether it is that something is away.
    var isOutage: Bool {
        if case .unavailable = self { return true }
        return false
    }
}

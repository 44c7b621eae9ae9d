import Audit
import FoundationEssentials
import SagaChoreography

/// Writes entries out as they come, as server-sent events. While it waits it holds nothing: no transaction, no entry.
struct AuditStream: Sendable {
    /// How long it waits between two looks.
    static let interval = Duration.seconds(1)
    /// After so long without an entry it says that it is still there.
    static let heartbeat = Duration.seconds(15)
    private static let page = 200
    /// A line that readers skip.
    private static let comment = Array(":\n\n".utf8)

    private let api: APIDependencies
    private let filter: AuditFilter
    private let isWanted: @Sendable () -> Bool

    /// - Parameter isWanted: whether somebody reads it who may; asked at each look.
    init(of filter: AuditFilter, on api: APIDependencies, while isWanted: @escaping @Sendable () -> Bool) {
        self.api = api
        self.filter = filter
        self.isWanted = isWanted
    }

    /// Returns when it is not wanted any more, or the process is to end.
    ///
    /// - Parameters:
    ///   - first: the place behind which to begin.
    ///   - send: takes one part after the other.
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if a store is away; what `send` throws.
    func write(behind first: Int64, _ send: ([UInt8]) async throws -> Void) async throws {
        // So that the reader knows that it is open.
        try await send(Self.comment)
        var (place, spoken) = (first, api.clock.now())
        while isWanted(), !api.serving.isEnding() {
            let found = try await look(behind: place)
            place = found.place
            if !found.events.isEmpty {
                try await send(found.events)
                spoken = api.clock.now()
            } else if api.clock.now() - spoken >= Self.heartbeat {
                try await send(Self.comment)
                spoken = api.clock.now()
            }
            guard found.isEnd else { continue }
            do {
                try await api.serving.untilEnd { [pause = api.pause] in try await pause(Self.interval) }
            } catch is CancellationError { return }
        }
    }

    private struct Found {
        let events: [UInt8]
        /// Everything up to there was looked at.
        let place: Int64
        let isEnd: Bool
    }

    private func look(behind place: Int64) async throws -> Found {
        let reader = api.audit.reader
        let end = try await reader.last()
        guard end > place else { return Found(events: [], place: place, isEnd: true) }
        let page = try await reader.entries(filter, from: place, .oldestFirst, limit: Self.page)
        let events = try page.entries.flatMap(Self.event)
        if let next = page.next { return Found(events: events, place: next, isEnd: false) }
        // Something may have come between the two looks.
        return Found(events: events, place: max(end, page.entries.last?.sequence ?? end), isEnd: true)
    }

    private static func event(_ entry: LoggedEntry) throws -> [UInt8] {
        Array("id: \(entry.sequence)\nevent: entry\ndata: ".utf8)
            + Array(try JSONText.encode(AuditEntryBody(entry))) + Array("\n\n".utf8)
    }
}

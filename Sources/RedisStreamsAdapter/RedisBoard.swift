import FoundationEssentials
import SagaChoreography

/// Short-lived notes that processes leave for each other beside the events, over the transport's own connection: a stream of bounded
/// length, and a mark that says whether anybody reads it. Nothing of the saga depends on it, and it is gone when nobody uses it.
public struct RedisBoard: Sendable {
    /// One note.
    public struct Note: Sendable, Hashable {
        /// When Redis took it.
        public let milliseconds: UInt64
        /// Which of those taken in the same millisecond.
        public let sequence: UInt64
        /// What it says.
        public let content: Data
    }

    private let commands: RedisCommands
    private let key: String
    private let markKey: String
    private let most: Int
    private let lifetime: Duration

    /// How many notes an answer brings at most.
    private static let page = 64
    private static let field = "n"

    /// - Parameters:
    ///   - name: tells it from other boards; no event type is called so.
    ///   - most: how many notes are kept at most.
    ///   - lifetime: after so long without a new note all are gone.
    public init(_ name: String, of transport: RedisStreamsTransport, most: Int, lifetime: Duration) {
        commands = transport.commands
        key = "\(transport.layout.prefix):\(name)"
        markKey = "\(key):read"
        self.most = most
        self.lifetime = lifetime
    }

    /// Leaves the mark for so long.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func mark(for duration: Duration) async throws {
        _ = try await run([RedisCommand("SET", markKey, "1", "PX", String(duration.wholeMilliseconds))])
    }

    /// Whether the mark is there.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func isMarked() async throws -> Bool {
        try await run([RedisCommand("EXISTS", markKey)]).first?.integer == 1
    }

    /// Adds a note, and takes away the oldest ones if they are too many.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func add(_ content: Data) async throws {
        var addition = RedisCommand("XADD", key, "MAXLEN", String(most), "*", Self.field)
        addition.append(content)
        _ = try await run([addition, RedisCommand("PEXPIRE", key, String(lifetime.wholeMilliseconds))])
    }

    /// The notes behind a place, in order; `nil`: all.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func notes(behind place: (milliseconds: UInt64, sequence: UInt64)?) async throws -> [Note] {
        var notes: [Note] = []
        var from = place.map { "(" + EntryID(milliseconds: $0.milliseconds, sequence: $0.sequence).description } ?? "-"
        while notes.count < most {
            let reply = try await run([RedisCommand("XRANGE", key, from, "+", "COUNT", String(Self.page))]).first
            let entries = reply?.elements ?? []
            notes += entries.compactMap(Self.note)
            guard entries.count == Self.page, let last = entries.last?.elements?.first?.text else { break }
            from = "(" + last
        }
        return notes
    }

    private static func note(_ entry: RedisReply) -> Note? {
        guard let parts = entry.elements, parts.count == 2, let id = parts[0].text.flatMap({ EntryID($0) }),
            let content = parts[1].fields[field]?.bytes
        else { return nil }
        return Note(milliseconds: id.milliseconds, sequence: id.sequence, content: Data(content))
    }

    private func run(_ list: [RedisCommand]) async throws -> [RedisReply] {
        do {
            return try await commands.runAll(list).replies
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }
}

import SagaChoreography

extension RedisStreamsTransport {
    /// Asks Redis whether it can be used: reachable, logged in, a primary, laid out as this process expects, and set to refuse
    /// what does not fit into its memory instead of forgetting what is in flight.
    ///
    /// - Throws: ``RedisAdapterError``; `.refused`, `.misconfigured` and `.otherPartitions` do not pass by waiting.
    public func ping() async throws {
        _ = try await readGeneration()
        let replies = try await commands.runAll([RedisCommand("INFO", "memory")]).replies
        let info = ServerInfo(replies.first?.text ?? "")
        guard let limit = info["maxmemory"], limit != "0", let policy = info["maxmemory_policy"],
            policy.hasPrefix("allkeys")
        else { return }
        throw RedisAdapterError(
            .misconfigured,
            """
            Redis at \(commands.endpoint.address) deletes streams when its memory is full (maxmemory-policy \(policy)): set \
            maxmemory-policy to noeviction
            """)
    }

    /// How many deliveries each group has yet to acknowledge, those included that it has yet to receive.
    ///
    /// Exact up to twenty entries of a stream, each of which has up to 64 events; of more the first twenty tell how many events they have.
    /// Before Redis 7 what a group has yet to receive is not told; the length of the stream is then taken for it.
    ///
    /// - Throws: ``RedisAdapterError``.
    public func lag() async throws -> [ServiceID: Int] {
        var lag: [ServiceID: Int] = [:]
        for entry in try await lags() { lag[entry.group, default: 0] += entry.count }
        return lag
    }

    /// How many deliveries each group has yet to acknowledge, and when the oldest of them was sent.
    ///
    /// - Throws: ``RedisAdapterError``.
    public func backlog() async throws -> [ServiceID: (count: Int, oldest: Timestamp?)] {
        var waiting: [ServiceID: (count: Int, oldest: Timestamp?)] = [:]
        let lags = try await lags()
        for lag in lags { waiting[lag.group, default: (0, nil)].count += lag.count }
        let behind = lags.filter { $0.count > 0 }
        guard !behind.isEmpty else { return waiting }
        // What was received and not acknowledged is older than what is still to be received.
        let pending = try await commands.run(
            behind.map { RedisCommand("XPENDING", layout.key($0.stream), $0.group.name) }
        ).replies.map { $0.elements?.dropFirst().first?.text.flatMap { EntryID($0) } }
        let next = try await commands.run(
            behind.map { RedisCommand("XRANGE", layout.key($0.stream), "(\($0.received)", "+", "COUNT", "1") }
        ).replies.map { $0.elements?.first?.elements?.first?.text.flatMap { EntryID($0) } }
        for (index, lag) in behind.enumerated() {
            guard let entry = pending[index] ?? next[index] else { continue }
            let time = Timestamp(milliseconds: Int64(clamping: entry.milliseconds))
            let oldest = waiting[lag.group]?.oldest ?? time
            waiting[lag.group]?.oldest = min(oldest, time)
        }
        return waiting
    }

    /// Which entries a group has yet to acknowledge.
    private struct Behind {
        let group: ServiceID
        let stream: StreamLayout.Stream
        let pending: Int
        let unread: Int
        let received: EntryID
    }

    /// The same, stream by stream. Of more than ``StreamScripts/sample`` entries that many say how many events the others have.
    func lags() async throws -> [(group: ServiceID, stream: StreamLayout.Stream, count: Int, received: EntryID)] {
        let entries = try await entriesBehind()
        let late = entries.filter { $0.pending + $0.unread > 0 }
        var events: [Int] = []
        if !late.isEmpty {
            let replies = try await commands.run(
                late.map { StreamScripts.count(layout.key($0.stream), of: $0.group, behind: "\($0.received)") }
            ).replies
            events = try zip(late, replies).map { behind, reply in
                let numbers = (reply.elements ?? []).compactMap(\.integer).map(Int.init)
                guard numbers.count == 4 else { throw commands.failed(reply.error ?? "no number of events") }
                return Self.events(of: behind.pending, numbers[0], numbers[1])
                    + Self.events(of: behind.unread, numbers[2], numbers[3])
            }
        }
        var counted = events.makeIterator()
        return entries.map { behind in
            let isLate = behind.pending + behind.unread > 0
            return (behind.group, behind.stream, isLate ? counted.next() ?? 0 : 0, behind.received)
        }
    }

    /// How many events so many entries have, if those that were looked at have so many.
    private static func events(of entries: Int, _ sampled: Int, _ events: Int) -> Int {
        sampled == 0 ? entries : sampled >= entries ? events : entries * events / sampled
    }

    private func entriesBehind() async throws -> [Behind] {
        let streams = layout.streams
        guard !streams.isEmpty else { return [] }
        let replies = try await commands.run(
            streams.flatMap { stream in
                [RedisCommand("XLEN", layout.key(stream)), RedisCommand("XINFO", "GROUPS", layout.key(stream))]
            }
        ).replies
        return try streams.enumerated().flatMap { index, stream in
            guard let length = replies[2 * index].integer else {
                throw commands.failed(replies[2 * index].error ?? "no length of a stream")
            }
            // No stream yet is an error here and a length of 0 above.
            let groups = (replies[2 * index + 1].elements ?? []).map(\.fields)
            return (layout.subscribers[stream.type] ?? []).map { group in
                let facts = groups.first { $0["name"]?.text == group.name }
                let pending = facts?["pending"]?.integer ?? 0
                let received = facts?["last-delivered-id"]?.text.flatMap { EntryID($0) } ?? .zero
                return Behind(
                    group: group, stream: stream, pending: Int(pending),
                    unread: Int(facts?["lag"]?.integer ?? length), received: received)
            }
        }
    }
}

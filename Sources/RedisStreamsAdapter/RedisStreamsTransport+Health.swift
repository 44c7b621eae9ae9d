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

    /// The same, stream by stream.
    func lags() async throws -> [(group: ServiceID, stream: StreamLayout.Stream, count: Int, received: EntryID)] {
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
                return (group, stream, Int(pending + (facts?["lag"]?.integer ?? length)), received)
            }
        }
    }
}

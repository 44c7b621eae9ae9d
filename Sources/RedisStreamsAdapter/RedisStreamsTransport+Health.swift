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

    /// The same, stream by stream.
    func lags() async throws -> [(group: ServiceID, stream: StreamLayout.Stream, count: Int)] {
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
                return (group, stream, Int(pending + (facts?["lag"]?.integer ?? length)))
            }
        }
    }
}

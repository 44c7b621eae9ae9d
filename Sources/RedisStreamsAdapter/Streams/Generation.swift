import SagaChoreography

/// Which life of the data Redis holds. Three parts, each random:
/// - a key that is made where it is missing: FLUSHALL takes it along;
/// - the server's run id: a restart may have lost the last second of what was answered;
/// - its replication id: another server was promoted, and may lack what the old one had.
enum Generation {
    /// Asks for the generation, making what is missing. The number of partitions is compared on the way: with another one the
    /// events of an order would be on two streams.
    static func question(_ layout: StreamLayout) -> [RedisCommand] {
        let fresh = String(UInt64.random(in: .min ... .max), radix: 16)
        return [
            RedisCommand("SET", layout.generationKey, fresh, "NX"),
            RedisCommand("GET", layout.generationKey),
            RedisCommand("SET", layout.partitionsKey, String(layout.partitions), "NX"),
            RedisCommand("GET", layout.partitionsKey),
            RedisCommand("INFO", "replication"),
        ]
    }

    /// How many replies belong to a question.
    static let replyCount = 5

    /// - Throws: ``RedisAdapterError`` `.misconfigured` if Redis holds streams of another number of partitions, `.failed` if
    ///   this server is a replica, or answers with errors.
    static func read(
        _ replies: ArraySlice<RedisReply>, runID: String, _ layout: StreamLayout, _ endpoint: RedisEndpoint
    ) throws -> String {
        let replies = Array(replies)
        if let error = replies.lazy.compactMap(\.error).first { throw RedisAdapterError.answered(error, by: endpoint) }
        let replication = ServerInfo(replies[4].text ?? "")
        guard let key = replies[1].text, let role = replication["role"] else {
            throw RedisAdapterError(.failed, "Redis at \(endpoint.address) does not tell its generation")
        }
        guard role == "master" else {
            throw RedisAdapterError(.failed, "Redis at \(endpoint.address) is a replica: the primary is needed")
        }
        let partitions = replies[3].text ?? ""
        guard partitions == String(layout.partitions) else {
            throw RedisAdapterError(
                .misconfigured,
                """
                Redis at \(endpoint.address) holds streams of \(partitions) partitions under '\(layout.prefix)', this \
                process is set to \(layout.partitions): use that number, or another prefix
                """)
        }
        // 48 of each id's 160 random bits: receipts are kept in every row of the outbox.
        return "\(key)-\(runID.prefix(12))-\((replication["master_replid"] ?? "").prefix(12))"
    }
}

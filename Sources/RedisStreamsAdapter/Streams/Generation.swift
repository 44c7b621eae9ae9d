import SagaChoreography

/// Which life of the data Redis holds. Three parts, each random:
/// - an id that is made where it is missing: FLUSHALL takes it along. It is made anew when a group has to be made that was there
///   before: somebody deleted it, or its stream;
/// - the server's run id: a restart may have lost the last second of what was answered;
/// - its replication id: another server was promoted, and may lack what the old one had.
enum Generation {
    /// Asks for the generation, making what is missing. The number of partitions is compared on the way: with another one the
    /// events of an order would be on two streams.
    static func question(_ layout: StreamLayout) -> [RedisCommand] {
        [
            RedisCommand("HSETNX", layout.generationKey, "id", fresh()),
            RedisCommand("HSETNX", layout.generationKey, "partitions", String(layout.partitions)),
            RedisCommand("HMGET", layout.generationKey, "id", "partitions"),
            RedisCommand("INFO", "replication"),
        ]
    }

    /// How many replies belong to a question.
    static let replyCount = 4

    /// An id that was never used.
    static func fresh() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

    /// - Throws: ``RedisAdapterError`` `.otherPartitions` if Redis holds streams of another number of partitions, `.failed` if
    ///   this server is a replica, or answers with errors.
    static func read(
        _ replies: ArraySlice<RedisReply>, runID: String, _ layout: StreamLayout, _ endpoint: RedisEndpoint
    ) throws -> String {
        // What made something missing may have failed, for want of memory: if nothing was missing, no harm is done.
        let replies = Array(replies.dropFirst(2))
        if let error = replies.lazy.compactMap(\.error).first { throw RedisAdapterError.answered(error, by: endpoint) }
        let replication = ServerInfo(replies[1].text ?? "")
        guard let stored = replies[0].elements, stored.count == 2, let id = stored[0].text,
            let partitions = stored[1].text, let role = replication["role"]
        else { throw RedisAdapterError(.failed, "Redis at \(endpoint.address) does not tell its generation") }
        guard role == "master" else {
            throw RedisAdapterError(.failed, "Redis at \(endpoint.address) is a replica: the primary is needed")
        }
        guard partitions == String(layout.partitions) else {
            throw RedisAdapterError(
                .otherPartitions,
                """
                Redis at \(endpoint.address) holds streams of \(partitions) partitions under '\(layout.prefix)', this \
                process is set to \(layout.partitions): use that number, or another prefix
                """)
        }
        // 48 of each id's 160 random bits: receipts are kept in every row of the outbox.
        return "\(id)-\(runID.prefix(12))-\((replication["master_replid"] ?? "").prefix(12))"
    }
}

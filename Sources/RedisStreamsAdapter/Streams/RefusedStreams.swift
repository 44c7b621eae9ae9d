import SagaChoreography

/// The streams that refuse entries while Redis as a whole takes them: their key holds something else (WRONGTYPE), or this login may
/// not write it (NOPERM).
struct RefusedStreams: Sendable {
    private var reasons: [StreamLayout.Stream: String] = [:]

    /// Errors that are the server's and would meet every entry, now or in a moment.
    private static let ofTheServer: Set<Substring> = [
        "OOM", "READONLY", "LOADING", "MISCONF", "MASTERDOWN", "NOREPLICAS", "NOAUTH", "WRONGPASS", "BUSY",
        "CLUSTERDOWN",
        "TRYAGAIN", "MOVED", "ASK", "UNKILLABLE", "NOPROTO",
    ]

    /// Whether an error that Redis answered is about the one stream.
    static func isOfOneStream(_ error: String) -> Bool {
        !ofTheServer.contains(error.prefix { $0 != " " })
    }

    /// Notes what became of a batch.
    ///
    /// - Returns: what is new, a line for each stream: the same is not told again and again.
    mutating func note(_ refused: [StreamLayout.Stream: String], _ taken: Set<StreamLayout.Stream>) -> [String] {
        if reasons.isEmpty, refused.isEmpty { return [] }
        var lines: [String] = []
        for (stream, why) in refused.sorted(by: { $0.key < $1.key })
        where reasons.updateValue(why, forKey: stream) != why {
            lines.append("'\(stream)' refuses events, which are tried again; others go on: \(why.prefix(200))")
        }
        for stream in taken.sorted() where refused[stream] == nil && reasons.removeValue(forKey: stream) != nil {
            lines.append("'\(stream)' takes events again")
        }
        return lines
    }

    var byType: [EventType: String] {
        Dictionary(reasons.sorted { $0.key < $1.key }.map { ($0.key.type, $0.value) }) { first, _ in first }
    }
}

import SagaChoreography

/// Some of many events: failures first, then what is late, then the rest, of which each had the same chance.
struct LiveSample: Sendable {
    let limit: Int
    private var kept: [LiveEvent.Urgency: [LiveEvent]] = [:]
    private var seen: [LiveEvent.Urgency: Int] = [:]

    /// - Parameter limit: how many are kept at most.
    init(limit: Int) { self.limit = limit }

    /// Takes one more event; of each urgency any `limit` of those that were seen are kept (reservoir sampling).
    mutating func add(_ event: @autoclosure () -> LiveEvent, _ urgency: LiveEvent.Urgency, _ random: any RandomSource) {
        let before = seen[urgency, default: 0]
        seen[urgency] = before + 1
        if before < limit {
            kept[urgency, default: []].append(event())
        } else {
            let place = Int(random.next() % UInt64(before + 1))
            if place < limit { kept[urgency]?[place] = event() }
        }
    }

    /// What is kept, in order of time.
    var events: [LiveEvent] { Self.first(limit, of: LiveEvent.Urgency.allCases.flatMap { kept[$0] ?? [] }) }

    /// How many were seen.
    var count: Int { seen.values.reduce(0, +) }

    /// The most urgent of some events, in order of time. Of those that are alike, the ones that are left are spread over all.
    static func first(_ limit: Int, of events: [LiveEvent]) -> [LiveEvent] {
        var chosen: [LiveEvent] = []
        for urgency in LiveEvent.Urgency.allCases {
            let alike = events.filter { $0.urgency == urgency }
            let room = min(limit - chosen.count, alike.count)
            chosen += (0..<room).map { alike[$0 * alike.count / room] }
        }
        return chosen.sorted { ($0.at, $0.edge, $0.id.uuidString) < ($1.at, $1.edge, $1.id.uuidString) }
    }
}

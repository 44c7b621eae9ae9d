import Synchronization

/// What can be done to a cluster.
enum Fault: String, CaseIterable, Sendable {
    case kill = "kills"
    case stop = "stops"
    case restartPostgres = "PostgreSQL restarts"
    case killRedis = "Redis kills"
    case flush = "FLUSHALL"
    case cut = "cuts"
    case halfOpen = "half-open"
    case loseCommit = "COMMIT answers lost"
    case duplicate = "deliveries doubled"
    case garble = "deliveries garbled"

    /// How often in 400 events: what the full run is asked for.
    private var weight: Int {
        switch self {
        case .kill: 200
        case .stop: 50
        case .restartPostgres, .killRedis, .garble: 20
        case .flush: 10
        case .cut: 50
        case .halfOpen: 20
        case .loseCommit: 30
        case .duplicate: 40
        }
    }

    /// Each at least once, in an order by chance; stops, which take long, at even distances from the beginning on.
    static func deck(of count: Int, _ dice: SeededDice) -> [Fault] {
        var deck: [Fault] = []
        for fault in allCases where fault != .stop {
            deck += Array(repeating: fault, count: max(1, count * fault.weight / 400))
        }
        for index in deck.indices.reversed() { deck.swapAt(index, dice.below(index + 1)) }
        let stops = max(1, count * stop.weight / 400)
        for number in (0..<stops).reversed() { deck.insert(.stop, at: number * deck.count / stops) }
        return deck
    }
}

/// What was done.
final class ChaosTally: Sendable {
    private let counts = Mutex<[Fault: Int]>([:])

    func count(_ fault: Fault) { counts.withLock { $0[fault, default: 0] += 1 } }

    var summary: String {
        counts.withLock { counts in
            Fault.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
        }
    }
}

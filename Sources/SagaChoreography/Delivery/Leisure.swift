import Synchronization

/// Which types a consumer asks for: those that can wait, only now and then, so that nobody waits while they are handled beside what is
/// urgent, and many of them are handled together.
///
/// For a transport that hands out by type.
final class Leisure: Sendable {
    /// What may wait for so long is not urgent.
    private static let least = Duration.milliseconds(50)

    private let all: Set<EventType>
    private let urgent: Set<EventType>
    private let interval: Duration
    /// When everything that there was had been taken.
    private let cleared = Mutex<Timestamp?>(nil)

    /// - Parameter patience: how long each type may wait.
    init(_ all: Set<EventType>, patience: [EventType: Duration]) {
        self.all = all
        let patient = all.filter { patience[$0] ?? .zero >= Self.least }
        urgent = all.subtracting(patient)
        interval = patient.compactMap { patience[$0] }.min() ?? .zero
    }

    /// What to ask for now.
    func types(at now: Timestamp) -> Set<EventType> { isResting(at: now) ? urgent : all }

    private func isResting(at now: Timestamp) -> Bool {
        cleared.withLock { cleared in cleared.map { now >= $0 && now < $0 + interval } ?? false }
    }

    /// - Parameter types: what was asked for at `now`.
    /// - Parameter isEverything: nothing of it is left.
    func received(_ types: Set<EventType>, isEverything: Bool, at now: Timestamp) {
        if isEverything, types.count == all.count { cleared.withLock { $0 = now } }
    }

    /// When to look for what can wait; `nil` if it was looked for.
    func dueAt(after types: Set<EventType>) -> Timestamp? {
        types.count == all.count ? nil : cleared.withLock { $0.map { $0 + interval } }
    }
}

import SagaChoreography
import Synchronization

/// The time of the story that a demo tells: the machine's, less the pauses that were made for its reader, plus what was
/// skipped because nothing happens meanwhile.
final class DemoClock: SagaClock {
    private let machine: any SagaClock
    private let shift = Mutex(Duration.zero)

    init(_ machine: any SagaClock) { self.machine = machine }

    func now() -> Timestamp { machine.now() + shift.withLock { $0 } }

    /// Goes on by `duration` at once.
    func skip(_ duration: Duration) { shift.withLock { $0 += duration } }

    /// Runs `body` while the story's time stands still.
    func standingStill(during body: () async throws -> Void) async rethrows {
        let began = machine.now()
        try await body()
        let passed = machine.now() - began
        shift.withLock { $0 -= passed }
    }
}

/// How fast a demo is told. Services know nothing of it: between two steps nobody is called.
public struct DemoPace: Sendable {
    /// What the reader gets after each step.
    public let reading: Duration
    /// Whether the story's own waits, such as for a deadline, are skipped instead of waited for.
    public let skipsWaits: Bool
    let pause: @Sendable (Duration) async throws -> Void

    /// - Parameter pause: lets real time pass.
    public init(
        reading: Duration, skipsWaits: Bool, pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.reading = reading
        self.skipsWaits = skipsWaits
        self.pause = pause
    }

    /// As fast as the system works; no pause, no wait.
    public static let unpaced = DemoPace(reading: .zero, skipsWaits: true, pause: { _ in })
}

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

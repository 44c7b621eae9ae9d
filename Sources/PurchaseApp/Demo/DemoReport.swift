/// Everything that a demo played, and what is true of its store afterwards.
public struct DemoReport: Sendable, Encodable {
    /// Every order ended as announced, every invariant holds, and nothing is left over.
    public let isGood: Bool
    public let timelines: [DemoTimeline]
    public let verification: VerifyReport

    /// Takes what its properties say.
    public init(timelines: [DemoTimeline], verification: VerifyReport) {
        self.timelines = timelines
        self.verification = verification
        isGood =
            timelines.allSatisfy(\.isAsAnnounced) && verification.isClean && verification.isAtRest
            && verification.queues.parked == 0
    }
}

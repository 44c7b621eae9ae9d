import Logging
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@testable import PurchaseApp

/// Waits for an event that never comes, and says when it was polled.
private struct Sleeper: Activity {
    let name = "sleeper"
    let wakesOn: Set<EventType> = ["never"]
    let polls: AsyncStream<Void>.Continuation

    func poll() async throws -> Progress {
        polls.yield()
        return .idle(wakeAt: nil)
    }
}

@Suite struct RunnerTests {
    @Test func `an activity is polled now and then though nobody wakes it`() async throws {
        let (stream, polls) = AsyncStream.makeStream(of: Void.self)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let runner = ActivityRunner(
            activities: [Sleeper(polls: polls)], feed: CommitFeed(logger: logger), clock: ManualClock(),
            random: SeededRandom(seed: 1), logger: logger, longestRest: .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            var count = 0
            for await _ in stream {
                count += 1
                if count == 3 { break }
            }
            #expect(count == 3)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

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

/// Says what was done to it, and cannot give back what it holds.
private final class Holder: Activity {
    struct Stuck: Error {}
    let name: String
    let wakesOn: Set<EventType> = []
    let deeds: Deeds

    final class Deeds: Sendable {
        let all = Mutex<[String]>([])
        let polled: AsyncStream<Void>.Continuation

        init(_ polled: AsyncStream<Void>.Continuation) { self.polled = polled }
    }

    init(_ name: String, _ deeds: Deeds) {
        self.name = name
        self.deeds = deeds
    }

    func poll() async throws -> Progress {
        deeds.all.withLock { $0.append("poll") }
        deeds.polled.yield()
        return .idle(wakeAt: nil)
    }

    func end() async throws {
        deeds.all.withLock { $0.append("end \(name)") }
        throw Stuck()
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

    @Test func `once none is polled any more each gives back what it holds, whatever the others do`() async throws {
        let (stream, polled) = AsyncStream.makeStream(of: Void.self)
        let deeds = Holder.Deeds(polled)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let runner = ActivityRunner(
            activities: [Holder("a", deeds), Holder("b", deeds)], feed: CommitFeed(logger: logger),
            clock: ManualClock(), random: SeededRandom(seed: 1), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            var count = 0
            for await _ in stream {
                count += 1
                if count == 2 { break }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(deeds.all.withLock { $0 } == ["poll", "poll", "end a", "end b"])
    }
}

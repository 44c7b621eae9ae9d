import FoundationEssentials
import Notifications
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Synchronization

func withNotifications(
    channels: [String] = ["console"], probe: any Probe = NoProbe(), _ body: (ParticipantHarness) async throws -> Void
) async throws {
    try await withParticipant(
        NotificationsParticipant.make(channels: channels), migrations: NotificationsMigrations.sqlite, probe: probe,
        body)
}

/// Fails as often as it is told to, then keeps what it is sent.
final class ScriptedNotifier: Notifier {
    struct Refused: Error, CustomStringConvertible {
        let description = "mailbox full"
    }

    let channel: String
    let width: Int
    private let failure: any Error
    private let failures: Mutex<Int>
    private let messages = Mutex<[NotificationMessage]>([])

    init(_ channel: String = "console", failures: Int = 0, as failure: any Error = Refused(), width: Int = 32) {
        self.channel = channel
        self.failure = failure
        self.width = width
        self.failures = Mutex(failures)
    }

    func send(_ message: NotificationMessage) async throws {
        let fails = failures.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
        if fails { throw failure }
        messages.withLock { $0.append(message) }
    }

    var sent: [NotificationMessage] { messages.withLock { $0 } }
}

/// Hangs until it is released.
final class HangingNotifier: Notifier {
    let channel: String
    private let reached = AsyncStream<Void>.makeStream()
    private let released = AsyncStream<Void>.makeStream()

    init(_ channel: String) { self.channel = channel }

    func send(_ message: NotificationMessage) async {
        reached.continuation.yield()
        for await _ in released.stream { return }
    }

    /// Returns once a message is on its way.
    func isReached() async { for await _ in reached.stream { return } }

    func release() { released.continuation.yield() }
}

/// Throws once at one point, as a crash there would.
final class CrashOnce: Probe {
    struct Crash: Error {}
    private let point: ProbePoint
    private let isArmed = Mutex(true)

    init(at point: ProbePoint) { self.point = point }

    func reach(_ point: ProbePoint) throws {
        guard point == self.point else { return }
        let crashes = isArmed.withLock { armed in
            defer { armed = false }
            return armed
        }
        if crashes { throw Crash() }
    }
}

/// The ways in which an order ends.
enum End: String, CaseIterable, Sendable {
    case completed, failed, cancelled

    func event(_ order: OrderFacts) -> any Event {
        switch self {
        case .completed: OrderCompleted(order: order)
        case .failed: OrderFailed(order: order, cause: .declined, refusal: Refusal(.paymentDeclined))
        case .cancelled: OrderCancelled(order: order, cause: .user, refusal: Refusal(.orderCancelled))
        }
    }

    var template: NotificationTemplate {
        switch self {
        case .completed: .orderCompleted
        case .failed: .orderFailed
        case .cancelled: .orderCancelled
        }
    }

    var reason: RefusalCode? {
        switch self {
        case .completed: nil
        case .failed: .paymentDeclined
        case .cancelled: .orderCancelled
        }
    }
}

extension ParticipantHarness {
    func notifications(of order: OrderFacts) async throws -> [NotificationView] {
        let id = order.id
        return try await read { try NotificationQueries($0).notifications(of: id) }
    }

    func pending() async throws -> Int { try await read { try NotificationQueries($0).pendingCount() } }

    func violations() async throws -> [String] {
        try await read { transaction in try NotificationsChecks.all.flatMap { try $0.run(in: transaction) } }
    }
}

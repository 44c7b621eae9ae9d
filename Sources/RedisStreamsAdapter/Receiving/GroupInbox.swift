import Foundation
import SagaChoreography

/// Where a group's reading thread and its consumer meet.
///
/// `@unchecked Sendable`: every property is used under the lock of `condition` alone.
final class GroupInbox: @unchecked Sendable {
    /// What the reader has to do next.
    enum Errand: Equatable {
        /// Fetch so many deliveries at most.
        case read(Int)
        /// The streams to read are others than at the start of the session.
        case restart
        case stop
    }

    private let condition = NSCondition()
    private var capacity: Int
    private var inbox = Inbox()
    /// Somebody is telling Redis what is handled.
    private var isSettling = false
    private var types: Set<EventType> = []
    private var trouble: RedisAdapterError?
    private var isStopped = false
    private var hasEnded = false
    /// Nobody else in the group handles anything, as far as is known, and Redis can be reached.
    private var isAlone = false
    private var whenEnded: [CheckedContinuation<Void, Never>] = []
    private var whenSettled: [CheckedContinuation<Void, Never>] = []
    /// Ends a blocked read.
    private var interrupt: (() -> Void)?

    init(capacity: Int) { self.capacity = capacity }

    private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        condition.lock()
        defer { condition.unlock() }
        return try body()
    }

    // MARK: The process's side

    /// Takes events that were just committed, if this process is alone in the group.
    ///
    /// - Returns: the types of which there is something to hand out.
    func deliverLocally(_ envelopes: some Sequence<Envelope>) -> Set<EventType> {
        locked { isAlone && !isStopped ? inbox.add(local: envelopes, at: .now) : [] }
    }

    /// Whether events are taken like that.
    var takesLocalEvents: Bool { locked { isAlone && !isStopped && inbox.hasRoomForLocalEvents } }

    // MARK: The consumer's side

    /// Adds types to those that are read.
    func want(_ more: Set<EventType>) {
        locked {
            guard !more.isSubset(of: types) else { return }
            types.formUnion(more)
            interrupt?()
            condition.broadcast()
        }
    }

    /// The next deliveries.
    ///
    /// Whoever takes many at a time gets the next ones fetched while it works on them.
    ///
    /// - Throws: why nothing can arrive, if there is nothing.
    func next(types: Set<EventType>, limit: Int) throws -> [Delivery] {
        try locked {
            if capacity < 4 * limit {
                capacity = 4 * limit
                condition.broadcast()
            }
            let deliveries = inbox.next(types: types, limit: limit)
            if deliveries.isEmpty, let trouble { throw trouble }
            return deliveries
        }
    }

    func handled(_ deliveries: [Delivery]) { locked { inbox.handled(deliveries) } }

    /// Whether Redis was to be told something and that failed.
    var isInDebt: Bool { locked { !isSettling && inbox.isInDebt } }

    /// What Redis has yet to hear of; the caller tells it, and then ``settled(_:)`` or ``failedToSettle(_:)``.
    ///
    /// - Returns: `nil` if there is nothing, or if somebody else is telling it, who will come to this as well.
    func beginSettling() -> [Inbox.Debt]? {
        locked {
            guard !isSettling, inbox.isInDebt else { return nil }
            isSettling = true
            return inbox.takeDebts()
        }
    }

    /// - Returns: what there is to tell since; `nil` if nothing, then the caller is done.
    func settled(_ debts: [Inbox.Debt]) -> [Inbox.Debt]? {
        locked {
            inbox.acknowledged(debts)
            condition.broadcast()
            if inbox.isInDebt { return inbox.takeDebts() }
            endSettling()
            return nil
        }
    }

    func failedToSettle(_ debts: [Inbox.Debt]) {
        locked {
            inbox.owe(debts)
            endSettling()
        }
    }

    private func endSettling() {
        isSettling = false
        let waiting = whenSettled
        whenSettled = []
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once nobody tells Redis anything any more.
    func restOfSettling() async {
        await withCheckedContinuation { continuation in
            let isOver = locked {
                if isSettling { whenSettled.append(continuation) }
                return !isSettling
            }
            if isOver { continuation.resume() }
        }
    }

    var unhandled: [Inbox.Place] { locked { inbox.unhandled } }

    func stop() {
        locked {
            isStopped = true
            interrupt?()
            condition.broadcast()
        }
    }

    /// Returns once the reader has ended.
    func end() async {
        await withCheckedContinuation { continuation in
            let isOver = locked {
                if !hasEnded { whenEnded.append(continuation) }
                return hasEnded
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: The reader's side

    /// The types to read in a session that begins now; `nil`: none any more.
    func begin(interrupt: @escaping () -> Void) -> Set<EventType>? {
        locked {
            guard !isStopped else { return nil }
            self.interrupt = interrupt
            return types
        }
    }

    /// After this nobody interrupts the session's connection any more.
    func endSession() {
        locked {
            interrupt = nil
            isAlone = false
        }
    }

    /// Others share the group, or nobody does.
    func note(isAlone: Bool) { locked { self.isAlone = isAlone } }

    /// Waits for room: half of the capacity, so that reads are worth their while.
    func errand(in session: Set<EventType>) -> Errand {
        locked {
            while !isStopped, types == session, inbox.count > capacity / 2 { condition.wait() }
            if isStopped { return .stop }
            return types == session ? .read(capacity - inbox.count) : .restart
        }
    }

    /// What is asked for now, without waiting for room.
    func wish(in session: Set<EventType>) -> Errand {
        locked { isStopped ? .stop : types == session ? .read(0) : .restart }
    }

    /// Whether there is room for more.
    var room: Int { locked { max(0, capacity - inbox.count) } }

    /// Whether the contents of an event that arrives are of no interest.
    func knows(_ event: UUID) -> Bool { locked { inbox.knows(event) } }

    /// - Returns: the types of which there is something new to hand out.
    func add(_ arrivals: [Inbox.Arrival]) -> Set<EventType> { locked { inbox.add(arrivals) } }

    /// - Returns: whether that is a change.
    func note(_ trouble: RedisAdapterError?) -> Bool {
        locked {
            defer { self.trouble = trouble }
            return (self.trouble == nil) != (trouble == nil)
        }
    }

    var isOver: Bool { locked { isStopped } }

    /// Waits before the next attempt, or for the end.
    func rest(_ duration: Duration) {
        let end = Date(timeIntervalSinceNow: duration / .seconds(1))
        locked {
            while !isStopped, condition.wait(until: end) {}
        }
    }

    func ended() {
        let waiting = locked {
            hasEnded = true
            defer { whenEnded = [] }
            return whenEnded
        }
        for continuation in waiting { continuation.resume() }
    }
}

import FoundationEssentials
import Orders
import SagaChoreography
import Synchronization

/// Tells when something about an order committed.
public protocol OrderWatching: Sendable {
    /// What is told of `subject` from now on. Whoever subscribes, then reads the row, then waits, misses no change. To be ended by
    /// who asked for it.
    func changes(of subject: UUID) -> OrderChanges

    /// Ends `changes` when so much time has passed, unless they end before.
    func end(_ changes: OrderChanges, after limit: Duration)

    /// A stream with an element whenever `service` has handled something since the last one was taken: a read model may have changed
    /// without an event.
    func handled(by service: ServiceID) -> AsyncStream<Void>
}

/// What one who waits for an order is told of it, until that ends. Of words that were not taken the last one counts.
public final class OrderChanges: Sendable {
    /// What is said of the order.
    public enum Word: Sendable {
        /// It changed. The order is as a commit left it, which may be older than what another commit left just then; `nil`: it has to be
        /// read.
        case changed(OrderView?)
        /// Nothing more is said: it took too long, or whoever waits was cancelled.
        case over
    }

    private struct State {
        /// What was said and not taken.
        var told: Word?
        var waiter: CheckedContinuation<Word, Never>?
        var isOver = false
    }

    private let state = Mutex(State())
    private let onEnd: @Sendable (OrderChanges) -> Void

    /// - Parameter onEnd: called once it is over, however that came.
    public init(onEnd: @escaping @Sendable (OrderChanges) -> Void = { _ in }) { self.onEnd = onEnd }

    /// Whether somebody waits for a word.
    var isAwaited: Bool { state.withLock { $0.waiter != nil } }

    /// Something about the order committed.
    public func tell(_ order: OrderView?) {
        let waiter = state.withLock { state -> CheckedContinuation<Word, Never>? in
            if let waiter = state.waiter.take() { return waiter }
            if !state.isOver { state.told = .changed(order) }
            return nil
        }
        waiter?.resume(returning: .changed(order))
    }

    /// Nothing more is to be said; what was said can still be taken.
    public func end() {
        let (isFirst, waiter) = state.withLock { state in
            defer { state.isOver = true }
            return (!state.isOver, state.waiter.take())
        }
        if isFirst { onEnd(self) }
        waiter?.resume(returning: .over)
    }

    /// Waits for the next word; one at a time. A waiter that is cancelled ends it.
    public func next() async -> Word {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let word = state.withLock { state -> Word? in
                    precondition(state.waiter == nil, "two wait for the changes of one order at the same time")
                    if let told = state.told.take() { return told }
                    if state.isOver { return .over }
                    state.waiter = waiter
                    return nil
                }
                if let word { waiter.resume(returning: word) }
            }
        } onCancel: {
            end()
        }
    }
}

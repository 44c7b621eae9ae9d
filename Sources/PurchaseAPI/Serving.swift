import Synchronization

/// How an answer that goes on and on learns that the process is to end, so that it does not hold that up.
public struct Serving: Sendable {
    /// Whether the process is to end.
    public var isEnding: @Sendable () -> Bool
    /// Runs something that waits, and cancels it as soon as the process is to end.
    public var untilEnd: @Sendable (@escaping @Sendable () async throws -> Void) async throws -> Void

    /// Takes what its properties say.
    public init(
        isEnding: @escaping @Sendable () -> Bool,
        untilEnd: @escaping @Sendable (@escaping @Sendable () async throws -> Void) async throws -> Void
    ) {
        self.isEnding = isEnding
        self.untilEnd = untilEnd
    }
}

/// Bounds how many streams are open at once.
final class StreamSeats: Sendable {
    private let most: Int
    private let taken = Mutex(0)

    init(_ most: Int) { self.most = most }

    /// Is given back when nobody holds it any more: an answer may be thrown away before anything of it is sent.
    final class Seat: Sendable {
        private let seats: StreamSeats

        fileprivate init(_ seats: StreamSeats) { self.seats = seats }

        deinit { seats.taken.withLock { $0 -= 1 } }
    }

    /// - Returns: `nil` if all are taken.
    func take() -> Seat? {
        taken.withLock { taken in
            guard taken < most else { return nil }
            taken += 1
            return Seat(self)
        }
    }
}

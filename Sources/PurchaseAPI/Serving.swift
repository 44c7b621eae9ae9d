import PurchaseContracts
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

/// Bounds how many streams are open at once, and how many of them one user has.
final class StreamSeats: Sendable {
    private let most: Int
    private let mostOfOne: Int
    private let taken = Mutex<[UserID: Int]>([:])

    init(_ most: Int, ofOne: Int) {
        self.most = most
        mostOfOne = ofOne
    }

    /// Is given back when nobody holds it any more: an answer may be thrown away before anything of it is sent.
    final class Seat: Sendable {
        private let seats: StreamSeats
        private let user: UserID

        fileprivate init(_ seats: StreamSeats, of user: UserID) {
            self.seats = seats
            self.user = user
        }

        deinit {
            seats.taken.withLock { taken in
                let left = (taken[user] ?? 0) - 1
                taken[user] = left > 0 ? left : nil
            }
        }
    }

    /// - Returns: `nil` if all are taken, or all that one user may have.
    func take(for user: UserID) -> Seat? {
        taken.withLock { taken in
            guard taken[user] ?? 0 < mostOfOne, taken.values.reduce(0, +) < most else { return nil }
            taken[user, default: 0] += 1
            return Seat(self, of: user)
        }
    }
}

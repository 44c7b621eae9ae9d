import Synchronization

/// What a reaction or command supposed was not so. The whole transaction is undone and run once more, and nothing may be supposed then.
///
/// A reaction has to look before it decides, and each look is a way to the database and back. Where ``Step/maySuppose`` allows it, it may
/// decide as if it had found what is nearly always there, and have the database refuse the change if it is not: the condition stands in
/// the change itself. This error is what a refused change is to be thrown as; it is no fault, and counts as no attempt.
public struct WrongSupposition: Error, Hashable {
    /// It says nothing but that.
    public init() {}
}

extension Step {
    /// What a change is to fail with that did not find what was read or, where that is allowed, supposed.
    ///
    /// - Parameter error: where nothing was supposed.
    public func refusal(_ error: @autoclosure () -> any Error) -> any Error {
        maySuppose ? WrongSupposition() : error()
    }
}

/// Whether suppositions are worth their while: after a wrong one nothing is supposed for a while, since what proves one wrong (a
/// transport that delivers again what it lost track of) seldom comes alone.
final class Suppositions: Sendable {
    private static let pause = Duration.seconds(1)

    private let wrongAt = Mutex<Timestamp?>(nil)

    func areAllowed(at now: Timestamp) -> Bool {
        wrongAt.withLock { wrongAt in wrongAt.map { now < $0 || now >= $0 + Self.pause } ?? true }
    }

    func wereWrong(at now: Timestamp) { wrongAt.withLock { $0 = now } }
}

import PurchaseContracts
import SagaChoreography

/// What `verify` found, from the databases alone.
public struct VerifyReport: Sendable, Codable {
    /// One invariant that does not hold.
    public struct Violation: Sendable, Codable, Hashable {
        /// Stable name of the invariant.
        public let check: String
        /// The invariant as a sentence.
        public let sentence: String
        /// The rows that break it.
        public let what: String
    }

    /// An order that is not settled yet: no violation by itself.
    public struct InFlight: Sendable, Codable, Hashable {
        public let order: String
        public let status: String
        /// How long ago it made its last progress, in milliseconds.
        public let ageMilliseconds: Int64
        /// The events that would move it on.
        public let waitsFor: [String]
    }

    /// Rows of the engine that a resting system does not have.
    public struct Queues: Sendable, Codable, Hashable {
        public let outbox: Int64
        public let unacknowledged: Int64
        public let retries: Int64
        public let parked: Int64
        public let inbox: Int64
        /// Notifications that wait to be sent.
        public let notifications: Int64

        static func + (one: Queues, other: Queues) -> Queues {
            Queues(
                outbox: one.outbox + other.outbox, unacknowledged: one.unacknowledged + other.unacknowledged,
                retries: one.retries + other.retries, parked: one.parked + other.parked,
                inbox: one.inbox + other.inbox, notifications: one.notifications + other.notifications)
        }

        /// Nothing is under way. (Parked messages wait for a person, not for the system.)
        public var areAtRest: Bool { unacknowledged == 0 && retries == 0 && notifications == 0 }
    }

    public let checks: Int
    public let settledOrders: Int
    public let violations: [Violation]
    public let inFlight: [InFlight]
    public let inFlightCount: Int
    public let queues: Queues
    /// How many databases that is about: more than one have no moment in common.
    public let databases: Int

    public var isClean: Bool { violations.isEmpty }
    public var isAtRest: Bool { inFlightCount == 0 && queues.areAtRest }
}

import FoundationEssentials

/// The sending side of a transport outside the database: where the relay takes the outbox's rows.
public protocol EventPublisher: Sendable {
    /// Appends events to the transport, in order.
    ///
    /// - Returns: a receipt for each, in the order of `envelopes`: it names that very entry, and the generation of the
    ///   transport in which it exists. Events that share an entry share a receipt.
    /// - Throws: ``SagaFault`` `.unavailable` if the transport cannot be reached; some may have been appended then, so they
    ///   are sent again.
    func publish(_ envelopes: [Envelope]) async throws -> [Receipt]

    /// As ``publish(_:)``; what the transport refuses keeps nothing else from being sent.
    ///
    /// - Returns: a receipt for each, or why that very event was refused; to be tried again later.
    /// - Throws: as ``publish(_:)``, if nothing can be sent.
    func publishEach(_ envelopes: [Envelope]) async throws -> [Result<Receipt, SagaFault>]

    /// Which of these entries every subscribing consumer group has acknowledged.
    ///
    /// A group's position beyond an entry is no proof; an entry of a generation that is gone is never acknowledged.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt>

    /// Which of these entries, not acknowledged by everybody, the transport still holds for those that have yet to handle them:
    /// to send them again would only double them. In doubt, none.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func held(_ receipts: [Receipt]) async throws -> Set<Receipt>

    /// Which of these entries of a former generation the transport has in the present one as well, each with the very event it was
    /// made for and everything that the groups have yet to do about it: after a restart that kept most of its data. In doubt, none.
    ///
    /// - Parameter entries: receipts of a former generation, each with the id of its event.
    /// - Returns: for each that is still there, the receipt by which it is known now.
    /// - Throws: ``SagaFault`` `.unavailable`.
    func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt]

    /// Changes when the transport may have lost something of what it held, for example by a restart: whatever did not survive
    /// (``survivors(of:)``) and is still in the outbox is then sent again.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func generation() async throws -> String
}

extension EventPublisher {
    /// For a transport that refuses all or nothing.
    public func publishEach(_ envelopes: [Envelope]) async throws -> [Result<Receipt, SagaFault>] {
        try await publish(envelopes).map { .success($0) }
    }

    /// None: whatever is not acknowledged in time is sent again.
    public func held(_ receipts: [Receipt]) async throws -> Set<Receipt> { [] }

    /// None: whatever was sent in a former generation is sent again.
    public func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt] { [:] }
}

/// Names one entry of a transport; opaque to all but that. Receipts are kept and compared by the million, so what many of them have in
/// common is one text, and what tells them apart are numbers.
public struct Receipt: Hashable, Sendable {
    /// What they have in common: a stream in a generation of the transport.
    public let scope: String
    /// Which entry of it this is.
    public let numbers: Pair

    /// Two numbers, as ids of entries often are.
    public struct Pair: Hashable, Sendable {
        /// The first.
        public let first: UInt64
        /// The second; 0 if there is one only.
        public let second: UInt64

        /// Both.
        public init(_ first: UInt64, _ second: UInt64 = 0) {
            self.first = first
            self.second = second
        }
    }

    /// An entry that has a text of its own.
    public init(_ text: String) { self.init(text, Pair(0)) }

    /// One of many entries of the same scope.
    public init(_ scope: String, _ numbers: Pair) {
        self.scope = scope
        self.numbers = numbers
    }

    /// By the numbers, if there are any: they differ, the text rarely does.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(numbers)
        if numbers == Pair(0) { hasher.combine(scope) }
    }
}

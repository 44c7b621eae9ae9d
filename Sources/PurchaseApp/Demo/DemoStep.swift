import PurchaseContracts
import SagaChoreography

/// One thing that happened to a demo's order: who did what because of what, and what it changed.
public struct DemoStep: Sendable, Hashable, Encodable {
    /// What began it.
    public enum Kind: String, Sendable, Encodable {
        /// A person asked for it; `trigger` is the command.
        case request
        /// A service reacted to the event `trigger`.
        case reaction
        /// A worker found a row that was due; `trigger` is the worker.
        case worker
    }

    /// From one state of a service's row for the order to another; `nil` before there was one.
    public struct Transition: Sendable, Hashable, Encodable {
        public let from: String?
        public let to: String
    }

    /// What the payment gateway was asked and what it said.
    public struct GatewayCall: Sendable, Hashable, Encodable {
        public enum Asked: String, Sendable, Encodable { case charge, refund }
        public enum Answer: String, Sendable, Encodable {
            case captured, declined, refunded, refused
            /// No answer: whether money moved is unknown.
            case none
        }

        public let asked: Asked
        /// Minor units.
        public let amount: Int64
        public let answer: Answer

        init(_ asked: Asked, _ amount: Int64, _ answer: Answer) {
            self.asked = asked
            self.amount = amount
            self.answer = answer
        }
    }

    /// Milliseconds of the story since the order was placed.
    public let at: Int64
    public let service: String
    public let kind: Kind
    public let trigger: String
    /// The id of the reaction that answered.
    public let reaction: String?
    public let disposition: Disposition
    /// Whether it gave back what an earlier step had taken, or made sure that a later one takes nothing.
    public let isCompensation: Bool
    public let transition: Transition?
    /// How much of what changed, in minor units or pieces.
    public let changes: [DemoQuantity: Int64]
    public let emitted: [String]
    /// Why it was refused.
    public let refusal: Refusal?
    /// What Orders still waits for, once the order's end is decided.
    public let waitsFor: [String]
    public let gatewayCalls: [GatewayCall]
    /// What the customer was told.
    public let messages: [String]

    /// The order is over and settled, and a service closes its row of it.
    public var isClosing: Bool { kind == .reaction && trigger == OrderSettled.type.name }
}

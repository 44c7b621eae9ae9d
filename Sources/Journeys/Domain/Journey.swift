import FoundationEssentials
import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// An order's saga, as far as it has come.
public struct Journey: Sendable {
    public let order: OrderView
    /// What services did, causes before their effects, else by time.
    public let reactions: [JourneyReaction]
    /// Its events, causes before their effects.
    public let steps: [JourneyStep]
    /// Where each service's row stands; one that never heard of the order is missing.
    public let states: [(service: ServiceID, row: SagaStates.Row)]
    /// Where the money is.
    public let money: MoneyPlace
    /// What it waits for.
    public let expected: [Expectation]
    /// Messages that a consumer could not handle.
    public let troubles: [SagaTrouble]
    public let verdict: JourneyVerdict
    /// Whether every reaction is known from its events; if not, some are told from the rows they left.
    public let isWhole: Bool
    /// When it was looked at.
    public let at: Timestamp
}

/// Where the money of an order is.
public enum MoneyPlace: String, Sendable, CaseIterable {
    /// In the wallet, untouched or given back.
    case available
    /// Set aside in the wallet.
    case held
    /// Set aside, and the gateway was asked.
    case atGateway = "at-gateway"
    /// Paid.
    case captured
}

/// What one service did because of one event, or of a request.
public struct JourneyReaction: Sendable, Hashable {
    /// How it ended.
    public enum Disposition: String, Sendable, CaseIterable {
        case applied, refused, ignored, waiting, retrying, parked
    }

    /// What is known of an event.
    public struct EventMark: Sendable, Hashable {
        /// `nil` if only a row tells of it.
        public let id: UUID?
        public let type: EventType
        public let time: Timestamp?
    }

    /// What it reacted to; `nil`: a request, a deadline or a worker.
    public let event: EventMark?
    public let consumer: ServiceID
    public let disposition: Disposition
    public let stateBefore: String?
    public let stateAfter: String?
    public let deltas: [JourneyDelta]
    /// How often it was tried, if it was tried more than once.
    public let attempts: Int?
    /// When it was committed, if it left anything that tells.
    public let committedAt: Timestamp?
    public let emitted: [EventMark]
}

/// What a reaction moved.
public struct JourneyDelta: Sendable, Hashable {
    /// A place where something can be.
    public enum Place: String, Sendable, CaseIterable {
        case walletAvailable = "wallet.available"
        case walletHeld = "wallet.held"
        case walletCaptured = "wallet.captured"
        case stockAvailable = "stock.available"
        case stockReserved = "stock.reserved"
        case stockSold = "stock.sold"
        case goodsReserved = "goods.reserved"
        case goodsOwned = "goods.owned"
        case couponAvailable = "coupon.available"
        case couponHeld = "coupon.held"
        case couponUsed = "coupon.used"
    }

    public let place: Place
    /// Of stock and goods: of which item.
    public let item: ItemID?
    /// Minor units of money, or pieces.
    public let amount: Int64
}

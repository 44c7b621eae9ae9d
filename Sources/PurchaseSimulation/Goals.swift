import SagaChoreography
import SagaTesting

/// What runs reached: each row of the table in docs/saga.md, each tombstone, each race. A simulation that never gets somewhere
/// proves nothing about it.
public struct Goals: Sendable, Hashable {
    /// How many runs reached each goal.
    public private(set) var runs: [String: Int] = [:]

    /// Nothing was reached yet.
    public init() {}

    /// Notes that this run reached a goal.
    public mutating func reach(_ goal: String) { runs[goal] = 1 }

    /// Adds what other runs reached.
    public mutating func add(_ other: Goals) { runs.merge(other.runs, uniquingKeysWith: +) }

    /// The goals that fewer than `least` runs reached.
    public func missing(_ least: Int = 1) -> [String] { Self.wanted.filter { (runs[$0] ?? 0) < least } }

    /// Every goal, see ``ShopWatch`` for how each is noticed.
    public static let wanted: [String] =
        reactions + states + races + refunds + notices
        + FaultKind.allCases.filter { $0 != .interleave }.map { "fault \($0.rawValue)" }
        + Topology.allCases.map { "topology \($0.rawValue)" }

    /// `service: event → disposition`.
    private static let reactions: [String] = [
        "orders: coupon.validated → applied", "orders: coupon.validated → duplicate",
        "orders: coupon.validated → ignored",
        "orders: coupon.validation.failed → applied", "orders: coupon.validation.failed → duplicate",
        "orders: user.validation.failed → applied", "orders: user.validation.failed → duplicate",
        "orders: inventory.reservation.failed → applied", "orders: inventory.reservation.failed → duplicate",
        "orders: item.reservation.failed → applied", "orders: item.reservation.failed → duplicate",
        "orders: payment.failed → applied", "orders: payment.failed → duplicate",
        "orders: item.reservation.cancel.requested → applied",
        "orders: payment.processed → applied", "orders: payment.processed → duplicate",
        "orders: payment.confirmed → applied", "orders: inventory.confirmed → applied",
        "orders: item.deducted → applied", "orders: coupon.used → applied",
        "orders: payment.rollback → applied", "orders: inventory.rollback → applied",
        "orders: item.restored → applied", "orders: coupon.released → applied",
        "coupons: coupon.validation.requested → applied", "coupons: coupon.validation.requested → refused",
        "coupons: coupon.validation.requested → duplicate", "coupons: coupon.validation.requested → ignored",
        "coupons: order.failed → applied", "coupons: order.cancelled → applied",
        "coupons: order.completed → applied", "coupons: order.settled → applied",
        "users: order.created → applied", "users: order.created → refused", "users: order.created → duplicate",
        "users: order.created → ignored",
        "users: inventory.reservation.failed → applied", "users: item.reservation.failed → applied",
        "users: payment.failed → applied", "users: order.failed → applied", "users: order.cancelled → applied",
        "users: payment.processed → applied", "users: payment.processed → duplicate",
        "users: order.settled → applied", "users: order.resync → applied",
        "inventory: payment.reserved → applied", "inventory: payment.reserved → refused",
        "inventory: payment.reserved → duplicate", "inventory: payment.reserved → ignored",
        "inventory: item.reservation.failed → applied", "inventory: payment.failed → applied",
        "inventory: order.failed → applied", "inventory: order.cancelled → applied",
        "inventory: payment.processed → applied", "inventory: payment.processed → duplicate",
        "inventory: order.settled → applied", "inventory: order.resync → applied",
        "items: inventory.reserved → applied", "items: inventory.reserved → refused",
        "items: inventory.reserved → duplicate", "items: inventory.reserved → ignored",
        "items: payment.failed → applied", "items: order.failed → applied", "items: order.cancelled → applied",
        "items: payment.processed → applied", "items: payment.processed → duplicate",
        "items: order.settled → applied", "items: order.resync → applied",
        "payments: item.reserved → applied", "payments: item.reserved → duplicate",
        "payments: item.reserved → ignored",
        "payments: order.cancel.requested → applied", "payments: order.cancel.requested → duplicate",
        "payments: order.cancel.requested → ignored", "payments: order.settled → applied",
        "payments: order.resync → applied",
        "notifications: order.completed → applied", "notifications: order.failed → applied",
        "notifications: order.cancelled → applied",
    ]

    /// Nothing in this system uses goods up, so inventory.return.refused is not among them.
    private static let refunds: [String] = [
        "inventory: order.refund.requested → applied", "inventory: order.refund.requested → duplicate",
        "payments: inventory.return.held → applied", "payments: inventory.return.held → duplicate",
        "inventory: payment.refunded → applied", "inventory: payment.refunded → duplicate",
        "items: payment.refunded → applied", "items: payment.refunded → duplicate",
        "users: payment.refunded → applied", "users: payment.refunded → duplicate",
        "inventory: payment.refund.refused → applied", "inventory: payment.refund.refused → duplicate",
        "orders: inventory.return.cancelled → applied", "orders: inventory.return.cancelled → duplicate",
        "orders: inventory.returned → applied", "orders: inventory.returned → duplicate",
        "orders: item.restocked → applied", "orders: item.restocked → duplicate",
        "orders: wallet.credited → applied", "orders: wallet.credited → duplicate",
        "notifications: order.refunded → applied",
        "orders: REFUNDED", "users: REFUNDED", "inventory: RETURNED", "items: RESTOCKED",
        "refund completed", "refund refused by the gateway", "refund completed after one that was refused",
        "refund completed after the gateway refused to give back for a cancellation", "refund of nothing paid",
        "refund whose outcome was unknown at first",
        "a refund asked for twice under one key", "a refund asked for while one is open",
        "a refund asked for after one that succeeded",
    ]

    /// What the gateway tells before its answer came is applied; what it tells later is known. That it keeps the money of an order that
    /// was to be cancelled is too seldom to be waited for.
    private static let notices: [String] =
        ["charge.captured", "charge.declined", "refund.succeeded of an order", "refund.refused of an order"]
        .flatMap { what in ["applied", "known", "duplicate"].map { "the gateway tells: \(what) → \($0)" } }
        + ["the gateway tells: refund.succeeded → applied", "the gateway tells: refund.succeeded → known"]

    /// `service: state`, at the end of a run.
    private static let states: [String] = [
        "orders: COMPLETED", "orders: FAILED", "orders: CANCELLED",
        "coupons: USED", "coupons: RELEASED", "coupons: REJECTED", "coupons: TOMB",
        "users: CAPTURED", "users: RELEASED", "users: REJECTED", "users: TOMB",
        "inventory: GRANTED", "inventory: RELEASED", "inventory: REJECTED", "inventory: TOMB",
        "items: SOLD", "items: RESTORED", "items: REJECTED", "items: TOMB",
        "payments: CAPTURED", "payments: DECLINED", "payments: REFUNDED", "payments: TOMB",
    ]

    private static let races: [String] = [
        "cause user", "cause admin", "cause deadline", "cause declined", "cause refused",
        "captured though cancelling was asked", "refunded because cancelling was asked",
        "refund refused: captured after all", "nothing to pay", "poisoned and undone", "retried",
        "replayed as it was, and parked again", "edited, replayed, and applied", "edited and replayed too late",
        "discarded", "what could not be read was found out",
        "one event handled by two processes at once", "the broker restarted with most of its data",
        "confirmation before payment.processed",
        "the same order placed twice at once",
    ]
}

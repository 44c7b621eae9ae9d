import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The answer to a placed order.
public struct Placement: Sendable, Hashable {
    public let order: OrderView
    /// The same request made this order before; nothing was changed now.
    public let isReplay: Bool
}

/// Places an order at the catalogue's prices and starts its saga.
///
/// Throws: ``OrdersRefusal``.
public struct PlaceOrder: Command {
    public static let id: ReactionID = "orders.place-order"

    let request: OrderRequest
    let actor: UserID
    let idempotency: IdempotencyRequest?
    let settings: OrderSettings

    /// - Parameters:
    ///   - actor: who orders: the user, or an admin on his behalf.
    ///   - idempotency: what makes a retry the same request; `nil` if the client gave no key.
    public init(request: OrderRequest, actor: UserID, idempotency: IdempotencyRequest?, settings: OrderSettings) {
        self.request = request
        self.actor = actor
        self.idempotency = idempotency
        self.settings = settings
    }

    public func execute(in step: SQLStep) throws
        -> Decision<Placement, Either<CouponValidationRequested, OrderCreated>>
    {
        let demand = try Demand(request.lines)
        let orders = OrderStore(step.transaction)
        let id = OrderID(step.ids.next())
        if let first = try replayed(id, in: step) {
            guard let order = try orders.order(first) else {
                throw SQLError(.shape, "an idempotency row names an order that does not exist")
            }
            return Decision(Placement(order: OrderView(order), isReplay: true))
        }

        let catalog = try CatalogStore(step.transaction).entries(of: demand.lines.map(\.itemID))
        let (lines, total) = try demand.priced(by: catalog)
        let facts = OrderFacts(
            id: id, userID: request.userID, lines: lines, total: total, discount: .zero, final: total,
            currency: settings.currency, coupon: request.coupon, orderedAt: step.now,
            deadline: step.now + settings.timeout, actor: actor)
        let state: OrderState = request.coupon == nil ? .processing : .pending
        try orders.insert(facts, as: state)

        let placed = OrderRecord(
            facts: facts,
            progress: OrderProgress(
                state: state, hasCoupon: request.coupon != nil, cancelCause: nil, marks: [], isSettled: false),
            updatedAt: step.now)
        return Decision(
            Placement(order: OrderView(placed), isReplay: false),
            emits: state == .pending
                ? .first(CouponValidationRequested(order: facts)) : .second(OrderCreated(order: facts)))
    }

    /// The order that this very request made before, if it did.
    private func replayed(_ id: OrderID, in step: SQLStep) throws -> OrderID? {
        guard let idempotency else { return nil }
        return try IdempotencyStore(step.transaction).claim(idempotency, for: id, at: step.now)
    }
}

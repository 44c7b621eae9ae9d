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

/// Places orders at the catalogue's prices and starts their sagas.
///
/// Throws: ``OrdersRefusal``.
public struct PlaceOrder: BatchCommand {
    public typealias Transaction = any SQLTransaction
    public typealias Outcome = Placement
    public typealias Emitted = Either<CouponValidationRequested, OrderCreated>

    public static let id: ReactionID = "orders.place-order"

    let orderID: OrderID?
    let request: OrderRequest
    let actor: UserID
    let idempotency: IdempotencyRequest?
    let settings: OrderSettings
    let intake: OrderIntake?

    /// - Parameters:
    ///   - orderID: a fresh id, for a caller that has to know it before; `nil` to have one made.
    ///   - actor: who orders: the user, or an admin on his behalf.
    ///   - idempotency: what makes a retry the same request; `nil` if the client gave no key.
    ///   - intake: says whether there is room for one more; `nil`: there always is.
    public init(
        orderID: OrderID? = nil, request: OrderRequest, actor: UserID, idempotency: IdempotencyRequest?,
        settings: OrderSettings, intake: OrderIntake? = nil
    ) {
        self.orderID = orderID
        self.request = request
        self.actor = actor
        self.idempotency = idempotency
        self.settings = settings
        self.intake = intake
    }

    public static func executeAll(
        _ commands: [PlaceOrder], in step: SQLStep
    ) throws -> [BatchAnswer<Outcome, Emitted>] {
        let wanted = Set(commands.flatMap { $0.request.lines.map(\.itemID) })
        let catalog = try CatalogStore(step.transaction).entries(of: wanted.sorted())
        var placed: [(facts: OrderFacts, state: OrderState)] = []
        let keys = IdempotencyStore(step.transaction)
        let known = try keys.claims(of: commands.compactMap(\.idempotency))
        var claims: [IdempotencyStore.Claim] = []
        let answers = try commands.map { command -> BatchAnswer<Outcome, Emitted> in
            do {
                if let key = command.idempotency {
                    // Two requests with one key in one batch: the second finds the first when that is committed.
                    if claims.contains(where: { $0.request.hasKey(of: key) }) { return .alone }
                    if let first = known.first(where: { $0.request.hasKey(of: key) }) {
                        guard first.request.bodyHash == key.bodyHash else { throw OrdersRefusal.idempotencyMismatch }
                        return .decided(try Self.replay(first.order, in: step))
                    }
                }
                let facts = try command.facts(command.orderID ?? OrderID(step.ids.next()), by: catalog, at: step.now)
                guard command.intake?.admit() != false else { throw OrdersRefusal.tooManyUnderWay }
                let state: OrderState = facts.coupon == nil ? .processing : .pending
                placed.append((facts, state))
                if let key = command.idempotency { claims.append(.init(request: key, order: facts.id)) }
                return .decided(Self.placement(of: facts, as: state))
            } catch let refusal as OrdersRefusal {
                return .refused(refusal)
            }
        }
        try keys.add(claims, at: step.now)
        try OrderStore(step.transaction).insert(placed)
        return answers
    }

    private func facts(
        _ id: OrderID, by catalog: [ItemID: CatalogEntry], at now: Timestamp
    ) throws(OrdersRefusal) -> OrderFacts {
        let (lines, total) = try Demand(request.lines).priced(by: catalog)
        return OrderFacts(
            id: id, userID: request.userID, lines: lines, total: total, discount: .zero, final: total,
            currency: settings.currency, coupon: request.coupon, orderedAt: now, deadline: now + settings.timeout,
            actor: actor)
    }

    private static func placement(of facts: OrderFacts, as state: OrderState) -> Decision<Outcome, Emitted> {
        let order = OrderRecord(
            facts: facts,
            progress: OrderProgress(
                state: state, hasCoupon: facts.coupon != nil, cancelCause: nil, marks: [], isSettled: false),
            updatedAt: facts.orderedAt)
        return Decision(
            Placement(order: OrderView(order), isReplay: false),
            emits: state == .pending
                ? .first(CouponValidationRequested(order: facts)) : .second(OrderCreated(order: facts)))
    }

    /// The order that this very request made before.
    private static func replay(_ id: OrderID, in step: SQLStep) throws -> Decision<Outcome, Emitted> {
        guard let order = try OrderStore(step.transaction).order(id) else {
            throw SQLError(.shape, "an idempotency row names an order that does not exist")
        }
        return Decision(Placement(order: OrderView(order), isReplay: true))
    }
}

import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Orders
import PurchaseContracts

/// Orders: placed, looked at, cancelled.
struct OrdersController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .post, "/orders", .orders, "Place an order", access: .subject,
                parameters: [.idempotencyKey, .prefer], body: OrderInput.schema,
                answers: [
                    .created(OrderBody.schema, headers: ["Location", "Idempotent-Replayed", "Preference-Applied"])
                ], problems: [404, 409], handler: place),
            Route(
                .get, "/orders/{id}", .orders, "One order", access: .ownerOfOrder, answers: [.ok(OrderBody.schema)],
                handler: order),
            Route(
                .get, "/orders/user/{userId}", .orders, "A user's orders, newest first, as a bare array",
                access: .owner(of: "userId"), parameters: ParameterDescription.page,
                answers: [.ok(.array(of: OrderBody.schema), headers: ["Link"])], handler: ordersOfUser),
            Route(
                .post, "/orders/{id}/cancel", .orders, "Cancel an order; waits up to 5 s for the outcome",
                access: .ownerOfOrder,
                answers: [.ok(OrderBody.schema, headers: ["Location"]), .accepted(OrderBody.schema)],
                problems: [409], handler: cancel),
            Route(
                .post, "/orders/{id}/refund", .orders,
                "Open the refund of a completed order; its end shows on the order",
                access: .role(.admin), parameters: [.idempotencyKey], body: InterventionReason.schema,
                answers: [.accepted(RefundBody.schema, headers: ["Location", "Idempotent-Replayed"])],
                problems: [409], handler: refund),
        ]
    }

    private static let cancelWait = Duration.seconds(5)

    @Sendable private func place(_ request: Request, _ context: APIContext) async throws -> Response {
        let identity = try context.requireIdentity()
        let key = try request.idempotencyKey()
        let body = try await request.json(in: context)
        let asked = try OrderInput.read(body.value)
        guard identity.stands(for: asked.userID) else {
            throw APIError.forbidden(identity, reason: "an order for another user")
        }
        let wait = Preferences(request.headers).wait
        let id = OrderID(api.ids.next())
        // Watched before it exists: whatever happens to it is heard of, so nothing has to be looked up before it ends.
        let changes = wait == nil ? nil : api.watch.changes(of: id.uuid)
        defer { changes?.end() }
        try await api.intake?.look(in: api.databases[OrdersParticipant.service], at: api.clock.now())
        let placement = try await api.placements.run(
            PlaceOrder(
                orderID: id, request: asked, actor: identity.userID,
                idempotency: key.map { key in
                    IdempotencyRequest(
                        subject: identity.userID, operation: "POST /orders", key: key,
                        bodyHash: Self.hash(of: body))
                },
                settings: OrderSettings(currency: api.settings.currency, timeout: api.settings.sagaTimeout),
                intake: api.intake))
        let order = placement.order
        var headers: HTTPFields = [.location: "/orders/\(order.id)"]
        if placement.isReplay { headers[.idempotentReplayed] = "true" }
        guard let wait, let changes else {
            return .json(OrderBody(placed: order), status: .created, headers: headers)
        }
        headers[.preferenceApplied] = "wait=\(wait)"
        let seen =
            placement.isReplay
            ? try await api.order(order.id, within: .seconds(wait)) { $0.isFinal }
            : try await api.order(order.id, after: changes, within: .seconds(wait)) { $0.isFinal }
        return .json(
            OrderBody(seen ?? order, in: Language(request.headers)), status: .created, headers: headers)
    }

    @Sendable private func order(_ request: Request, _ context: APIContext) async throws -> Response {
        let (order, _) = try await ownOrder(context)
        return .json(OrderBody(order, in: Language(request.headers)))
    }

    @Sendable private func ordersOfUser(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.pathID("userId", as: UserID.self)
        let page = try await UserOrders(api: api).page(of: user, request)
        let language = Language(request.headers)
        return try .json(
            page.elements.map { OrderBody($0, in: language) }, headers: page.links(path: request.uri.path))
    }

    @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        let (order, identity) = try await ownOrder(context)
        let isOwner = identity.userID == order.userID
        let answer = try await api.orders.run(
            CancelOrder(order: order.id, requestedBy: isOwner ? .user(identity.userID) : .admin(identity.userID)))
        switch answer {
        case .notFound: throw APIError(.notFound, .orderNotFound)
        case .tooLate: throw APIError(.conflict, .tooLateToCancel)
        case .requested, .undone: break
        }
        let seen = try await api.order(order.id, within: Self.cancelWait) { CancelOutcome($0) != .undecided }
        guard let seen else { throw APIError(.notFound, .orderNotFound) }
        let outcome = CancelOutcome(seen)
        guard outcome != .tooLate else { throw APIError(.conflict, .tooLateToCancel) }
        let language = Language(request.headers)
        var body = OrderBody(seen, in: language)
        let wording = outcome == .cancelled ? "done.order-cancelled" : "done.cancel-asked"
        body.message = Catalogue.wording(of: wording, in: language).detail([:])
        return .json(
            body, status: outcome == .cancelled ? .ok : .accepted, headers: [.location: "/orders/\(order.id)"])
    }

    @Sendable private func refund(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: OrderID.self)
        let key = try request.idempotencyKey()
        let body = try await request.json(in: context)
        let reason = try InterventionReason.read(body.value)
        let answer = try await api.orders.run(
            OpenRefund(
                order: id, reason: reason, actor: admin,
                idempotency: key.map { key in
                    // A key belongs to its operation on one order: the same body may refund another.
                    IdempotencyRequest(
                        subject: admin, operation: "POST /orders/\(id)/refund", key: key, bodyHash: Self.hash(of: body))
                }))
        var headers: HTTPFields = [.location: "/orders/\(id)"]
        let refund: RefundView
        switch answer {
        case .notFound: throw APIError(.notFound, .orderNotFound)
        case .notCompleted: throw APIError(.conflict, .orderNotCompleted)
        case .alreadyOpen: throw APIError(.conflict, .refundOpen)
        case .opened(let opened): refund = opened
        case .replay(let first):
            headers[.idempotentReplayed] = "true"
            refund = first
        }
        let language = Language(request.headers)
        var answered = RefundBody(refund, in: language)
        answered.reason = refund.reason
        // Of one that is over by now the answer says how it ended.
        if refund.state == .open {
            answered.message = Catalogue.wording(of: "done.refund-opened", in: language).detail([:])
        }
        return try .json(answered, status: .accepted, headers: headers)
    }

    private static func hash(of body: JSONBody) -> String { SHA256.hash(data: body.bytes).map { $0.hex }.joined() }

    /// The order of the path, if it is the caller's or the caller is an admin; else as if there were none.
    private func ownOrder(_ context: APIContext) async throws -> (OrderView, Identity) {
        let id = try context.pathID("id", as: OrderID.self)
        guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
        return (order, try context.requireSelf(order.userID, orNotFound: .orderNotFound))
    }
}

/// What became of a wish to cancel.
enum CancelOutcome: Equatable {
    case cancelled, tooLate, undecided

    init(_ order: OrderView) {
        switch order.shown {
        case .cancelled: self = .cancelled
        // An admin's cancel ends in FAILED, with the cause that tells it from a failure.
        case .failed: self = order.cause == .admin ? .cancelled : .tooLate
        case .confirmed, .completed, .refunded: self = .tooLate
        case .pending, .processing: self = .undecided
        }
    }
}

extension UInt8 {
    /// Two lower-case digits.
    fileprivate var hex: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}

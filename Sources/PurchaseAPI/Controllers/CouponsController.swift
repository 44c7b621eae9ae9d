import Coupons
import HTTPTypes
import Hummingbird
import Items
import Orders
import PurchaseContracts
import Users

/// A user's coupons: taken, looked at, tried on a would-be order.
struct CouponsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .post, "/coupons/{id}/claim", .coupons, "Take a coupon: one a user and coupon", access: .user,
                parameters: [.idempotencyKey],
                answers: [.created(UserCouponBody.schema, headers: ["Idempotent-Replayed"])], problems: [409],
                handler: claim),
            Route(
                .post, "/coupons/claim", .coupons, "Take a coupon by its code, in whatever case", access: .user,
                parameters: [.idempotencyKey], body: CouponClaimInput.schema,
                answers: [.created(UserCouponBody.schema, headers: ["Idempotent-Replayed"])],
                problems: [404, 409], handler: claimByCode),
            Route(
                .get, "/coupons/my-coupons", .coupons, "The caller's coupons, soonest to expire first",
                access: .user, parameters: [Self.status.description] + ParameterDescription.page,
                answers: [.ok(UserCouponListBody.schema)], handler: mine),
            Route(
                .post, "/coupons/applicable", .coupons,
                "What each of the caller's coupons would do for an order, best first", access: .user,
                body: WouldBeOrderInput.schema, answers: [.ok(ApplicableCouponsBody.schema)], problems: [404, 409],
                handler: applicable),
            Route(
                .post, "/coupons/preview", .coupons, "What one coupon would do for an order; changes nothing",
                access: .user, body: CouponPreviewInput.schema, answers: [.ok(CouponQuoteBody.schema)],
                problems: [404, 409], handler: preview),
            Route(
                .get, "/coupons/history", .coupons, "What the caller used on which order, newest first",
                access: .user, parameters: ParameterDescription.page, answers: [.ok(CouponHistoryBody.schema)],
                handler: history),
        ]
    }

    private static let status = QueryField<UserCouponStatus>.choice("status", "Only coupons of this status.")

    @Sendable private func claim(_ request: Request, _ context: APIContext) async throws -> Response {
        try await claim(.coupon(try context.pathID("id", as: CouponID.self)), request, context)
    }

    @Sendable private func claimByCode(_ request: Request, _ context: APIContext) async throws -> Response {
        try await claim(.code(try CouponClaimInput.read(try await request.json(in: context).value)), request, context)
    }

    private func claim(_ choice: ClaimCoupon.Choice, _ request: Request, _ context: APIContext) async throws -> Response
    {
        let key = try request.idempotencyKey()
        let user = try context.requireIdentity().userID
        // A token may outlive its account, and copies are limited.
        switch try await api.databases[UsersParticipant.service].read({
            try UserDirectoryQueries($0).standing(of: [user])[user]
        }) {
        case nil: throw APIError(.notFound, ProblemCode(.userNotFound))
        case false?: throw APIError(.conflict, ProblemCode(.userInactive))
        case true?: break
        }
        let claim = try await api.coupons.run(ClaimCoupon(choice, user: user, key: key))
        let copy = claim.copy
        guard
            let coupon = try await api.databases[CouponsParticipant.service].read({
                try CouponQueries($0).coupon(copy.couponID)
            })
        else {
            throw APIError(.notFound, ProblemCode(.couponNotFound))
        }
        return try .json(
            UserCouponBody(copy, of: coupon, at: api.clock.now(), in: api.settings.currency), status: .created,
            headers: claim.isRepeat ? [.idempotentReplayed: "true"] : [:])
    }

    @Sendable private func mine(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.requireIdentity().userID
        let list = "coupons/\(user)"
        let status = try Self.status.value(in: request)
        let asked = try PageRequest(request, of: list, cursors: api.cursors)
        let now = api.clock.now()
        let found = try await api.databases[CouponsParticipant.service].read { transaction in
            try CouponQueries(transaction).ownedCoupons(
                of: user, status: status, at: now, after: asked.after.map { UserCouponID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: list, cursors: api.cursors) { $0.copy.id.uuid }
        return try .json(
            UserCouponListBody(
                coupons: page.elements.map {
                    UserCouponBody($0.copy, of: $0.coupon, at: now, in: api.settings.currency)
                }, next: page.next))
    }

    @Sendable private func applicable(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.requireIdentity().userID
        let lines = try WouldBeOrderInput.read(try await request.json(in: context).value)
        let now = api.clock.now()
        let order = try await api.databases[ItemsParticipant.service].read { try WouldBeOrder(lines, in: $0) }
        let quotes = try await api.databases[CouponsParticipant.service].read {
            try CouponQueries($0).applicable(to: order, of: user, at: now)
        }
        let language = Language(request.headers)
        return try .json(
            ApplicableCouponsBody(
                totalAmount: order.total.minorUnits, currency: api.settings.currency.code,
                coupons: quotes.map { CouponQuoteBody($0, on: order, in: api.settings.currency, language) }))
    }

    @Sendable private func preview(_ request: Request, _ context: APIContext) async throws -> Response {
        let identity = try context.requireIdentity()
        let user = identity.userID
        let asked = try CouponPreviewInput.read(try await request.json(in: context).value)
        let now = api.clock.now()
        let order = try await api.databases[ItemsParticipant.service].read { try WouldBeOrder(asked.lines, in: $0) }
        let quote = try await api.databases[CouponsParticipant.service].read {
            try CouponQueries($0).preview(asked.choice, of: user, on: order, at: now)
        }
        guard let quote else {
            if case .owned(let id) = asked.choice,
                try await api.databases[CouponsParticipant.service].read({ try CouponQueries($0).userCoupon(id) })
                    != nil
            {
                throw APIError.notFound(
                    ProblemCode(.couponNotFound), refusing: identity, reason: "another user's coupon")
            }
            throw APIError(.notFound, ProblemCode(.couponNotFound))
        }
        return try .json(
            CouponQuoteBody(quote, on: order, in: api.settings.currency, Language(request.headers)))
    }

    @Sendable private func history(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.requireIdentity().userID
        let list = "coupon-history/\(user)"
        let asked = try PageRequest(request, of: list, cursors: api.cursors)
        let found = try await api.databases[CouponsParticipant.service].read { transaction in
            try CouponQueries(transaction).history(
                of: user, before: asked.after.map { OrderID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: list, cursors: api.cursors) { $0.orderID.uuid }
        return try .json(
            CouponHistoryBody(
                uses: page.elements.map { .init($0, in: api.settings.currency) }, next: page.next))
    }
}

import Coupons
import Hummingbird
import PurchaseContracts

/// Coupons as an admin makes and watches them.
struct AdminCouponsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        let admin = Access.role(.admin)
        return [
            Route(
                .post, "/admin/coupons", .coupons, "Create a coupon", access: admin, body: NewCoupon.schema,
                answers: [.created(CouponBody.schema)], problems: [409], handler: create),
            Route(
                .get, "/admin/coupons", .coupons, "Coupons, newest first", access: admin,
                parameters: [Self.active.description, Self.code.description] + ParameterDescription.page,
                answers: [.ok(CouponListBody.schema)], handler: list),
            Route(
                .get, "/admin/coupons/statistics", .coupons, "How all coupons fare, and which are used most",
                access: admin, parameters: [Self.days.description],
                answers: [.ok(AllCouponsStatisticsBody.schema)], handler: allStatistics),
            Route(
                .get, "/admin/coupons/{id}", .coupons, "One coupon", access: admin,
                answers: [.ok(CouponBody.schema)], handler: coupon),
            Route(
                .patch, "/admin/coupons/{id}", .coupons,
                "Change a coupon; what it takes off only as long as nobody has it", access: admin,
                body: CouponPatch.schema, answers: [.ok(CouponBody.schema)], problems: [409], handler: change),
            Route(
                .delete, "/admin/coupons/{id}", .coupons, "Switch a coupon off; it is kept, as are its copies",
                access: admin, answers: [.ok(CouponBody.schema)], handler: deactivate),
            Route(
                .get, "/admin/coupons/{id}/statistics", .coupons, "How a coupon fares", access: admin,
                parameters: [Self.days.description], answers: [.ok(CouponStatisticsBody.schema)],
                handler: statistics),
        ]
    }

    private static let active = QueryField<Bool>.bool("active", "Only coupons that are switched on, or off.")
    private static let code = QueryField<String>.text(
        "code", maximum: 64, "Only the coupon with this code, in whatever case.")
    private static let days = QueryField<Int64>.integer(
        "days", in: 1...366, "How many days are told one by one, today included; 30 if not given.")
    private static let cursorScope = "admin/coupons"
    private static let mostUsedCount = 10

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.require(.admin)
        let command = try NewCoupon.read(try await request.json(in: context).value, actor: admin.userID)
        let coupon = try await api.coupons.run(command)
        return try .json(
            CouponBody(coupon, in: api.settings.currency), status: .created,
            headers: [.location: "/admin/coupons/\(coupon.id)"])
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let isActive = try Self.active.value(in: request)
        let code = try Self.code.value(in: request)
        let asked = try PageRequest(request, of: Self.cursorScope, cursors: api.cursors)
        let found = try await api.databases[CouponsParticipant.service].read { transaction in
            try CouponQueries(transaction).coupons(
                isActive: isActive, code: code, before: asked.after.map { CouponID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: Self.cursorScope, cursors: api.cursors) { $0.id.uuid }
        return try .json(
            CouponListBody(
                coupons: page.elements.map { CouponBody($0, in: api.settings.currency) }, next: page.next))
    }

    @Sendable private func coupon(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(CouponBody(try await found(context), in: api.settings.currency))
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.require(.admin)
        let id = try context.pathID("id", as: CouponID.self)
        let change = try CouponPatch.read(try await request.json(in: context).value)
        let coupon = try await api.coupons.run(ChangeCoupon(coupon: id, change: change, actor: admin.userID))
        return try .json(CouponBody(coupon, in: api.settings.currency))
    }

    @Sendable private func deactivate(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.require(.admin)
        let id = try context.pathID("id", as: CouponID.self)
        let coupon = try await api.coupons.run(SetCouponActive(coupon: id, isActive: false, actor: admin.userID))
        return try .json(CouponBody(coupon, in: api.settings.currency))
    }

    @Sendable private func statistics(_ request: Request, _ context: APIContext) async throws -> Response {
        let coupon = try await found(context)
        let days = try Self.days.value(in: request) ?? 30
        let now = api.clock.now()
        let statistics = try await api.databases[CouponsParticipant.service].read {
            try CouponQueries($0).statistics(of: coupon.id, days: days, at: now)
        }
        return try .json(CouponStatisticsBody(statistics, of: coupon, in: api.settings.currency))
    }

    @Sendable private func allStatistics(_ request: Request, _ context: APIContext) async throws -> Response {
        let days = try Self.days.value(in: request) ?? 30
        let now = api.clock.now()
        let (statistics, mostUsed) = try await api.databases[CouponsParticipant.service].read { transaction in
            let queries = CouponQueries(transaction)
            return (
                try queries.statistics(days: days, at: now), try queries.mostUsed(limit: Self.mostUsedCount, at: now)
            )
        }
        return try .json(AllCouponsStatisticsBody(statistics, mostUsed, in: api.settings.currency))
    }

    private func found(_ context: APIContext) async throws -> Coupon {
        let id = try context.pathID("id", as: CouponID.self)
        guard
            let coupon = try await api.databases[CouponsParticipant.service].read({ try CouponQueries($0).coupon(id) })
        else {
            throw APIError(.notFound, ProblemCode(.couponNotFound))
        }
        return coupon
    }
}

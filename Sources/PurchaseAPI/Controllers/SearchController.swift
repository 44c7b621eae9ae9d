import Audit
import Coupons
import FoundationEssentials
import Hummingbird
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaSQL
import Users

/// Finds what an operator has a word or an id of.
struct SearchController: Sendable {
    let api: APIDependencies

    /// Of each kind.
    private static let most = 20
    /// Items that are looked through by name: there is no index of their names.
    private static let itemWindow = 10_000
    private static let query = QueryField.text(
        "q", maximum: 100,
        "An id of an order, user, item, coupon or event, or how a user's or an item's name begins, or a coupon's code.")

    var routes: [Route] {
        [
            Route(
                .get, "/admin/search", .administration, "Find an order, user, item, coupon or event",
                access: .role(.admin),
                parameters: [Self.query.description], answers: [.ok(SearchBody.schema)], handler: search)
        ]
    }

    @Sendable private func search(_ request: Request, _ context: APIContext) async throws -> Response {
        let text = (try Self.query.value(in: request) ?? "").trimmingCharacters(in: .whitespaces)
        // No name has a NUL, and PostgreSQL takes none.
        guard !text.isEmpty else { return try .json(SearchBody(hits: [])) }
        var hits: [SearchHit] = []
        for place in api.databases.places {
            hits += try await place.database.read { transaction in
                if let id = UUID(uuidString: text) { return try Self.hits(of: id, in: place, transaction) }
                return try Self.hits(named: text, in: place, transaction)
            }
        }
        return try .json(SearchBody(hits: hits))
    }

    private static func hits(
        of id: UUID, in place: ServiceDatabases.Place, _ transaction: any SQLTransaction
    ) throws -> [SearchHit] {
        var hits: [SearchHit] = []
        if place.has(OrdersParticipant.service), let order = try OrderQueries(transaction).order(OrderID(id)) {
            hits.append(.init(.order, id, name: order.shown.rawValue, href: "/orders/\(order.id)/journey"))
        }
        if place.has(UsersParticipant.service), let user = try UserQueries(transaction).user(UserID(id)) {
            hits.append(.init(.user, id, name: user.name, href: "/admin/users/\(user.id)"))
        }
        if place.has(ItemsParticipant.service), let item = try ItemQueries(transaction).item(ItemID(id)) {
            hits.append(.init(.item, id, name: item.name, href: "/items/\(item.id)"))
        }
        if place.has(CouponsParticipant.service), let coupon = try CouponQueries(transaction).coupon(CouponID(id)) {
            hits.append(.init(.coupon, id, name: coupon.rule.code, href: "/admin/coupons/\(coupon.id)"))
        }
        if place.has(AuditParticipant.service), let event = try AuditQueries(transaction).entry(of: id) {
            let order = event.correlationID.map { "/orders/\($0.uuidString.lowercased())/journey" }
            hits.append(.init(.event, id, name: event.action, href: order))
        }
        return hits
    }

    private static func hits(
        named text: String, in place: ServiceDatabases.Place, _ transaction: any SQLTransaction
    ) throws -> [SearchHit] {
        var hits: [SearchHit] = []
        if place.has(UsersParticipant.service) {
            hits += try UserQueries(transaction).users(named: text, limit: most).map { user in
                SearchHit(.user, user.id.uuid, name: user.name, href: "/admin/users/\(user.id)")
            }
        }
        if place.has(ItemsParticipant.service) {
            hits += try ItemQueries(transaction).items(named: text, limit: most, window: itemWindow).map { item in
                SearchHit(.item, item.id.uuid, name: item.name, href: "/items/\(item.id)")
            }
        }
        if place.has(CouponsParticipant.service),
            let coupon = try CouponQueries(transaction).coupon(code: text.lowercased())
        {
            hits.append(.init(.coupon, coupon.id.uuid, name: coupon.rule.code, href: "/admin/coupons/\(coupon.id)"))
        }
        return hits
    }
}

/// The answer to GET /admin/search.
struct SearchBody: Described {
    static let schema = Schema.object("SearchResult", [.required("hits", .array(of: SearchHit.schema))])

    let hits: [SearchHit]
}

/// Something that was found.
struct SearchHit: Described {
    enum Kind: String, CaseIterable { case order, user, item, coupon, event }

    static let schema = Schema.object(
        "SearchHit",
        [
            .required("kind", .choice(Kind.self)), .required("id", .id), .optional("name", .string),
            .optional("href", .string),
        ])

    let kind: String
    let id: String
    /// Its name, code, status or type.
    let name: String?
    /// Where the API tells more.
    let href: String?

    init(_ kind: Kind, _ id: UUID, name: String?, href: String?) {
        self.kind = kind.rawValue
        self.id = id.uuidString.lowercased()
        self.name = name
        self.href = href
    }
}

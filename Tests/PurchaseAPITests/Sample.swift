import HTTPTypes
import PurchaseContracts
import SagaTesting
import Testing
import Users
import WebhookSigning

@testable import PurchaseAPI

/// What there is when a route is tried: a user with money, items, and what the sample asks for.
struct Shop: Sendable {
    let user: UserID
    private(set) var userToken: String
    let admin: UserID
    let adminToken: String
    let items: [String]
    /// An order of the user's; empty unless the sample wants one.
    var order = ""
    /// Empty unless the sample wants one.
    var category = ""
    /// Of an order under way; empty unless the sample wants one.
    var reservation = ""
    /// A coupon of the code TEN and an issue of it to everyone; empty unless the sample wants them.
    var coupon = ""
    var issueJob = ""
    /// Of the audit trail; empty unless the sample wants one.
    var hold = ""
    /// One that its consumer cannot read, with the data that it should have; one that nobody handles; empty unless the sample wants
    /// them.
    var deadLetter = ""
    var eventData = ""
    var idleDeadLetter = ""
    /// A replay of the first; empty unless the sample wants it.
    var operation = ""

    init(_ api: APIHarness, for sample: Sample) async throws {
        let data = try await api.testData()
        let found = try await api.database.read { try UserQueries($0).user(named: "admin")?.id }
        guard let user = UserID(data.user), let admin = found else { throw NotThere() }
        self.user = user
        self.admin = admin
        userToken = data.userToken
        adminToken = data.adminToken
        items = data.items
        switch sample.needs {
        case .nothing: break
        case .order:
            order = try await api.send(.post, "/orders", token: userToken, data.order(1)).text("id")
        case .endedOrder:
            order = try await api.send(.post, "/orders", token: userToken, data.order(1)).text("id")
            try await api.run()
        case .category:
            category = try await api.send(.post, "/categories", token: adminToken, #"{"name":"swords"}"#).text("id")
        case .reservation: reservation = try await api.reservation(data)
        case .newcomer:
            let newcomer = #"{"name":"newcomer","password":"correct horse"}"#
            userToken = try await api.send(.post, "/auth/register", newcomer).text("token")
        case .coupon: coupon = try await api.coupon(adminToken)
        case .deadLetter: try await park(api, data)
        case .operation:
            try await park(api, data)
            operation = try await api.send(
                .post, "/admin/dead-letters/\(deadLetter)/replay", token: adminToken, #"{"reason":"again"}"#
            ).text("id")
        case .hold:
            let asked = #"{"reason":"a court asks","resource":"order"}"#
            hold = try await api.send(.post, "/admin/audit/holds", token: adminToken, asked).text("id")
        case .issueJob:
            coupon = try await api.coupon(adminToken)
            issueJob = try await api.send(
                .post, "/admin/coupons/\(coupon)/issue", token: adminToken, #"{"everyone":true}"#
            ).text("id")
        }
    }

    struct NotThere: Error {}
}

/// A request that the right caller is answered with success.
struct Sample: Sendable {
    enum Needs: Sendable {
        case nothing, newcomer, category, reservation, order, endedOrder, coupon, issueJob, hold, deadLetter, operation
    }

    let path: @Sendable (Shop) -> String
    let body: @Sendable (Shop) -> String?
    var needs = Needs.nothing
    var headers: HTTPFields = [:]

    static func fixed(_ path: String) -> Sample { Sample(path: { _ in path }, body: { _ in nil }) }

    static func at(
        _ path: @escaping @Sendable (Shop) -> String, needs: Needs = .nothing,
        body: @escaping @Sendable (Shop) -> String? = { _ in nil }
    ) -> Sample {
        Sample(path: path, body: body, needs: needs)
    }

    /// By method and path.
    static let all: [String: Sample] = [system, items, stock, orders, access, coupons, audit, interventions].reduce(
        into: [:]) {
            $0.merge($1) { _, new in new }
        }

    private static let system: [String: Sample] = [
        "GET /": fixed("/"),
        "GET /graph.json": fixed("/graph.json"),
        "GET /admin/sagas": fixed("/admin/sagas"),
        "GET /admin/search": fixed("/admin/search?q=test"),
        "GET /admin/services": fixed("/admin/services"),
        "GET /admin/stream": fixed("/admin/stream"),
        "GET /admin/stream/rates": fixed("/admin/stream/rates"),
        "GET /health/live": fixed("/health/live"),
        "GET /health/ready": fixed("/health/ready"),
        "GET /openapi.json": fixed("/openapi.json"),
        "GET /docs": fixed("/docs"),
        "GET /docs/docs.css": fixed("/docs/docs.css"),
        "GET /docs/docs.js": fixed("/docs/docs.js"),
        "POST /setup-test-data": fixed("/setup-test-data"),
    ]

    private static let items: [String: Sample] = [
        "GET /items": fixed("/items"),
        "POST /items": at({ _ in "/items" }, body: { _ in #"{"name":"x","price":1,"stock":1}"# }),
        "GET /items/{id}": at { "/items/\($0.items[0])" },
        "GET /items/{id}/stock": at { "/items/\($0.items[0])/stock" },
        "POST /items/{id}/stock": at(
            { "/items/\($0.items[0])/stock" }, body: { _ in #"{"newStock":7,"reason":"counted"}"# }),
    ]

    /// An event that means nothing here.
    private static var webhook: Sample {
        let body = #"{"id":"e","type":"payout.paid"}"#
        let signature = WebhookSignature(secret: APIHarness.webhookSecret).header(
            over: Array(body.utf8), at: ManualClock().now())
        return Sample(
            path: { _ in "/webhooks/payments" }, body: { _ in body },
            headers: [.init(WebhookSignature.headerName)!: signature])
    }

    private static let orders: [String: Sample] = [
        "POST /orders": at(
            { _ in "/orders" }, body: { #"{"userId":"\#($0.user)","itemId":"\#($0.items[0])","quantity":1}"# }),
        "GET /orders/{id}": at({ "/orders/\($0.order)" }, needs: .order),
        "GET /orders/{id}/events": at({ "/orders/\($0.order)/events" }, needs: .order),
        "GET /orders/{id}/journey": at({ "/orders/\($0.order)/journey" }, needs: .order),
        "GET /orders/user/{userId}": at { "/orders/user/\($0.user)" },
        "POST /orders/{id}/cancel": at({ "/orders/\($0.order)/cancel" }, needs: .order),
        "POST /orders/{id}/refund": at(
            { "/orders/\($0.order)/refund" }, needs: .endedOrder, body: { _ in #"{"reason":"broken"}"# }),
        "POST /webhooks/payments": webhook,
        "GET /payments/{orderId}": at({ "/payments/\($0.order)" }, needs: .endedOrder),
        "GET /user/{id}/balance": at { "/user/\($0.user)/balance" },
        "GET /user/{id}/inventory": at { "/user/\($0.user)/inventory" },
        "GET /user/{id}/orders": at { "/user/\($0.user)/orders" },
    ]
}

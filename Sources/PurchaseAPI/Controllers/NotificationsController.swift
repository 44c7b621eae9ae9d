import Hummingbird
import Notifications
import Orders
import PurchaseContracts

/// What users were told.
struct NotificationsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/orders/{id}/notifications", .orders, "What was sent about an order, by which channel, when",
                access: .ownerOfOrder, answers: [.ok(.array(of: NotificationBody.schema))], handler: notifications)
        ]
    }

    @Sendable private func notifications(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: OrderID.self)
        guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
        try context.requireSelf(order.userID, orNotFound: .orderNotFound)
        let found = try await api.database.read { try NotificationQueries($0).notifications(of: id) }
        return try .json(found.map(NotificationBody.init))
    }
}

/// A message about an order as it is answered.
struct NotificationBody: Described {
    static let schema = Schema.object(
        "Notification",
        [
            .required("id", .id), .required("channel", .string),
            .required("template", .choice(NotificationTemplate.self)),
            .required("status", .choice(NotificationState.self)), .required("failedAttempts", .count),
            .required("createdAt", .time), .optional("sentAt", .time),
        ])

    /// The same for every attempt to send it.
    let id: String
    let channel: String
    let template: String
    let status: String
    let failedAttempts: Int
    let createdAt: String
    let sentAt: String?

    init(_ view: NotificationView) {
        id = view.message.id.uuidString.lowercased()
        channel = view.message.channel
        template = view.message.template.rawValue
        status = view.state.rawValue
        failedAttempts = view.message.attempts
        createdAt = view.createdAt.description
        sentAt = view.sentAt?.description
    }
}

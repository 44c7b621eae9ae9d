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
                access: .ownerOfOrder, answers: [.ok(.array(of: NotificationBody.schema))], handler: notifications),
            Route(
                .get, "/admin/notifications", .administration, "Notifications that were given up, newest first",
                access: .role(.admin), parameters: ParameterDescription.page,
                answers: [.ok(ParkedNotificationsBody.schema)], handler: parked),
        ]
    }

    @Sendable private func notifications(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: OrderID.self)
        guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
        try context.requireSelf(order.userID, orNotFound: .orderNotFound)
        let found = try await api.databases[NotificationsParticipant.service].read {
            try NotificationQueries($0).notifications(of: id)
        }
        return try .json(found.map(NotificationBody.init))
    }

    @Sendable private func parked(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let found = try await api.databases[NotificationsParticipant.service].read {
            try NotificationQueries($0).parked(before: asked.after, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: Self.list, cursors: api.cursors) { $0.message.id }
        return try .json(
            ParkedNotificationsBody(
                notifications: page.elements.map(ParkedNotificationsBody.Entry.init), next: page.next))
    }

    private static let list = "admin/notifications"
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
        createdAt = view.message.createdAt.description
        sentAt = view.sentAt?.description
    }
}

/// The answer to GET /admin/notifications.
struct ParkedNotificationsBody: Described {
    static let schema = Schema.object(
        "ParkedNotifications",
        [
            .required(
                "notifications",
                .array(
                    of: .object(
                        "ParkedNotification",
                        [
                            .required("id", .id), .required("channel", .string), .optional("orderId", .id),
                            .required("userId", .id), .required("template", .choice(NotificationTemplate.self)),
                            .required("failedAttempts", .count), .required("reason", .string),
                            .required("createdAt", .time),
                        ]))),
            .optional("next", .string),
        ])

    struct Entry: Encodable {
        let id: String
        let channel: String
        /// Missing if it is about no order.
        let orderId: String?
        let userId: String
        let template: String
        let failedAttempts: Int
        /// Why the last attempt failed, without personal data.
        let reason: String
        let createdAt: String

        init(_ view: NotificationView) {
            id = view.message.id.uuidString.lowercased()
            channel = view.message.channel
            orderId = view.message.orderID?.description
            userId = view.message.userID.description
            template = view.message.template.rawValue
            failedAttempts = view.message.attempts
            reason = view.lastError ?? ""
            createdAt = view.message.createdAt.description
        }
    }

    let notifications: [Entry]
    /// The cursor of the next page; missing on the last.
    let next: String?
}

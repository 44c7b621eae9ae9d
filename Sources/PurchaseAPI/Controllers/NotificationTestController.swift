import Hummingbird
import Notifications
import PurchaseContracts

/// Whether messages arrive: an administrator sends himself one.
struct NotificationTestController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .post, "/admin/notifications/test", .administration,
                "Send yourself a test by each channel and see what became of it", access: .role(.admin),
                answers: [.ok(NotificationTestBody.schema)], problems: [409], handler: test)
        ]
    }

    @Sendable private func test(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        guard !api.notifiers.isEmpty else { throw APIError(.conflict, .notificationsOff) }
        let id = api.ids.next()
        let results = try await TestSending(by: api.notifiers).send(
            to: admin, id: id, at: api.clock.now())
        try await api.notifications.run(RecordTestSending(id, results, actor: admin))
        return try .json(
            NotificationTestBody(
                id: id.uuidString.lowercased(), isSent: results.allSatisfy { $0.outcome == .sent },
                channels: results.map(NotificationTestBody.Channel.init)))
    }
}

/// The answer to POST /admin/notifications/test.
struct NotificationTestBody: Described {
    static let schema = Schema.object(
        "NotificationTest",
        [
            .required("id", .id), .required("sent", .bool),
            .required(
                "channels",
                .array(
                    of: .object(
                        "NotificationTestChannel",
                        [
                            .required("channel", .string), .required("outcome", .choice(TestSending.Outcome.self)),
                            .optional("reason", .string),
                        ]))),
        ])

    struct Channel: Encodable {
        let channel: String
        let outcome: String
        /// Why it was not sent, without personal data or secrets.
        let reason: String?

        init(_ result: TestSending.Result) {
            channel = result.channel
            outcome = result.outcome.rawValue
            reason = result.reason
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, channels
        case isSent = "sent"
    }

    /// The message's, the same on every channel.
    let id: String
    /// Whether every channel took it.
    let isSent: Bool
    let channels: [Channel]
}

extension ProblemCode {
    /// No channel is configured, so there is nothing to try.
    static let notificationsOff: Self = "notifications.off"
}

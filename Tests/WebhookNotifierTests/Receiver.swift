import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SagaTesting
import Synchronization
import WebhookNotifier
import WebhookSigning

@testable import Notifications

/// A program that listens for webhooks, on a port of its own.
final class Receiver: Sendable {
    static let secret = "whsec_of_the_tests_0123456789"

    /// One request as it came.
    struct Call: Sendable {
        let id: String?
        let signature: String?
        let contentType: String?
        let traceparent: String?
        let body: [UInt8]
    }

    private struct State {
        var calls: [Call] = []
        var answers: [Response] = []
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }

    /// What the next requests are answered, in this order; 204 afterwards.
    func answer(_ responses: Response...) { state.withLock { $0.answers += responses } }

    /// Runs `body` with a receiver that listens and what tells it.
    static func run(
        timeout: Duration = .seconds(30), language: NotificationLanguage = .korean,
        _ body: @escaping @Sendable (Receiver, WebhookNotifier, ManualClock) async throws -> Void
    ) async throws {
        let receiver = Receiver()
        let application = Application(
            router: receiver.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await application.test(.live) { client in
            guard let port = client.port else { throw NotListening() }
            let clock = ManualClock()
            let notifier = WebhookNotifier(
                .init(url: "http://127.0.0.1:\(port)/hook?shop=1", secret: secret, timeout: timeout),
                language: language, clock: clock, random: SeededRandom(seed: 1))
            do {
                try await body(receiver, notifier, clock)
            } catch {
                try await notifier.close()
                throw error
            }
            try await notifier.close()
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.post("/hook") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 1 << 20)
            let call = Call(
                id: request.headers[.init("Webhook-Id")!], signature: request.headers[.init("Webhook-Signature")!],
                contentType: request.headers[.contentType],
                traceparent: request.headers[.init("traceparent")!], body: Array(bytes.readableBytesView))
            return self.state.withLock { state in
                state.calls.append(call)
                return state.answers.isEmpty ? Response(status: .noContent) : state.answers.removeFirst()
            }
        }
        return router
    }
}

struct NotListening: Error {}

/// What a sending failed with; `nil` if it did not.
func failure(_ send: () async throws -> Void) async throws -> SendingFailure? {
    do {
        try await send()
        return nil
    } catch let failure as SendingFailure {
        return failure
    }
}

import AsyncHTTPClient
import Crypto
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Something that happened, as it is told.
struct GatewayEvent: Encodable, Sendable {
    let id: String
    let type: String
    let createdAt: Date
    /// The idempotency key of the charge.
    let key: String
    let reference: String?
    let amount: Int64
    let currency: String
    let orderReference: String
    let reason: String?

    init(_ type: String, _ charge: Charge, reason: String?) {
        id = "evt_\(UUID().uuidString.lowercased())"
        self.type = type
        createdAt = Date()
        key = charge.key
        reference = charge.reference
        amount = charge.amount
        currency = charge.currency
        orderReference = charge.orderReference
        self.reason = reason
    }
}

/// Tells events until they are taken, signed, with a pause between the attempts.
final class WebhookSender: Service {
    private let webhook: Settings.Webhook
    private let logger: Logger
    private let events: AsyncStream<Data>
    private let queue: AsyncStream<Data>.Continuation
    private let url: Mutex<String?>
    /// Everything that was ever told, to be told again.
    private let told = Mutex<[Data]>([])

    private static let attempts = 20

    init(_ webhook: Settings.Webhook, logger: Logger) {
        self.webhook = webhook
        self.logger = logger
        url = Mutex(webhook.url)
        (events, queue) = AsyncStream.makeStream()
    }

    /// From now on events go there, those that wait as well.
    func move(to url: String) { self.url.withLock { $0 = url } }

    func tell(_ event: GatewayEvent) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .sortedKeys
        let body = try encoder.encode(event)
        told.withLock { $0.append(body) }
        for _ in 0..<webhook.copies { queue.yield(body) }
    }

    /// - Returns: how many events are told again.
    func tellAgain() -> Int {
        let all = told.withLock { $0 }
        for body in all { queue.yield(body) }
        return all.count
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await body in events.cancelOnGracefulShutdown() {
                group.addTask { await self.deliver(body) }
            }
            group.cancelAll()
        }
    }

    private func deliver(_ body: Data) async {
        var pause = Duration.milliseconds(200)
        for _ in 0..<Self.attempts {
            do {
                if try await post(body) { return }
                try await Task.sleep(for: pause)
            } catch is CancellationError {
                return
            } catch {
                logger.info("a webhook did not get through", metadata: ["error": "\(error)"])
                do { try await Task.sleep(for: pause) } catch { return }
            }
            pause = min(pause * 2, .seconds(5))
        }
        logger.warning("a webhook was given up")
    }

    private func post(_ body: Data) async throws -> Bool {
        guard let url = url.withLock({ $0 }) else { return false }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(
            name: "Webhook-Signature", value: Self.signature(of: body, secret: webhook.secret, at: Date()))
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        _ = try await response.body.collect(upTo: 64 * 1024)
        return (200..<300).contains(response.status.code)
    }

    /// `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">`.
    static func signature(of body: Data, secret: String, at time: Date) -> String {
        let seconds = Int64(time.timeIntervalSince1970)
        var code = HMAC<SHA256>(key: SymmetricKey(data: Data(secret.utf8)))
        code.update(data: Data("\(seconds).".utf8))
        code.update(data: body)
        let hex = code.finalize().map { String(format: "%02x", $0) }.joined()
        return "t=\(seconds),v1=\(hex)"
    }
}

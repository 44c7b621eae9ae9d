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
    /// That of the refund, if it is about one.
    let refundKey: String?
    let reference: String?
    let amount: Int64
    let currency: String
    let orderReference: String
    let reason: String?

    init(_ type: String, _ charge: Charge, refund: Refund? = nil, reason: String?) {
        refundKey = refund?.key
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
    private let events: AsyncStream<Telling>
    private let queue: AsyncStream<Telling>.Continuation
    private let url: Mutex<String?>
    /// Everything that was ever told, to be told again.
    private let told = Mutex<[Telling]>([])

    /// What is told, and the trace of the request that it follows from.
    private struct Telling: Sendable {
        let body: Data
        let traceparent: String?
    }

    private static let attempts = 20

    init(_ webhook: Settings.Webhook, logger: Logger) {
        self.webhook = webhook
        self.logger = logger
        url = Mutex(webhook.url)
        (events, queue) = AsyncStream.makeStream()
    }

    /// From now on events go there, those that wait as well.
    func move(to url: String) { self.url.withLock { $0 = url } }

    /// - Parameter traceparent: as the request carried it that this follows from.
    func tell(_ event: GatewayEvent, traceparent: String?) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .sortedKeys
        let telling = Telling(body: try encoder.encode(event), traceparent: traceparent)
        told.withLock { $0.append(telling) }
        for _ in 0..<webhook.copies { queue.yield(telling) }
    }

    /// - Returns: how many events are told again.
    func tellAgain() -> Int {
        let all = told.withLock { $0 }
        for telling in all { queue.yield(telling) }
        return all.count
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await telling in events.cancelOnGracefulShutdown() {
                group.addTask { await self.deliver(telling) }
            }
            group.cancelAll()
        }
    }

    private func deliver(_ telling: Telling) async {
        var pause = Duration.milliseconds(200)
        for _ in 0..<Self.attempts {
            do {
                if try await post(telling) { return }
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

    private func post(_ telling: Telling) async throws -> Bool {
        guard let url = url.withLock({ $0 }) else { return false }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(
            name: "Webhook-Signature", value: Self.signature(of: telling.body, secret: webhook.secret, at: Date()))
        if let traceparent = telling.traceparent.flatMap(Self.continuing) {
            request.headers.add(name: "traceparent", value: traceparent)
        }
        request.body = .bytes(ByteBuffer(bytes: telling.body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        _ = try await response.body.collect(upTo: 64 * 1024)
        return (200..<300).contains(response.status.code)
    }

    /// The same trace (W3C Trace Context, version 00) with a span of its own; `nil` if it is none.
    static func continuing(_ traceparent: String) -> String? {
        guard let match = traceparent.wholeMatch(of: /(00-[0-9a-f]{32}-)[0-9a-f]{16}(-[0-9a-f]{2})/) else { return nil }
        return "\(match.output.1)\(String(format: "%016lx", UInt.random(in: 1 ... .max)))\(match.output.2)"
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

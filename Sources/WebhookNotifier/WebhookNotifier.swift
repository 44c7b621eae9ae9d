import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import Notifications
import PurchaseContracts
import SagaChoreography
import WebhookSigning

/// Tells another program of each message, signed, so that it can reach the user in ways of its own, such as SMS or push.
public final class WebhookNotifier: Notifier {
    /// Where messages are posted, and how they are known to come from here.
    public struct Settings: Sendable {
        /// With `https://` or `http://`.
        public var url: String
        public var secret: String
        /// From the first attempt to connect to the last byte of the answer.
        public var timeout: Duration

        public init(url: String, secret: String, timeout: Duration = .seconds(5)) {
            self.url = url
            self.secret = secret
            self.timeout = timeout
        }
    }

    /// The header with the message's id: the same for every attempt.
    public static let idHeader = "Webhook-Id"

    public let channel = "webhook"
    public var longestSending: Duration { settings.timeout }

    private let settings: Settings
    private let signature: WebhookSignature
    private let text: NotificationText
    private let clock: any SagaClock
    private let random: any RandomSource
    private let report: @Sendable (SendingFailure) -> Void
    private let client: HTTPClient

    /// More of an answer is not read.
    private static let longestAnswer = 64 * 1024

    /// - Parameters:
    ///   - clock: when a message was signed.
    ///   - random: numbers each request as a piece of its trace.
    ///   - report: told of each failure.
    public init(
        _ settings: Settings, language: NotificationLanguage, clock: any SagaClock, random: any RandomSource,
        report: @escaping @Sendable (SendingFailure) -> Void = { _ in }
    ) {
        self.settings = settings
        signature = WebhookSignature(secret: settings.secret)
        text = NotificationText(language)
        self.clock = clock
        self.random = random
        self.report = report
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,  // What is signed is for this address and no other.
            timeout: .init(connect: .milliseconds(max(1, settings.timeout.wholeMilliseconds))))
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// - Throws: ``SendingFailure``; `CancellationError`.
    public func send(_ message: NotificationMessage) async throws {
        let body = try WebhookPayload(message, text).json()
        do {
            if let failure = try await inTime({ try await self.post(body, id: message.id) }).failure { throw failure }
        } catch let error where error is CancellationError || (error as? HTTPClientError) == .cancelled {
            throw CancellationError()
        } catch let failure as SendingFailure {
            report(failure)
            throw failure
        } catch {
            let failure = SendingFailure(.transient(retryAfter: nil), Self.words(for: error))
            report(failure)
            throw failure
        }
    }

    /// Closes the connections; to be called once, after the last message.
    ///
    /// - Throws: the client's error if it is called again.
    public func close() async throws { try await client.shutdown() }

    /// The client's own limit ends with the answer's head.
    private func inTime(_ exchange: @escaping @Sendable () async throws -> WebhookAnswer) async throws -> WebhookAnswer
    {
        try await withThrowingTaskGroup(of: WebhookAnswer.self) { group in
            group.addTask(operation: exchange)
            group.addTask {
                try await Task.sleep(for: self.settings.timeout)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw HTTPClientError.cancelled }
            return answer
        }
    }

    private func post(_ body: [UInt8], id: UUID) async throws -> WebhookAnswer {
        var request = HTTPClientRequest(url: settings.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: TraceContext.headerName, value: TraceContext.outgoing(random).traceparent)
        request.headers.add(name: Self.idHeader, value: id.uuidString.lowercased())
        request.headers.add(
            name: WebhookSignature.headerName, value: signature.header(over: body, at: clock.now()))
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await client.execute(
            request, timeout: .milliseconds(max(1, settings.timeout.wholeMilliseconds)))
        let answer = WebhookAnswer(
            status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"))
        // The connection can be used again once the body is read; what it says does not matter.
        do {
            _ = try await response.body.collect(upTo: Self.longestAnswer)
        } catch is NIOTooManyBytesError {}
        return answer
    }

    /// The kind of error is enough; its text may name what was sent.
    private static func words(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout: "nobody answers"
            case .deadlineExceeded, .readTimeout: "no answer in time"
            default: "the connection broke: \(error.shortDescription)"
            }
        case is NIOConnectionError: "the address cannot be reached"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nobody listens there"
        default: "the connection broke: \(type(of: error))"
        }
    }
}

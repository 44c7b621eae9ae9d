import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Exchanges over HTTP connections that are kept and used again.
public final class HTTPClientTransport: GatewayTransport {
    private let url: String
    private let authorization: String
    private let secret: [UInt8]
    private let timeout: Duration
    private let client: HTTPClient

    /// No answer that means something is longer.
    private static let longestAnswer = 64 * 1024

    /// - Parameters:
    ///   - url: what paths are appended to, without a slash at its end.
    ///   - apiKey: sent as a bearer token and never shown.
    ///   - timeout: from the first attempt to connect to the last byte of the answer.
    public init(url: String, apiKey: String, timeout: Duration) {
        self.url = url
        authorization = "Bearer \(apiKey)"
        secret = Array(apiKey.utf8)
        self.timeout = timeout
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,  // The key is for this address and no other.
            timeout: .init(connect: .milliseconds(timeout.milliseconds)))
        // Whether and when to ask again is decided where the outcome is known to be open.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections; to be called once, after the last exchange.
    ///
    /// - Throws: the client's error if it is called again.
    public func shutdown() async throws { try await client.shutdown() }

    public func exchange(_ request: GatewayRequest) async throws(ExchangeFailure) -> GatewayReply {
        do {
            return try await withThrowingTaskGroup(of: GatewayReply.self) { group in
                group.addTask { try await self.send(request) }
                group.addTask {
                    try await Task.sleep(for: self.timeout)
                    throw ExchangeFailure.timedOut
                }
                defer { group.cancelAll() }
                guard let reply = try await group.next() else { throw ExchangeFailure.broken("no answer") }
                return reply
            }
        } catch is CancellationError {
            throw .abandoned
        } catch let failure as ExchangeFailure {
            throw failure
        } catch let error as HTTPClientError {
            throw Self.failure(error)
        } catch is NIOTooManyBytesError {
            throw .tooLong
        } catch is NIOConnectionError {
            throw .notConnected("the address cannot be reached")
        } catch let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode) {
            throw .notConnected("nobody listens there")
        } catch {
            // The kind of error is enough; its text may name what was sent.
            throw .broken("\(type(of: error))")
        }
    }

    private func send(_ request: GatewayRequest) async throws -> GatewayReply {
        var message = HTTPClientRequest(url: url + request.path)
        message.method = request.method == .get ? .GET : .POST
        message.headers.add(name: "Authorization", value: authorization)
        message.headers.add(name: "Accept", value: "application/json")
        if let traceparent = request.traceparent { message.headers.add(name: "traceparent", value: traceparent) }
        if let key = request.idempotencyKey { message.headers.add(name: "Idempotency-Key", value: key) }
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(message, timeout: .milliseconds(timeout.milliseconds))
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        // What the gateway says ends up in rows and logs; should it repeat the key, that goes no further.
        let shown = Data(body.readableBytesView).replacing(secret, with: Array("***".utf8))
        return GatewayReply(status: Int(response.status.code), body: shown)
    }

    private static func failure(_ error: HTTPClientError) -> ExchangeFailure {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: .notConnected("nobody answers")
        case .deadlineExceeded, .readTimeout: .timedOut
        case .cancelled: .abandoned
        default: .broken(error.shortDescription)
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least one.
    fileprivate var milliseconds: Int64 {
        max(1, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

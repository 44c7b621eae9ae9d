import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Listens for webhooks on a free port of 127.0.0.1.
final class WebhookListener: Sendable {
    /// What a webhook said.
    struct Call: Decodable, Sendable {
        let id: String
        /// `nil` if it is about no order.
        let orderId: String?
        let subject: String
        let text: String
    }

    /// What came, and what it is answered.
    fileprivate final class Log: Sendable {
        private let state = Mutex((calls: [Call](), status: HTTPResponseStatus.noContent))

        var calls: [Call] { state.withLock { $0.calls } }
        func answer(_ status: HTTPResponseStatus) { state.withLock { $0.status = status } }

        /// - Returns: the answer.
        func take(_ body: Data) -> HTTPResponseStatus {
            guard let call = try? JSONDecoder().decode(Call.self, from: body) else { return .badRequest }
            return state.withLock { state in
                state.calls.append(call)
                return state.status
            }
        }
    }

    let url: String
    private let channel: any Channel
    private let log: Log

    var calls: [Call] { log.calls }

    static func start() async throws -> WebhookListener {
        let log = Log()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(WebhookHandler(log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return WebhookListener(channel, log)
    }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/hook"
    }

    /// What calls are answered from now on.
    func answer(_ status: Int) { log.answer(HTTPResponseStatus(statusCode: status)) }

    func close() async throws { try await channel.close() }
}

private final class WebhookHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: WebhookListener.Log
    private var body = Data()

    init(_ log: WebhookListener.Log) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body = Data()
        case .body(let part): body += Data(part.readableBytesView)
        case .end:
            let head = HTTPResponseHead(version: .http1_1, status: log.take(body), headers: ["Content-Length": "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

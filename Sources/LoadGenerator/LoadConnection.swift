import NIOCore
import NIOHTTP1

/// One keep-alive connection: one request at a time.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    private let host: String
    private let ended: (LoadConnection, Result<Answer, any Error>) -> Void
    private let closed: (LoadConnection) -> Void
    private var context: ChannelHandlerContext?
    private var status = 0
    private var body: [UInt8] = []
    private var isBusy = false

    /// - Parameters:
    ///   - ended: called once for each ``send(_:)``.
    ///   - closed: called when the other side closed the connection.
    init(
        host: String, ended: @escaping (LoadConnection, Result<Answer, any Error>) -> Void,
        closed: @escaping (LoadConnection) -> Void
    ) {
        self.host = host
        self.ended = ended
        self.closed = closed
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ request: LoadRequest) {
        guard let context else { return end(.failure(ConnectionClosed())) }
        isBusy = true
        var headers = HTTPHeaders([("host", host)] + request.headers.map { ($0.name, $0.value) })
        if let body = request.body { headers.add(name: "content-length", value: String(body.count)) }
        let head = HTTPRequestHead(
            version: .http1_1, method: .RAW(value: request.method), uri: request.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = request.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func close() { context?.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            body.removeAll(keepingCapacity: true)
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end: end(.success(Answer(status: status, body: body)))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(ConnectionClosed()))
        closed(self)
    }

    private func end(_ result: Result<Answer, any Error>) {
        guard isBusy else { return }
        isBusy = false
        ended(self, result)
    }
}

/// The server closed the connection before it answered.
struct ConnectionClosed: Error, CustomStringConvertible {
    var description: String { "connection closed" }
}

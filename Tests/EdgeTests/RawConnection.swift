import NIOCore
import NIOPosix
import ProcessDriver
import Testing

/// What came back on a connection of its own.
struct RawReply: Sendable {
    let text: String
    /// Whether the server hung up before the patience ended.
    let isClosed: Bool
    let duration: Duration
    let end: NIODeadline

    /// The status codes of every answer, in order.
    var statuses: [Int] {
        text.matches(of: #/HTTP\/1\.1 (\d{3}) /#).compactMap { Int($0.output.1) }
    }
}

/// Bytes on a socket, as no well-behaved client would send them.
///
/// It all happens on an event loop: the tasks of a busy test run may wait for seconds until they go on, and would themselves be
/// the slow client that a server hangs up on.
final class RawConnection: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct State {
        var next = 0
        var text = ""
        var begin = NIODeadline.now()
        var isDone = false
    }

    private let pieces: [String]
    private let pause: TimeAmount
    private let patience: TimeAmount
    private let staysOpen: Bool
    private let reply: EventLoopPromise<RawReply>
    private let state: NIOLoopBoundBox<State>

    private init(
        _ pieces: [String], _ pause: Duration, _ patience: Duration, staysOpen: Bool, on loop: any EventLoop
    ) {
        self.pieces = pieces
        self.pause = TimeAmount(pause)
        self.patience = TimeAmount(patience)
        self.staysOpen = staysOpen
        reply = loop.makePromise()
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Sends the pieces with pauses between them, and reads until the server hangs up or `patience` ends.
    ///
    /// - Parameter staysOpen: go on sending after the server has said that it will send nothing more, until it refuses to
    ///   listen.
    static func exchange(
        _ server: Server, _ pieces: [String], every pause: Duration = .zero, patience: Duration = .seconds(20),
        staysOpen: Bool = false
    ) async throws -> RawReply {
        try await begin(server, pieces, every: pause, patience: patience, staysOpen: staysOpen).get()
    }

    /// The same, returning as soon as the connection is open.
    static func begin(
        _ server: Server, _ pieces: [String], every pause: Duration = .zero, patience: Duration = .seconds(20),
        staysOpen: Bool = false
    ) async throws -> EventLoopFuture<RawReply> {
        let port = try Int(#require(server.url.split(separator: ":").last)) ?? 0
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = RawConnection(pieces, pause, patience, staysOpen: staysOpen, on: loop)
        do {
            _ = try await ClientBootstrap(group: loop).channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { $0.pipeline.addHandler(connection) }.connect(host: "127.0.0.1", port: port).get()
        } catch {
            connection.reply.fail(error)
        }
        return connection.reply.futureResult
    }

    func channelActive(context: ChannelHandlerContext) {
        state.value.begin = .now()
        context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            self.finish(context, isClosed: false)
        }
        send(context)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard !state.value.isDone, state.value.next < pieces.count else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: pieces[state.value.next])), promise: nil)
        state.value.next += 1
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.send(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.value.text += String(buffer: unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent, !staysOpen else { return }
        finish(context, isClosed: true)
    }

    func channelInactive(context: ChannelHandlerContext) { finish(context, isClosed: true) }

    /// The server may reset a connection that is written to after it hung up: that is an end as well.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(context, isClosed: true) }

    private func finish(_ context: ChannelHandlerContext, isClosed: Bool) {
        guard !state.value.isDone else { return }
        state.value.isDone = true
        let end = NIODeadline.now()
        let duration = Duration(end - state.value.begin)
        reply.succeed(RawReply(text: state.value.text, isClosed: isClosed, duration: duration, end: end))
        context.close(promise: nil)
    }
}

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Holds one connection to its limits (``ConnectionLimits``). What breaks them is answered with a problem, as soon as it is that
/// answer's turn, and the connection is closed: after broken framing nobody can tell where the next request begins.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Wait { case header, body }

    private let limits: ConnectionLimits
    private let isSecured: Bool
    private var hasHeard = false
    private var context: ChannelHandlerContext?
    private var state = ExchangeState()
    /// The request being read; `nil` between two, and while its header is not whole.
    private var request: HTTPRequest?
    private var refusal: APIError?
    /// Whether the request that was read last asked for the connection to be closed.
    private var isLast = false
    private var isClosing = false
    private var line = RequestLine()
    private var partsOfRead = 0
    private var wait: (kind: Wait, timer: Scheduled<Void>)?
    private var readerTimer: Scheduled<Void>?
    /// When a connection that was hung up on is closed at the latest.
    private var endTimer: Scheduled<Void>?

    /// - Parameter isSecured: whether TLS is around the connection.
    init(_ limits: ConnectionLimits, isSecured: Bool = false) {
        self.limits = limits
        self.isSecured = isSecured
    }

    /// What a request line holds beside path and query: the method, the version, what is between and after them.
    private static let lineOverhead = 32

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { startWaiting(.header) }
    }

    func channelActive(context: ChannelHandlerContext) {
        startWaiting(.header)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopWaiting()
        readerTimer?.cancel()
        endTimer?.cancel()
        self.context = nil
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readerTimer?.cancel()
        readerTimer = context.channel.isWritable ? nil : after(limits.readerTime) { $0.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: What comes in

    var takesBytes: Bool { refusal == nil && !isClosing && !(isLast && !state.isReading) }

    func willParse(_ bytes: ByteBuffer) {
        partsOfRead = 0
        hasHeard = true
        if !state.isReading { line.take(bytes.readableBytesView) }
    }

    func didParse() {
        guard refusal == nil, !isClosing else { return }
        if state.isReading {
            if wait?.kind != .body { startWaiting(.body) }
        } else if partsOfRead == 0, wait == nil {
            startWaiting(.header)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        partsOfRead += 1
        switch unwrapInboundIn(data) {
        case .head(let head):
            stopWaiting()
            request = head
            if let problem = problem(of: head) { return refuse(problem) }
            isLast = Self.asksToClose(head)
            state.requestBegan()
        case .body(let bytes):
            state.bodyCame(bytes.readableBytes)
            guard state.bodyBytes <= limits.bodyBytes else {
                return refuse(APIError(.contentTooLarge, .tooLarge))
            }
        case .end:
            stopWaiting()
            request = nil
            line = RequestLine()
            state.requestEnded()
        }
        context.fireChannelRead(data)
    }

    private func problem(of head: HTTPRequest) -> APIError? {
        if (head.path ?? "").utf8.count > limits.uriBytes { return APIError(.uriTooLong, .uriTooLong) }
        if let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
            return APIError(.contentTooLarge, .tooLarge)
        }
        return nil
    }

    /// What is thrown away is thrown away here; whoever holds back reading further in does not hear of it.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isClosing { context.read() }
        context.fireChannelReadComplete()
    }

    private static func asksToClose(_ head: HTTPRequest) -> Bool {
        head.headerFields[values: .connection].contains { value in
            value.split(separator: ",").contains { $0.filter { !$0.isWhitespace }.lowercased() == "close" }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // Something came behind the request that was to be the last: nobody waits for an answer to it.
        case HTTPParserError.closedConnection where isLast: return
        case HTTPParserError.headerOverflow:
            let isLine = line.bytes > limits.uriBytes + Self.lineOverhead
            refuse(
                isLine
                    ? APIError(.uriTooLong, .uriTooLong) : APIError(.requestHeaderFieldsTooLarge, .headerTooLarge))
        case is HTTPParserError, is HTTP1TypeConversionError:
            refuse(APIError(.badRequest, .malformedRequest))
        default:
            context.fireErrorCaught(error)
        }
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The refusal was the last answer. Whoever still works on another one is not told, so that he does not hang up before
        // the client has read it.
        guard !isClosing else {
            promise?.succeed()
            return
        }
        let part = unwrapOutboundIn(data)
        if case .head = part { state.answerBegan() }
        context.write(data, promise: promise)
        guard case .end = part else { return }
        state.answerEnded()
        if refusal != nil {
            answerIfItsTurn()
        } else if isLast, state.isAnswered {
            hangUp(context)
        }
    }

    /// The server itself says that nothing more will come, after the answer to a request that asked it to.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output, !isClosing else { return context.close(mode: mode, promise: promise) }
        hangUp(context, promise)
    }

    // MARK: Refusing

    private func refuse(_ problem: APIError) {
        guard refusal == nil else { return }
        refusal = problem
        stopWaiting()
        answerIfItsTurn()
    }

    private func answerIfItsTurn() {
        guard let context, let refusal, !isClosing else { return }
        switch state.turn {
        case .later: return
        case .never: hangUp(context)
        case .now:
            let answer = EdgeAnswer(refusal, to: request)
            context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
            if let body = answer.body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
            hangUp(context)
        }
    }

    /// Says that nothing more will come, and reads on for a moment: bytes that nobody reads would make the system reset the
    /// connection, and the client might never see the answer. After that moment it is closed, whatever the client does.
    private func hangUp(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>? = nil) {
        isClosing = true
        stopWaiting()
        context.flush()
        let halfClosed = context.eventLoop.makePromise(of: Void.self)
        if let promise { halfClosed.futureResult.cascade(to: promise) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // What was written before goes out first, at the client's pace.
        closeAfter(limits.readerTime)
        halfClosed.futureResult.whenComplete { result in
            switch result {
            case .success: bound.value.closeAfter(bound.value.limits.lingerTime)
            case .failure: bound.value.context?.close(promise: nil)
            }
        }
        context.close(mode: .output, promise: halfClosed)
        context.read()
    }

    private func closeAfter(_ time: Duration) {
        endTimer?.cancel()
        endTimer = after(time) { $0.close(promise: nil) }
    }

    // MARK: Time

    private func startWaiting(_ kind: Wait) {
        stopWaiting()
        let time = kind == .header ? limits.headerTime : limits.bodyTime
        let timer = after(time) { [weak self] context in
            guard let self else { return }
            wait = nil
            // Silence may mean that there has been no handshake: then nothing can be answered.
            guard hasHeard || !isSecured else { return context.close(promise: nil) }
            refuse(APIError(.requestTimeout, .tooSlow))
        }
        if let timer { wait = (kind, timer) }
    }

    private func stopWaiting() {
        wait?.timer.cancel()
        wait = nil
    }

    private func after(_ time: Duration, _ act: @escaping (ChannelHandlerContext) -> Void) -> Scheduled<Void>? {
        guard let context else { return nil }
        return context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [weak self] in
            if let context = self?.context { act(context) }
        }
    }
}

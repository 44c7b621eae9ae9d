import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A client's connection and the one that stands for it at the server.
final class ProxiedLink: Sendable {
    private enum Mode { case flowing, deaf, silent, losingAnswer }

    private let client: any Channel
    private let server: any Channel
    private let mode = Mutex(Mode.flowing)

    init(_ client: any Channel, _ server: any Channel) {
        self.client = client
        self.server = server
    }

    func swallow() { mode.withLock { $0 = .silent } }
    func swallowAnswers() { mode.withLock { if $0 == .flowing { $0 = .deaf } } }
    func loseAnswer() { mode.withLock { if $0 == .flowing { $0 = .losingAnswer } } }

    /// Ends both connections as a router without memory of them would: by RST.
    func reset() {
        mode.withLock { $0 = .silent }
        for channel in [client, server] {
            guard let socket = channel as? any SocketOptionProvider else {
                channel.close(promise: nil)
                continue
            }
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func request(_ bytes: ByteBuffer) {
        guard mode.withLock({ $0 }) != .silent else { return }
        server.writeAndFlush(bytes, promise: nil)
    }

    func answer(_ bytes: ByteBuffer) {
        switch mode.withLock({ $0 }) {
        case .flowing: client.writeAndFlush(bytes, promise: nil)
        case .deaf, .silent: break
        case .losingAnswer: reset()
        }
    }
}

/// The connections of this moment, and whether the next answer to COMMIT is to be lost.
final class ProxiedLinks: Sendable {
    private struct State {
        var links: [ObjectIdentifier: ProxiedLink] = [:]
        var unanswered: StaticString?
        var armed = 0
        var lost = 0
        var toSpoil: [(stream: StaticString, count: Int)] = []
        var spoiled = 0
    }

    private let state = Mutex(State())

    var all: [ProxiedLink] { state.withLock { Array($0.links.values) } }
    var lost: Int { state.withLock { $0.lost } }

    func add(_ link: ProxiedLink) { state.withLock { $0.links[ObjectIdentifier(link)] = link } }
    func remove(_ link: ProxiedLink) { state.withLock { _ = $0.links.removeValue(forKey: ObjectIdentifier(link)) } }

    func loseNextAnswer(to request: StaticString) { state.withLock { $0.unanswered = request } }

    /// Whether the answer to this request is to be lost.
    func takeUnanswered(_ bytes: ByteBuffer) -> Bool {
        state.withLock { state in
            guard let request = state.unanswered, bytes.holds(request) else { return false }
            state.unanswered = nil
            return true
        }
    }

    var spoiled: Int { state.withLock { $0.spoiled } }
    func spoilNext(_ count: Int, to stream: StaticString) { state.withLock { $0.toSpoil.append((stream, count)) } }

    /// Takes the fields of an entry of a stream, if one is to lose them and this request has a whole one. Nothing gets longer or shorter.
    func spoil(_ bytes: inout ByteBuffer) {
        state.withLock { state in
            for index in state.toSpoil.indices where state.toSpoil[index].count > 0 {
                guard let stream = bytes.offset(of: state.toSpoil[index].stream),
                    let field = bytes.offset(of: "\r\ndata\r\n", from: stream),
                    let start = bytes.offset(of: "{\"", from: field),
                    let order = bytes.offset(of: "\"order\":", from: start),
                    // A name alone may stand before another stream's entry.
                    bytes.offset(of: "XADD", from: stream).map({ order < $0 }) ?? true
                else { continue }
                let isStillJSON = state.spoiled.isMultiple(of: 2)
                bytes.setInteger(
                    isStillJSON ? UInt8(ascii: "0") : UInt8(ascii: "["),
                    at: bytes.readerIndex + (isStillJSON ? order + 1 : start))
                state.toSpoil[index].count -= 1
                state.spoiled += 1
            }
        }
    }

    var isArmed: Bool { state.withLock { $0.armed > 0 } }
    func arm() { state.withLock { $0.armed += 1 } }

    /// Whether the answer to this COMMIT is one to be lost.
    func takeCommit() -> Bool {
        state.withLock { state in
            guard state.armed > 0 else { return false }
            state.armed -= 1
            state.lost += 1
            return true
        }
    }
}

/// What a client sends.
final class Requests: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: ProxiedLink
    private let links: ProxiedLinks
    private var isChanging = false

    init(_ link: ProxiedLink, _ links: ProxiedLinks) {
        self.link = link
        self.links = links
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        links.spoil(&bytes)
        if links.isArmed {
            if bytes.holds("READ WRITE\0") { isChanging = true }
            // With the zero that ends a statement, or its name: BEGIN speaks of READ COMMITTED. Both of them: it is only being prepared.
            if isChanging, bytes.holds("COMMIT\0"), !bytes.holds("COMMIT\0COMMIT\0"), links.takeCommit() {
                link.loseAnswer()
            }
        } else {
            isChanging = false
        }
        if links.takeUnanswered(bytes) { link.swallowAnswers() }
        link.request(bytes)
    }

    func channelInactive(context: ChannelHandlerContext) { link.reset() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { link.reset() }
}

/// What the server answers.
final class Answers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: ProxiedLink

    init(_ link: ProxiedLink) { self.link = link }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { link.answer(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { link.reset() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { link.reset() }
}

extension ByteBuffer {
    /// By the C library's means: debug builds, too, have to be fast here.
    fileprivate func holds(_ text: StaticString) -> Bool { offset(of: text) != nil }

    /// Where a text begins, counted from the reader's index.
    fileprivate func offset(of text: StaticString, from first: Int = 0) -> Int? {
        let length = text.utf8CodeUnitCount
        return withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            var offset = first
            while offset + length <= bytes.count,
                let found = memchr(start + offset, Int32(text.utf8Start[0]), bytes.count - offset - length + 1)
            {
                let place = UnsafeRawPointer(found) - start
                if memcmp(found, text.utf8Start, length) == 0 { return place }
                offset = place + 1
            }
            return nil
        }
    }
}

import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import PurchaseAPI

/// One connection without a network; time moves only when told to.
private final class Wire {
    let channel = EmbeddedChannel()

    init() throws {
        let limits = ConnectionLimits()
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = limits.headerFields
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteWatch())
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(ConnectionGuard(limits))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// The paths of the requests that came through since the last call.
    func requests() throws -> [String] {
        var paths: [String] = []
        while let part = try channel.readInbound(as: HTTPRequestPart.self) {
            if case .head(let head) = part { paths.append(head.path ?? "") }
        }
        return paths
    }

    func answer(_ text: String) throws {
        try begin(text.utf8.count)
        try finish(text)
    }

    func begin(_ length: Int) throws {
        let head = HTTPResponse(status: .ok, headerFields: [.contentLength: "\(length)"])
        try channel.writeOutbound(HTTPResponsePart.head(head))
    }

    func finish(_ text: String) throws {
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: text)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// What went out since the last call.
    func output() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    var isOpen: Bool { channel.isActive }
}

/// What is sent, and the status it gets.
struct BrokenRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let status: Int

    var testDescription: String { name }

    private static func get(_ path: String, _ fields: [String] = []) -> String {
        (["GET \(path) HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    private static func post(_ fields: [String], _ body: String) -> String {
        (["POST /orders HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func many(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let all: [BrokenRequest] = [
        .init(name: "a header field of 17 KiB", text: get("/", ["X: " + many(17 << 10)]), status: 431),
        .init(
            name: "a header of 18 KiB in fields of 1 KiB", text: get("/", (0..<18).map { "X\($0): " + many(1 << 10) }),
            status: 431),
        .init(name: "65 fields", text: get("/", (0..<64).map { "X\($0): x" }), status: 431),
        .init(name: "a path over 4 KiB", text: get("/" + many(4 << 10)), status: 414),
        .init(name: "a query over 4 KiB", text: get("/?q=" + many(4 << 10)), status: 414),
        .init(name: "a path over 16 KiB", text: get("/" + many(17 << 10)), status: 414),
        .init(
            name: "Content-Length and Transfer-Encoding",
            text: post(["Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n"), status: 400),
        .init(
            name: "Transfer-Encoding and Content-Length",
            text: post(["Transfer-Encoding: chunked", "Content-Length: 2"], "0\r\n\r\n"), status: 400),
        .init(name: "two lengths", text: post(["Content-Length: 2", "Content-Length: 3"], "{}x"), status: 400),
        .init(
            name: "the same length twice", text: post(["Content-Length: 2", "Content-Length: 2"], "{}"), status: 400),
        .init(name: "a negative length", text: post(["Content-Length: -1"], ""), status: 400),
        .init(name: "a length that is no number", text: post(["Content-Length: x"], ""), status: 400),
        .init(name: "a chunk without a size", text: post(["Transfer-Encoding: chunked"], "zz\r\n"), status: 400),
        .init(name: "not HTTP", text: "\u{16}\u{3}\u{1} hello\r\n\r\n", status: 400),
        .init(name: "a field name with a space", text: get("/", ["X Y: z"]), status: 400),
        .init(name: "a NUL in a field", text: get("/", ["X: a\u{0}b"]), status: 400),
        .init(name: "a length over 64 KiB", text: post(["Content-Length: 65537"], ""), status: 413),
        .init(
            name: "chunks of more than 64 KiB",
            text: post(
                ["Transfer-Encoding: chunked"],
                (0..<65).map { _ in "400\r\n" + many(1 << 10) + "\r\n" }.joined() + "0\r\n\r\n"), status: 413),
    ]
}

@Suite struct ConnectionGuardTests {
    @Test(arguments: BrokenRequest.all)
    func `what breaks a limit or the framing is answered with a problem, and the connection is closed`(
        request: BrokenRequest
    ) throws {
        let wire = try Wire()
        try wire.send(request.text)
        let answer = try wire.output()
        #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "), "\(answer)")
        #expect(answer.contains("application/problem+json"))
        #expect(answer.contains("nosniff"))
        #expect(answer.lowercased().contains("connection: close"))
        #expect(!wire.isOpen)
    }

    @Test func `what just fits comes through`() throws {
        let wire = try Wire()
        let fields = (0..<62).map { "X\($0): x\r\n" }.joined()
        try wire.send("GET /\(String(repeating: "x", count: 4095)) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        try wire.answer("1")
        let body = String(repeating: "x", count: 65_536)
        try wire.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n\(body)")
        #expect(try wire.requests().count == 2)
        #expect(wire.isOpen)
    }

    @Test func `HEAD is refused without a body`() throws {
        let wire = try Wire()
        try wire.send("HEAD /\(String(repeating: "x", count: 5000)) HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try wire.output()
        #expect(answer.hasPrefix("HTTP/1.1 414 ") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `a header that trickles in is 408 after five seconds, whatever comes meanwhile`() throws {
        let wire = try Wire()
        try wire.send("GET / HTTP/1.1\r\n")
        for _ in 0..<4 {
            wire.pass(.seconds(1))
            try wire.send("X: y\r\n")
        }
        #expect(try wire.output() == "")
        wire.pass(.seconds(1))
        #expect(try wire.output().hasPrefix("HTTP/1.1 408 "))
        #expect(!wire.isOpen)
    }

    @Test func `a connection on which nothing comes is 408 after five seconds`() throws {
        let wire = try Wire()
        wire.pass(.seconds(5))
        #expect(try wire.output().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `the second header of a connection is bounded as well, the time between two is not`() throws {
        let wire = try Wire()
        try wire.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        try wire.answer("one")
        wire.pass(.seconds(50))
        try wire.send("GET /2 HTTP/1.1\r\n")
        wire.pass(.milliseconds(4_999))
        #expect(try wire.output().hasSuffix("one"))
        wire.pass(.milliseconds(1))
        #expect(try wire.output().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a body that trickles in is 408 after ten seconds`() throws {
        let wire = try Wire()
        try wire.send("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
        for _ in 0..<9 {
            wire.pass(.seconds(1))
            try wire.send("x")
        }
        #expect(try wire.output() == "")
        wire.pass(.seconds(1))
        #expect(try wire.output().hasPrefix("HTTP/1.1 408 "))
        #expect(!wire.isOpen)
    }

    @Test func `a body that is not read on after its answer closes the connection without another`() throws {
        let wire = try Wire()
        try wire.send("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
        try wire.answer("early")
        #expect(try wire.output().hasSuffix("early"))
        wire.pass(.seconds(10))
        #expect(try wire.output() == "")
        #expect(!wire.isOpen)
    }

    @Test func `a request before a broken one is answered first`() throws {
        let wire = try Wire()
        try wire.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\nGET /\u{1}bad\r\n\r\n")
        #expect(try wire.requests() == ["/good"])
        #expect(try wire.output() == "")
        #expect(wire.isOpen)
        try wire.answer("fine")
        let output = try wire.output()
        let first = try #require(output.firstRange(of: "fine"))
        #expect(output[first.upperBound...].hasPrefix("HTTP/1.1 400 "))
        #expect(!wire.isOpen)
    }

    @Test func `a refusal is told apart from the answer to HEAD before it`() throws {
        let wire = try Wire()
        try wire.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        try wire.answer("")
        _ = try wire.output()
        try wire.send("nonsense\r\n\r\n")
        let answer = try wire.output()
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("request.malformed"))
    }

    @Test func `an answer that has begun is finished before the connection is closed for what follows`() throws {
        let wire = try Wire()
        try wire.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try wire.begin(5)
        try wire.send("zz\r\n")
        #expect(wire.isOpen)
        try wire.finish("early")
        let answer = try wire.output()
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("early"))
        #expect(!wire.isOpen)
    }

    @Test(arguments: ["close", "Close", "keep-alive, close"])
    func `the answer to a request that asks to close is the last, whatever comes behind it`(word: String) throws {
        let wire = try Wire()
        try wire.send("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: \(word)\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        try wire.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try wire.requests() == ["/1"])
        try wire.answer("last")
        #expect(try wire.output().hasSuffix("last"))
        #expect(!wire.isOpen)
    }

    @Test func `an answer that is written after the refusal does not reach the client`() throws {
        let wire = try Wire()
        try wire.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(try wire.output().hasPrefix("HTTP/1.1 400 "))
        // The connection may be gone by now; nothing of this may go out.
        try? wire.answer("late")
        #expect(try !wire.output().contains("late"))
    }
}

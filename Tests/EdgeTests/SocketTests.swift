import Foundation
import NIOCore
import ProcessDriver
import Testing

/// The built program on a real socket, against clients that do not keep the rules.
@Suite struct `The server's socket` {
    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    private static func many(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test func `refuses what breaks limits or framing with a problem, and lives on`() async throws {
        let chunks = (0..<70).map { _ in "400\r\n\(Self.many(1024))\r\n" }.joined()
        let table: [(String, Int)] = [
            (Self.get("/", "X: \(Self.many(17 << 10))\r\n"), 431),
            (Self.get("/", (0..<70).map { "X\($0): x\r\n" }.joined()), 431),
            (Self.get("/\(Self.many(5 << 10))"), 414),
            (Self.get("/\(Self.many(40 << 10))"), 414),
            ("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
            ("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
            ("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n\(Self.many(200_000))", 413),
            ("POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n", 413),
            ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ]
        try await withServer { server in
            for (text, status) in table {
                let reply = try await RawConnection.exchange(server, [text])
                // Of a body without end, the part before the refusal may have met a route: then that is the answer.
                let isRefused = reply.statuses == [status] || (status == 413 && reply.statuses == [401])
                #expect(isRefused, "\(text.prefix(60)): \(reply.statuses)")
                #expect(reply.text.contains("problem+json") && reply.text.contains("nosniff"))
                #expect(reply.isClosed, "\(text.prefix(60))")
            }
            let healthy = try await RawConnection.exchange(server, [Self.get("/health/live", "Connection: close\r\n")])
            #expect(healthy.statuses == [200])
        }
    }

    @Test(.timeLimit(.minutes(1))) func `does not wait for headers and bodies that trickle in`() async throws {
        try await withServer { server in
            async let header = RawConnection.exchange(
                server, ["GET / HTTP/1.1\r\n"] + Array(repeating: "X: y\r\n", count: 60), every: .milliseconds(250),
                patience: .seconds(30))
            async let silence = RawConnection.exchange(server, [], patience: .seconds(30))
            async let body = RawConnection.exchange(
                server,
                [
                    "POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 500\r\n\r\n"
                ] + Array(repeating: "x", count: 100), every: .milliseconds(250), patience: .seconds(30))
            for (reply, limit) in [(try await header, 5), (try await silence, 5), (try await body, 10)] {
                #expect(reply.statuses == [408])
                #expect(reply.isClosed)
                #expect(reply.duration > .seconds(limit) - .milliseconds(200))
                #expect(reply.duration < .seconds(limit + 10), "\(reply.duration)")
            }
        }
    }

    @Test func `answers pipelined requests in their order, and HEAD without a body`() async throws {
        try await withServer { server in
            let pipeline = Self.get("/health/live") + Self.get("/nowhere") + Self.get("/") + "nonsense\r\n\r\n"
            let reply = try await RawConnection.exchange(server, [pipeline])
            #expect(reply.statuses == [200, 404, 200, 400])
            for path in ["/health/live", "/nowhere", "/items"] {
                let head = try await RawConnection.exchange(
                    server, ["HEAD \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
                #expect(head.statuses.count == 1)
                #expect(head.text.hasSuffix("\r\n\r\n") && head.isClosed, "\(path): \(head.text)")
            }
        }
    }

    /// Whoever does not stop sending must neither keep the connection nor miss why it is closed.
    @Test func `hangs up on a client that keeps sending, and tells it why`() async throws {
        let endless = Array(repeating: Self.many(8 << 10), count: 8_000)
        let table: [(String, Int)] = [
            (Self.get("/", "X: \(Self.many(17 << 10))\r\n"), 431),
            ("POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
            ("nonsense\r\n\r\n", 400),
        ]
        try await withServer { server in
            for (text, status) in table {
                let reply = try await RawConnection.exchange(
                    server, [text] + endless, every: .milliseconds(2), patience: .seconds(30), staysOpen: true)
                #expect(reply.statuses == [status], "\(text.prefix(40)): \(reply.text.prefix(60))")
                #expect(reply.text.hasSuffix("}"), "the whole answer")
                #expect(reply.isClosed)
                #expect(reply.duration < .seconds(10), "\(text.prefix(40)): \(reply.duration)")
            }
        }
    }

    @Test func `closes after the answer to a request that asked for it, whatever comes behind it`() async throws {
        try await withServer { server in
            let last = Self.get("/health/live", "Connection: close\r\n")
            let reply = try await RawConnection.exchange(
                server, [last + Self.get("/")] + Array(repeating: Self.get("/"), count: 600), every: .milliseconds(50),
                patience: .seconds(30), staysOpen: true)
            #expect(reply.statuses == [200])
            #expect(reply.isClosed)
            #expect(reply.duration < .seconds(10), "\(reply.duration)")
        }
    }

    @Test func `has nothing behind its routes`() async throws {
        let paths = [
            "/../etc/passwd", "/docs/../../etc/passwd", "/%2e%2e/etc/passwd", "/docs/%2e%2e/docs.css", "/docs/..",
            "/docs/docs.css%00", "/%00", "/docs/%2e%2e%2fdocs.js", "/docs//docs.css/..", "/.git/config",
        ]
        try await withServer { server in
            for path in paths {
                let reply = try await RawConnection.exchange(
                    server, [Self.get(path, "Connection: close\r\n")])
                #expect(reply.statuses == [404], "\(path): \(reply.statuses)")
            }
        }
    }

    @Test func `accepts no more connections than it may have, and goes on once one is free`() async throws {
        try await withServer(["MAX_CONNECTIONS": "2"]) { server in
            let first = try await RawConnection.begin(server, ["GET / HTTP/1.1\r\n"])
            let second = try await RawConnection.begin(server, ["GET / HTTP/1.1\r\n"])
            let third = try await RawConnection.exchange(
                server, [Self.get("/health/live", "Connection: close\r\n")])
            #expect(third.statuses == [200])
            let places = try await [first.get(), second.get()]
            #expect(places.map(\.statuses) == [[408], [408]])
            #expect(third.end > places.map(\.end).min() ?? third.end, "it waited for a place")
        }
    }

    /// They wait in the kernel while the process stands still, and are all there at its next look.
    @Test func `accepts no more connections than it may have when they come at once`() async throws {
        try await withServer(["MAX_CONNECTIONS": "2"]) { server in
            await server.program.signal(SIGSTOP)
            var waiting: [EventLoopFuture<RawReply>] = []
            for _ in 0..<2 { waiting.append(try await RawConnection.begin(server, ["GET / HTTP/1.1\r\n"])) }
            let last = try await RawConnection.begin(server, [Self.get("/health/live", "Connection: close\r\n")])
            await server.program.signal(SIGCONT)
            let third = try await last.get()
            #expect(third.statuses == [200])
            var places: [RawReply] = []
            for reply in waiting { places.append(try await reply.get()) }
            #expect(places.map(\.statuses) == [[408], [408]])
            #expect(third.end > places.map(\.end).min() ?? third.end, "it waited for a place")
        }
    }

    @Test func `answers at the signal to end what it has begun, and takes nothing new`() async throws {
        try await withServer(["PAYMENT_LATENCY": "1000", "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0"]) {
            server in
            let shop = Storefront()
            shop.moved(to: server.url)
            let data = try await shop.setUpTestData()
            async let order = shop.call(
                "POST", "/orders", token: data.tokens.user, headers: [("Prefer", "wait=5")],
                body: #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#)
            try await pause(.milliseconds(300))
            let begin = ContinuousClock.now
            let exit = try await server.stop()
            #expect(exit == .code(0))
            #expect(ContinuousClock.now - begin < .seconds(10))
            #expect([200, 201, 202].contains(try await order.status))
            await #expect(throws: (any Error).self) {
                try await RawConnection.exchange(server, [Self.get("/")])
            }
        }
    }
}

/// A server that is stopped afterwards, in a workspace that is kept when a test throws.
func withServer(
    _ environment: [String: String] = [:], _ body: (Server) async throws -> Void
) async throws {
    let workspace = try Workspace("edge")
    let server = try await Server.start(in: workspace, environment: environment)
    try await body(server)
    _ = try await server.stop()
    workspace.remove()
}

import ProcessDriver
import Testing

/// The built program on a real socket, with clients that watch the audit trail.
@Suite struct `A client that watches the audit trail` {
    private static let stream = "/admin/audit/stream"

    @Test(.timeLimit(.minutes(2))) func `is told at once what is recorded, and goes on where it was`() async throws {
        try await withServer(["AUDIT_BATCH_INTERVAL_MS": "0"]) { server in
            let shop = Storefront()
            shop.moved(to: server.url)
            let data = try await shop.setUpTestData()
            let watch = OpenStream(server.url + Self.stream + "?action=api.access-refused", token: data.tokens.admin)
            // The answer has begun, and goes on.
            try await until("an open stream") { watch.text.hasPrefix(":\n\n") }
            _ = try await shop.call("GET", "/admin/users", token: data.tokens.user)
            try await until("the entry") { watch.text.hasSuffix("}\n\n") }
            #expect(watch.end == nil)
            let id = try #require(watch.text.firstMatch(of: #/id: (\d+)\n/#)?.output.1)
            watch.close()

            let before = try #require(Int64(id)) - 1
            let again = OpenStream(
                server.url + Self.stream, token: data.tokens.admin, headers: [("Last-Event-ID", "\(before)")])
            try await until("the same entry") { again.text.hasPrefix(":\n\nid: \(id)\nevent: entry\n") }
            // Whoever loses his rights sees no more.
            _ = try await shop.call("POST", "/auth/logout", token: data.tokens.admin)
            try await until("the end") { again.end != nil }
            #expect(again.end == .whole)
        }
    }

    @Test(.timeLimit(.minutes(2))) func `is one of 32, and leaves his seat when he goes away`() async throws {
        try await withServer { server in
            let shop = Storefront()
            shop.moved(to: server.url)
            let token = try await shop.setUpTestData().tokens.admin
            let streams = (0..<32).map { _ in OpenStream(server.url + Self.stream, token: token) }
            try await until("32 streams") { streams.allSatisfy { $0.status == 200 } }
            let refused = try await shop.call("GET", Self.stream, token: token)
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "10")
            for stream in streams { stream.close() }
            _ = try await waiting(for: "a seat", every: .milliseconds(100)) { () -> OpenStream? in
                let stream = OpenStream(server.url + Self.stream, token: token)
                try await until("an answer") { stream.status != nil }
                return stream.status == 200 ? stream : nil
            }
        }
    }
}

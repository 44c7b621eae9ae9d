import AsyncHTTPClient
import Foundation
import HummingbirdTLS
import ProcessDriver
import Testing

/// The built program with a certificate of its own.
@Suite struct `TLS of its own` {
    private func withFiles(
        key: String = TestCertificate.key, _ body: (Workspace, [String: String]) async throws -> Void
    ) async throws {
        let workspace = try Workspace("tls")
        try await body(
            workspace,
            [
                "TLS_CERT_FILE": try TestCertificate.write(TestCertificate.certificate, as: "cert.pem", in: workspace),
                "TLS_KEY_FILE": try TestCertificate.write(key, as: "key.pem", in: workspace),
            ])
        workspace.remove()
    }

    @Test func `requests are answered over TLS, to who trusts the certificate, and not in the clear`() async throws {
        try await withFiles { workspace, files in
            let server = try await Server.start(in: workspace, environment: files)
            #expect(server.url.hasPrefix("https://"))
            var trusting = HTTPClient.Configuration()
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8)))
            trusting.tlsConfiguration = tls
            let status = try await Self.status(of: server.url + "/health/ready", by: trusting)
            #expect(status == 200)
            await #expect(throws: (any Error).self) {
                try await Self.status(of: server.url + "/health/ready", by: .init())
            }
            let plain = try await RawConnection.exchange(
                server, ["GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"])
            #expect(plain.statuses == [])
            #expect(plain.isClosed)
            #expect(try await server.stop() == .code(0))
        }
    }

    private static func status(of url: String, by configuration: HTTPClient.Configuration) async throws -> UInt {
        let client = HTTPClient(configuration: configuration)
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
            _ = try await response.body.collect(upTo: 1 << 20)
            try await client.shutdown()
            return response.status.code
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a handshake that does not come is not waited for`() async throws {
        try await withFiles { workspace, files in
            let server = try await Server.start(in: workspace, environment: files)
            let reply = try await RawConnection.exchange(server, [])
            #expect(reply.isClosed)
            #expect(reply.duration < .seconds(15), "\(reply.duration)")
            #expect(try await server.stop() == .code(0))
        }
    }

    @Test(arguments: [TestCertificate.anotherKey, "no key", ""])
    func `a key that does not belong to the certificate is a mistake of the configuration`(key: String) async throws {
        try await withFiles(key: key) { workspace, files in
            let result = try await workspace.run(
                ["serve", "--port", "0", "--database", workspace.database], environment: files)
            #expect(result.exit == .code(78))
            #expect(result.errors.contains("TLS_KEY_FILE"), "\(result.errors)")
            #expect(try workspace.files().sorted() == ["cert.pem", "key.pem"], "nothing was started")
        }
    }
}

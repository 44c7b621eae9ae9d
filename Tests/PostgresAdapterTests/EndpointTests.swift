import PostgresAdapter
import SQLCore
import TestServers
import Testing

@Suite struct EndpointTests {
    @Test func `a URL names the place, the role and how the way is protected`() throws {
        let endpoint = try PostgresEndpoint(
            url: "postgres://shop:p%40ss%2Fword@db.example:6432/orders?sslmode=verify-full&sslrootcert=ca.pem")
        #expect(
            endpoint
                == PostgresEndpoint(
                    host: "db.example", port: 6432, database: "orders", user: "shop", password: "p@ss/word",
                    encryption: .verifyFull, rootCertificate: "ca.pem"))
    }

    @Test func `what is not said has a default`() throws {
        let endpoint = try PostgresEndpoint(url: "postgresql://shop@localhost/purchase")
        #expect(endpoint.port == 5432)
        #expect(endpoint.password == nil)
        #expect(endpoint.encryption == .prefer)
    }

    @Test(arguments: [
        ("mysql://a:secretword@b/c", "begins with"), ("postgres://a:secretword@/c", "names no host"),
        ("postgres://b/c", "names no user"), ("postgres://a:secretword@b", "names no database"),
        ("postgres://a:secretword@b/c?sslmode=maybe", "sslmode"), ("postgres://a:secretword@b/c?color=red", "color"),
        ("nonsense", "cannot be read"),
    ])
    func `a wrong URL says what is wrong, without the password`(url: String, what: String) throws {
        let error = #expect(throws: SQLError.self) { try PostgresEndpoint(url: url) }
        #expect(error?.code == .misuse)
        #expect(error?.detail.contains(what) == true, "\(error.map(\.detail) ?? "none")")
        #expect(error?.detail.contains("secretword") == false)
    }

    @Test func `nothing that is printed shows the password`() throws {
        let endpoint = try PostgresEndpoint(url: "postgres://shop:secretword@db/purchase")
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), dumped] {
            #expect(!text.contains("secretword"), "\(text)")
        }
        #expect("\(endpoint)" == "shop@db:5432/purchase")
    }
}

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct ConnectingTests {
    @Test func `a wrong password is refused with a reason and without the password`() async throws {
        var endpoint = try await PostgresServer.shared().endpoint
        endpoint.password = "secretword"
        let database = PostgresDatabase(endpoint)
        let error = await #expect(throws: SQLError.self) {
            _ = try await database.read { try $0.first("SELECT 1 AS one") }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.detail.contains("password authentication failed") == true)
        #expect(error?.detail.contains("secretword") == false)
    }

    @Test func `nobody there fails at once and names the place`() async throws {
        let database = PostgresDatabase(
            PostgresEndpoint(host: "127.0.0.1", port: try freePort(), database: "none", user: "nobody"))
        let error = await #expect(throws: SQLError.self) { try await database.write { try $0.execute("SELECT 1") } }
        #expect(error?.code == .unavailable)
        #expect(error?.detail.contains("nobody@127.0.0.1") == true)
    }

    @Test func `TLS is refused where the server has none, if it is required`() async throws {
        var endpoint = try await PostgresServer.shared().endpoint
        endpoint.encryption = .require
        let database = PostgresDatabase(endpoint)
        let error = await #expect(throws: SQLError.self) {
            _ = try await database.read { try $0.first("SELECT 1 AS one") }
        }
        #expect(error?.detail.contains("SSL") == true, "\(error.map(\.detail) ?? "none")")
    }
}

import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct `Pages of other origins` {
    private static let shop = "https://shop.example"

    private func withShop(_ test: @escaping @Sendable (APIHarness) async throws -> Void) async throws {
        try await APIHarness.run(change: { $0.corsOrigins = [Self.shop] }, test)
    }

    @Test func `a named origin may read answers and refusals, without cookies`() async throws {
        try await withShop { api in
            for path in ["/items", "/orders/\(UUID())"] {
                let answer = try await api.send(.get, path, headers: [.origin: Self.shop])
                #expect(answer.headers[.accessControlAllowOrigin] == Self.shop)
                #expect(answer.headers[.accessControlAllowCredentials] == nil)
                #expect(answer.headers[.vary]?.contains("Origin") == true)
                #expect(try answer.headers[Sample.corp] == "cross-origin")
            }
        }
    }

    @Test(arguments: ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null", ""])
    func `another origin gets nothing that would let it read`(origin: String) async throws {
        try await withShop { api in
            let answer = try await api.send(.get, "/items", headers: [.origin: origin])
            #expect(answer.status == .ok)
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            #expect(answer.headers[.vary]?.contains("Origin") == true, "a cache must not mix the two")
            #expect(try answer.headers[Sample.corp] == "same-origin")
        }
    }

    @Test func `a preflight names methods and fields, for a named origin only`() async throws {
        try await withShop { api in
            let asked: HTTPFields = [.origin: Self.shop, .accessControlRequestMethod: "PATCH"]
            let allowed = try await api.send(.options, "/items/\(UUID())", headers: asked, isDescribed: false)
            #expect(allowed.status == .noContent)
            #expect(allowed.headers[.accessControlAllowOrigin] == Self.shop)
            let methods = try #require(allowed.headers[.accessControlAllowMethods])
            for route in api.routes { #expect(methods.contains(route.method.rawValue)) }
            let fields = try #require(allowed.headers[.accessControlAllowHeaders])
            for field in ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Prefer"] {
                #expect(fields.contains(field))
            }
            let stranger: HTTPFields = [.origin: "https://evil.example", .accessControlRequestMethod: "PATCH"]
            let refused = try await api.send(.options, "/items/\(UUID())", headers: stranger, isDescribed: false)
            #expect(refused.status == .methodNotAllowed)
            #expect(refused.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test func `a page may read every field that an answer means something by`() async throws {
        try await withShop { api in
            let answer = try await api.send(.get, "/items", headers: [.origin: Self.shop])
            let exposed = try #require(answer.headers[.accessControlExposeHeaders])
            for field in [
                "Allow", "Idempotent-Replayed", "Link", "Location", "Preference-Applied", "RateLimit-Remaining",
                "Retry-After",
            ] {
                #expect(exposed.contains(field), "\(field)")
            }
        }
    }

    @Test func `without named origins nothing is said of origins`() async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.get, "/items", headers: [.origin: Self.shop])
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            #expect(answer.headers[.vary] == nil)
        }
    }
}

extension Sample {
    /// Cross-Origin-Resource-Policy.
    static var corp: HTTPField.Name { get throws { try #require(HTTPField.Name("Cross-Origin-Resource-Policy")) } }
}

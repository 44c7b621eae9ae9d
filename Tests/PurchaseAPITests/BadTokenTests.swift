import FoundationEssentials
import HTTPTypes
import JWTKit
import PurchaseContracts
import SagaTesting
import Testing

@testable import PurchaseAPI

/// Forged and spoilt tokens against the API as a client meets it. What the check itself knows is in AuthenticatorTests.
@Suite struct `A token that is not to be believed` {
    private static let user = UserID(UUID())

    private static func claims(_ api: APIHarness) -> TokenClaims {
        let now = api.clock.now().milliseconds / 1000
        let settings = TokenSettings()
        return TokenClaims(
            sub: user.description, roles: ["admin"], iss: settings.issuer, aud: .init([settings.audience]), iat: now,
            exp: now + 60)
    }

    private static func sign(
        _ claims: TokenClaims, secret: String = APIHarness.secret, header: JWTHeader = JWTHeader()
    ) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return try await keys.sign(claims, header: header)
    }

    private static func forged(_ api: APIHarness) async throws -> [String: String] {
        let good = try await sign(claims(api))
        let parts = good.split(separator: ".").map(String.init)
        func header(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
        var tokens = [
            "alg none": "\(header(#"{"alg":"none","typ":"JWT"}"#)).\(parts[1]).",
            "alg None": "\(header(#"{"alg":"None","typ":"JWT"}"#)).\(parts[1]).\(parts[2])",
            "no alg": "\(header(#"{"typ":"JWT"}"#)).\(parts[1]).\(parts[2])",
            "alg RS256": "\(header(#"{"alg":"RS256","typ":"JWT"}"#)).\(parts[1]).\(parts[2])",
            "alg HS512": "\(header(#"{"alg":"HS512","typ":"JWT"}"#)).\(parts[1]).\(parts[2])",
            "truncated": String(good.dropLast(2)), "without signature": "\(parts[0]).\(parts[1]).",
            "another's claims": "\(parts[0]).\(header(#"{"sub":"admin","roles":["admin"]}"#)).\(parts[2])",
            "four parts": good + ".x", "a dot": ".", "rubbish": "rubbish",
            "longer than any": good + String(repeating: "A", count: 8000),
            "another secret": try await sign(claims(api), secret: "another secret of the same length!"),
        ]
        for name in ["kid", "jku", "x5u", "jwk"] {
            var header = JWTHeader()
            header.fields[name] = .string(name == "kid" ? "../../dev/null" : "https://evil.example/keys")
            tokens[name] = try await sign(claims(api), header: header)
        }
        let changes: [String: (inout TokenClaims) -> Void] = [
            "wrong aud": { $0.aud = .init(["another"]) }, "wrong iss": { $0.iss = "another" },
            "expired": { $0.exp = $0.iat - 1 }, "not yet valid": { $0.nbf = $0.iat + 3600 },
            "issued in the future": { $0.iat += 3600 }, "subject of another kind": { $0.sub = "admin" },
        ]
        for (name, change) in changes {
            var changed = claims(api)
            change(&changed)
            tokens[name] = try await sign(changed)
        }
        return tokens
    }

    @Test func `is 401 on every kind of path, and is told only that`() async throws {
        try await APIHarness.run { api in
            let believed = try await api.send(.get, "/admin/users", token: try await Self.sign(Self.claims(api)))
            #expect(believed.status == .ok, "the token that is spoilt below is a good one")
            for (name, token) in try await Self.forged(api) {
                for path in ["/items", "/user/\(Self.user)/balance", "/admin/users", "/nowhere"] {
                    let answer = try await api.send(.get, path, token: token)
                    #expect(answer.status == .unauthorized, "\(name) at \(path)")
                    #expect(answer.code == "access.token-refused")
                    #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer ") == true)
                    #expect(!answer.body.contains("signature"), "\(name): the reason is for the audit")
                }
            }
        }
    }

    @Test(arguments: ["Bearer", "Bearer ", "bearer x y", "Token x", "Basic YTpi", "Bearer \u{e9}", "x"])
    func `is 401 in whatever form it is given`(field: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.get, "/items", headers: [.authorization: field])
            #expect(answer.status == .unauthorized)
        }
    }

    /// Who checks by "whatever the header says" takes the public key, which everybody has, for a shared secret.
    @Test func `cannot be signed with the public key as if it were a secret`() async throws {
        let clock = ManualClock()
        let pair = ES256PrivateKey()
        let authenticator = await Authenticator(
            key: try .es256(pem: pair.pemRepresentation), settings: TokenSettings(), clock: clock)
        let now = clock.now().milliseconds / 1000
        let claims = TokenClaims(
            sub: Self.user.description, roles: ["admin"], iss: TokenSettings().issuer,
            aud: .init([TokenSettings().audience]), iat: now, exp: now + 60)
        let swapped = try await Self.sign(claims, secret: pair.publicKey.pemRepresentation)
        await #expect(throws: TokenRefusal.wrongAlgorithm) { try await authenticator.identity(from: swapped) }
    }
}

import FoundationEssentials
import JWTKit
import PurchaseContracts
import SagaTesting
import Testing

@testable import PurchaseAPI

@Suite struct AuthenticatorTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private static let user = UserID(UUID())
    private let clock = ManualClock()
    private let settings = TokenSettings()

    private func authenticator() async throws -> Authenticator {
        await Authenticator(key: try .hs256(secret: Self.secret), settings: settings, clock: clock)
    }

    private func claims() -> TokenClaims {
        let now = clock.now().milliseconds / 1000
        return TokenClaims(
            sub: Self.user.description, roles: ["user", "unknown"], iss: settings.issuer,
            aud: .init([settings.audience]),
            iat: now, exp: now + 60)
    }

    private func sign(_ claims: TokenClaims, secret: String = secret, header: JWTHeader = JWTHeader()) async throws
        -> String
    {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return try await keys.sign(claims, header: header)
    }

    private func refusal(_ token: String) async throws -> TokenRefusal? {
        do {
            _ = try await authenticator().identity(from: token)
            return nil
        } catch let refusal as TokenRefusal {
            return refusal
        }
    }

    @Test func `what the issuer writes is believed until it expires`() async throws {
        let issuer = await TokenIssuer(key: try .hs256(secret: Self.secret), settings: settings, clock: clock)
        let token = try await issuer.token(for: Self.user, roles: [.user, .inventoryManager])
        #expect(
            try await authenticator().identity(from: token)
                == Identity(userID: Self.user, roles: [.user, .inventoryManager]))
        clock.advance(by: settings.lifetime)
        #expect(try await refusal(token) == .expired)
    }

    @Test func `keys of the other algorithms work, each for its own tokens only`() async throws {
        let eddsa = try TokenKey.eddsa(pem: try EdDSA.PrivateKey().pemRepresentation)
        let es256 = try TokenKey.es256(pem: ES256PrivateKey().pemRepresentation)
        for (key, other) in [(eddsa, es256), (es256, eddsa)] {
            let token = try await TokenIssuer(key: key, settings: settings, clock: clock).token(
                for: Self.user, roles: [])
            #expect(
                try await Authenticator(key: key, settings: settings, clock: clock).identity(from: token).userID
                    == Self.user)
            await #expect(throws: TokenRefusal.wrongAlgorithm) {
                try await Authenticator(key: other, settings: settings, clock: clock).identity(from: token)
            }
            #expect(try await refusal(token) == .wrongAlgorithm)
        }
    }

    @Test func `a key that is too short or unreadable is refused`() {
        #expect(throws: TokenKeyError.secretTooShort) { try TokenKey.hs256(secret: String(Self.secret.dropLast())) }
        #expect(throws: TokenKeyError.unreadableKey) { try TokenKey.eddsa(pem: "nothing") }
        #expect(throws: TokenKeyError.unreadableKey) { try TokenKey.es256(pem: "nothing") }
    }

    @Test func `each claim is checked`() async throws {
        var wrong = claims()
        wrong.iss = "another"
        #expect(try await refusal(try await sign(wrong)) == .wrongIssuer)
        wrong = claims()
        wrong.aud = .init(["another"])
        #expect(try await refusal(try await sign(wrong)) == .wrongAudience)
        wrong.aud = .init([])
        #expect(try await refusal(try await sign(wrong)) == .wrongAudience)
        wrong.aud = .init(["another", settings.audience])
        #expect(try await refusal(try await sign(wrong)) == nil)
        wrong = claims()
        wrong.iat += 3600
        #expect(try await refusal(try await sign(wrong)) == .notYetValid)
        wrong = claims()
        wrong.nbf = wrong.iat + 3600
        #expect(try await refusal(try await sign(wrong)) == .notYetValid)
        wrong = claims()
        wrong.sub = "admin"
        #expect(try await refusal(try await sign(wrong)) == .malformed)
    }

    @Test func `a forged token is refused`() async throws {
        let good = try await sign(claims())
        #expect(try await refusal(good) == nil)
        #expect(
            try await refusal(try await sign(claims(), secret: "another secret of the same length!")) == .badSignature)
        let parts = good.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        for token in [
            "", ".", "..", "a.b.c", String(good.dropLast(2)), good + "A", "\(parts[0]).\(parts[1])",
            "\(parts[0]).\(parts[1]).",
            "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", good + String(repeating: "A", count: 5000),
        ] {
            #expect(try await refusal(token) != nil, "\(token.prefix(60))")
        }
    }

    @Test(arguments: ["kid", "jku", "x5u", "jwk", "crit"])
    func `a header that brings or names a key is refused even when signed`(name: String) async throws {
        var header = JWTHeader()
        header.fields[name] = .string("../../etc/passwd")
        #expect(try await refusal(try await sign(claims(), header: header)) == .unexpectedHeader)
    }
}

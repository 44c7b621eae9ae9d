import FoundationEssentials
import JWTKit
import PurchaseContracts
import SagaChoreography

/// Reads tokens, and believes only those that this system signed for this audience and that are valid now.
public struct Authenticator: Sendable {
    /// Clocks of two machines may differ by this much.
    private static let leeway: Int64 = 5
    /// A longer one is not read at all.
    private static let maximumLength = 4096

    private let keys: JWTKeyCollection
    private let algorithm: String
    private let settings: TokenSettings
    private let clock: any SagaClock
    private let revocations: Revocations
    private let known = VerifiedTokens()

    /// An authenticator for tokens of a ``TokenIssuer`` with the same key and settings.
    ///
    /// - Parameter revocations: what is refused though its signature and its times are right.
    public init(
        key: TokenKey, settings: TokenSettings, clock: any SagaClock, revocations: Revocations = Revocations()
    ) async {
        self.revocations = revocations
        keys = await key.collection()
        algorithm = key.algorithm
        self.settings = settings
        self.clock = clock
    }

    /// Whom `token` names.
    ///
    /// - Throws: ``TokenRefusal``.
    public func identity(from token: String) async throws(TokenRefusal) -> Identity {
        try await verified(token).identity
    }

    /// A token that is believed, and what else it says.
    ///
    /// The signature of a token is checked once, while it is remembered; its end and its revocation every time.
    ///
    /// - Throws: ``TokenRefusal``.
    func verified(_ token: String) async throws(TokenRefusal) -> VerifiedToken {
        let found: VerifiedToken
        if let remembered = known[token] {
            guard clock.now() < remembered.end else { throw .expired }
            found = remembered
        } else {
            found = try await verify(token)
            known[token] = found
        }
        guard !revocations.refuse(found) else { throw .revoked }
        return found
    }

    /// Whether a token that was believed still is: what was begun with it may outlast it.
    func believes(_ token: VerifiedToken) -> Bool { clock.now() < token.end && !revocations.refuse(token) }

    private func verify(_ token: String) async throws(TokenRefusal) -> VerifiedToken {
        try checkHeader(of: token)
        let claims: TokenClaims
        do {
            claims = try await keys.verify(token, as: TokenClaims.self)
        } catch {
            throw .badSignature
        }
        let now = clock.now().milliseconds / 1000
        guard now < claims.exp else { throw .expired }
        guard claims.iat <= now + Self.leeway, (claims.nbf ?? now) <= now + Self.leeway else { throw .notYetValid }
        guard claims.iss == settings.issuer else { throw .wrongIssuer }
        guard claims.aud.values.contains(settings.audience) else { throw .wrongAudience }
        guard let userID = UserID(claims.sub) else { throw .malformed }
        return VerifiedToken(
            identity: Identity(userID: userID, roles: Set(claims.roles.compactMap(AccessRole.init(rawValue:)))),
            id: claims.jti.flatMap { UUID(uuidString: $0) }, epoch: claims.epoch ?? 0,
            end: Timestamp(milliseconds: claims.exp * 1000))
    }

    /// The header may name the algorithm and the type, nothing else: keys and certificates that a token brings along, or
    /// asks to be fetched (`kid`, `jku`, `x5u`, `jwk`, …), are the classic ways to be believed wrongly.
    private func checkHeader(of token: String) throws(TokenRefusal) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maximumLength, parts.count == 3,
            parts.allSatisfy({ !$0.isEmpty && Base64URL.decode($0) != nil }),
            let bytes = Base64URL.decode(parts[0]), case .object(let header)? = try? StrictJSON.parse(bytes)
        else { throw .malformed }
        guard header["alg"] == .string(algorithm) else { throw .wrongAlgorithm }
        for (name, value) in header where name != "alg" {
            guard name == "typ", case .string(let type) = value, type.lowercased() == "jwt" else {
                throw .unexpectedHeader
            }
        }
    }
}

/// Why a token was not believed. Clients are told only that it was not.
public enum TokenRefusal: String, Error, Sendable, Equatable {
    case malformed, wrongAlgorithm, unexpectedHeader, badSignature, expired, notYetValid, wrongIssuer, wrongAudience,
        revoked
}

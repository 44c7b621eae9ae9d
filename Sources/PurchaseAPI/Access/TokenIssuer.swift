import FoundationEssentials
import JWTKit
import PurchaseContracts
import SagaChoreography

/// Writes tokens.
public struct TokenIssuer: Sendable {
    private let keys: JWTKeyCollection
    private let settings: TokenSettings
    private let clock: any SagaClock

    /// An issuer whose tokens an ``Authenticator`` of the same key and settings accepts.
    public init(key: TokenKey, settings: TokenSettings, clock: any SagaClock) async {
        keys = await key.collection()
        self.settings = settings
        self.clock = clock
    }

    /// A token for `user`, valid from now for ``TokenSettings/lifetime``.
    ///
    /// - Parameter epoch: the account's; the token is refused once that is higher.
    /// - Throws: the token library's error if signing fails.
    public func token(for user: UserID, roles: Set<AccessRole>, epoch: Int64 = 0) async throws -> String {
        try await issue(for: user, roles: roles, epoch: epoch).text
    }

    /// As ``token(for:roles:epoch:)``, with its end.
    func issue(for user: UserID, roles: Set<AccessRole>, epoch: Int64) async throws -> IssuedToken {
        let now = clock.now().milliseconds / 1000
        let end = now + settings.lifetime.wholeMilliseconds / 1000
        let text = try await keys.sign(
            TokenClaims(
                sub: user.description, roles: roles.map(\.rawValue).sorted(), iss: settings.issuer,
                aud: .init([settings.audience]), iat: now, exp: end, jti: UUID().uuidString.lowercased(), epoch: epoch))
        return IssuedToken(text: text, end: Timestamp(milliseconds: end * 1000))
    }
}

/// A token and when it ends by itself.
struct IssuedToken: Sendable {
    let text: String
    let end: Timestamp
}

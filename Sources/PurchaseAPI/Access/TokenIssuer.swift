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
    /// - Throws: the token library's error if signing fails.
    public func token(for user: UserID, roles: Set<AccessRole>) async throws -> String {
        let now = clock.now().milliseconds / 1000
        return try await keys.sign(
            TokenClaims(
                sub: user.description, roles: roles.map(\.rawValue).sorted(), iss: settings.issuer,
                aud: .init([settings.audience]), iat: now, exp: now + settings.lifetime.wholeMilliseconds / 1000))
    }
}

import Crypto
import JWTKit

/// The one key that tokens are signed and checked with. Its kind fixes the algorithm: a token cannot choose another.
public struct TokenKey: Sendable {
    /// HS256 refuses shorter secrets (RFC 7518, section 3.2: at least the length of the hash).
    public static let minimumSecretLength = 32

    enum Kind: Sendable {
        case hs256(HMACKey)
        case eddsa(EdDSA.PrivateKey)
        case es256(ES256PrivateKey)
    }

    let kind: Kind
    /// What other keys of this system are derived from.
    private let material: [UInt8]

    /// The name in the token's header.
    public var algorithm: String {
        switch kind {
        case .hs256: "HS256"
        case .eddsa: "EdDSA"
        case .es256: "ES256"
        }
    }

    /// A shared secret for HS256.
    ///
    /// - Throws: ``TokenKeyError`` `.secretTooShort` under 32 bytes.
    public static func hs256(secret: String) throws(TokenKeyError) -> TokenKey {
        let bytes = Array(secret.utf8)
        guard bytes.count >= minimumSecretLength else { throw .secretTooShort }
        return TokenKey(kind: .hs256(HMACKey(from: bytes)), material: bytes)
    }

    /// An Ed25519 private key in PEM, for EdDSA.
    ///
    /// - Throws: ``TokenKeyError`` `.unreadableKey`.
    public static func eddsa(pem: String) throws(TokenKeyError) -> TokenKey {
        guard let key = try? EdDSA.PrivateKey(pem: pem) else { throw .unreadableKey }
        return TokenKey(kind: .eddsa(key), material: Array(pem.utf8))
    }

    /// A P-256 private key in PEM, for ES256.
    ///
    /// - Throws: ``TokenKeyError`` `.unreadableKey`.
    public static func es256(pem: String) throws(TokenKeyError) -> TokenKey {
        guard let key = try? ES256PrivateKey(pem: pem) else { throw .unreadableKey }
        return TokenKey(kind: .es256(key), material: Array(pem.utf8))
    }

    /// A secret for another purpose that is the same wherever this key is, and does not reveal it (HKDF, RFC 5869).
    public func secret(for purpose: String) -> [UInt8] {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material), info: Array(purpose.utf8), outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }

    /// The keys as the token library wants them.
    func collection() async -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        switch kind {
        case .hs256(let key): await keys.add(hmac: key, digestAlgorithm: .sha256)
        case .eddsa(let key): await keys.add(eddsa: key)
        case .es256(let key): await keys.add(ecdsa: key)
        }
        return keys
    }
}

/// Why a key cannot be used.
public enum TokenKeyError: Error, Sendable, Equatable {
    /// A secret of less than ``TokenKey/minimumSecretLength`` bytes.
    case secretTooShort
    /// The PEM holds no private key of the configured algorithm.
    case unreadableKey
}

/// Who tokens are from and for, and how long they last.
public struct TokenSettings: Sendable {
    public var issuer: String
    public var audience: String
    public var lifetime: Duration

    /// Settings; the defaults are those of the configuration.
    public init(
        issuer: String = "purchase-saga", audience: String = "purchase-saga", lifetime: Duration = .seconds(3600)
    ) {
        self.issuer = issuer
        self.audience = audience
        self.lifetime = lifetime
    }
}

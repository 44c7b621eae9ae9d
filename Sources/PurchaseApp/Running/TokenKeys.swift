import Foundation
import PurchaseAPI
import SagaChoreography

/// The key that signs and checks tokens, from the configuration.
public struct TokenKeys: Sendable {
    public let authenticator: Authenticator
    public let issuer: TokenIssuer
    let revocations: Revocations
    let cursors: Cursors

    /// - Throws: ``ConfigurationProblems`` if the key cannot be used.
    public init(_ configuration: PurchaseConfiguration, clock: any SagaClock = SystemClock()) async throws {
        let key = try Self.key(configuration)
        let settings = TokenSettings(lifetime: configuration.tokenLifetime)
        revocations = Revocations()
        authenticator = await Authenticator(key: key, settings: settings, clock: clock, revocations: revocations)
        issuer = await TokenIssuer(key: key, settings: settings, clock: clock)
        cursors = Cursors(secret: key.secret(for: "cursors"))
    }

    private static func key(_ configuration: PurchaseConfiguration) throws -> TokenKey {
        do {
            switch configuration.tokenAlgorithm {
            case .hs256: return try .hs256(secret: configuration.tokenSecret ?? developmentSecret(configuration))
            case .es256: return try .es256(pem: keyFile(configuration))
            case .eddsa: return try .eddsa(pem: keyFile(configuration))
            }
        } catch let error as TokenKeyError {
            let name = configuration.tokenAlgorithm == .hs256 ? "JWT_SECRET" : "JWT_KEY_FILE"
            throw ConfigurationProblems([.init(key: name, what: "cannot be used: \(error)")])
        }
    }

    private static func keyFile(_ configuration: PurchaseConfiguration) throws -> String {
        try String(contentsOfFile: configuration.tokenKeyFile ?? "", encoding: .utf8)
    }

    /// Outside production a secret is made up once and kept beside the database, so that tokens outlive a restart and
    /// `purchase token` signs with the same one. Nobody else may read it, and no two machines share it.
    private static func developmentSecret(_ configuration: PurchaseConfiguration) throws -> String {
        let path = (configuration.database.path ?? "data/purchase") + ".jwt-secret"
        if let kept = try? String(contentsOfFile: path, encoding: .utf8), kept.utf8.count >= 32 { return kept }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<48).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let secret = Data(bytes).base64EncodedString()
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(secret.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else {
            throw ConfigurationProblems([
                .init(key: "JWT_SECRET", what: "is not set, and '\(path)' cannot be written to keep one")
            ])
        }
        return secret
    }
}

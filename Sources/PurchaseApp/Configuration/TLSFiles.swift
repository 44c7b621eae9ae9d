import HummingbirdCore
import HummingbirdTLS
import PurchaseAPI

/// Where certificate and key are.
public struct TLSFiles: Sendable, Equatable {
    /// The chain in PEM form, the server's own certificate first.
    public let certificate: String
    /// The private key in PEM form.
    public let key: String

    /// A guarded server with TLS 1.2 or 1.3 around it, or in the clear without files.
    ///
    /// - Throws: ``ConfigurationProblems`` if the files are no certificate and key.
    static func secured(by files: TLSFiles?) throws -> HTTPServerBuilder {
        guard let files else { return .guarded() }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try readable("TLS_CERT_FILE", files.certificate) {
                try NIOSSLCertificate.fromPEMFile($0).map { .certificate($0) }
            },
            privateKey: .privateKey(
                try readable("TLS_KEY_FILE", files.key) { try NIOSSLPrivateKey(file: $0, format: .pem) }))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            // The builder would find out only when the rest has been started.
            _ = try TLSChannel(HTTP1Channel { _, _, _ in }, tlsConfiguration: configuration)
            return try .tls(.guarded(isSecured: true), tlsConfiguration: configuration)
        } catch {
            throw ConfigurationProblems([
                .init(key: "TLS_KEY_FILE", what: "'\(files.key)' and '\(files.certificate)' cannot be used: \(error)")
            ])
        }
    }

    private static func readable<Value>(
        _ key: String, _ path: String, _ read: (String) throws -> Value
    ) throws -> Value {
        do {
            return try read(path)
        } catch {
            throw ConfigurationProblems([.init(key: key, what: "'\(path)' cannot be used: \(error)")])
        }
    }
}

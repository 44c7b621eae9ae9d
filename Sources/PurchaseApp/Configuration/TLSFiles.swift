import HummingbirdCore
import HummingbirdTLS

/// Where certificate and key are.
public struct TLSFiles: Sendable, Equatable {
    /// The chain in PEM form, the server's own certificate first.
    public let certificate: String
    /// The private key in PEM form.
    public let key: String

    /// The server with TLS 1.2 or 1.3 around it, or as it is without files.
    ///
    /// - Throws: ``ConfigurationProblems`` if the files are no certificate and key.
    static func secured(_ server: HTTPServerBuilder, by files: TLSFiles?) throws -> HTTPServerBuilder {
        guard let files else { return server }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try readable("TLS_CERT_FILE", files.certificate) {
                try NIOSSLCertificate.fromPEMFile($0).map { .certificate($0) }
            },
            privateKey: .privateKey(
                try readable("TLS_KEY_FILE", files.key) { try NIOSSLPrivateKey(file: $0, format: .pem) }))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try .tls(server, tlsConfiguration: configuration)
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

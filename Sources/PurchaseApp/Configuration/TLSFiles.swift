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
        return try .tls(.guarded(isSecured: true), tlsConfiguration: files.configuration())
    }

    /// - Throws: ``ConfigurationProblems`` if the files are no certificate and key, or not of each other.
    func check() throws(ConfigurationProblems) {
        let configuration = try configuration()
        do {
            // A server would find out only when the rest has been started.
            _ = try TLSChannel(HTTP1Channel { _, _, _ in }, tlsConfiguration: configuration)
        } catch {
            throw ConfigurationProblems([
                .init(key: "TLS_KEY_FILE", what: "'\(key)' is not the key of '\(certificate)'")
            ])
        }
    }

    private func configuration() throws(ConfigurationProblems) -> TLSConfiguration {
        var problems: [ConfigurationProblems.Problem] = []
        func read<Value>(_ key: String, _ path: String, _ what: String, _ read: (String) throws -> Value) -> Value? {
            do {
                return try read(path)
            } catch {
                problems.append(.init(key: key, what: "'\(path)' cannot be read as \(what)"))
                return nil
            }
        }
        let chain = read("TLS_CERT_FILE", certificate, "a chain of certificates in PEM form") {
            try NIOSSLCertificate.fromPEMFile($0)
        }
        let key = read("TLS_KEY_FILE", key, "a private key in PEM form") {
            try NIOSSLPrivateKey(file: $0, format: .pem)
        }
        guard let chain, let key else { throw ConfigurationProblems(problems) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}

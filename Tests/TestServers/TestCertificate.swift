import Foundation

/// A certificate that signs itself, for `localhost` and 127.0.0.1: `certificate.pem` and `key.pem`.
package enum TestCertificate {
    private struct OpenSSLFailed: Error { let status: Int32 }

    /// - Throws: what openssl says.
    package static func make(in folder: URL) throws {
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", folder.appending(path: "key.pem").path, "-out", folder.appending(path: "certificate.pem").path,
        ]
        openssl.standardError = FileHandle.nullDevice
        openssl.standardOutput = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw OpenSSLFailed(status: openssl.terminationStatus) }
    }
}

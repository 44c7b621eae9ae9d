import Foundation

extension ConfigurationParser {
    /// Origins as a browser sends them, comma-separated; none if the key is not set.
    mutating func origins(_ key: ConfigurationKey) -> Set<String> {
        guard optional(key) != nil else { return [] }
        let expected = "origins such as https://shop.example,http://localhost:5173; * is not taken"
        return value(key, expected: expected) { text in
            let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.allSatisfy(Self.isOrigin) && !parts.isEmpty ? Set(parts) : nil
        } ?? []
    }

    /// Scheme, host and port, and nothing else: it is compared to the letter.
    private static func isOrigin(_ text: String) -> Bool {
        text.wholeMatch(of: #/https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?/#) != nil
    }

    /// Both files or none.
    mutating func tlsFiles() -> TLSFiles? {
        let certificate = optional(.tlsCertificate)
        let key = optional(.tlsKey)
        for (name, path, other) in [
            (ConfigurationKey.tlsCertificate, certificate, key), (.tlsKey, key, certificate),
        ] {
            if let path {
                if !FileManager.default.isReadableFile(atPath: path) { complain(name, "'\(path)' cannot be read") }
            } else if other != nil {
                complain(name, "is required as well: certificate and key belong together")
            }
        }
        guard let certificate, let key else { return nil }
        return TLSFiles(certificate: certificate, key: key)
    }

    /// `nil` for `off`; 0 is a free port, as it is for PORT.
    mutating func metricsAddress() -> MetricsAddress? {
        let host = text(.metricsHost)
        if text(.metricsPort) == "off" { return nil }
        return value(.metricsPort, expected: "off or a whole number from 0 to 65535") { text in
            Int(text).flatMap { (0...65_535).contains($0) ? MetricsAddress(host: host, port: $0) : nil }
        }
    }
}

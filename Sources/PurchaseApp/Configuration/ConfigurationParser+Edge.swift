import Foundation

extension ConfigurationParser {
    /// Origins as a browser sends them, comma-separated; none if the key is not set.
    mutating func origins(_ key: ConfigurationKey) -> Set<String> {
        guard optional(key) != nil else { return [] }
        let expected = "origins such as https://shop.example,http://localhost:5173; * is not taken"
        return value(key, expected: expected) { text in
            let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let origins = parts.compactMap(Self.origin)
            return origins.count == parts.count && !parts.isEmpty ? Set(origins) : nil
        } ?? []
    }

    /// Scheme, host and port as a browser writes them: it is compared to the letter.
    private static func origin(_ text: String) -> String? {
        let pattern = #/(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?/#
        guard let match = text.lowercased().wholeMatch(of: pattern) else { return nil }
        let (_, scheme, host, port) = match.output
        let isUsual = port == nil || port == (scheme == "http" ? "80" : "443")
        return "\(scheme)://\(host)" + (isUsual ? "" : ":\(port ?? "")")
    }

    /// Both files or none.
    mutating func tlsFiles() -> TLSFiles? {
        let certificate = optional(.tlsCertificate)
        let key = optional(.tlsKey)
        for (name, path, other) in [
            (ConfigurationKey.tlsCertificate, certificate, key), (.tlsKey, key, certificate),
        ] {
            if let path, !FileManager.default.isReadableFile(atPath: path) {
                complain(name, "'\(path)' cannot be read")
            } else if path == nil, other != nil {
                complain(name, "is required as well: certificate and key belong together")
            }
        }
        guard let certificate, let key, problems.allSatisfy({ !$0.key.hasPrefix("TLS_") }) else { return nil }
        let files = TLSFiles(certificate: certificate, key: key)
        do {
            try files.check()
        } catch {
            complain(error)
        }
        return files
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

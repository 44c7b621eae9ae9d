import HTTPTypes

/// What every answer tells a browser: this is data, keep none of it, show none of it in a frame.
enum SecurityHeaders {
    static func add(to headers: inout HTTPFields) {
        headers[.xContentTypeOptions] = "nosniff"
        headers[.cacheControl] = "no-store"
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        for (name, value) in rest { headers[name] = value }
    }

    /// Lets a page of another origin use the answer; only for origins that are allowed to.
    static func shareAcrossOrigins(_ headers: inout HTTPFields) {
        guard let name = HTTPField.Name("Cross-Origin-Resource-Policy") else { return }
        headers[name] = "cross-origin"
    }

    private static let rest: [(HTTPField.Name, String)] = [
        ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

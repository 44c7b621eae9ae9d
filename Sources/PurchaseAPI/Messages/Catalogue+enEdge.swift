extension Catalogue {
    /// The wording of requests that are refused before anyone has read them.
    static let edgeEnglish: [String: Wording] = [
        "request.header-too-large": .init(
            "Header too large", "The header must not exceed 16 KiB or 64 fields."),
        "request.malformed": .init("Malformed request", "This is not a request of HTTP/1.1."),
        "request.too-slow": .init("Too slow", "The request did not arrive in time."),
        "request.uri-too-long": .init("Address too long", "Path and query must not exceed 4 KiB."),
    ]
}

import HTTPTypes
import Hummingbird

/// The `Prefer` header (RFC 7240), as far as this API knows it.
struct Preferences: Sendable, Equatable {
    /// No answer waits longer than this many seconds.
    static let longestWait: Int64 = 30

    /// Seconds the client is ready to wait for the order's end, capped at ``longestWait``.
    let wait: Int64?

    /// Reads what is known; an unknown or malformed preference is ignored, as the RFC demands.
    init(_ headers: HTTPFields) {
        var wait: Int64?
        for value in headers[values: .prefer] {
            for preference in value.split(separator: ",") where wait == nil {
                let parts = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].trimmingSpaces().lowercased() == "wait" else { continue }
                let digits = parts[1].trimmingSpaces()
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { continue }
                wait = min(Int64(digits) ?? Self.longestWait, Self.longestWait)
            }
        }
        self.wait = wait
    }
}

extension HTTPField.Name {
    static let prefer = Self(known: "Prefer")
    static let preferenceApplied = Self(known: "Preference-Applied")
    static let idempotencyKey = Self(known: "Idempotency-Key")
    static let idempotentReplayed = Self(known: "Idempotent-Replayed")
    static let link = Self(known: "Link")

    /// A name that is valid by construction.
    private init(known name: StaticString) {
        guard let parsed = HTTPField.Name(name.description) else {
            preconditionFailure("'\(name)' is no header name")
        }
        self = parsed
    }
}

import HTTPTypes
import Hummingbird

/// The languages of messages.
public enum Language: String, Sendable, CaseIterable {
    case ko, en

    /// The preferred one of `Accept-Language` (RFC 9110, section 12.5.4); Korean if the header names none of ours.
    init(_ headers: HTTPFields) {
        var best: (language: Language, quality: Double)?
        for range in (headers[.acceptLanguage] ?? "").split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
            guard let tag = parts.first, let primary = tag.split(separator: "-").first,
                let language = primary == "*" ? .ko : Language(rawValue: String(primary))
            else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > (best?.quality ?? 0) { best = (language, quality) }
        }
        self = best?.language ?? .ko
    }
}

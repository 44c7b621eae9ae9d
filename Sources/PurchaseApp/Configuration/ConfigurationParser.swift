import Foundation
import NIOCore
import SagaChoreography

/// Turns texts into values, noting what is wrong instead of stopping at the first mistake.
struct ConfigurationParser {
    let sources: ConfigurationSources
    private(set) var problems: [ConfigurationProblems.Problem] = []
    private(set) var report: [PurchaseConfiguration.Entry] = []

    init(_ sources: ConfigurationSources) { self.sources = sources }

    /// Every key in the order in which they are declared, those that nobody set as well.
    var entries: [PurchaseConfiguration.Entry] {
        let known = Dictionary(report.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return ConfigurationKey.allCases.map { key in
            known[key.rawValue] ?? .init(key: key.rawValue, value: "", source: "not set")
        }
    }

    /// Takes over what somebody else found wrong.
    mutating func complain(_ found: ConfigurationProblems) { problems += found.problems }

    mutating func complain(_ key: ConfigurationKey, _ what: String) {
        problems.append(.init(key: key.rawValue, what: what))
    }

    /// The text of a key that may be missing.
    mutating func optional(_ key: ConfigurationKey) -> String? {
        guard let found = sources.find(key) else { return nil }
        note(key, found.text, found.source)
        return found.text
    }

    /// The text of a key that has a default.
    mutating func text(_ key: ConfigurationKey) -> String {
        optional(key) ?? assume(key, key.defaultText ?? "")
    }

    /// Takes and reports a value that no source sets.
    mutating func assume(_ key: ConfigurationKey, _ text: String) -> String {
        note(key, text, "default")
        return text
    }

    private mutating func note(_ key: ConfigurationKey, _ text: String, _ source: String) {
        guard !report.contains(where: { $0.key == key.rawValue }) else { return }
        report.append(.init(key: key.rawValue, value: key.isSecret ? "********" : text, source: source))
    }

    mutating func value<Value>(
        _ key: ConfigurationKey, expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = text(key)
        guard let value = parse(text) else {
            complain(key, "'\(key.isSecret ? "********" : text)' is not \(expected)")
            return nil
        }
        return value
    }

    mutating func integer(_ key: ConfigurationKey, in range: ClosedRange<Int>) -> Int {
        value(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? range.lowerBound
    }

    mutating func fraction(_ key: ConfigurationKey) -> Double {
        value(key, expected: "a number from 0 to 1") { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        } ?? 0
    }

    mutating func boolean(_ key: ConfigurationKey) -> Bool {
        value(key, expected: "true or false") { ["true": true, "false": false][$0] } ?? false
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: ConfigurationKey) -> Choice? {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, expected: "one of \(names)") { Choice(rawValue: $0) }
    }

    mutating func oneOf(_ key: ConfigurationKey, _ known: [String], later: [String]) {
        let text = text(key)
        if later.contains(text) {
            complain(key, "'\(text)' is not there yet; this version knows \(known.joined(separator: ", "))")
        } else if !known.contains(text) {
            complain(key, "'\(text)' is not one of \(known.joined(separator: ", "))")
        }
    }

    /// Milliseconds, as `50` or `20-120`.
    mutating func millisecondRange(_ key: ConfigurationKey) -> ClosedRange<Duration> {
        value(key, expected: "milliseconds such as 50 or 20-120, at most 60000") { text in
            let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            let low = parts.first ?? nil
            guard let low, let high = parts.count == 2 ? parts[1] : low, parts.count <= 2, low >= 0, low <= high,
                high <= 60_000
            else { return nil }
            return .milliseconds(low) ... .milliseconds(high)
        } ?? .zero ... .zero
    }

    /// Addresses, comma-separated; none if the key is not set.
    mutating func addresses(_ key: ConfigurationKey) -> Set<String> {
        guard optional(key) != nil else { return [] }
        return value(key, expected: "IP addresses such as 10.0.0.1,10.0.0.2") { text in
            let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let isPlain = parts.allSatisfy { (try? SocketAddress(ipAddress: $0, port: 0)) != nil }
            return isPlain && !parts.isEmpty ? Set(parts) : nil
        } ?? []
    }

    mutating func crashPoint(_ stage: PurchaseConfiguration.Stage) -> String? {
        guard let text = optional(.testCrashPoint) else { return nil }
        guard stage == .test else {
            complain(.testCrashPoint, "is for APP_ENV=test only")
            return nil
        }
        let parts = text.split(separator: ":")
        guard parts.count == 2, ProbePoint(rawValue: String(parts[0])) != nil, let count = Int(parts[1]), count > 0
        else {
            let points = ProbePoint.allCases.map(\.rawValue).joined(separator: ", ")
            complain(.testCrashPoint, "'\(text)' is not point:count with a point of \(points)")
            return nil
        }
        return text
    }

    /// `90s`, `15m`, `1h`, `7d`, at most ten years.
    static func duration(_ text: String) -> Duration? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0,
            count <= 3_650 * 86_400 / unit
        else { return nil }
        return .seconds(count * unit)
    }
}

import SagaTesting

extension RunPlan {
    /// The options of `purchase simulate` that repeat this plan.
    public var arguments: String {
        var parts = ["--from \(seed)", "--seeds 1", "--profile \(faults.name)"]
        if let topology { parts.append("--topology \(topology.rawValue)") }
        if orders != 12 { parts.append("--orders \(orders)") }
        if !dropped.isEmpty { parts.append("--drop \(Self.list(dropped.sorted()))") }
        let named = FaultPlan.named[faults.name] ?? faults
        let without = named.kinds.filter { !faults.kinds.contains($0) }
        if !without.isEmpty { parts.append("--without \(Self.list(without.map(\.rawValue)))") }
        if faults.limit != .max { parts.append("--limit \(faults.limit)") }
        if !faults.skipped.isEmpty { parts.append("--skip \(Self.list(faults.skipped.sorted()))") }
        if faults.longestDelay != named.longestDelay {
            parts.append("--longest-delay \(faults.longestDelay.components.seconds)")
        }
        if isPlain { parts.append("--plain") }
        if checkInterval != RunPlan(seed: 0).checkInterval { parts.append("--check-every \(checkInterval)") }
        return parts.joined(separator: " ")
    }

    private static func list(_ values: [some CustomStringConvertible]) -> String {
        values.map(\.description).joined(separator: ",")
    }

    /// Text that is no plan.
    public struct Unreadable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads what ``arguments`` wrote; what follows `#` is a comment.
    ///
    /// - Throws: ``Unreadable``.
    public init(arguments text: some StringProtocol) throws {
        let words = String(text).prefix { $0 != "#" }.split(separator: " ")
        var options: [Substring: Substring] = [:]
        var index = words.startIndex
        while index < words.endIndex {
            let name = words[index]
            guard name.hasPrefix("--") else { throw Unreadable(description: "'\(name)' is no option") }
            let isFlag = name == "--plain"
            guard isFlag || index + 1 < words.endIndex else { throw Unreadable(description: "\(name) lacks its value") }
            options[name] = isFlag ? "" : words[index + 1]
            index += isFlag ? 1 : 2
        }
        func number<Number: LosslessStringConvertible>(_ name: Substring, _ otherwise: Number) throws -> Number {
            guard let text = options[name] else { return otherwise }
            guard let number = Number(String(text)) else { throw Unreadable(description: "\(name) \(text)") }
            return number
        }
        func numbers(_ name: Substring) -> Set<Int> {
            Set((options[name] ?? "").split(separator: ",").compactMap { Int($0) })
        }
        let profile = String(options["--profile"] ?? "all")
        guard var faults = FaultPlan.named[profile] else { throw Unreadable(description: "no profile '\(profile)'") }
        faults = faults.without(
            (options["--without"] ?? "").split(separator: ",").compactMap { FaultKind(rawValue: String($0)) })
        faults.limit = try number("--limit", Int.max)
        faults.skipped = numbers("--skip")
        faults.longestDelay = .seconds(
            try number("--longest-delay", Int(faults.longestDelay.components.seconds)))
        self.init(
            seed: try number("--from", UInt64(1)), faults: faults,
            topology: options["--topology"].flatMap { Topology(rawValue: String($0)) },
            orders: try number("--orders", 12), dropped: numbers("--drop"), isPlain: options["--plain"] != nil,
            checkInterval: try number("--check-every", RunPlan(seed: 0).checkInterval))
    }
}

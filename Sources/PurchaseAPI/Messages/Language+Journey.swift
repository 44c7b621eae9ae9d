import Journeys

extension Language {
    /// What an order's journey comes to, in a sentence.
    public func sentence(for verdict: JourneyVerdict) -> String {
        Catalogue.wording(of: "journey.\(verdict.code.rawValue)", in: self).sentence(with: words(of: verdict))
    }

    /// What to do about it; `nil` if there is nothing.
    public func advice(for verdict: JourneyVerdict) -> String? {
        verdict.advice.map {
            Catalogue.wording(of: "journey.advice.\($0)", in: self).sentence(with: words(of: verdict))
        }
    }

    private func words(of verdict: JourneyVerdict) -> [String: String] {
        var words = Dictionary(uniqueKeysWithValues: verdict.parameters.map { ($0.key.rawValue, $0.value) })
        if let seconds = verdict.parameters[.age].flatMap({ Int64($0) }) {
            words[JourneyVerdict.Parameter.age.rawValue] = duration(seconds)
        }
        return words
    }

    /// As people say it: `12 s`, `5 min`, `3 h`.
    private func duration(_ seconds: Int64) -> String {
        let (number, unit) =
            seconds < 120
            ? (seconds, ("s", "초")) : seconds < 7200 ? (seconds / 60, ("min", "분")) : (seconds / 3600, ("h", "시간"))
        switch self {
        case .en: return "\(number) \(unit.0)"
        case .ko: return "\(number)\(unit.1)"
        }
    }
}

/// The wording of every code, in every language. One file a language, keyed by code; nothing else in the system has
/// wording for people.
enum Catalogue {
    /// A short name and a sentence, in which `{name}` stands for a number or a word.
    struct Wording: Sendable {
        let title: String
        let sentence: String

        init(_ title: String, _ sentence: String) {
            self.title = title
            self.sentence = sentence
        }

        /// The sentence with its numbers; the title if one of them is missing.
        func detail(_ parameters: [String: Int64]) -> String {
            sentence(with: parameters.mapValues { String($0) })
        }

        /// The sentence with its numbers and words; the title if one of them is missing.
        func sentence(with parameters: [String: String]) -> String {
            let text = parameters.reduce(sentence) { text, parameter in
                text.split(separator: "{\(parameter.key)}", omittingEmptySubsequences: false)
                    .joined(separator: parameter.value)
            }
            return text.contains("{") ? title : text
        }
    }

    static func wordings(in language: Language) -> [String: Wording] {
        switch language {
        case .ko: allKorean
        case .en: allEnglish
        }
    }

    private static let allKorean = merged(
        korean, accessKorean, edgeKorean, stockKorean, auditKorean, interventionsKorean, journeyKorean)
    private static let allEnglish = merged(
        english, accessEnglish, edgeEnglish, stockEnglish, auditEnglish, interventionsEnglish, journeyEnglish)

    private static func merged(_ chapters: [String: Wording]...) -> [String: Wording] {
        chapters.reduce(into: [:]) { $0.merge($1) { _, new in new } }
    }

    /// The wording of `code`; of an internal error for a code that has none, which a test rules out.
    static func wording(of code: String, in language: Language) -> Wording {
        let wordings = wordings(in: language)
        return wordings[code] ?? wordings[ProblemCode.internalError.slug] ?? Wording(code, code)
    }
}

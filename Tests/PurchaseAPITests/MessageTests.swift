import HTTPTypes
import Testing

@testable import PurchaseAPI

@Suite struct MessageTests {
    @Test func `both languages word the same codes with the same numbers`() {
        func placeholders(_ wording: Catalogue.Wording) -> [Substring] {
            wording.sentence.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: "}").first
            }.sorted()
        }
        #expect(Set(Catalogue.korean.keys) == Set(Catalogue.english.keys))
        for (code, korean) in Catalogue.korean {
            #expect(Catalogue.english[code].map(placeholders) == placeholders(korean), "\(code)")
        }
    }

    @Test(arguments: Language.allCases)
    func `every code has its wording`(language: Language) {
        let wordings = Catalogue.wordings(in: language)
        for code in ProblemCode.all { #expect(wordings[code.slug] != nil, "\(code.slug)") }
        for code in FieldProblem.Code.allCases { #expect(wordings[code.rawValue] != nil, "\(code.rawValue)") }
    }

    @Test func `numbers are put in, and a sentence that lacks one is not shown`() {
        let wording = Catalogue.wording(of: "items.insufficient-stock", in: .en)
        #expect(
            wording.detail(["requested": 2, "available": 1]) == "Not enough in stock (requested: 2, available: 1).")
        #expect(wording.detail([:]) == "Insufficient stock")
    }

    @Test(
        arguments: [
            (nil, Language.ko), ("", .ko), ("en", .en), ("en-US,ko;q=0.5", .en), ("ko;q=0.4, en;q=0.8", .en),
            ("fr", .ko),
            ("*", .ko), ("en;q=0", .ko), ("fr, en;q=0.1", .en), ("EN", .en),
        ] as [(String?, Language)])
    func `Accept-Language chooses, Korean is the default`(header: String?, expected: Language) {
        var headers = HTTPFields()
        headers[.acceptLanguage] = header
        #expect(Language(headers) == expected)
    }

    @Test(
        arguments: [
            (nil, nil), ("wait=5", 5), ("respond-async, wait=10", 10), ("Wait = 3 ; foo", 3), ("wait=99999", 30),
            ("wait=x", nil),
            ("wait=-1", nil), ("wait=0", 0), ("wait=99999999999999999999999", 30), (";", nil), ("", nil),
        ] as [(String?, Int64?)])
    func `Prefer wait is read and capped`(header: String?, expected: Int64?) {
        var headers = HTTPFields()
        headers[.prefer] = header
        #expect(Preferences(headers).wait == expected)
    }
}

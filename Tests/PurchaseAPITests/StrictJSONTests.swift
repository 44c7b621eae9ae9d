import Testing

@testable import PurchaseAPI

@Suite struct StrictJSONTests {
    @Test(arguments: [
        ("null", JSONValue.null),
        (" true ", .bool(true)),
        ("-0", .number("-0")),
        ("1.50e+2", .number("1.50e+2")),
        (#""a\n\u00e9\ud83d\ude00/""#, .string("a\né😀/")),
        (
            #"{"a":[1,{"b":null}],"c":{}}"#,
            .object(["a": .array([.number("1"), .object(["b": .null])]), "c": .object([:])])
        ),
        ("[]", .array([])),
    ])
    func `a valid document is read as it was written`(text: String, expected: JSONValue) throws {
        #expect(try StrictJSON.parse(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("", StrictJSON.Failure.Reason.empty),
        ("   ", .empty),
        ("\u{FEFF}{}", .byteOrderMark),
        ("{\"a\":\u{0}1}", .nul),
        (#"{"a":"\u0000"}"#, .nul),
        (#"{"a":1,"a":2}"#, .duplicateKey),
        (#"{"a":1,"\u0061":2}"#, .duplicateKey),
        (#""\ud800""#, .loneSurrogate),
        (#""\ud800x""#, .loneSurrogate),
        (#""\ud800\u0041""#, .loneSurrogate),
        (#""\udc00""#, .loneSurrogate),
        ("NaN", .syntax), ("Infinity", .syntax), ("-Infinity", .syntax), ("01", .syntax), ("+1", .syntax),
        ("1.", .syntax), (".5", .syntax), ("1e", .syntax), ("0x10", .syntax), ("-", .syntax),
        ("{", .syntax), (#"{"a"}"#, .syntax), (#"{"a":1,}"#, .syntax), ("[1,]", .syntax), ("[1 2]", .syntax),
        ("{'a':1}", .syntax), ("{a:1}", .syntax), ("tru", .syntax), ("nulll", .syntax), ("1 2", .syntax),
        ("\"a\nb\"", .syntax), (#""\x""#, .syntax), (#""\u12g4""#, .syntax), (#""\u12"#, .syntax), ("\"abc", .syntax),
        ("// a\n1", .syntax),
    ])
    func `what parsers disagree about is refused`(text: String, reason: StrictJSON.Failure.Reason) {
        #expect(failure(Array(text.utf8)) == reason)
    }

    @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(failure(bytes) == .notUTF8)
    }

    @Test func `sixteen levels are read and seventeen are refused`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try StrictJSON.parse(nested(16)) }
        #expect(failure(nested(17)) == .tooDeep)
        #expect(failure(nested(30_000)) == .tooDeep)
    }

    @Test(arguments: [
        ("1", JSONValue.IntegerReading.exact(1)), ("-7", .exact(-7)), ("9223372036854775807", .exact(.max)),
        ("9223372036854775808", .beyond64Bits), ("1.0", .exact(1)), ("-7.000", .exact(-7)), ("1.01", .fractional),
        ("1.0e1", .fractional), ("1e2", .fractional), ("1E0", .fractional),
    ])
    func `only digits are an integer`(text: String, reading: JSONValue.IntegerReading) {
        #expect(JSONValue.number(text).integer == reading)
    }

    private func failure(_ bytes: [UInt8]) -> StrictJSON.Failure.Reason? {
        do {
            _ = try StrictJSON.parse(bytes)
            return nil
        } catch {
            return error.reason
        }
    }
}

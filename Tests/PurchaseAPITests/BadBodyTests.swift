import FoundationEssentials
import HTTPTypes
import Testing

@testable import PurchaseAPI

/// Holds what no client should send against every path that reads a body.
@Suite struct `A bad body, on every path that reads one` {
    private static func nested(_ depth: Int) -> String {
        String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }

    private static let unreadable: [(name: String, bytes: [UInt8])] = [
        ("nothing", []), ("an open brace", Array("{".utf8)), ("NaN", Array(#"{"a":NaN}"#.utf8)),
        ("Infinity", Array(#"{"a":-Infinity}"#.utf8)), ("17 levels", Array(nested(17).utf8)),
        ("a key twice", Array(#"{"name":"a","name":"b"}"#.utf8)),
        ("not UTF-8", [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]),
        ("UTF-16", [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]), ("a byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        ("a NUL", [0x7B, 0, 0x7D]), ("a NUL in a text", Array(#"{"name":"a\u0000"}"#.utf8)),
        ("half a surrogate", Array(#"{"name":"\ud800"}"#.utf8)), ("two values", Array("{}{}".utf8)),
        ("a comment", Array("{/* */}".utf8)),
    ]

    @Test func `is 400 if it cannot be parsed, and nothing is written`() async throws {
        try await APIHarness.visitRoutes(.withBody) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            for (name, bytes) in Self.unreadable {
                let answer = try await api.send(route.method, sample.path(shop), token: token, bytes: bytes)
                #expect(answer.status == .badRequest, "\(route.name), \(name): \(answer.body)")
                #expect(answer.code == "request.malformed-json")
            }
            #expect(try await api.rowsWritten() == before)
        }
    }

    @Test func `is 415 in another format and 413 over 64 KiB, and nothing is written`() async throws {
        try await APIHarness.visitRoutes(.withBody) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            let text = try #require(sample.body(shop))
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"] {
                let answer = try await api.send(
                    route.method, sample.path(shop), token: token, text, headers: [.contentType: type])
                #expect(answer.status == .unsupportedMediaType, "\(route.name), \(type)")
            }
            let long = Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: 65_537 - text.utf8.count)
            let answer = try await api.send(route.method, sample.path(shop), token: token, bytes: long)
            #expect(answer.status == .contentTooLarge, "\(route.name)")
            #expect(try await api.rowsWritten() == before)
        }
    }

    @Test func `is 422 with a field nobody knows, but on the kept paths, where it is ignored`() async throws {
        try await APIHarness.visitRoutes(.withBody) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            let text = try Self.changed(try #require(sample.body(shop)), "unheard/of", .bool(true))
            let answer = try await api.send(route.method, sample.path(shop), token: token, text)
            if route.body?.others == .ignored {
                #expect(route.answers.contains { $0.status == answer.status }, "\(route.name): \(answer.body)")
                #expect(try await api.rowsWritten() > before)
            } else {
                #expect(answer.status == .unprocessableContent, "\(route.name)")
                #expect(try answer.array("errors").map { try $0.text("pointer") } == ["/unheard~1of"])
                #expect(try await api.rowsWritten() == before)
            }
        }
    }

    @Test func `is 422 by the pointer of each field of a wrong type, too long, blank or out of range`() async throws {
        try await APIHarness.visitRoutes(.withBody) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            let text = try #require(sample.body(shop))
            for property in route.body?.properties ?? [] {
                for value in Self.wrong(for: property.schema) {
                    let body = try Self.changed(text, property.name, value)
                    let answer = try await api.send(route.method, sample.path(shop), token: token, body)
                    #expect(
                        answer.status == .unprocessableContent,
                        "\(route.name) \(property.name) = \(value.text.prefix(40)): \(answer.body)")
                    let pointers = try answer.array("errors").map { try $0.text("pointer") }
                    #expect(
                        pointers.contains { $0.hasPrefix("/\(property.name)") },
                        "\(route.name) \(property.name) = \(value.text.prefix(40)): \(pointers)")
                }
            }
            #expect(try await api.rowsWritten() == before, "\(route.name)")
        }
    }

    @Test func `is 422 by the pointer of each field that is missing`() async throws {
        try await APIHarness.visitRoutes(.withBody) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            for property in route.body?.properties ?? [] where property.isRequired {
                for value in [nil, .null] as [JSONValue?] {
                    let body = try Self.changed(try #require(sample.body(shop)), property.name, value)
                    let answer = try await api.send(route.method, sample.path(shop), token: token, body)
                    #expect(answer.status == .unprocessableContent, "\(route.name) \(property.name)")
                    let pointers = try answer.array("errors").map { try $0.text("pointer") }
                    #expect(pointers.contains("/\(property.name)"), "\(route.name): \(pointers)")
                }
            }
        }
    }

    /// The body with one member set, or removed.
    private static func changed(_ text: String, _ name: String, _ value: JSONValue?) throws -> String {
        guard case .object(var members) = try StrictJSON.parse(Array(text.utf8)) else { return text }
        members[name] = value
        return JSONValue.object(members).text
    }

    /// The keywords that bind a value; those of an optional field stand beside null.
    private static func keywords(of schema: Schema) -> [String: JSONValue] {
        guard case .object(let members) = schema.json else { return [:] }
        guard case .array(let choices)? = members["anyOf"], choices.count == 2,
            case .object(let value)? = choices.first
        else { return members }
        return value
    }

    /// Values that a schema does not take.
    private static func wrong(for schema: Schema) -> [JSONValue] {
        // No field is an object of any members.
        var values: [JSONValue] = [["x": 1]]
        let members = keywords(of: schema)
        let types: [String] = if case .string(let type)? = members["type"] { [type] } else { [] }
        if types.contains("integer") {
            values += [.number("1.5"), .number("1e2"), "1", .bool(true), .number("9223372036854775808"), []]
            if case .exact(let least)? = members["minimum"]?.integer { values.append(.number("\(least - 1)")) }
            if case .exact(let most)? = members["maximum"]?.integer, most < .max {
                values.append(.number("\(most + 1)"))
            }
        }
        if types.contains("string") {
            values += [1, .bool(false), ["a"]]
            if case .exact(let most)? = members["maxLength"]?.integer {
                values += [.string(String(repeating: "가", count: Int(most) + 1)), ""]
            }
            if case .string(let pattern)? = members["pattern"], pattern.contains("\\s") {
                values += [.string("   "), .string("a\u{7}b"), .string("a\u{9f}b")]
            }
            if members["enum"] != nil { values.append("nonsense") }
            if case .string("date-time")? = members["format"] {
                values += ["yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01", "1767225600"]
            }
            if case .string(let pattern)? = members["pattern"], pattern.hasPrefix("^[A-Za-z0-9_-]") {
                values += ["", "a b", "é", .string(String(repeating: "a", count: 65))]
            }
            if case .string("uuid")? = members["format"] { values += ["x", "", "018f0000-0000-7000-8000-00000000000"] }
        }
        if types.contains("number") {
            values += ["1", .number("0.001"), .number("-1"), .number("1e2"), .number("1e400")]
        }
        if types.contains("boolean") { values += ["true", 1, 0] }
        if types.contains("array") { values += ["a", 1] }
        return values
    }
}

import Testing

@testable import PurchaseAPI

@Suite struct `The API's own description` {
    @Test func `is served, and names every path with its method`() async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.get, "/openapi.json")
            #expect(answer.status == .ok)
            #expect(try answer.text("openapi") == "3.1.0")
            for route in api.routes {
                let operation = try answer.json.at(["paths", route.path, route.method.rawValue.lowercased()])
                #expect(try operation.text("summary") == route.summary)
            }
        }
    }

    @Test func `refers only to schemas that it has, and names each operation once`() async throws {
        try await APIHarness.run { api in
            let document = try await api.send(.get, "/openapi.json").json
            guard case .object(let schemas) = try document.at(["components", "schemas"]) else {
                Issue.record("no schemas")
                return
            }
            for reference in document.references {
                #expect(schemas[String(reference.dropFirst("#/components/schemas/".count))] != nil, "\(reference)")
            }
            let operations = document.texts(of: "operationId")
            #expect(Set(operations).count == operations.count && operations.count == api.routes.count)
        }
    }
}

extension JSONValue {
    fileprivate var references: [String] { texts(of: "$ref") }

    /// Every text that is called `name`, wherever it stands.
    fileprivate func texts(of name: String) -> [String] {
        switch self {
        case .array(let values): return values.flatMap { $0.texts(of: name) }
        case .object(let members):
            return members.flatMap { key, value -> [String] in
                if key == name, case .string(let text) = value { return [text] }
                return value.texts(of: name)
            }
        default: return []
        }
    }
}

@Suite struct FieldTests {
    @Test(arguments: [
        ("12", 1200), ("12.5", 1250), ("0.01", 1), ("-0.25", -25), ("100.00", 10_000), ("0", 0),
    ])
    func `hundredths are read exactly and written back`(text: String, hundredths: Int64) {
        #expect(Hundredths.read(text) == hundredths)
        #expect(Hundredths.read(Hundredths.text(hundredths)) == hundredths)
    }

    @Test(arguments: ["12.345", "1e2", "12.", "99999999999999999999", "1.5E1"])
    func `what has no exact hundredths is refused`(text: String) { #expect(Hundredths.read(text) == nil) }

    @Test(arguments: [
        ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00.000Z"),
        ("2026-01-31T09:00:00.5+09:00", "2026-01-31T00:00:00.500Z"),
        ("2026-01-31t09:00:00.123456z", "2026-01-31T09:00:00.123Z"),
        ("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00.000Z"),
    ])
    func `a time is read in any offset`(text: String, utc: String) {
        #expect(RFC3339.read(text)?.description == utc)
    }

    @Test(arguments: [
        "2026-02-30T09:00:00Z", "2026-01-31", "2026-01-31T09:00:00", "2026-01-31T24:00:00Z", "2026-01-31T09:00:00+9:00",
        "", "2026-01-31T09:00:00.Z",
    ])
    func `what is no time is refused`(text: String) { #expect(RFC3339.read(text) == nil) }
}

import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

/// Holds bad ids, queries and header fields against every path that reads them.
@Suite struct `A bad id, query or field, on every path that reads one` {
    private static let malformed = [
        "x", "1", "-1", "null", "018f0000-0000-7000-8000-00000000000", "018f0000-0000-7000-8000-0000000000012",
        "018f0000x0000x7000x8000x000000000001", "%7B018f0000-0000-7000-8000-000000000001%7D", "%F0%9F%98%80",
        "1%27%20OR%20%271%27=%271", "018f0000-0000-7000-8000-000000000001%00",
    ]

    /// The path with the segment of one parameter replaced.
    private static func path(_ path: String, of route: Route, _ parameter: String, _ value: String) -> String {
        zip(route.path.split(separator: "/"), path.split(separator: "/")).map { pattern, segment in
            pattern == "{\(parameter)}" ? "/\(value)" : "/\(segment)"
        }.joined()
    }

    @Test func `is 400 if the id is malformed, 404 if nothing has it`() async throws {
        try await APIHarness.visitRoutes(.withPathParameter) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            for parameter in route.pathParameters {
                for value in Self.malformed {
                    let answer = try await api.send(
                        route.method, Self.path(sample.path(shop), of: route, parameter, value), token: token,
                        sample.body(shop))
                    #expect(answer.status == .badRequest, "\(route.name) \(value): \(answer.body)")
                    #expect(answer.code == "request.malformed-id", "\(route.name) \(value)")
                }
                let unknown = try await api.send(
                    route.method, Self.path(sample.path(shop), of: route, parameter, "\(UUID())"), token: token,
                    sample.body(shop))
                #expect(unknown.status == .notFound, "\(route.name): \(unknown.body)")
            }
            // Whoever asks for another user's things is audited: that, and nothing else.
            let isAudited = if case .owner = route.access { true } else { false }
            #expect(try await api.rowsWritten() - before == (isAudited ? 1 : 0), "\(route.name)")
        }
    }

    @Test func `is 422 for a limit that cannot be, 400 for a cursor that was not given out`() async throws {
        let limits = ["0", "-1", "501", "1000000000", "9223372036854775808", "1.5", "x", "", "%00"]
        let cursors = ["", "x", "AAAA", "!!!!", String(repeating: "A", count: 38), String(repeating: "A", count: 3000)]
        try await APIHarness.visitRoutes(.withParameter("limit")) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            for limit in limits {
                let answer = try await api.send(.get, "\(sample.path(shop))?limit=\(limit)", token: token)
                #expect(answer.status == .unprocessableContent, "\(route.name) \(limit)")
                #expect(try answer.array("errors").map { try $0.text("parameter") } == ["limit"])
            }
            guard route.parameters.contains(where: { $0.name == "cursor" }) else { return }
            // Well made, by this very key, for a list that is another one.
            let key = try TokenKey.hs256(secret: APIHarness.secret)
            let foreign = Cursors(secret: key.secret(for: "cursors")).write(UUID(), of: "another")
            for cursor in cursors + [foreign] {
                let answer = try await api.send(.get, "\(sample.path(shop))?cursor=\(cursor)", token: token)
                #expect(answer.status == .badRequest, "\(route.name) \(cursor.prefix(40))")
                #expect(answer.code == "request.malformed-cursor")
            }
        }
    }

    @Test func `is 422 for every other parameter that is not what it must be`() async throws {
        try await APIHarness.visitRoutes(.withParameter(nil)) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            for parameter in route.parameters where parameter.place == .query && parameter.name != "cursor" {
                for value in Self.wrong(for: parameter.schema) {
                    let answer = try await api.send(
                        route.method, "\(sample.path(shop))?\(parameter.name)=\(value)", token: token,
                        sample.body(shop))
                    #expect(answer.status == .unprocessableContent, "\(route.name) \(parameter.name)=\(value)")
                    #expect(try answer.array("errors").map { try $0.text("parameter") } == [parameter.name])
                }
            }
        }
    }

    private static func wrong(for schema: Schema) -> [String] {
        guard case .object(let members) = schema.json, case .string(let type)? = members["type"] else { return [] }
        var values: [String] = []
        switch type {
        case "integer": values = ["x", "1e2", "99999999999999999999"]
        case "boolean": values = ["1", "yes", ""]
        default:
            if members["enum"] != nil { values.append("nonsense") }
            if case .string("uuid")? = members["format"] { values.append("x") }
            if case .exact(let most)? = members["maxLength"]?.integer {
                values.append(String(repeating: "a", count: Int(most) + 1))
            }
        }
        return values
    }

    @Test func `is 400 for a key of a repetition that no key may be`() async throws {
        try await APIHarness.visitRoutes(.withParameter("Idempotency-Key")) { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let before = try await api.rowsWritten()
            for key in ["", "a b", "ключ", "a\tb", String(repeating: "k", count: 256)] {
                let answer = try await api.send(
                    route.method, sample.path(shop), token: token, sample.body(shop), headers: [.idempotencyKey: key])
                #expect(answer.status == .badRequest, "\(route.name) '\(key.prefix(20))'")
                #expect(answer.code == "request.malformed-idempotency-key")
            }
            #expect(try await api.rowsWritten() == before)
            let longest = try await api.send(
                route.method, sample.path(shop), token: token, sample.body(shop),
                headers: [.idempotencyKey: String(repeating: "k", count: 255)])
            #expect(route.answers.contains { $0.status == longest.status }, "\(route.name)")
        }
    }
}

@testable import PurchaseAPI

/// Compares a value with a JSON Schema, as far as the API's own schemas go; a keyword that it does not know is a finding.
struct SchemaCheck {
    let components: [String: JSONValue]

    /// - Returns: what does not fit, each with its place.
    func findings(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        guard case .object(let members) = schema else {
            return schema == false ? ["\(place): must not be there"] : []
        }
        if case .string(let reference)? = members["$ref"] {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let target = components[name] else { return ["\(place): there is no schema \(name)"] }
            return findings(value, target, at: place)
        }
        return members.sorted { $0.key < $1.key }.flatMap { keyword, rule in
            check(value, keyword, rule, members, place)
        }
    }

    private func check(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: [String: JSONValue], _ place: String
    ) -> [String] {
        switch (keyword, rule, value) {
        case ("type", .string(let type), _):
            return Self.types(of: value).contains(type) ? [] : ["\(place): \(value.text) is no \(type)"]
        case ("enum", .array(let values), _):
            return values.contains(value) ? [] : ["\(place): \(value.text) is none of \(rule.text)"]
        case ("const", _, _): return value == rule ? [] : ["\(place): \(value.text) is not \(rule.text)"]
        case ("anyOf", .array(let schemas), _):
            let isFit = schemas.contains { findings(value, $0, at: place).isEmpty }
            return isFit ? [] : ["\(place): \(value.text) fits none of \(rule.text)"]
        case ("required", .array(let names), .object(let members)):
            return names.compactMap { name in
                if case .string(let name) = name, members[name] == nil { "\(place): \(name) is missing" } else { nil }
            }
        case ("properties", .object(let properties), .object(let members)):
            return properties.sorted { $0.key < $1.key }.flatMap { name, schema in
                members[name].map { findings($0, schema, at: "\(place)/\(name)") } ?? []
            }
        case ("additionalProperties", _, .object(let members)):
            guard case .object(let known) = schema["properties"] ?? [:] else { return [] }
            return members.filter { known[$0.key] == nil }.flatMap {
                findings($0.value, rule, at: "\(place)/\($0.key)")
            }
        case ("items", _, .array(let values)):
            return values.enumerated().flatMap { findings($1, rule, at: "\(place)/\($0)") }
        case ("minimum", .number(let bound), .number(let number)):
            return (Double(number) ?? 0) >= (Double(bound) ?? 0) ? [] : ["\(place): \(number) is below \(bound)"]
        case ("maximum", .number(let bound), .number(let number)):
            return (Double(number) ?? 0) <= (Double(bound) ?? 0) ? [] : ["\(place): \(number) is above \(bound)"]
        case ("pattern", .string(let pattern), .string(let text)):
            let isFit = (try? Regex(pattern)).map { text.contains($0) } ?? false
            return isFit ? [] : ["\(place): '\(text)' is not like \(pattern)"]
        case ("format", .string("uuid"), .string(let text)):
            return text.utf8.count == 36 ? [] : ["\(place): '\(text)' is no UUID"]
        case ("format", .string("date-time"), .string(let text)):
            return RFC3339.read(text) != nil ? [] : ["\(place): '\(text)' is no time"]
        case ("required", _, _), ("properties", _, _), ("additionalProperties", _, _), ("items", _, _),
            ("minimum", _, _), ("maximum", _, _), ("format", _, _), ("pattern", _, _):
            return []
        default: return ["\(place): the check does not know '\(keyword)'"]
        }
    }

    private static func types(of value: JSONValue) -> Set<String> {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .number: value.integer == .fractional ? ["number"] : ["number", "integer"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}

/// The promise of the API's description, held against what it answers.
struct ContractCheck: Sendable {
    private let routes: [Route]
    private let table: RouteTable
    private let components: [String: JSONValue]

    init(_ api: PurchaseAPI, settings: APISettings) {
        routes = api.routes
        table = RouteTable(routes)
        let document = OpenAPIDocument(routes: routes, settings: settings).document
        guard case .object(let schemas)? = try? document.at(["components", "schemas"]) else {
            components = [:]
            return
        }
        components = schemas
    }

    /// - Returns: how this answer differs from what the description says of it.
    func findings(_ answer: Answer, to method: String, _ path: String) -> [String] {
        let path = String(path.prefix { $0 != "?" })
        guard method != "HEAD", let name = table.name(of: method, path),
            let route = routes.first(where: { $0.path == name && $0.method.rawValue == method })
        else { return [] }
        let check = SchemaCheck(components: components)
        let what = "\(method) \(name) answered \(answer.status.code)"
        if let described = route.answers.first(where: { $0.status == answer.status }) {
            guard let schema = described.schema else {
                return answer.body.isEmpty ? [] : ["\(what) with a body, which is not described"]
            }
            guard described.contentType == "application/json" else { return [] }
            return check.findings(answer.json, schema.json).map { "\(what): \($0)" }
        }
        guard route.refusals.contains(answer.status.code) else { return ["\(what), which is not described"] }
        return check.findings(answer.json, ProblemDetails.schema.json).map { "\(what): \($0)" }
    }
}

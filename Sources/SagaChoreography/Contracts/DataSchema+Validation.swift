import FoundationEssentials

extension DataSchema {
    /// Where and how JSON is not of this schema, in words; empty if it is. No value of the JSON is told.
    ///
    /// - Throws: `DecodingError` if it is no JSON.
    public func violations(in json: Data) throws -> [String] {
        violations(in: try JSONDecoder().decode(JSONValue.self, from: json), at: "")
    }

    private func violations(in value: JSONValue, at path: String) -> [String] {
        func broken(_ what: String) -> [String] { [path.isEmpty ? what : "'\(path)' \(what)"] }
        if case .null = value { return isNullable ? [] : broken("is null") }
        if !shapes.isEmpty {
            let fitting = shapes.count { $0.violations(in: value, at: path).isEmpty }
            return fitting == 1 ? [] : broken("has \(fitting) of its shapes")
        }
        switch (kind, value) {
        case (.object, .object(let members)): return violations(among: members, at: path)
        case (.array, .array(let values)):
            return elements.flatMap { element in values.flatMap { element.violations(in: $0, at: "\(path)[]") } }
        case (.string, .string(let text)):
            if let known, !known.contains(text) { return broken("is not one of those known") }
            if format == "uuid", UUID(uuidString: text) == nil { return broken("is no UUID") }
            return []
        case (.integer, .integer(let number)), (.number, .integer(let number)):
            if let minimum, number < minimum { return broken("is less than \(minimum)") }
            if let maximum, number > maximum { return broken("is more than \(maximum)") }
            return []
        case (.number, .number), (.boolean, .bool): return []
        case (nil, _): return []
        default: return broken("is no \(kind?.rawValue ?? "value")")
        }
    }

    private func violations(among members: [String: JSONValue], at path: String) -> [String] {
        func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        let missing = required.filter { members[$0] == nil }.map { "'\(place($0))' is missing" }
        let wrong = members.flatMap { name, value in
            (fields?[name].map { [$0] } ?? values).flatMap { $0.violations(in: value, at: place(name)) }
        }
        return (missing + wrong).sorted()
    }
}

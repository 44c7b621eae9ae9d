import FoundationEssentials
import PurchaseContracts

/// Reads the members of a JSON object and remembers everything that is wrong with them, so that one answer lists it all.
struct FieldReader {
    private let members: [String: JSONValue]
    /// JSON pointer (RFC 6901) of the object itself.
    private let base: String
    private(set) var problems: [FieldProblem] = []

    /// A reader of a whole body, which must be an object.
    init(_ body: JSONValue) {
        self.init(body, at: "")
    }

    private init(_ value: JSONValue, at pointer: String) {
        base = pointer
        if case .object(let members) = value {
            self.members = members
        } else {
            members = [:]
            problems = [FieldProblem(pointer: pointer, code: .object)]
        }
    }

    /// - Throws: ``APIError`` 422 with every problem found.
    func finish() throws(APIError) {
        guard problems.isEmpty else { throw .invalid(problems) }
    }

    mutating func report(_ name: String, _ code: FieldProblem.Code, _ parameters: [String: Int64] = [:]) {
        // A body that is no object has one problem, not one more for each of its missing members.
        guard !problems.contains(where: { $0.pointer == base && $0.code == .object }) else { return }
        problems.append(FieldProblem(pointer: pointer(to: name), code: code, parameters: parameters))
    }

    /// Whether the member is there and not null.
    func has(_ name: String) -> Bool { present(name) != nil }

    private func pointer(to name: String) -> String { "\(base)/\(name)" }

    private func present(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    private mutating func required(_ name: String) -> JSONValue? {
        let value = present(name)
        if value == nil { report(name, .required) }
        return value
    }
}

extension FieldReader {
    /// A required integer; `1.5`, `1e2` and `"1"` are none.
    mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = required(name) else { return nil }
        switch value.integer {
        case .exact(let number) where range.contains(number): return number
        case .exact, .beyond64Bits:
            report(name, .range, ["minimum": range.lowerBound, "maximum": range.upperBound])
        case .fractional, nil: report(name, .integer)
        }
        return nil
    }

    /// A required id.
    mutating func id<ID: EntityID>(_ name: String, as type: ID.Type = ID.self) -> ID? {
        required(name).flatMap { readID($0, name) }
    }

    /// An id that may be missing or null.
    mutating func optionalID<ID: EntityID>(_ name: String, as type: ID.Type = ID.self) -> ID? {
        present(name).flatMap { readID($0, name) }
    }

    private mutating func readID<ID: EntityID>(_ value: JSONValue, _ name: String) -> ID? {
        guard case .string(let text) = value else {
            report(name, .string)
            return nil
        }
        guard let id = ID(text) else {
            report(name, .id)
            return nil
        }
        return id
    }

    /// A required text for people: not blank, no control characters, at most `maximum` characters.
    mutating func text(_ name: String, maximum: Int) -> String? {
        required(name).flatMap { readText($0, name, maximum: maximum) }
    }

    /// As ``text(_:maximum:)``, but it may be missing or null.
    ///
    /// - Parameter isMultiline: whether line breaks and tabs are let through.
    mutating func optionalText(_ name: String, maximum: Int, isMultiline: Bool = false) -> String? {
        present(name).flatMap { readText($0, name, maximum: maximum, isMultiline: isMultiline) }
    }

    private mutating func readText(
        _ value: JSONValue, _ name: String, maximum: Int, isMultiline: Bool = false
    ) -> String? {
        func isRefused(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory == .control
                && !(isMultiline && (scalar == "\n" || scalar == "\r" || scalar == "\t"))
        }
        guard case .string(let text) = value else {
            report(name, .string)
            return nil
        }
        if text.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) {
            report(name, .blank)
        } else if text.unicodeScalars.contains(where: isRefused) {
            report(name, .controlCharacters)
        } else if text.unicodeScalars.count > maximum {
            report(name, .length, ["maximum": Int64(maximum)])
        } else {
            return text
        }
        return nil
    }

    /// A required array of objects, each read by `read`.
    mutating func objects<Element>(
        _ name: String, count: ClosedRange<Int>, read: (inout FieldReader) -> Element?
    ) -> [Element]? {
        guard let value = required(name) else { return nil }
        guard case .array(let values) = value else {
            report(name, .array)
            return nil
        }
        guard count.contains(values.count) else {
            report(name, .count, ["minimum": Int64(count.lowerBound), "maximum": Int64(count.upperBound)])
            return nil
        }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            var reader = FieldReader(value, at: "\(pointer(to: name))/\(index)")
            if let element = read(&reader) { elements.append(element) }
            problems.append(contentsOf: reader.problems)
        }
        return elements.count == values.count ? elements : nil
    }
}

/// One thing that is wrong with a body or a query.
struct FieldProblem: Sendable, Equatable {
    /// What is wrong, as a key of the message catalogue.
    enum Code: String, Sendable, CaseIterable {
        case required = "field.required"
        case object = "field.object"
        case array = "field.array"
        case string = "field.string"
        case integer = "field.integer"
        case id = "field.id"
        case range = "field.range"
        case length = "field.length"
        case count = "field.count"
        case blank = "field.blank"
        case controlCharacters = "field.control-characters"
        case conflict = "field.conflict"
        /// Refused by the service, which knows a rule this API does not.
        case invalid = "field.invalid"
    }

    /// JSON pointer into the body; for a query parameter, its name after `?`.
    var pointer: String
    var code: Code
    var parameters: [String: Int64] = [:]
}

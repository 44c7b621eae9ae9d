import FoundationEssentials
import PurchaseContracts

/// Reads the members of a JSON object and remembers everything that is wrong with them, so that one answer lists it all.
struct FieldReader {
    private let members: [String: JSONValue]
    /// JSON pointer (RFC 6901) of the object itself.
    private let base: String
    private(set) var problems: [FieldProblem] = []

    /// A reader of a whole body, which must be an object.
    init(_ body: JSONValue, as schema: BodySchema) {
        self.init(body, as: schema, at: "")
    }

    private init(_ value: JSONValue, as schema: BodySchema, at pointer: String) {
        base = pointer
        guard case .object(let members) = value else {
            self.members = [:]
            problems = [FieldProblem(pointer: pointer, code: .object)]
            return
        }
        self.members = members
        guard schema.others == .refused else { return }
        for name in members.keys.sorted() where !schema.knows(name) { report(name, .unknown) }
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

    /// Whether the member is there, null or not: what a change that may clear a member has to know.
    func mentions(_ name: String) -> Bool { members[name] != nil }

    /// `/` and `~` in a name are escaped as the RFC demands.
    private func pointer(to name: String) -> String {
        var escaped = ""
        for character in name {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
        return "\(base)/\(escaped)"
    }

    private func present(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }
}

extension FieldReader {
    /// A member's value; `nil` if it is missing, null, or not what it must be, which is reported unless it may be so.
    mutating func read<Value>(_ field: Field<Value>) -> Value? {
        guard let value = present(field.name) else {
            if field.isRequired { report(field.name, .required) }
            return nil
        }
        do {
            return try field.read(value)
        } catch {
            report(field.name, error.code, error.parameters)
            return nil
        }
    }

    /// An array of objects, each read by `read`.
    mutating func read<Element>(
        _ field: ObjectsField, each read: (inout FieldReader) -> Element?
    ) -> [Element]? {
        guard let value = present(field.name) else {
            if field.isRequired { report(field.name, .required) }
            return nil
        }
        guard case .array(let values) = value else {
            report(field.name, .array)
            return nil
        }
        guard field.count.contains(values.count) else {
            report(
                field.name, .count,
                ["minimum": Int64(field.count.lowerBound), "maximum": Int64(field.count.upperBound)])
            return nil
        }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            var reader = FieldReader(value, as: field.element, at: "\(pointer(to: field.name))/\(index)")
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
        case unknown = "field.unknown"
        case object = "field.object"
        case array = "field.array"
        case string = "field.string"
        case bool = "field.bool"
        case integer = "field.integer"
        case decimals = "field.decimals"
        case id = "field.id"
        case time = "field.time"
        case choice = "field.choice"
        case range = "field.range"
        case length = "field.length"
        case secretLength = "field.secret-length"
        case count = "field.count"
        case blank = "field.blank"
        case controlCharacters = "field.control-characters"
        case conflict = "field.conflict"
        case unknownCategory = "field.unknown-category"
        case passwordIsName = "field.password-is-name"
        case emailAddress = "field.email-address"
        /// Refused by the service, which knows a rule this API does not.
        case invalid = "field.invalid"
    }

    /// JSON pointer into the body; for a query parameter, its name after `?`.
    var pointer: String
    var code: Code
    var parameters: [String: Int64] = [:]
}

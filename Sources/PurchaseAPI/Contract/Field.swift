import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// A member of a body that is read: its name, what it may be, and how it is read. The description that clients get and the
/// check that refuses are the same value, so that neither can drift.
struct Field<Value: Sendable>: Sendable {
    let name: String
    let schema: Schema
    /// Whether a body without it is refused.
    let isRequired: Bool
    /// - Throws: what is wrong with the value.
    let read: @Sendable (JSONValue) throws(Fault) -> Value

    /// What is wrong with a value, before one knows where it stood.
    struct Fault: Error {
        let code: FieldProblem.Code
        var parameters: [String: Int64] = [:]
    }

    init(
        _ name: String, _ schema: Schema, isRequired: Bool = true,
        read: @escaping @Sendable (JSONValue) throws(Fault) -> Value
    ) {
        self.name = name
        self.schema = schema
        self.isRequired = isRequired
        self.read = read
    }

    /// The same, but it may be missing or null.
    var optional: Field { Field(name, schema.orNull, isRequired: false, read: read) }

    var property: Schema.Property { Schema.Property(name: name, schema: schema, isRequired: isRequired) }
}

extension Field where Value == Int64 {
    /// An integer; `1.5`, `1e2` and `"1"` are none.
    static func integer(_ name: String, in range: ClosedRange<Int64>) -> Field {
        Field(name, .integer(range)) { value throws(Fault) in
            switch value.integer {
            case .exact(let number) where range.contains(number): return number
            case .exact, .beyond64Bits:
                throw Fault(code: .range, parameters: ["minimum": range.lowerBound, "maximum": range.upperBound])
            case .fractional, nil: throw Fault(code: .integer)
            }
        }
    }

    /// A number with at most two decimals, read as hundredths: `12.5` is 1250.
    ///
    /// - Parameter range: in hundredths.
    static func hundredths(_ name: String, in range: ClosedRange<Int64>) -> Field {
        let schema = Schema([
            "type": "number", "minimum": .number(Hundredths.text(range.lowerBound)),
            "maximum": .number(Hundredths.text(range.upperBound)), "multipleOf": .number("0.01"),
        ])
        return Field(name, schema) { value throws(Fault) in
            guard case .number(let text) = value, let hundredths = Hundredths.read(text) else {
                throw Fault(code: .decimals)
            }
            guard range.contains(hundredths) else {
                throw Fault(
                    code: .range,
                    parameters: ["minimum": range.lowerBound / 100, "maximum": range.upperBound / 100])
            }
            return hundredths
        }
    }
}

extension Field where Value == Bool {
    static func bool(_ name: String) -> Field {
        Field(name, .bool) { value throws(Fault) in
            guard case .bool(let bool) = value else { throw Fault(code: .bool) }
            return bool
        }
    }
}

extension Field where Value: EntityID {
    static func id(_ name: String) -> Field {
        Field(name, .id) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard let id = Value(text) else { throw Fault(code: .id) }
            return id
        }
    }
}

extension Field {
    /// An array of ids.
    static func ids<ID: EntityID>(_ name: String, count: ClosedRange<Int>) -> Field where Value == [ID] {
        Field(name, .array(of: .id, count: count)) { value throws(Fault) in
            guard case .array(let values) = value else { throw Fault(code: .array) }
            guard count.contains(values.count) else {
                throw Fault(
                    code: .count,
                    parameters: ["minimum": Int64(count.lowerBound), "maximum": Int64(count.upperBound)])
            }
            var ids: [ID] = []
            for value in values {
                guard case .string(let text) = value, let id = ID(text) else { throw Fault(code: .id) }
                ids.append(id)
            }
            return ids
        }
    }

    /// Several names of an enumeration.
    static func choices<Choice>(_ name: String, count: ClosedRange<Int>) -> Field
    where Value == [Choice], Choice: CaseIterable & RawRepresentable & Sendable, Choice.RawValue == String {
        Field(name, .array(of: .choice(Choice.self), count: count)) { value throws(Fault) in
            guard case .array(let values) = value else { throw Fault(code: .array) }
            guard count.contains(values.count) else {
                throw Fault(
                    code: .count,
                    parameters: ["minimum": Int64(count.lowerBound), "maximum": Int64(count.upperBound)])
            }
            var choices: [Choice] = []
            for value in values {
                guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
                    throw Fault(code: .choice)
                }
                choices.append(choice)
            }
            return choices
        }
    }

    /// One of the names of an enumeration.
    static func choice(_ name: String) -> Field
    where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
        Field(name, .choice(Value.self)) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard let choice = Value(rawValue: text) else { throw Fault(code: .choice) }
            return choice
        }
    }
}

extension Field where Value == Timestamp {
    /// A point in time: RFC 3339.
    static func time(_ name: String) -> Field {
        Field(name, .time) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard let time = RFC3339.read(text) else { throw Fault(code: .time) }
            return time
        }
    }
}

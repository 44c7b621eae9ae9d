import HTTPTypes
import Hummingbird
import PurchaseContracts
import SagaChoreography

/// A parameter of the query or the header, as it is described.
struct ParameterDescription: Sendable {
    enum Place: String, Sendable { case query, header }

    let name: String
    let place: Place
    let summary: String
    let schema: Schema
    var isRequired = false
    /// How a bad one is refused.
    let refusals: Set<Int>

    /// The two parameters of every list (see ``PageRequest``).
    static let page: [ParameterDescription] = [
        ParameterDescription(
            name: "limit", place: .query, summary: "How many at most; \(PageRequest.defaultLimit) if not given.",
            schema: .integer(1...Int64(PageRequest.maximumLimit)), refusals: [422]),
        ParameterDescription(
            name: "cursor", place: .query, summary: "Where the page begins, as the page before says.",
            schema: .string, refusals: [400]),
    ]

    static let idempotencyKey = ParameterDescription(
        name: "Idempotency-Key", place: .header,
        summary: "1 to 255 visible ASCII characters; the same key and body are answered the same, once done.",
        schema: Schema(["type": "string", "pattern": "^[!-~]{1,255}$"]), refusals: [400, 422])

    static let prefer = ParameterDescription(
        name: "Prefer", place: .header, summary: "`wait=5` waits up to so many seconds for the order's end (RFC 7240).",
        schema: .string, refusals: [])
}

/// A parameter of the query and how it is read; the description and the check are the same value.
struct QueryField<Value: Sendable>: Sendable {
    let description: ParameterDescription
    private let read: @Sendable (Substring) -> Value?
    private let problem: FieldProblem

    private init(
        _ name: String, _ summary: String, _ schema: Schema, _ problem: FieldProblem.Code,
        _ parameters: [String: Int64] = [:], read: @escaping @Sendable (Substring) -> Value?
    ) {
        description = ParameterDescription(
            name: name, place: .query, summary: summary, schema: schema, refusals: [422])
        self.problem = FieldProblem(pointer: "?\(name)", code: problem, parameters: parameters)
        self.read = read
    }

    /// The value; `nil` if the query has none.
    ///
    /// - Throws: ``APIError`` 422 if it is not what it must be.
    func value(in request: Request) throws(APIError) -> Value? {
        guard let text = request.uri.queryParameters[description.name[...]] else { return nil }
        // No text that is stored has one, and PostgreSQL takes none.
        guard !text.utf8.contains(0) else {
            throw .invalid([FieldProblem(pointer: problem.pointer, code: .controlCharacters)])
        }
        guard let value = read(text) else {
            throw .invalid([problem])
        }
        return value
    }
}

extension QueryField {
    /// One of the names of an enumeration.
    static func choice(_ name: String, _ summary: String) -> QueryField
    where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
        QueryField(name, summary, .choice(Value.self), .choice) { Value(rawValue: String($0)) }
    }
}

extension QueryField where Value == Bool {
    static func bool(_ name: String, _ summary: String) -> QueryField {
        QueryField(name, summary, .bool, .bool) { $0 == "true" ? true : $0 == "false" ? false : nil }
    }
}

extension QueryField where Value == Int64 {
    static func integer(_ name: String, in range: ClosedRange<Int64>, _ summary: String) -> QueryField {
        QueryField(
            name, summary, .integer(range), .range, ["minimum": range.lowerBound, "maximum": range.upperBound]
        ) { text in
            Int64(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension QueryField where Value == String {
    /// A text to look for: at most `maximum` Unicode scalars, none of them NUL.
    static func text(_ name: String, maximum: Int, _ summary: String) -> QueryField {
        let schema = Schema([
            "type": "string", "maxLength": .number("\(maximum)"), "pattern": #"^[^\u0000]*$"#,
        ])
        return QueryField(name, summary, schema, .length, ["maximum": Int64(maximum)]) { text in
            text.unicodeScalars.count <= maximum ? String(text) : nil
        }
    }
}

extension QueryField where Value == Timestamp {
    static func time(_ name: String, _ summary: String) -> QueryField {
        QueryField(name, summary, .time, .time) { RFC3339.read(String($0)) }
    }
}

extension QueryField where Value: EntityID {
    static func id(_ name: String, _ summary: String) -> QueryField {
        QueryField(name, summary, .id, .id) { Value(String($0)) }
    }
}

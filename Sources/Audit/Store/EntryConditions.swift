import SQLCore
import SagaChoreography

/// The WHERE of a filter, with its values bound.
struct EntryConditions {
    private var parts: [String] = []
    private(set) var values: [SQLValue] = []

    init(_ filter: AuditFilter, dialect: SQLDialect) {
        if let actor = filter.actor { add("actor =", actor) }
        if let action = filter.action { add("action =", action) }
        if let resource = filter.resource { add("resource =", resource) }
        if let resourceID = filter.resourceID { add("resource_id =", resourceID) }
        if let service = filter.service { add("service =", service.name) }
        if let status = filter.status { add("status =", status.rawValue) }
        if let severity = filter.severity { severe(severity) }
        if let order = filter.correlationID { add("correlation_id =", order) }
        if let from = filter.from { add("occurred_at >=", from.milliseconds) }
        if let until = filter.until { add("occurred_at <", until.milliseconds) }
        if let text = filter.text { contains(text, dialect) }
        if filter.isSecurity { security() }
    }

    /// The conditions as SQL; `1 = 1` if there is none.
    var text: String { parts.isEmpty ? "1 = 1" : parts.joined(separator: " AND ") }

    /// Adds a comparison of a column; the name comes from the code.
    mutating func add(_ comparison: StaticString, _ value: some SQLBindable) {
        parts.append("\(comparison) \(bind(value))")
    }

    private mutating func bind(_ value: some SQLBindable) -> String {
        values.append(value.sqlValue)
        return "$\(values.count)"
    }

    /// The literal lets the index of severe entries be used.
    private mutating func severe(_ severity: AuditEntry.Severity) {
        if severity.rawValue >= 4 { parts.append("severity >= 4") }
        add("severity >=", severity.rawValue)
    }

    /// What is done without success has an index of its own.
    private mutating func security() {
        let names = AuditFilter.securityActions.map { bind($0) }.joined(separator: ", ")
        parts.append("status <> 'success' AND (status = 'blocked' OR action IN (\(names)))")
    }

    /// Both databases compare the same: byte by byte, with the letters of ASCII in either case.
    private mutating func contains(_ text: String, _ dialect: SQLDialect) {
        // By scalar: a sign with a combining mark behind it is one character, and means the same to LIKE.
        let escaped = text.unicodeScalars.map { "%_\\".unicodeScalars.contains($0) ? "\\\($0)" : "\($0)" }.joined()
        let pattern = bind(
            "%" + String(decoding: escaped.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self) + "%")
        let collation =
            switch dialect {
            case .sqlite: ""
            case .postgres: " COLLATE \"C\""
            }
        let columns = ["details", "action", "resource_id"].map {
            "lower(\($0)\(collation)) LIKE \(pattern) ESCAPE '\\'"
        }
        parts.append("(\(columns.joined(separator: " OR ")))")
    }
}

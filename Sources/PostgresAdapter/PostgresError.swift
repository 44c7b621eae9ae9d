import CPostgres
import SQLCore

extension SQLError {
    /// The SQLSTATE of an error answer.
    static func state(of result: OpaquePointer) -> String {
        PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? "XX000"
    }

    /// An error that a server reported: its class by SQLSTATE (PostgreSQL, appendix A), its text without any value.
    init(result: OpaquePointer) {
        func field(_ code: UInt8) -> String? { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } }
        let state = Self.state(of: result)
        let message = field(UInt8(ascii: "M")) ?? "no message"
        let place = field(UInt8(ascii: "n")).map { " (\($0))" } ?? ""
        self.init(
            Self.code(ofState: state),
            "\(state): \(Self.isQuotingValues(state) ? "a value is refused" : message)\(place)")
    }

    /// Trouble with the way to the server.
    static func connection(_ raw: OpaquePointer?, _ endpoint: PostgresEndpoint) -> SQLError {
        let text = raw.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "no memory"
        let line = text.split(separator: "\n").joined(separator: "; ")
        return SQLError(.unavailable, "PostgreSQL at \(endpoint): \(line)")
    }

    static func code(ofState state: String) -> Code {
        switch state {
        // Another transaction was in the way; also a lock or a statement that took too long.
        case "40001", "40P01", "55P03", "57014": .busy
        // A plan that a migration made wrong: a new transaction prepares it again.
        case "0A000", "26000": .busy
        case "25006": .misuse
        default:
            switch state.prefix(2) {
            case "23": .constraint
            case "08", "28", "53", "57", "58", "3D": .unavailable
            // A trigger that refuses a change, as SQLite's RAISE(ABORT).
            case "P0": .constraint
            case "XX": .corrupt
            default: .misuse
            }
        }
    }

    /// Whether PostgreSQL refused because the role may not do that.
    public var isForbidden: Bool { code == .misuse && detail.hasPrefix("42501") }

    /// Whether running the whole transaction again is right and can help at once: another one was in the way, and has ended. What
    /// waited too long for a lock does not wait again. Two that looked for a row at the same time and did not find it both
    /// insert it: the second is refused by a unique index, and finds it when it looks again.
    var isWorthAnotherRun: Bool {
        if detail.hasPrefix("23505") { return true }
        return code == .busy && !["55P03", "57014"].contains { detail.hasPrefix($0) }
    }

    /// A prepared statement is gone, or its plan was made wrong by a migration: it has to be prepared again.
    var isStalePlan: Bool { detail.hasPrefix("0A000") || detail.hasPrefix("26000") }

    /// "invalid input syntax for type uuid: "…"" and the like.
    private static func isQuotingValues(_ state: String) -> Bool { state.hasPrefix("22") }
}

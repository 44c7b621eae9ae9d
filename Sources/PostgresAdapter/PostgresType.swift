import CPostgres
import SQLCore

/// Types by their object id: fixed numbers of PostgreSQL's catalogue (src/include/catalog/pg_type.dat).
enum PostgresType {
    static let unknown: Oid = 0
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let json: Oid = 114
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let uuid: Oid = 2950
    static let jsonb: Oid = 3802
    static let xid8: Oid = 5069

    /// What an array of this type holds; `nil` if it is none of those that are bound here.
    static func element(of array: Oid) -> Oid? {
        switch array {
        case 1000: bool
        case 1001: bytea
        case 1003: name
        case 1005: int2
        case 1007: int4
        case 1009: text
        case 1015: varchar
        case 1016: int8
        case 1022: float8
        case 2951: uuid
        default: nil
        }
    }
}

extension SQLValue {
    /// The type that a parameter with this value is declared as; a NULL or a list leaves it to the server.
    var postgresType: Oid {
        switch self {
        case .null, .list: PostgresType.unknown
        case .integer: PostgresType.int8
        case .real: PostgresType.float8
        case .text, .utf8: PostgresType.text
        case .bytes: PostgresType.bytea
        case .uuid: PostgresType.uuid
        case .bool: PostgresType.bool
        }
    }
}

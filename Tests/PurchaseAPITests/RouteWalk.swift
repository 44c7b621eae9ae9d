import SQLCore
import Synchronization
import Testing

@testable import PurchaseAPI

/// Which routes a test is about.
enum RouteKind: Sendable {
    case any, withBody, withPathParameter
    /// Of the query or the header; any of them if it has no name.
    case withParameter(String?)

    func includes(_ route: Route) -> Bool {
        switch self {
        case .any: true
        // What is signed cannot be changed on the way: WebhookTests has bad bodies of its own.
        case .withBody: route.body != nil && route.access != .signature
        case .withPathParameter: !route.pathParameters.isEmpty
        case .withParameter(let name): route.parameters.contains { name == nil || $0.name == name }
        }
    }
}

extension APIHarness {
    /// Visits every route that is meant, each on a system of its own, so that none depends on what another did.
    static func visitRoutes(
        _ kind: RouteKind = .any,
        _ visit: @escaping @Sendable (APIHarness, Shop, Route, Sample) async throws -> Void
    ) async throws {
        let meant = Mutex<[String]>([])
        try await run { api in
            let names = api.routes.filter(kind.includes).map(\.name)
            meant.withLock { $0 = names.filter { Sample.all[$0] != nil } }
        }
        let names = meant.withLock { $0 }
        #expect(!names.isEmpty)
        for name in names {
            try await run(unknown: Sample.all[name]?.needs == .reservation ? 1 : 0) { api in
                let sample = try #require(Sample.all[name])
                let route = try #require(api.routes.first { $0.name == name })
                try await visit(api, try await Shop(api, for: sample), route, sample)
            }
        }
    }

    /// How many rows were ever written: the same before and after means that nothing was.
    func rowsWritten() async throws -> Int64 {
        try await database.write { transaction in
            switch transaction.dialect {
            case .sqlite: try transaction.first("SELECT total_changes() AS n")?.int64("n") ?? -1
            case .postgres: try Self.rows(in: transaction)
            }
        }
    }

    /// All rows there are. Nothing is deleted while a test looks, so new ones show; a change of old ones shows on SQLite.
    private static func rows(in transaction: any SQLTransaction) throws -> Int64 {
        let tables = try transaction.rows(
            """
            SELECT schemaname || '.' || tablename AS name FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY name
            """
        ).map { try $0.text("name") }
        let sums = tables.map { "SELECT count(*) AS n FROM \($0)" }
        let text = "SELECT sum(n) AS n FROM (\(sums.joined(separator: " UNION ALL "))) AS sums"
        return try transaction.first(SQLStatement(text))?.int64("n") ?? -1
    }
}

extension Shop {
    /// The token of whom the route is meant for; none for guests.
    func token(for route: Route, _ api: APIHarness) async throws -> String? {
        switch route.access {
        case .guest, .signature: nil
        case .user, .owner, .ownerOfOrder, .subject: userToken
        case .role(let role): try await api.token(admin, [role])
        }
    }
}

extension Route {
    var name: String { "\(method.rawValue) \(path)" }
}

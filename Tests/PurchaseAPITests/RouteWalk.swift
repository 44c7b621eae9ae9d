import SQLCore
import Testing

@testable import PurchaseAPI

extension APIHarness {
    /// Visits every route that is meant, each on a system of its own, so that none depends on what another did.
    static func visitRoutes(
        where isMeant: @escaping @Sendable (Route) -> Bool = { _ in true },
        _ visit: @escaping @Sendable (APIHarness, Shop, Route, Sample) async throws -> Void
    ) async throws {
        for name in Sample.all.keys.sorted() {
            try await run(unknown: Sample.all[name]?.needs == .reservation ? 0.95 : 0) { api in
                guard let sample = Sample.all[name],
                    let route = api.routes.first(where: { $0.name == name }), isMeant(route)
                else { return }
                try await visit(api, try await Shop(api, for: sample), route, sample)
            }
        }
    }

    /// How many rows were ever written: the same before and after means that nothing was.
    func rowsWritten() async throws -> Int64 {
        try await database.write { try $0.first("SELECT total_changes() AS n")?.int64("n") ?? -1 }
    }
}

extension Shop {
    /// The token of whom the route is meant for; none for guests.
    func token(for route: Route, _ api: APIHarness) async throws -> String? {
        switch route.access {
        case .guest: nil
        case .user, .owner, .ownerOfOrder, .subject: userToken
        case .role(let role): try await api.token(admin, [role])
        }
    }
}

extension Route {
    var name: String { "\(method.rawValue) \(path)" }
}

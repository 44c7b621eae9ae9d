import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

/// Walks every route as each kind of caller, and finds what the route says of itself and docs/api.md lists.
@Suite struct `Who may use a path` {
    @Test func `every route has a request to be tried with`() async throws {
        try await APIHarness.run { api in
            for route in api.routes { #expect(Sample.all[route.name] != nil, "\(route.name) is in no sample") }
            let names = Set(api.routes.map(\.name))
            for name in Sample.all.keys { #expect(names.contains(name), "there is no \(name)") }
        }
    }

    @Test func `without a token only guests' paths answer`() async throws {
        try await APIHarness.visitRoutes { api, shop, route, sample in
            let answer = try await api.send(route.method, sample.path(shop), sample.body(shop))
            if route.access == .guest {
                #expect(route.answers.contains { $0.status == answer.status }, "\(route.name): \(answer.body)")
            } else {
                #expect(answer.status == .unauthorized, "\(route.name)")
            }
        }
    }

    @Test func `without the role a path is forbidden`() async throws {
        try await APIHarness.visitRoutes { api, shop, route, sample in
            guard case .role(let role) = route.access else { return }
            let others = AccessRole.allCases.filter { $0 != role && $0 != .admin }
            let token = try await api.token(shop.user, Set(others))
            let answer = try await api.send(route.method, sample.path(shop), token: token, sample.body(shop))
            #expect(answer.status == .forbidden, "\(route.name)")
            #expect(answer.code == "access.forbidden")
        }
    }

    @Test func `another user's object is not there, and nobody acts for another`() async throws {
        try await APIHarness.visitRoutes { api, shop, route, sample in
            let isSubject: Bool
            switch route.access {
            case .owner, .ownerOfOrder: isSubject = false
            case .subject: isSubject = true
            case .guest, .user, .role, .signature: return
            }
            let stranger = try await api.token(UserID(UUID()))
            let answer = try await api.send(route.method, sample.path(shop), token: stranger, sample.body(shop))
            #expect(answer.status == (isSubject ? .forbidden : .notFound), "\(route.name): \(answer.body)")
        }
    }

    @Test func `the right one is answered as described`() async throws {
        try await APIHarness.visitRoutes { api, shop, route, sample in
            let token = try await shop.token(for: route, api)
            let answer = try await api.send(
                route.method, sample.path(shop), token: token, sample.body(shop), headers: sample.headers)
            #expect(
                route.answers.contains { $0.status == answer.status },
                "\(route.name): \(answer.status.code) \(answer.body)")
        }
    }
}

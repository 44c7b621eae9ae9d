import Foundation
import ProcessDriver
import Testing

@Suite struct `purchase user create` {
    @Test func `makes an administrator who can log in once the server runs`() async throws {
        struct Created: Decodable {
            let id: String
            let password: String
        }
        try await withWorkspace { workspace in
            let made = try await workspace.run([
                "user", "create", "--name", "boss", "--role", "admin", "--json", "--env", "test", "--database",
                workspace.database,
            ])
            #expect(made.exit == .code(0), "\(made.errors)")
            let created = try JSONDecoder().decode(Created.self, from: Data(made.out.utf8))
            let again = try await workspace.run([
                "user", "create", "--name", "Boss", "--env", "test", "--database", workspace.database,
            ])
            #expect(again.exit == .code(1) && again.errors.contains("users.name-taken"))

            let server = try await Server.start(in: workspace)
            let shop = Storefront()
            shop.moved(to: server.url)
            let login = try await shop.call(
                "POST", "/auth/login", body: #"{"name":"boss","password":"\#(created.password)"}"#)
            #expect(login.status == 200)
            struct Token: Decodable { let token: String }
            let token = try login.decoded(as: Token.self).token
            let users = try await shop.call("GET", "/admin/users", token: token)
            #expect(users.status == 200)
            let locked = try await workspace.run([
                "user", "create", "--name", "late", "--env", "test", "--database", workspace.database,
            ])
            #expect(locked.exit == .code(69))
            #expect(try await server.stop() == .code(0))
        }
    }
}

import Foundation
import ProcessDriver
import Testing

@Suite struct `Backup and restore` {
    @Test func `a copy taken under load is whole, and a server on it brings every order to its end`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(in: workspace)
            let shop = Storefront()
            shop.moved(to: server.url)
            let data = try await shop.setUpTestData()
            let backup = workspace.path("copy.sqlite")
            let taken = try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for turn in 0..<40 { try await Self.order(shop, data, data.items[(lane + turn) % 3].id) }
                    }
                }
                let taken = try await waiting(for: "orders in the copy") { () -> Ended? in
                    try? FileManager.default.removeItem(atPath: backup)
                    let taken = try await workspace.run(["backup", "--database", workspace.database, "--to", backup])
                    let verify = try await workspace.run(
                        ["verify", "--json", "--database", backup, "--wait", "0"])
                    let seen = try JSONDecoder().decode(Seen.Verification.self, from: Data(verify.out.utf8))
                    return seen.settledOrders > 0 ? taken : nil
                }
                try await group.waitForAll()
                return taken
            }
            #expect(taken.exit == .code(0), "\(taken.errors)")
            #expect(taken.out.contains("purchase restore --from"))
            let mode = try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try await server.stop() == .code(0))

            let elsewhere = workspace.path("elsewhere/purchase.sqlite")
            let restored = try await workspace.run(["restore", "--from", backup, "--database", elsewhere])
            #expect(restored.exit == .code(0), "\(restored.errors)")
            #expect(restored.out.contains("every invariant holds"))

            let second = try PurchaseProgram(
                ["serve", "--port", "0", "--env", "test", "--database", elsewhere], workspace.environment(),
                in: workspace)
            // The copy may be at rest before the server is: then the signal would come before it is heard.
            try await until("the second server is ready") { second.out.contains("is ready") }
            let verify = try await workspace.run(
                ["verify", "--json", "--database", elsewhere, "--wait", "120"], within: .seconds(150))
            #expect(verify.exit == .code(0), "\(verify.out)")
            let seen = try JSONDecoder().decode(Seen.Verification.self, from: Data(verify.out.utf8))
            #expect(seen.isAtRest)
            let url = try #require(second.out.firstMatch(of: #/is ready: (https?:\S+)/#)?.output.1)
            shop.moved(to: String(url))
            _ = try await waiting(for: "the restoration in the audit trail") { () -> Bool? in
                let found = try await shop.call(
                    "GET", "/admin/audit?action=system.restored", token: data.tokens.admin)
                return String(decoding: found.body, as: UTF8.self).contains("copy.sqlite") ? true : nil
            }
            await second.signal(SIGTERM)
            #expect(try await second.end(within: .seconds(20)) == .code(0))
        }
    }

    private static func order(_ shop: Storefront, _ data: Seen.TestData.Content, _ item: String) async throws {
        let answer = try await shop.call(
            "POST", "/orders", token: data.tokens.user,
            body: #"{"userId":"\#(data.user.id)","items":[{"itemId":"\#(item)","quantity":1}]}"#)
        guard answer.status == 201 else {
            throw UnexpectedAnswer(
                path: "/orders", status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        }
    }

    @Test func `restore changes nothing when it refuses`() async throws {
        try await withWorkspace { workspace in
            let backup = workspace.path("copy.sqlite")
            #expect(try await workspace.run(["migrate", "--database", "a.sqlite"]).exit == .code(0))
            #expect(try await workspace.run(["backup", "--database", "a.sqlite", "--to", backup]).exit == .code(0))
            try Data("not a database, whatever its name".utf8).write(to: URL(filePath: workspace.path("bad.sqlite")))
            let before = FileManager.default.contents(atPath: workspace.path("a.sqlite"))

            let missing = try await workspace.run(["restore", "--from", "none.sqlite", "--database", "a.sqlite"])
            #expect(missing.exit == .code(69))
            #expect(missing.errors.contains("there is no file 'none.sqlite'"))
            let occupied = try await workspace.run(["restore", "--from", backup, "--database", "a.sqlite"])
            #expect(occupied.exit == .code(69))
            #expect(occupied.errors.contains("add --replace to move it aside"))
            let garbage = try await workspace.run(
                ["restore", "--from", "bad.sqlite", "--database", "a.sqlite", "--replace"])
            #expect(garbage.exit == .code(69), "\(garbage.errors)")
            #expect(garbage.errorLines.count == 1, "\(garbage.errors)")
            #expect(FileManager.default.contents(atPath: workspace.path("a.sqlite")) == before)

            let again = try await workspace.run(["backup", "--database", "a.sqlite", "--to", backup])
            #expect(again.exit == .code(69))
            #expect(again.errors.contains("choose another name"))
        }
    }

    @Test func `restore refuses beside a running server, and moves the old database aside when it may`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(in: workspace)
            let backup = workspace.path("copy.sqlite")
            let backed = try await workspace.run(["backup", "--database", workspace.database, "--to", backup])
            #expect(backed.exit == .code(0))
            let arguments = ["restore", "--from", backup, "--database", workspace.database, "--replace"]
            let refused = try await workspace.run(arguments)
            #expect(refused.exit == .code(69))
            #expect(refused.errors.contains("SQLite takes one writer"))
            #expect(try await server.stop() == .code(0))

            let restored = try await workspace.run(arguments)
            #expect(restored.exit == .code(0), "\(restored.errors)")
            #expect(restored.out.contains("the database that was there is"))
            #expect(try workspace.files().contains { $0.contains(".replaced-") })
            #expect(try workspace.files().allSatisfy { !$0.contains(".restoring") })
        }
    }
}

import Foundation
import ProcessDriver
import SQLiteAdapter
import Testing

@Suite struct `The audit trail at the command line` {
    private struct Report: Decodable {
        struct Finding: Decodable { let what: String }
        let entries: Int
        let findings: [Finding]
    }

    @Test func `is flushed when the server ends, verified beside nobody, and tells what was changed`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(
                in: workspace, environment: ["PAYMENT_SUCCESS_RATE": "1", "AUDIT_BATCH_INTERVAL_MS": "600000"])
            let shop = Storefront()
            shop.moved(to: server.url)
            let data = try await shop.setUpTestData()
            let body = #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#
            _ = try await shop.call(
                "POST", "/orders", token: data.tokens.user, headers: [("Prefer", "wait=10")], body: body)
            #expect(try await server.stop() == .code(0))

            let verify = ["audit", "verify", "--database", workspace.database]
            let sound = try await workspace.run(verify + ["--json"])
            let report = try JSONDecoder().decode(Report.self, from: Data(sound.out.utf8))
            #expect(sound.exit == .code(0))
            // At least the steps of the order.
            #expect(report.entries >= 9)
            #expect(report.findings.isEmpty)

            let heads = try await workspace.run(["audit", "heads", "--database", workspace.database])
            let file = workspace.path("heads")
            try heads.out.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try await workspace.run(verify + ["--heads", file]).exit == .code(0))
            try (heads.out + "999999 " + String(repeating: "ab", count: 32) + "\n").write(
                toFile: file, atomically: true, encoding: .utf8)
            #expect(try await workspace.run(verify + ["--heads", file]).out.contains("removed at the end"))

            let database = try SQLiteDatabase.open(path: workspace.database)
            let system = try await database.read { transaction in
                try transaction.rows("SELECT action FROM audit_entries WHERE service = 'system' ORDER BY sequence").map
                {
                    try $0.text("action")
                }
            }
            #expect(system == ["system.started", "system.configured", "system.stopped"])
            try await database.write {
                try $0.execute("UPDATE audit_entries SET severity = 1 WHERE sequence = 3 AND severity <> 1")
                try $0.execute("DELETE FROM audit_entries WHERE sequence = 5")
            }
            try database.close()
            let touched = try await workspace.run(verify)
            #expect(touched.exit == .code(1))
            #expect(touched.out.contains("BROKEN  entry 5: removed"))
            #expect(touched.out.contains("not intact"))
        }
    }

    @Test func `a migration of a database that was there is written down`() async throws {
        try await withWorkspace { workspace in
            let migrate = ["migrate", "--database", workspace.database]
            _ = try await workspace.run(migrate)
            func written() async throws -> [String] {
                let database = try SQLiteDatabase.open(path: workspace.database, access: .reader)
                let found = try await database.read { transaction in
                    try transaction.rows("SELECT resource_id FROM saga_audit WHERE action = 'system.migrated'").map {
                        try $0.text("resource_id")
                    }
                }
                try database.close()
                return found
            }
            #expect(try await written().isEmpty)
            let database = try SQLiteDatabase.open(path: workspace.database)
            // As a version before the audit trail left it.
            try await database.write { transaction in
                for table in ["entries", "head", "segments", "pruned", "holds", "tallies"] {
                    try transaction.script("DROP TABLE audit_\(table)")
                }
                try transaction.execute("DELETE FROM schema_migrations WHERE id = 'audit/0001_log'")
            }
            try database.close()
            _ = try await workspace.run(migrate)
            #expect(try await written() == ["audit/0001_log"])
        }
    }

    @Test func `holds are placed, listed and released, and a cleanup says what it would take`() async throws {
        try await withWorkspace { workspace in
            let place = ["--database", workspace.database]
            _ = try await workspace.run(["migrate"] + place)
            let placed = try await workspace.run(
                ["audit", "hold", "--action", "order.created", "--reason", "asked for"] + place)
            #expect(placed.exit == .code(0), "\(placed.errors)")
            let id = try #require(
                placed.out.split(separator: " ").last?.trimmingCharacters(in: .whitespacesAndNewlines))
            let listed = try await workspace.run(["audit", "holds"] + place)
            #expect(listed.out.contains(id) && listed.out.contains("asked for"))
            for arguments in [["--dry-run"], []] {
                let cleaned = try await workspace.run(["audit", "cleanup"] + arguments + place)
                #expect(cleaned.exit == .code(0))
                #expect(cleaned.out.hasPrefix("0 entries of 0 segments"), "\(cleaned.out)")
            }
            let released = try await workspace.run(["audit", "release", id, "--reason", "over"] + place)
            #expect(released.exit == .code(0))
            let again = try await workspace.run(["audit", "release", id, "--reason", "over"] + place)
            #expect(again.exit == .code(1))
            #expect(try await workspace.run(["audit", "holds"] + place).out.hasPrefix("no holds"))
        }
    }
}

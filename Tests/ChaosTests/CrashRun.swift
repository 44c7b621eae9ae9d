import Foundation
import ProcessDriver
import Testing

/// One database that servers come and go on, under load.
struct CrashRun: Sendable {
    let workspace: Workspace
    let shop = Storefront()
    let environment: [String: String]

    /// How many crashes the suite is asked for: `CHAOS_KILLS`, 12 if that is not set.
    static let kills = ProcessInfo.processInfo.environment["CHAOS_KILLS"].flatMap { Int($0) } ?? 12

    init(_ name: String, environment: [String: String] = [:]) throws {
        workspace = try Workspace(name)
        self.environment = environment
    }

    /// Starts a server and tells the clients where it is.
    func start(_ more: [String: String] = [:]) async throws -> Server {
        let server = try await Server.start(in: workspace, environment: environment.merging(more) { _, new in new })
        shop.moved(to: server.url)
        return server
    }

    /// A first server makes the test data and ends in an orderly way.
    func prepare(seed: UInt64) async throws -> Load {
        let server = try await start()
        let testData = try await shop.setUpTestData()
        shop.moved(to: nil)
        let exit = try await server.stop()
        #expect(exit == .code(0))
        return Load(shop: shop, testData: testData, seed: seed)
    }

    /// Checks everything on a server without faults. The workspace is removed if nothing is wrong, else named and kept.
    func finish(_ load: Load, on server: Server, saying what: String) async throws {
        let findings: [String]
        do {
            findings = try await Aftermath(workspace: workspace, shop: shop, load: load).findings()
        } catch {
            findings = ["the aftermath could not be examined: \(error)"]
        }
        shop.moved(to: nil)
        let exit = try await server.stop()
        #expect(exit == .code(0), "the last server, stopped by SIGTERM")
        let warnings = server.program.errors
        let report = findings.prefix(20).joined(separator: "\n")
        #expect(
            findings.isEmpty,
            "\(what); \(load.ledger.summary); kept in \(workspace.folder.path)\n\(report)\n\(warnings.prefix(2000))")
        if findings.isEmpty, exit == .code(0) {
            print("\(what); \(load.ledger.summary)")
            workspace.remove()
        }
    }
}

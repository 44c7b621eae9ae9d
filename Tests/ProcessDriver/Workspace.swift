import Foundation

/// A folder of its own for one run: the database and what the processes wrote. It is removed unless something was found.
package struct Workspace: Sendable {
    package let folder: URL
    /// Made up for this run.
    private let secret: String

    package init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "purchase-test-\(name)-\(UUID().uuidString)")
        secret = UUID().uuidString + UUID().uuidString
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    package func path(_ name: String) -> String { folder.appending(path: name).path }

    package var database: String { path("purchase.sqlite") }

    /// The whole environment of a process: nothing of the tester's own gets through.
    package func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "JWT_SECRET": secret, "RATE_LIMIT_ENABLED": "false", "METRICS_PORT": "off", "LOG_LEVEL": "warning",
            "NOTIFICATION_ENABLED": "true",
            "PAYMENT_SUCCESS_RATE": "0.8", "PAYMENT_UNKNOWN_RATE": "0.1", "PAYMENT_LATENCY": "0-20",
            "PAYMENT_TIMEOUT": "250", "TEST_USER_BALANCE": "1000000000000000", "TEST_ITEM_STOCK": "500000",
        ].merging(more) { _, new in new }
    }

    /// What the processes left, their captured output aside.
    package func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            !$0.hasSuffix(".out") && !$0.hasSuffix(".err")
        }
    }

    package func remove() { try? FileManager.default.removeItem(at: folder) }
}

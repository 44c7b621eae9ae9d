import Foundation

/// Which servers this machine has. Tests of one that is missing are skipped, and say so, unless PURCHASE_REQUIRE_SERVERS=1: then
/// they run and fail.
package enum Installed {
    /// Whether PostgreSQL's tests run.
    package static let postgres = decide(
        "PostgreSQL (initdb)", isThere: { hasProgram("initdb") || hasDebianPostgres() })

    private static func decide(_ name: String, isThere: () -> Bool) -> Bool {
        if isThere() { return true }
        if ProcessInfo.processInfo.environment["PURCHASE_REQUIRE_SERVERS"] == "1" { return true }
        FileHandle.standardError.write(
            Data(
                "\nSKIPPED: \(name) is not installed; its tests do not run. 'bash Scripts/setup.sh servers' installs it.\n\n"
                    .utf8))
        return false
    }

    private static func hasProgram(_ name: String) -> Bool {
        let places = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return places.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    private static func hasDebianPostgres() -> Bool {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.contains {
            FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/\($0)/bin/initdb")
        }
    }
}

import Foundation

/// A server's program is missing, and the environment says that it must be there.
package struct ServerMissing: Error, CustomStringConvertible {
    package let program: String
    package let package: String

    package var description: String {
        "'\(program)' is not installed (package: \(package)), and PURCHASE_REQUIRE_SERVERS=1 asks for it"
    }
}

/// Whether tests that need a server can run: its program is there, or else they are skipped, each with its reason in the
/// report. With `PURCHASE_REQUIRE_SERVERS=1` they run in any case and fail.
package struct ServerRequirement: Sendable {
    package let program: String
    /// Debian's name.
    package let package: String
    private let folders: [String]
    private let installation: String

    /// - Parameters:
    ///   - folders: where the program may lie besides the folders of PATH.
    ///   - installation: how it is installed, if not as a package of Debian.
    package init(program: String, package: String, folders: [String] = [], installation: String? = nil) {
        self.program = program
        self.package = package
        self.folders = folders
        self.installation = installation ?? "Debian: apt-get install \(package)"
    }

    /// Where the program lies.
    package var path: String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let places = (path.split(separator: ":").map(String.init) + folders).map { "\($0)/\(program)" }
        return places.first(where: FileManager.default.isExecutableFile)
    }

    /// For `.enabled(if:_:)` of a suite.
    package var allowsTests: Bool {
        path != nil || ProcessInfo.processInfo.environment["PURCHASE_REQUIRE_SERVERS"] == "1"
    }

    /// What a report says of a skipped suite.
    package var explanation: String {
        "SKIPPED: needs '\(program)' (\(installation)); PURCHASE_REQUIRE_SERVERS=1 makes this a failure"
    }

    /// - Throws: ``ServerMissing``.
    func require() throws -> String {
        guard let path else { throw ServerMissing(program: program, package: package) }
        return path
    }
}

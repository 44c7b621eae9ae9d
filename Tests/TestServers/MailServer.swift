import Foundation
import ProcessDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An SMTP server of the test's own in a process of its own: on a free port of 127.0.0.1, with what it was given in a temporary
/// folder. See Scripts/mail-server.py.
package actor MailServer {
    package static let requirement = ServerRequirement(program: "aiosmtpd", package: "python3-aiosmtpd")

    /// As ``SMTPSettings`` calls them; named here so that no server of a test depends on what is tested.
    package enum Encryption: String, Sendable, CaseIterable { case none, starttls, tls }

    /// A message as a mail program reads it.
    package struct Received: Decodable, Sendable {
        package let sender: String
        package let recipients: [String]
        /// What the client called itself.
        package let client: String
        /// The client's port: the same for messages of one connection.
        package let peer: Int
        package let isEncrypted: Bool
        package let user: String?
        package let id: String
        package let date: String
        package let from: String
        package let to: String
        package let subject: String
        package let language: String
        package let headers: [String]
        package let text: String
        package let raw: Data
    }

    package nonisolated let port: Int
    package nonisolated let folder: URL
    private let encryption: Encryption
    private let asksForLogin: Bool
    private var process: ServerProcess?

    /// Makes everything but the process: whoever tests that a server is away starts it later.
    ///
    /// - Parameter login: a name and a password that it asks for.
    /// - Throws: ``ServerMissing``; what openssl says.
    package init(_ encryption: Encryption = .none, login: (user: String, password: String)? = nil) throws {
        _ = try Self.requirement.require()
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "purchase-mail-\(UUID().uuidString)")
        self.encryption = encryption
        asksForLogin = login != nil
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let login { try write("\(login.user)\n\(login.password)\n", as: "login") }
        if encryption != .none { try TestCertificate.make(in: folder) }
    }

    /// Runs `body` with a server that is gone afterwards.
    package nonisolated(nonsending) static func with<Result>(
        _ encryption: Encryption = .none, login: (user: String, password: String)? = nil,
        _ body: (MailServer) async throws -> Result
    ) async throws -> Result {
        let server = try await started(encryption, login: login)
        do {
            let result = try await body(server)
            try await server.remove()
            return result
        } catch {
            try await server.remove()
            throw error
        }
    }

    private static func started(
        _ encryption: Encryption, login: (user: String, password: String)?
    ) async throws -> MailServer {
        var attempts = 0
        while true {
            let server = try MailServer(encryption, login: login)
            attempts += 1
            do {
                try await server.start()
                return server
            } catch let error as DidNotStart {
                try await server.remove()
                // Somebody else took the port.
                guard attempts < 5, error.log.contains("address already in use") else { throw error }
            }
        }
    }

    /// The certificate, which signs itself; for `localhost` and 127.0.0.1.
    package nonisolated var certificate: String { folder.appending(path: "certificate.pem").path }

    /// Starts it and waits until it listens.
    package func start() async throws {
        let log = folder.appending(path: "server.log")
        if FileManager.default.fileExists(atPath: log.path) { try FileManager.default.removeItem(at: log) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Scripts/mail-server.py")
        var arguments = [script.path, folder.path, String(port), "--tls", encryption.rawValue]
        if asksForLogin { arguments.append("--login") }
        let process = try ServerProcess(try Self.python(), arguments, folder: folder, log: log)
        self.process = process
        _ = try await waiting(for: "the mail server") { () -> Bool? in
            let said = try String(contentsOf: log, encoding: .utf8)
            if said.contains("ready\n") { return true }
            guard await process.isRunning else { throw DidNotStart(log: said) }
            return nil
        }
    }

    private struct DidNotStart: Error { let log: String }

    /// Ends it as a crash would; what it was given stays.
    package func stop() async throws {
        try await process?.end(SIGKILL)
        process = nil
    }

    /// Ends it and removes its folder.
    package func remove() async throws {
        try await stop()
        try FileManager.default.removeItem(at: folder)
    }

    /// Says what a recipient is answered from now on.
    ///
    /// - Parameters:
    ///   - stage: `sender` (with `*` as the recipient), `recipient` or `content`.
    ///   - answer: such as `550 5.1.1 unknown`; `silence` for none.
    package nonisolated func answer(_ recipient: String, at stage: String, with answer: String) throws {
        let rules = try JSONEncoder().encode([recipient: [stage: answer]])
        try rules.write(to: folder.appending(path: "rules.json"), options: .atomic)
    }

    /// Takes everything again.
    package nonisolated func answerNormally() throws { try write("{}", as: "rules.json") }

    /// What it was given, the oldest first.
    package nonisolated func received() throws -> [Received] {
        let path = folder.appending(path: "received.jsonl")
        guard FileManager.default.fileExists(atPath: path.path) else { return [] }
        let lines = try Data(contentsOf: path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last one is not finished while it is written.
        return try lines.dropLast().map { try JSONDecoder().decode(Received.self, from: $0) }
    }

    private nonisolated func write(_ text: String, as name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
    }

    private struct NoPython: Error { let script: String }

    /// The one that has the package: its program names it in its first line.
    private static func python() throws -> String {
        let program = try requirement.require()
        let first = try String(contentsOfFile: program, encoding: .utf8).prefix { $0 != "\n" }
        guard first.hasPrefix("#!") else { throw NoPython(script: program) }
        return first.dropFirst(2).trimmingCharacters(in: .whitespaces)
    }
}

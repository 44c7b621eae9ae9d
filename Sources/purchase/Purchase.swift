import ArgumentParser
import Foundation
import PurchaseApp

@main
struct Purchase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purchase",
        abstract: "A purchase system whose transactions run as a choreographed saga.",
        discussion: """
            Configuration comes from options, the environment, .env.local and .env.<environment>, in this order; see \
            docs/configuration.md, or run: purchase config

            Exit codes: 0 success, 1 an invariant is broken or the command failed, 64 wrong usage, 69 something it needs is \
            not available, 78 the configuration is not valid, 130 interrupted.
            """,
        version: PurchaseServer.version,
        subcommands: [
            Serve.self, Migrate.self, Config.self, Token.self, Graph.self, API.self, Events.self, Verify.self,
            UserAccounts.self, Demo.self, Seed.self, Load.self, Simulate.self, Backup.self, Restore.self, Import.self,
            Explain.self, DeadLettersCommand.self, Resync.self, AuditCommand.self, Reference.self,
        ])

    /// As `AsyncParsableCommand` does it, save that what goes wrong is said in one line.
    static func main() async {
        Allocator.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        if let code = error as? ExitCode { exit(withError: code) }
        switch exitCode(for: error) {
        case .success: exit(withError: error)  // --help and the like: text that was asked for
        case .validationFailure:
            let help = fullMessage(for: error).firstMatch(of: /'(purchase[^']*--help)'/)?.output.1 ?? "purchase --help"
            complain("purchase: \(oneLine(message(for: error))) See: \(help)")
            exit(withError: ExitCode.validationFailure)
        default:
            complain("purchase: \(oneLine(String(describing: error)))")
            exit(withError: ExitCode.failure)
        }
    }

    private static func oneLine(_ text: String) -> String {
        let line = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
        return line.hasSuffix(".") || line.hasSuffix("?") ? line : line + "."
    }
}

import ArgumentParser
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
            not available, 78 the configuration is not valid.
            """,
        version: PurchaseServer.version,
        subcommands: [
            Serve.self, Migrate.self, Config.self, Token.self, Graph.self, API.self, Verify.self, UserAccounts.self,
            Demo.self, Seed.self, Load.self, Backup.self, Restore.self, Explain.self, Reference.self,
        ])
}

import ArgumentParser
import Foundation
import Logging
import PurchaseApp
import Users

struct UserAccounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts on the configured database.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open an account, such as the first administrator's.",
            discussion: """
                Works while no server runs on the database. Without --password-stdin a password is made up and printed once.
                """)

        @OptionGroup var options: ConfigurationOptions

        @Option(name: .long, help: "The name to log in with.")
        var name: String

        @Option(name: .long, help: "A role: user, inventory_manager or admin; repeat it for several.")
        var role: [Role] = [.user]

        @Flag(name: .long, help: "Read the password from the first line of standard input (10 to 128 characters).")
        var passwordStdin = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let given = passwordStdin ? readLine(strippingNewline: true) : nil
            if passwordStdin {
                guard let given, (10...128).contains(given.unicodeScalars.count) else {
                    throw ValidationError("The password on standard input must have 10 to 128 characters.")
                }
            }
            let password = given ?? Self.madeUp()
            let configuration = try await options.load()
            let id = try await failing {
                do {
                    return try await AccountCreation.create(
                        configuration, name: name, roles: Set(role), password: password,
                        logger: Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() })
                } catch let refusal as UserRefusal {
                    complain("purchase: the account was not made: \(refusal.slug)")
                    throw ExitCode(1)
                }
            }
            try show(id.description, given == nil ? password : nil)
        }

        private struct Created: Encodable {
            let id: String
            let name: String
            let roles: [String]
            let password: String?
        }

        private func show(_ id: String, _ password: String?) throws {
            let roles = Role.allCases.filter(role.contains).map(\.rawValue)
            if json { return try printJSON(Created(id: id, name: name, roles: roles, password: password)) }
            StandardOutput.write("\(name) is \(id), with \(roles.joined(separator: ", "))")
            if let password { StandardOutput.write("password (shown this once): \(password)") }
        }

        /// 120 bits in letters that are not mistaken for each other.
        private static func madeUp() -> String {
            let letters = Array("abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
            var generator = SystemRandomNumberGenerator()
            return String((0..<21).map { _ in letters.randomElement(using: &generator) ?? "x" })
        }
    }
}

extension Role: ExpressibleByArgument {}

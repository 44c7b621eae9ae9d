import ArgumentParser
import PurchaseAPI
import PurchaseApp
import PurchaseContracts

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign a token for a user.",
        discussion: "Uses the key that the server of the same configuration uses. The user need not exist.")

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "The user's id (a UUID).")
    var user: String

    @Option(name: .long, help: "A role: user, inventory_manager or admin; repeat it for several.")
    var role: [String] = ["user"]

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard UserID(user) != nil else { throw ValidationError("'\(user)' is not a UUID.") }
        for name in role where AccessRole(rawValue: name) == nil {
            throw ValidationError("'\(name)' is not a role: user, inventory_manager or admin.")
        }
    }

    func run() async throws {
        guard let id = UserID(user) else { return }  // validate() has seen to it
        let configuration = try await options.load()
        let token = try await failing {
            try await TokenKeys(configuration).issuer.token(for: id, roles: Set(role.compactMap(AccessRole.init)))
        }
        if json { return try printJSON(["user": id.description, "token": token]) }
        StandardOutput.write(token)
    }
}

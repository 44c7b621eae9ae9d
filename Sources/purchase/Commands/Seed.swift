import ArgumentParser
import Foundation
import Logging
import PurchaseAPI
import PurchaseApp
import PurchaseContracts

struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put users, items and coupons to try with into the configured database.",
        discussion: """
            Works while no server runs on the database. Names are fixed (shopper-1, item-1, SEED-1, …): called again, it adds \
            only what is missing.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "How many users.")
    var users = 10

    @Option(name: .long, help: "How many items.")
    var items = 10

    @Option(name: .long, help: "How many coupons of ten per cent.")
    var coupons = 1

    @Option(name: .long, help: "What each user has in the wallet, in minor units.")
    var balance: Int64 = 1_000_000

    @Option(name: .long, help: "What each item costs, in minor units.")
    var price: Int64 = 1_000

    @Option(name: .long, help: "How many pieces there are of each item.")
    var stock: Int64 = 1_000

    @Flag(name: .long, help: "Do it in production too.")
    var force = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...1_000_000).contains(users), (0...100_000).contains(items), (0...10_000).contains(coupons) else {
            throw ValidationError("--users takes up to 1000000, --items up to 100000, --coupons up to 10000.")
        }
        guard (0...1_000_000_000_000).contains(balance), (1...1_000_000_000).contains(price),
            (0...1_000_000_000).contains(stock)
        else {
            throw ValidationError(
                "--balance takes up to 1000000000000, --price 1 to 1000000000, --stock up to 1000000000.")
        }
    }

    func run() async throws {
        let configuration = try await options.load()
        if configuration.stage == .production, !force {
            complain("purchase: this is production; if test data is meant, add --force")
            throw ExitCode(1)
        }
        let plan = SeedPlan(
            users: users, items: items, coupons: coupons, balance: Money(balance), price: Money(price), stock: stock)
        let line = ProgressLine()
        let (seeded, token) = try await failing {
            let opened = try await OpenDatabases.openToWrite(
                configuration, logger: Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() })
            let composition = try await PurchaseComposition(
                configuration, databases: opened.services,
                logger: Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() })
            let seeded = try await Seeding(composition.system).run(plan) { done, total in
                line.show("\(done) of \(total)")
            }
            let token = try await Self.token(of: seeded.users.first, composition.tokens)
            try opened.close()
            return (seeded, token)
        }
        line.end()
        try show(seeded, token)
    }

    private static func token(of user: UserID?, _ keys: TokenKeys) async throws -> String? {
        guard let user else { return nil }
        return try await keys.issuer.token(for: user, roles: [.user])
    }

    private struct Printed: Encodable {
        let users: [String]
        let items: [String]
        let coupons: [String]
        let new: Int
        let tokenOfFirstUser: String?
    }

    private func show(_ seeded: Seeded, _ token: String?) throws {
        let new = seeded.newUsers + seeded.newItems + seeded.newCoupons
        if json {
            return try printJSON(
                Printed(
                    users: seeded.users.map(\.description), items: seeded.items.map(\.description),
                    coupons: seeded.couponCodes, new: new, tokenOfFirstUser: token))
        }
        StandardOutput.write(
            "\(seeded.users.count) users (\(seeded.newUsers) new), \(seeded.items.count) items (\(seeded.newItems) new), "
                + "\(seeded.couponCodes.count) coupons (\(seeded.newCoupons) new)")
        guard let user = seeded.users.first, let item = seeded.items.first, let token else { return }
        StandardOutput.write(
            """
            Try, after: purchase serve
              curl -X POST http://127.0.0.1:3000/orders -H 'Content-Type: application/json' -H 'Prefer: wait=5' \\
                -H 'Authorization: Bearer \(token)' \\
                -d '{"userId":"\(user)","items":[{"itemId":"\(item)","quantity":1}]}'
            """)
    }
}

import ArgumentParser
import Foundation
import LoadGenerator
import PurchaseApp
import PurchaseContracts

struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put load on the system and measure it.",
        discussion: """
            Without --url it fills a temporary database, starts a server of its own on a free port (SQLite with full \
            durability, payments without delay) and verifies every invariant afterwards. With --url it loads a server \
            that runs already, as the user whose --token is given.

            --rate is an open model: latencies count from the moment at which a request was meant to start. --saturate lets \
            each connection send its next request as soon as the last was answered; an order is then waited for until it \
            ends, so that the figure is of ended orders.

            Exits 1 if a request failed or an invariant is broken.
            """)

    @OptionGroup var target: LoadTargetOptions
    @OptionGroup var shape: LoadShapeOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Option(name: .long, help: "What a server of its own runs on; servers are those of DATABASE_URL and REDIS_URL.")
    var engines = LoadEngines.sqlite

    @Flag(name: .long, help: "Keep the temporary database, and say where it is.")
    var keep = false

    func run() async throws {
        let line = ProgressLine()
        let summary = target.url == nil ? try await onOwnServer(line) : try await onRunningServer(line)
        line.end()
        if json { try printJSON(summary) } else { summary.lines.forEach(StandardOutput.write) }
        if !summary.isGood { throw ExitCode(1) }
    }

    private func onRunningServer(_ line: ProgressLine) async throws -> LoadSummary {
        let (host, port, shop) = try target.running()
        let report = try await measure(host, port, shop, line)
        return LoadSummary(report, outcome: nil, verification: nil, peakMemory: nil)
    }

    private func onOwnServer(_ line: ProgressLine) async throws -> LoadSummary {
        try await failing {
            let server = try await OwnServer.start(shape.seedPlan, on: engines, failureRate: shape.failureRate, line)
            do {
                let report = try await measure("127.0.0.1", server.port, server.shop, line)
                line.show("waiting for rest, then verifying")
                let database = try await PurchaseDatabase.openToRead(server.configuration)
                let verification = try await Verifier(database).run(
                    waitingForRest: .seconds(600), pause: { try await Task.sleep(for: $0) })
                let summary = LoadSummary(
                    report, outcome: try await StoredOutcome(database), verification: verification,
                    peakMemory: server.peakMemory)
                server.stop()
                if keep {
                    complain("kept: \(server.folder.path)")
                } else {
                    try await server.remove()
                }
                return summary
            } catch {
                server.stop()
                throw error
            }
        }
    }

    private func measure(_ host: String, _ port: Int, _ shop: Shop, _ line: ProgressLine) async throws -> LoadReport {
        let placed = PlacedOrders()
        if shape.mode == .read {
            var settings = shape.settings
            settings.mode = .orders
            settings.keepsOrders = true
            settings.wait = 30
            let plan = LoadPlan(
                arrival: .saturation, duration: .seconds(2), warmup: .zero, connections: min(32, shape.connections))
            let before = settings
            _ = try await LoadRun.run(
                plan, host: host, port: port, workload: { ShopWorkload(shop, before, placed: placed) })
            guard !placed.all.isEmpty else {
                complain("purchase: no order could be placed for reading")
                throw ExitCode(1)
            }
        }
        let settings = shape.settings
        let total = shape.warmup + shape.duration
        return try await LoadRun.run(
            shape.plan, host: host, port: port, workload: { ShopWorkload(shop, settings, placed: placed) },
            progress: { now in
                line.show(
                    "\(now.elapsed.components.seconds) of \(total) s: \(now.answers) answers, \(now.waiting) waiting")
            })
    }
}

/// Whom a load is put on.
struct LoadTargetOptions: ParsableArguments {
    @Option(name: .long, help: "A running server, such as http://127.0.0.1:3000; none starts one.")
    var url: String?

    @Option(name: .long, help: "With --url: the token to order with.")
    var token: String?

    @Option(name: .long, help: "With --url: the id of the token's user.")
    var user: String?

    @Option(name: .long, help: "With --url: an item to order; repeat it for several.")
    var item: [String] = []

    @Option(name: .long, help: "With --url: a coupon's code; repeat it for several.")
    var couponCode: [String] = []

    func validate() throws {
        guard url != nil else { return }
        guard token != nil, user != nil, !item.isEmpty else {
            throw ValidationError("--url needs --token, --user and at least one --item.")
        }
        _ = try running()
    }

    func running() throws -> (host: String, port: Int, Shop) {
        guard let url = url.flatMap(URLComponents.init(string:)), url.scheme == "http", let host = url.host else {
            throw ValidationError("--url takes http://host:port.")
        }
        return (
            host, url.port ?? 80,
            Shop(buyers: [.init(id: user ?? "", token: token ?? "")], items: item, couponCodes: couponCode)
        )
    }
}

/// What a load is like.
struct LoadShapeOptions: ParsableArguments {
    @Option(name: .long, help: "orders, read (GET of an order), coupon-preview or coupon-list.")
    var mode = ShopWorkload.Mode.orders

    @Option(name: .long, help: "Requests a second (open model).")
    var rate: Double?

    @Flag(name: .long, help: "As much as the server takes (closed model).")
    var saturate = false

    @Option(name: .long, help: "Seconds that are measured.")
    var duration = 10

    @Option(name: .long, help: "Seconds before that, not measured.")
    var warmup = 2

    @Option(name: .long, help: "Connections, and so requests under way at once.")
    var connections = 128

    @Option(name: .long, help: "Users that order, on a server of its own.")
    var users = 200

    @Option(name: .long, help: "Items, on a server of its own.")
    var items = 50

    @Option(name: .long, help: "Lines an order.")
    var lines = 1

    @Option(name: .long, help: "Share of orders that want the first item, 0 to 1.")
    var hotItem = 0.0

    @Option(name: .long, help: "Share of orders with a coupon, 0 to 1.")
    var coupons = 0.0

    @Option(name: .long, help: "Share of orders that are cancelled at once, 0 to 1.")
    var cancel = 0.0

    @Option(name: .long, help: "Share of payments that are declined, 0 to 1, on a server of its own.")
    var failureRate = 0.0

    @Option(name: .long, help: "Repeats the same choices.")
    var seed: UInt64 = 1

    func validate() throws {
        guard saturate != (rate != nil) else { throw ValidationError("Choose --rate N or --saturate.") }
        guard rate.map({ $0 > 0 && $0 <= 1_000_000 }) ?? true else {
            throw ValidationError("--rate takes more than 0, at most 1000000.")
        }
        guard (1...86_400).contains(duration), (0...3_600).contains(warmup), (1...10_000).contains(connections),
            (1...100_000).contains(users), (1...100).contains(items), (1...50).contains(lines), lines <= items
        else {
            throw ValidationError(
                "--duration takes 1 to 86400, --warmup up to 3600, --connections up to 10000, --users up to 100000, "
                    + "--items up to 100, --lines up to 50 and no more than --items.")
        }
        for share in [hotItem, coupons, cancel, failureRate] where !(0...1).contains(share) {
            throw ValidationError("A share is a number from 0 to 1.")
        }
    }

    var plan: LoadPlan {
        LoadPlan(
            arrival: rate.map { .rate($0) } ?? .saturation, duration: .seconds(duration), warmup: .seconds(warmup),
            connections: connections)
    }

    var settings: ShopWorkload.Settings {
        ShopWorkload.Settings(
            mode: mode, lines: lines, hotShare: hotItem, couponShare: coupons, cancelShare: cancel,
            wait: saturate && cancel == 0 ? 30 : 0, seed: seed)
    }

    var seedPlan: SeedPlan {
        SeedPlan(
            users: users, items: items, coupons: 4, balance: Money(1_000_000_000_000), price: Money(1_000),
            stock: 1_000_000_000, couponQuantity: 1_000_000)
    }
}

extension ShopWorkload.Mode: ExpressibleByArgument {}

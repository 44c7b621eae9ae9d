import ArgumentParser
import Foundation
import Logging
import PurchaseApp
import PurchaseContracts
import SagaChoreography

/// A server of its own for a load: this program as a child process, on a free loopback port and a temporary database.
struct OwnServer {
    let process: Process
    let port: Int
    let configuration: PurchaseConfiguration
    let shop: Shop
    let folder: URL
    private let engines: LoadEngines

    /// Settings of this process that are what somebody measures.
    private static var measured: [String: String] {
        ProcessInfo.processInfo.environment.filter { key, _ in
            key.hasPrefix("AUDIT_") || key.hasPrefix("MONGODB_") || key == "SAGA_MAX_UNDER_WAY"
        }
    }

    /// Fills a fresh database, then starts the server on it.
    static func start(
        _ plan: SeedPlan, on engines: LoadEngines, failureRate: Double, _ line: ProgressLine
    ) async throws -> OwnServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purchase-load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var generator = SystemRandomNumberGenerator()
        let secret = Data((0..<48).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        var environment = [
            "APP_ENV": "test",
            "JWT_SECRET": secret.base64EncodedString(), "JWT_EXPIRES_IN": "24h", "HOST": "127.0.0.1", "PORT": "0",
            "LOG_LEVEL": "error", "RATE_LIMIT_ENABLED": "false", "NOTIFICATION_ENABLED": "false",
            "METRICS_PORT": "off", "PAYMENT_LATENCY": "0",
            "PAYMENT_SUCCESS_RATE": String(1 - failureRate),
        ]
        // What an operator puts before the program, such as another allocator, is part of what is measured.
        environment["LD_PRELOAD"] = ProcessInfo.processInfo.environment["LD_PRELOAD"]
        environment.merge(Self.measured) { given, _ in given }
        environment.merge(try await engines.environment(folder)) { $1 }
        let configuration = try await PurchaseConfiguration.load(environment: environment, directory: folder.path)
        let shop = try await fill(configuration, plan, line)
        let process = Process()
        process.executableURL = Bundle.main.executableURL
        process.arguments = ["serve"]
        process.environment = environment
        process.currentDirectoryURL = folder
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        guard let port = await Self.port(in: out) else {
            process.waitUntilExit()
            complain("purchase: the server for the load did not start (exit \(process.terminationStatus))")
            throw ExitCode(69)
        }
        line.show("waiting until everything is for sale")
        do { try await untilKnown(shop, configuration) } catch {
            process.terminate()
            process.waitUntilExit()
            throw error
        }
        return OwnServer(
            process: process, port: port, configuration: configuration, shop: shop, folder: folder,
            engines: engines)
    }

    /// Most memory that the server ever had resident, in bytes; 0 where the system does not tell.
    var peakMemory: Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(separator: " ").compactMap({ Int($0) }).first
        else { return 0 }
        return kibibytes * 1024
    }

    /// Ends the server in an orderly way.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Removes everything that the load left behind.
    func remove() async throws {
        try FileManager.default.removeItem(at: folder)
        try await engines.remove(configuration)
    }

    private static func fill(
        _ configuration: PurchaseConfiguration, _ plan: SeedPlan, _ line: ProgressLine
    ) async throws -> Shop {
        let quiet = Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() }
        let opened = try await OpenDatabases.openToWrite(configuration, logger: quiet)
        let composition = try await PurchaseComposition(configuration, databases: opened.services, logger: quiet)
        let seeded = try await Seeding(composition.system).run(plan) { done, total in
            line.show("filling a database: \(done) of \(total)")
        }
        var buyers: [Shop.Buyer] = []
        for user in seeded.users {
            let token = try await composition.tokens.issuer.token(for: user, roles: [.user])
            buyers.append(.init(id: user.description, token: token))
        }
        try opened.close()
        return Shop(buyers: buyers, items: seeded.items.map(\.description), couponCodes: seeded.couponCodes)
    }

    /// The items were made before there was a server: it tells its services of them first.
    private static func untilKnown(_ shop: Shop, _ configuration: PurchaseConfiguration) async throws {
        let database = try await PurchaseDatabase.openToRead(configuration)
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !Seeding.areForSale(shop.items, on: database) {
            guard ContinuousClock.now < deadline else {
                complain(
                    "purchase: the server for the load does not offer its items after 60 s; are other events in its way?"
                )
                throw ExitCode(69)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try database.close()
    }

    /// Reads what the server says until it names its address.
    private static func port(in pipe: Pipe) async -> Int? {
        let output = AsyncStream<Data> { continuation in
            pipe.fileHandleForReading.readabilityHandler = { handle in
                let part = handle.availableData
                continuation.yield(part)
                if part.isEmpty { handle.readabilityHandler = nil }
            }
        }
        var text = ""
        for await part in output {
            if part.isEmpty { return nil }
            text += String(decoding: part, as: UTF8.self)
            // What comes later is still read, and dropped: the server would stop when the pipe is full.
            if let match = text.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)/) { return Int(match.1) }
        }
        return nil
    }
}

// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A service: it knows the engine, the SQL port and the shared contracts, and no other service.
let serviceDependencies: [Target.Dependency] = ["SagaChoreography", "SQLCore", "SagaSQL", "PurchaseContracts"]
let services = ["Orders", "Coupons", "Users", "Inventory", "Items", "Payments", "Notifications", "Audit"]
let serviceTargets: [Target.Dependency] = services.map { .init(stringLiteral: $0) }

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// What several test targets share.
func testSupport(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes: [Target.Dependency] = [
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
]
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

#if os(Linux)
    // Its headers are where every compiler looks; asking pkg-config would bring a flag that SwiftPM warns of in each build.
    let hiredisPackage: String? = nil
#else
    let hiredisPackage: String? = "hiredis"
#endif

let package = Package(
    name: "purchase-saga",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SagaChoreography", targets: ["SagaChoreography"]),
        .library(name: "SQLCore", targets: ["SQLCore"]),
        .library(name: "SagaSQL", targets: ["SagaSQL"]),
        .library(name: "SQLiteAdapter", targets: ["SQLiteAdapter"]),
        .library(name: "PostgresAdapter", targets: ["PostgresAdapter"]),
        .library(name: "RedisStreamsAdapter", targets: ["RedisStreamsAdapter"]),
        .library(name: "SagaTesting", targets: ["SagaTesting"]),
        .executable(name: "purchase", targets: ["purchase"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // The library: others build their own services with these.
        module("SagaChoreography"),
        module("SQLCore"),
        module("SagaSQL", ["SagaChoreography", "SQLCore"]),
        .target(
            name: "CSQLiteStart", cSettings: [.treatAllWarnings(as: .error)], swiftSettings: strict,
            linkerSettings: [.linkedLibrary("sqlite3")]),
        module(
            "SQLiteAdapter",
            [
                "SQLCore", "CSQLiteStart", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        module("PostgresAdapter", ["SQLCore", "CPostgres"]),
        .systemLibrary(
            name: "CRedis", pkgConfig: hiredisPackage, providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(name: "CJemalloc", providers: [.apt(["libjemalloc-dev"])]),
        module("RedisStreamsAdapter", ["SagaChoreography", "SQLCore", "CRedis"]),
        module("SagaTesting", ["SagaChoreography", "SQLCore", "SagaSQL", "SQLiteAdapter"]),

        // The purchase system.
        module("PurchaseContracts", ["SagaChoreography", "SQLCore"]),
        module("Orders", serviceDependencies),
        module("Coupons", serviceDependencies),
        module("Users", serviceDependencies),
        module("Inventory", serviceDependencies),
        module("Items", serviceDependencies),
        module("Payments", serviceDependencies),
        module("Notifications", serviceDependencies),
        module("Audit", serviceDependencies),
        module(
            "HTTPPaymentGateway",
            ["Payments", "PurchaseContracts", "SagaChoreography", asyncHTTPClient, logging, nioCore, nioPosix]),
        .systemLibrary(
            name: "CMongo", pkgConfig: "libmongoc-1.0",
            providers: [.apt(["libmongoc-dev"]), .brew(["mongo-c-driver@1"])]),
        .target(
            name: "CMongoStart", dependencies: ["CMongo"], cSettings: [.treatAllWarnings(as: .error)],
            swiftSettings: strict),
        module("MongoAuditAdapter", ["Audit", "SagaChoreography", "CMongo", "CMongoStart"]),
        module("WebhookSigning", ["SagaChoreography", crypto]),
        module(
            "WebhookNotifier",
            [
                "Notifications", "PurchaseContracts", "SagaChoreography", "WebhookSigning", asyncHTTPClient, nioCore,
                nioPosix,
            ]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        module("SMTPAdapter", ["Notifications", "PurchaseContracts", "SagaChoreography", "CCurl"]),
        // How an order fares, from what all services keep of it.
        module("Journeys", serviceDependencies + ["Orders", "Payments", "Audit"]),
        .target(
            name: "PurchaseAPI",
            dependencies: serviceDependencies + serviceTargets + [
                "Journeys", "WebhookSigning", hummingbird, hummingbirdCore, jwtKit, crypto, logging, metrics, nioCore,
                nioHTTP1,
            ] + httpTypes,
            resources: [
                .embedInCode("Pages/docs.html"), .embedInCode("Pages/docs.css"), .embedInCode("Pages/docs.js"),
            ],
            swiftSettings: strict),
        module(
            "PurchaseApp",
            serviceDependencies + serviceTargets
                + [
                    "PurchaseAPI", "Journeys", "SQLiteAdapter", "PostgresAdapter", "RedisStreamsAdapter",
                    "HTTPPaymentGateway",
                    "SMTPAdapter", "WebhookNotifier", "MongoAuditAdapter", hummingbird, hummingbirdCore, hummingbirdTLS,
                    jwtKit, logging,
                    metrics, lifecycle, configuration, crypto, cryptoExtras, nioCore, nioPosix,
                ]),
        module(
            "LoadGenerator",
            [
                .product(name: "Histogram", package: "hdrhistogram-swift"), nioCore,
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        module(
            "PurchaseSimulation",
            serviceDependencies + serviceTargets + ["PurchaseApp", "SQLiteAdapter", "SagaTesting"]),
        .executableTarget(
            name: "purchase",
            dependencies: [
                "PurchaseSimulation", "PurchaseApp", "PurchaseAPI", "PurchaseContracts", "Users", "SagaChoreography",
                "SQLCore",
                "SQLiteAdapter", "PostgresAdapter", "LoadGenerator", logging,
                .byNameItem(name: "CJemalloc", condition: .when(platforms: [.linux])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // A payment gateway to develop and test against.
        module(
            "ReferenceGateway", [hummingbird, asyncHTTPClient, crypto, lifecycle, logging, nioCore]),
        .executableTarget(
            name: "reference-gateway",
            dependencies: [
                "ReferenceGateway", hummingbird, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // A client to begin from: it knows nothing of the server but its HTTP API.
        .executableTarget(
            name: "example-buyer", dependencies: [asyncHTTPClient, nioCore], path: "Examples/Buyer",
            swiftSettings: strict),

        .executableTarget(
            name: "entry-store-bench",
            dependencies: [
                "Audit", "MongoAuditAdapter", "PostgresAdapter", "PurchaseApp", "SQLCore", "SagaChoreography",
                "SagaSQL", logging,
            ],
            path: "Benchmarks/EntryStores", swiftSettings: strict),

        // Tests.
        module("PurchaseFixtures", ["PurchaseContracts", "SagaChoreography"]),
        tests("SagaChoreographyTests", ["SagaChoreography", "SagaTesting"]),
        tests("SagaSQLTests", ["SagaChoreography", "SQLCore", "SagaSQL", "SQLiteAdapter", "SagaTesting"]),
        tests(
            "SQLiteAdapterTests",
            ["SQLCore", "SQLiteAdapter", "SagaTesting", .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        testSupport(
            "TestEngines",
            [
                "SQLCore", "SagaChoreography", "SagaSQL", "SQLiteAdapter", "PostgresAdapter", "RedisStreamsAdapter",
                "Journeys", "PurchaseApp", "TestServers",
            ]),
        tests("PostgresAdapterTests", ["SQLCore", "PostgresAdapter", "SagaSQL", "SagaTesting", "TestServers"]),
        tests("PurchaseContractsTests", ["PurchaseContracts", "SagaChoreography"]),
        tests("OrdersTests", serviceDependencies + ["Orders", "SagaTesting", "PurchaseFixtures"]),
        tests("CouponsTests", serviceDependencies + ["Coupons", "SagaTesting", "PurchaseFixtures"]),
        tests("UsersTests", serviceDependencies + ["Users", "SagaTesting", "PurchaseFixtures"]),
        tests("InventoryTests", serviceDependencies + ["Inventory", "SagaTesting", "PurchaseFixtures"]),
        tests("ItemsTests", serviceDependencies + ["Items", "SagaTesting", "PurchaseFixtures"]),
        tests("PaymentsTests", serviceDependencies + ["Payments", "SagaTesting", "PurchaseFixtures"]),
        tests("NotificationsTests", serviceDependencies + ["Notifications", "SagaTesting", "PurchaseFixtures"]),
        tests(
            "AuditTests",
            serviceDependencies + [
                "Audit", "AuditContract", "MongoAuditAdapter", "PurchaseApp", "SagaTesting", "PurchaseFixtures",
                "SQLiteAdapter", "TestEngines", "TestServers",
            ]),
        tests(
            "ScenarioTests",
            serviceDependencies + serviceTargets + [
                "Journeys", "PurchaseApp", "PurchaseFixtures", "SagaTesting", "SQLiteAdapter", "PostgresAdapter",
                "TestEngines",
                "TestServers", logging,
            ]),
        tests(
            "PurchaseAPITests",
            serviceDependencies + serviceTargets + [
                "PurchaseAPI", "PurchaseApp", "Journeys", "WebhookSigning", "SagaTesting", "SQLiteAdapter",
                "TestEngines",
                .product(name: "HummingbirdTesting", package: "hummingbird"), hummingbird, jwtKit, nioCore, nioHTTP1,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + httpTypes),
        .testTarget(
            name: "SimulationTests",
            dependencies: serviceDependencies + serviceTargets + [
                "PurchaseApp", "PurchaseSimulation", "SagaTesting", "SQLiteAdapter",
            ], exclude: ["corpus.txt"], swiftSettings: strict),
        tests("TutorialTests", ["SagaChoreography", "SQLCore", "SagaSQL", "SQLiteAdapter", "SagaTesting"]),
        tests("ArchitectureTests", []),
        tests(
            "PurchaseAppTests",
            serviceDependencies + [
                "Orders", "PurchaseApp", "PurchaseAPI", "SagaTesting", "SQLiteAdapter", "PostgresAdapter",
                "RedisStreamsAdapter", "SMTPAdapter", "WebhookNotifier",
                metrics, jwtKit, logging,
            ]),
        testSupport("AuditContract", ["Audit", "SagaChoreography", "SagaTesting"]),
        tests(
            "MongoAuditAdapterTests",
            [
                "Audit", "AuditContract", "MongoAuditAdapter", "ProcessDriver", "SagaChoreography", "SagaTesting",
                "TestServers",
            ]),
        testSupport("ProcessDriver", [asyncHTTPClient, .product(name: "NIOCore", package: "swift-nio")]),
        testSupport("TestServers", ["ProcessDriver", "SQLCore", "PostgresAdapter", nioCore, nioPosix]),
        tests(
            "RedisStreamsAdapterTests",
            [
                "ProcessDriver", "RedisStreamsAdapter", "SagaChoreography", "SQLCore", "SQLiteAdapter", "SagaSQL",
                "SagaTesting", "TestServers",
            ]),
        tests(
            "CommandLineTests",
            [
                "ProcessDriver", "purchase", "PurchaseApp", "PurchaseAPI", "PurchaseContracts", "SagaChoreography",
                "SQLCore", "SQLiteAdapter", "SagaSQL",
            ]),
        tests(
            "HTTPPaymentGatewayTests",
            [
                "HTTPPaymentGateway", "ReferenceGateway", "Payments", "PurchaseContracts", "PurchaseFixtures",
                "SagaChoreography", "SagaTesting", hummingbird, logging, lifecycle,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests(
            "SMTPAdapterTests",
            [
                "SMTPAdapter", "Notifications", "PurchaseContracts", "SagaChoreography", "ProcessDriver", "TestServers",
            ]),
        tests(
            "WebhookNotifierTests",
            [
                "WebhookNotifier", "WebhookSigning", "Notifications", "PurchaseContracts", "SagaChoreography",
                "SagaTesting", hummingbird, logging, .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests(
            "EdgeTests",
            [
                "ProcessDriver", "TestServers", "example-buyer", "purchase", "reference-gateway", asyncHTTPClient,
                hummingbirdTLS,
                nioCore,
                nioHTTP1, nioPosix,
            ]),
        tests(
            "OperationsTests",
            [
                "ProcessDriver", "PostgresAdapter", "PurchaseApp", "SagaChoreography", "SagaSQL", "SQLCore",
                "TestServers", "purchase",
            ]),
        tests(
            "ChaosTests",
            ["ProcessDriver", "PostgresAdapter", "SagaChoreography", "SQLCore", "TestServers", "purchase"]),
    ]
)

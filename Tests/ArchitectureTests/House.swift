/// Who may know whom: the arrows of the house, in one place.
enum House {
    /// The services: none of them knows another.
    static let services = ["Audit", "Coupons", "Inventory", "Items", "Notifications", "Orders", "Payments", "Users"]

    /// What has no I/O of its own, so that it runs live and in a test alike: no clock, no chance, no output.
    static let pure = ["SagaChoreography", "SQLCore", "SagaSQL", "PurchaseContracts"] + services

    /// What others build on; every public declaration of it is documented.
    static let libraries = [
        "SagaChoreography", "SQLCore", "SagaSQL", "SQLiteAdapter", "PostgresAdapter", "RedisStreamsAdapter",
        "SagaTesting",
    ]

    /// Where C and unchecked concurrency may be met.
    static let adapters: Set<String> = [
        "SQLiteAdapter", "PostgresAdapter", "RedisStreamsAdapter", "SMTPAdapter", "MongoAuditAdapter",
    ]

    private static let foundation: Set<String> = ["Foundation", "FoundationEssentials", "Synchronization"]
    private static let platform: Set<String> = ["Dispatch", "Glibc", "Musl", "Darwin"]
    private static let serviceFloor: Set<String> = ["SagaChoreography", "SQLCore", "SagaSQL", "PurchaseContracts"]
    private static let web: Set<String> = [
        "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOHTTP1", "NIOPosix", "JWTKit", "Crypto", "Logging",
        "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "HummingbirdTLS", "Metrics",
    ]

    /// What each module may import; a module without a line here is not part of the house yet.
    static let mayImport: [String: Set<String>] = {
        var table: [String: Set<String>] = [
            "SagaChoreography": foundation,
            "SQLCore": ["FoundationEssentials", "Synchronization"],
            "SagaSQL": foundation.union(["SagaChoreography", "SQLCore"]),
            "SQLiteAdapter": foundation.union(platform).union([
                "SQLCore", "CSQLiteStart", "GRDB", "GRDBSQLite",
            ]),
            "CSQLiteStart": [],
            "CPostgres": [],
            "CJemalloc": [],
            "PostgresAdapter": foundation.union(platform).union(["SQLCore", "CPostgres"]),
            "CRedis": [],
            "RedisStreamsAdapter": foundation.union(platform).union(["SagaChoreography", "SQLCore", "CRedis"]),
            "SagaTesting": foundation.union(["SagaChoreography", "SQLCore", "SagaSQL", "SQLiteAdapter", "Testing"]),
            "PurchaseContracts": foundation.union(["SagaChoreography", "SQLCore"]),
            "PurchaseFixtures": foundation.union(["SagaChoreography", "SQLCore", "PurchaseContracts"]),
            "Journeys": foundation.union(serviceFloor).union(["Orders", "Payments", "Audit"]),
            "PurchaseAPI": foundation.union(serviceFloor).union(services).union(web).union([
                "Journeys", "WebhookSigning",
            ]),
            "WebhookSigning": foundation.union(["SagaChoreography", "Crypto"]),
            "WebhookNotifier": foundation.union([
                "Notifications", "PurchaseContracts", "SagaChoreography", "WebhookSigning", "AsyncHTTPClient",
                "NIOCore",
                "NIOPosix",
            ]),
            "CMongo": [],
            "CMongoStart": ["CMongo"],
            "MongoAuditAdapter": foundation.union(platform).union([
                "Audit", "SagaChoreography", "CMongo", "CMongoStart",
            ]),
            "CCurl": [],
            "SMTPAdapter": foundation.union(platform).union([
                "Notifications", "PurchaseContracts", "SagaChoreography", "CCurl",
            ]),
            "PurchaseApp": foundation.union(platform).union(serviceFloor).union(services).union(web).union([
                "PurchaseAPI", "Journeys", "SQLiteAdapter", "PostgresAdapter", "RedisStreamsAdapter",
                "HTTPPaymentGateway",
                "SMTPAdapter", "WebhookNotifier", "MongoAuditAdapter", "CryptoExtras", "ServiceLifecycle",
                "UnixSignals",
                "Configuration",
                "SystemPackage",
            ]),
            "HTTPPaymentGateway": foundation.union([
                "Payments", "PurchaseContracts", "SagaChoreography", "AsyncHTTPClient", "NIOCore", "NIOPosix",
                "Logging",
            ]),
            "ReferenceGateway": foundation.union([
                "Hummingbird", "HTTPTypes", "AsyncHTTPClient", "Crypto", "Logging", "NIOCore", "ServiceLifecycle",
            ]),
            "reference-gateway": ["Foundation", "ReferenceGateway", "Hummingbird", "Logging", "ArgumentParser"],
            "PurchaseSimulation": foundation.union(serviceFloor).union(services).union([
                "PurchaseApp", "SQLiteAdapter", "SagaTesting",
            ]),
            "LoadGenerator": ["Histogram", "NIOCore", "NIOHTTP1", "NIOPosix"],
            "purchase": foundation.union(platform).union([
                "PurchaseApp", "PurchaseAPI", "PurchaseContracts", "Users", "SagaChoreography", "SQLCore",
                "SQLiteAdapter", "PostgresAdapter", "LoadGenerator", "ArgumentParser", "PurchaseSimulation",
                "SagaTesting",
                "Logging", "CJemalloc",
            ]),
        ]
        for service in services { table[service] = foundation.union(serviceFloor) }
        return table
    }()

    /// Whose tables carry which prefix; a statement of a service names no other prefix.
    static let tablePrefixes: [String: Set<String>] = [
        "Orders": ["orders"], "Coupons": ["coupons"], "Users": ["users"], "Inventory": ["inventory"],
        "Items": ["items"],
        "Payments": ["payments", "gateway"], "Notifications": ["notifications"], "Audit": ["audit"],
    ]
}

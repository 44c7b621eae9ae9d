/// Every key that this program reads. `purchase config` lists them, docs/configuration.md describes them.
public enum ConfigurationKey: String, CaseIterable, Sendable {
    case appEnv = "APP_ENV"
    case nodeEnv = "NODE_ENV"
    case appName = "APP_NAME"
    case host = "HOST"
    case port = "PORT"
    case currency = "CURRENCY"
    case databaseType = "DATABASE_TYPE"
    case databaseName = "DATABASE_NAME"
    case sagaTimeout = "SAGA_TIMEOUT"
    case sagaRetryCount = "SAGA_RETRY_COUNT"
    case paymentGateway = "PAYMENT_GATEWAY"
    case paymentSuccessRate = "PAYMENT_SUCCESS_RATE"
    case paymentUnknownRate = "PAYMENT_UNKNOWN_RATE"
    case paymentLatency = "PAYMENT_LATENCY"
    case paymentSeed = "PAYMENT_SEED"
    case paymentTimeout = "PAYMENT_TIMEOUT"
    case notificationEnabled = "NOTIFICATION_ENABLED"
    case notificationType = "NOTIFICATION_TYPE"
    case notificationLanguage = "NOTIFICATION_LANGUAGE"
    case jwtAlgorithm = "JWT_ALGORITHM"
    case jwtSecret = "JWT_SECRET"
    case jwtKeyFile = "JWT_KEY_FILE"
    case jwtExpiresIn = "JWT_EXPIRES_IN"
    case rateLimitEnabled = "RATE_LIMIT_ENABLED"
    case rateLimitWindow = "RATE_LIMIT_WINDOW_MS"
    case rateLimitRequests = "RATE_LIMIT_MAX_REQUESTS"
    case trustedProxies = "TRUSTED_PROXIES"
    case maxConnections = "MAX_CONNECTIONS"
    case corsOrigins = "CORS_ORIGINS"
    case tlsCertificate = "TLS_CERT_FILE"
    case tlsKey = "TLS_KEY_FILE"
    case metricsPort = "METRICS_PORT"
    case logLevel = "LOG_LEVEL"
    case logFormat = "LOG_FORMAT"
    case testUserBalance = "TEST_USER_BALANCE"
    case testItemStock = "TEST_ITEM_STOCK"
    case testCrashPoint = "TEST_CRASH_POINT"

    /// The text that is parsed when no source sets the key; `nil` if there is no default, or one that depends on others.
    var defaultText: String? {
        switch self {
        case .appEnv: "development"
        case .appName: "Purchase Saga"
        case .port: "3000"
        case .currency: "KRW"
        case .databaseType: "sqlite"
        case .databaseName: "data/purchase.sqlite"
        case .sagaTimeout: "300000"
        case .sagaRetryCount: "3"
        case .paymentSuccessRate: "0.9"
        case .paymentUnknownRate: "0"
        case .paymentLatency: "20-120"
        case .paymentSeed: "1"
        case .paymentTimeout: "2000"
        case .notificationEnabled: "true"
        case .notificationType: "console"
        case .notificationLanguage: "ko"
        case .jwtAlgorithm: "HS256"
        case .jwtExpiresIn: "1h"
        case .rateLimitEnabled: "true"
        case .rateLimitWindow: "60000"
        case .rateLimitRequests: "100"
        case .maxConnections: "5000"
        case .metricsPort: "9090"
        case .logLevel: "info"
        case .logFormat: "text"
        case .testUserBalance: "50000"
        case .nodeEnv, .host, .paymentGateway, .jwtSecret, .jwtKeyFile, .trustedProxies, .corsOrigins, .tlsCertificate,
            .tlsKey, .testItemStock, .testCrashPoint:
            nil
        }
    }

    /// Masked wherever values are shown.
    var isSecret: Bool { self == .jwtSecret }
}

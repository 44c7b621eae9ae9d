import CMongo
import SagaChoreography

/// What the library says went wrong.
struct MongoFailure {
    let domain: UInt32
    let code: UInt32
    private let message: String

    init(_ error: UnsafePointer<bson_error_t>) {
        domain = error.pointee.domain
        code = error.pointee.code
        message = String(cString: cmongo_message(error))
    }

    /// A place or an id is taken.
    var isDuplicate: Bool { domain == MONGOC_ERROR_SERVER.rawValue && code == MONGOC_ERROR_DUPLICATE_KEY.rawValue }

    /// What it means to whoever called. Of a server's refusals the number alone is told: their texts quote commands with all that is in
    /// them.
    func fault(_ settings: MongoSettings) -> SagaFault {
        switch domain {
        case MONGOC_ERROR_SERVER.rawValue: refusal(settings)
        case MONGOC_ERROR_WRITE_CONCERN.rawValue: Self.notConfirmed(settings)
        case MONGOC_ERROR_BSON.rawValue, MONGOC_ERROR_COMMAND.rawValue, MONGOC_ERROR_CURSOR.rawValue,
            MONGOC_ERROR_NAMESPACE.rawValue, MONGOC_ERROR_MATCHER.rawValue:
            .permanent(.contract, "\(settings): the command cannot be sent (\(domain).\(code))")
        default: .unavailable("\(settings): \(masked(settings.password))")
        }
    }

    /// Most servers of the set did not say that they have it.
    static func notConfirmed(_ settings: MongoSettings) -> SagaFault {
        .unavailable("\(settings): not confirmed by most servers of the set")
    }

    private func refusal(_ settings: MongoSettings) -> SagaFault {
        if let name = Self.unavailable[code] { return .unavailable("\(settings): refused, \(name) (\(code))") }
        if let name = Self.tooLarge[code] { return .permanent(.contract, "\(settings): refused, \(name) (\(code))") }
        return .retryable("\(settings): refused (\(code))")
    }

    private func masked(_ password: String?) -> String {
        guard let password, !password.isEmpty else { return message }
        return message.replacing(password, with: "***")
    }

    /// By MongoDB's names: what passes, or what only whoever runs the server can put right.
    private static let unavailable: [UInt32: String] = [
        6: "HostUnreachable", 7: "HostNotFound", 8: "UnknownError", 13: "Unauthorized", 18: "AuthenticationFailed",
        24: "LockTimeout", 50: "MaxTimeMSExpired", 64: "WriteConcernFailed", 79: "UnknownReplWriteConcern",
        89: "NetworkTimeout", 91: "ShutdownInProgress", 100: "UnsatisfiableWriteConcern",
        133: "FailedToSatisfyReadPreference", 189: "PrimarySteppedDown", 262: "ExceededTimeLimit",
        317: "ConnectionPoolExpired", 8000: "AtlasError", 9001: "SocketException", 10058: "NotPrimaryOrSecondary",
        10107: "NotWritablePrimary", 11600: "InterruptedAtShutdown", 11602: "InterruptedDueToReplStateChange",
        13388: "StaleConfig", 13435: "NotPrimaryNoSecondaryOk", 13436: "NotPrimaryOrSecondary", 14031: "OutOfDiskSpace",
    ]
    private static let tooLarge: [UInt32: String] = [10334: "BSONObjectTooLarge", 17280: "KeyTooLong"]
}

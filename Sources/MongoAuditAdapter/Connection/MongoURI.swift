import CMongo

/// A URI as the library holds it; holds the password.
final class MongoURI {
    static let form = "mongodb://user:password@host:port/database"

    let raw: OpaquePointer

    /// - Throws: ``MongoSettingsError``; the library's own text may quote parts of a password.
    init(text: String) throws {
        MongoLibrary.start()
        // The library takes what stands behind a second @ of a password for a host, which messages name.
        let isAmbiguous = text.prefix { $0 != "?" }.count { $0 == "@" } > 1
        guard !isAmbiguous, let raw = mongoc_uri_new_with_error(text, nil) else {
            throw MongoSettingsError(
                "the URI cannot be read; its form is \(Self.form), with what means something in it as %XX")
        }
        self.raw = raw
    }

    /// Everything that settings say, and what no setting can change.
    ///
    /// - Throws: ``MongoSettingsError``.
    convenience init(_ settings: MongoSettings) throws {
        if let uri = settings.uri {
            try self.init(text: uri)
        } else {
            try self.init(host: settings.host, port: UInt16(clamping: settings.port))
            try set("database") { mongoc_uri_set_database(raw, settings.database) }
            if let username = settings.username, let password = settings.password {
                try set("username") { mongoc_uri_set_username(raw, username) }
                try set("password") { mongoc_uri_set_password(raw, password) }
                try set("authSource") { mongoc_uri_set_auth_source(raw, settings.authSource) }
            }
            if settings.ssl { try set("ssl") { mongoc_uri_set_option_as_bool(raw, MONGOC_URI_TLS, true) } }
            if let replicaSet = settings.replicaSet {
                try set("replicaSet") { mongoc_uri_set_option_as_utf8(raw, MONGOC_URI_REPLICASET, replicaSet) }
            }
        }
        try bound(settings)
        promise(settings)
    }

    private init(host: String, port: UInt16) throws {
        MongoLibrary.start()
        guard let raw = mongoc_uri_new_for_host_port(host, port) else {
            throw MongoSettingsError("the host or the port is wrong")
        }
        self.raw = raw
    }

    deinit { mongoc_uri_destroy(raw) }

    private func bound(_ settings: MongoSettings) throws {
        let name = settings.database.utf8
        guard (1...63).contains(name.count), !name.contains(where: { "/\\. \"$*<>:|?\0".utf8.contains($0) }) else {
            throw MongoSettingsError("the database's name is empty, too long, or has a character that none may have")
        }
        guard (1...1000).contains(settings.poolSize) else {
            throw MongoSettingsError("the pool's size is not 1 to 1000")
        }
        let numbers = [
            (MONGOC_URI_MAXPOOLSIZE, Int32(settings.poolSize)),
            (MONGOC_URI_CONNECTTIMEOUTMS, MongoSettings.bounded(settings.connectTimeout)),
            (MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MongoSettings.bounded(settings.serverSelectionTimeout)),
            (MONGOC_URI_SOCKETTIMEOUTMS, MongoSettings.bounded(settings.socketTimeout)),
        ]
        for (name, number) in numbers { try set(name) { mongoc_uri_set_option_as_int32(raw, name, number) } }
        // A primary that was taken for none is found again after so long.
        if !mongoc_uri_has_option(raw, MONGOC_URI_HEARTBEATFREQUENCYMS) {
            try set("heartbeat") { mongoc_uri_set_option_as_int32(raw, MONGOC_URI_HEARTBEATFREQUENCYMS, 2000) }
        }
        if mongoc_uri_get_appname(raw) == nil { try set("appname") { mongoc_uri_set_appname(raw, "purchase") } }
    }

    /// What was acknowledged is on most servers' disks, and the one that answers has it.
    private func promise(_ settings: MongoSettings) {
        let concern = mongoc_write_concern_new()
        mongoc_write_concern_set_wmajority(concern, MongoSettings.bounded(settings.socketTimeout))
        mongoc_write_concern_set_journal(concern, true)
        mongoc_uri_set_write_concern(raw, concern)
        mongoc_write_concern_destroy(concern)
        let preference = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
        mongoc_uri_set_read_prefs_t(raw, preference)
        mongoc_read_prefs_destroy(preference)
    }

    private func set(_ what: String, _ body: () -> Bool) throws {
        guard body() else { throw MongoSettingsError("the setting \(what) is refused") }
    }

    var database: String? { Self.text(mongoc_uri_get_database(raw)) }
    var username: String? { Self.text(mongoc_uri_get_username(raw)) }
    var password: String? { Self.text(mongoc_uri_get_password(raw)) }
    var authSource: String { Self.text(mongoc_uri_get_auth_source(raw)) ?? "admin" }
    var replicaSet: String? { Self.text(mongoc_uri_get_replica_set(raw)) }
    var isEncrypted: Bool { mongoc_uri_get_tls(raw) }
    var firstHost: (name: String, port: Int) {
        (Self.text(cmongo_first_host(raw)) ?? "", Int(cmongo_first_port(raw)))
    }

    /// A number that the URI has; 0, which the library takes for no limit, is none.
    func number(_ option: String) -> Int? {
        let number = mongoc_uri_get_option_as_int32(raw, option, 0)
        return number > 0 ? Int(number) : nil
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

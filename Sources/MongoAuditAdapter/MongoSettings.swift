import CMongo
import FoundationEssentials

/// Where a MongoDB database is, as whom to use it, and how.
public struct MongoSettings: Sendable, Equatable {
    /// Several servers, `mongodb+srv://` and options that have no property here: all of what ``init(uri:)`` took. `nil` if the place is
    /// told by parts.
    private(set) var uri: String?
    /// A name or address.
    public private(set) var host: String
    /// 1 to 65535.
    public private(set) var port: Int
    /// The database's name.
    public let database: String
    /// Whom to log in as; `nil`: nobody.
    public private(set) var username: String?
    /// The user's password.
    public private(set) var password: String?
    /// The database that knows the user.
    public private(set) var authSource: String
    /// Whether the way is encrypted, and the server's certificate checked against the roots of the system; others are named in a URI
    /// (`tlsCAFile`).
    public private(set) var ssl: Bool
    /// The name of the set whose primary is looked for; `nil`: the server itself is used.
    public private(set) var replicaSet: String?

    /// Connections at the same time, at most.
    public var poolSize: Int
    /// How long a call waits for a connection before it is refused as unavailable.
    public var acquireTimeout: Duration
    /// How long one attempt to connect may take.
    public var connectTimeout: Duration
    /// How long a server that takes writes is looked for.
    public var serverSelectionTimeout: Duration
    /// How long one answer may take, and the copies on most servers of a set.
    public var socketTimeout: Duration

    /// A server by its parts.
    ///
    /// - Throws: ``MongoSettingsError``.
    public init(
        host: String = "127.0.0.1", port: Int = 27017, database: String, username: String? = nil,
        password: String? = nil, authSource: String = "admin", ssl: Bool = false, replicaSet: String? = nil,
        poolSize: Int = 4, acquireTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
        serverSelectionTimeout: Duration = .seconds(5), socketTimeout: Duration = .seconds(30)
    ) throws {
        self.host = host
        self.port = port
        self.database = database
        self.username = username
        self.password = password
        self.authSource = authSource
        self.ssl = ssl
        self.replicaSet = replicaSet
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.serverSelectionTimeout = serverSelectionTimeout
        self.socketTimeout = socketTimeout
        guard !host.isEmpty, (1...65535).contains(port) else {
            throw MongoSettingsError("the host or the port is wrong")
        }
        guard (username == nil) == (password == nil) else {
            throw MongoSettingsError("a user and a password come together")
        }
        _ = try MongoURI(self)
    }

    /// Reads `mongodb://user:password@host:port,host:port/database?replicaSet=…&authSource=…&tls=…`, or the same with `mongodb+srv`.
    ///
    /// Its `maxPoolSize`, `connectTimeoutMS`, `serverSelectionTimeoutMS` and `socketTimeoutMS` become the properties. Which copies answer
    /// and when a write counts is not its to say: the primary, and when most have it in their journals.
    ///
    /// - Throws: ``MongoSettingsError``.
    public init(uri: String) throws {
        let parsed = try MongoURI(text: uri)
        guard let database = parsed.database else {
            throw MongoSettingsError("the URI names no database; its form is \(MongoURI.form)")
        }
        self.uri = uri
        self.database = database
        let first = parsed.firstHost
        (host, port) = (first.name, first.port)
        (username, password) = (parsed.username, parsed.password)
        (authSource, ssl, replicaSet) = (parsed.authSource, parsed.isEncrypted, parsed.replicaSet)
        poolSize = parsed.number(MONGOC_URI_MAXPOOLSIZE) ?? 4
        acquireTimeout = .seconds(10)
        connectTimeout = .milliseconds(parsed.number(MONGOC_URI_CONNECTTIMEOUTMS) ?? 5000)
        serverSelectionTimeout = .milliseconds(parsed.number(MONGOC_URI_SERVERSELECTIONTIMEOUTMS) ?? 5000)
        socketTimeout = .milliseconds(parsed.number(MONGOC_URI_SOCKETTIMEOUTMS) ?? 30_000)
        _ = try MongoURI(self)
    }

    /// No wait is for ever, whatever a setting says.
    static func bounded(_ time: Duration) -> Int32 {
        let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        return Int32(min(max(1, milliseconds), 600_000))
    }
}

/// Settings that cannot be right. Never shows a password, nor a URI, which may hold one.
public struct MongoSettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ what: String) { description = "MongoDB: \(what)" }
}

extension MongoSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the place and the user, never the password.
    public var description: String {
        let user = username.map { "\($0):***@" } ?? ""
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return "mongodb://\(user)\(place)/\(database)"
    }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Hides the password from dumps.
    public var customMirror: Mirror { Mirror(self, children: ["place": description]) }
}

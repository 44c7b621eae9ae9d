import Foundation

/// Where a Redis server is, and who we are to it: `redis://user:password@host:port/database`.
public struct RedisEndpoint: Sendable, Hashable {
    /// Name or address; an IPv6 address without brackets.
    public let host: String
    /// 1 to 65535.
    public let port: Int
    /// The user of Redis 6 and later; `nil`: the default user.
    public let user: String?
    /// The user's password; `nil`: none is asked for.
    public let password: String?
    /// The database's number, from 0.
    public let database: Int

    /// A server by its parts.
    public init(
        host: String = "127.0.0.1", port: Int = 6379, user: String? = nil, password: String? = nil, database: Int = 0
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads `redis://user:password@host:port/database`; all but the host may be missing. Characters that mean something in a
    /// URL are written as `%` and two hexadecimal digits.
    ///
    /// - Throws: ``RedisAdapterError`` `.misconfigured`, which quotes nothing of user and password.
    public init(url: String) throws {
        guard !url.hasPrefix("rediss://") else {
            throw Self.wrong(
                """
                rediss:// (TLS) is not built in: run stunnel beside this process, with the server as its target, and give \
                redis://127.0.0.1 with stunnel's port
                """)
        }
        guard url.hasPrefix("redis://") else {
            throw Self.wrong("the URL must look like redis://user:password@host:port/database")
        }
        let rest = url.dropFirst("redis://".count)
        // At the last @: whatever is before it is secret, and nothing of it gets into a message.
        var place = rest
        if let at = rest.lastIndex(of: "@") {
            (user, password) = try Self.credentials(rest[..<at])
            place = rest[rest.index(after: at)...]
        } else {
            (user, password) = (nil, nil)
        }
        let slash = place.firstIndex(of: "/") ?? place.endIndex
        (host, port) = try Self.address(place[..<slash])
        database = try Self.database(place[slash...].dropFirst())
    }

    private static func credentials(_ text: Substring) throws -> (user: String?, password: String?) {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let parts = try [text[..<colon], text[colon...].dropFirst()].map { part in
            guard let decoded = part.removingPercentEncoding else {
                throw wrong("user or password has a % that two hexadecimal digits do not follow (write %25)")
            }
            return decoded.isEmpty ? nil : decoded
        }
        guard parts[0] == nil || parts[1] != nil else { throw wrong("there is a user but no password") }
        return (parts[0], parts[1])
    }

    private static func address(_ text: Substring) throws -> (host: String, port: Int) {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw wrong("the address lacks its closing bracket") }
            host = text[..<end].dropFirst()
            let rest = text[end...].dropFirst()
            if rest.first == ":" {
                port = rest.dropFirst()
            } else if !rest.isEmpty {
                throw wrong("'\(text)' is no host and port")
            }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...].dropFirst()
            guard !host.contains(":") else { throw wrong("an IPv6 address is written in brackets: [::1]") }
        }
        guard !host.isEmpty else { throw wrong("the host is missing") }
        guard let port else { return (String(host), 6379) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw wrong("port '\(port)' is not a number from 1 to 65535")
        }
        return (String(host), number)
    }

    private static func database(_ text: Substring) throws -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = Int(text), number >= 0 else { throw wrong("database '\(text)' is not a number from 0") }
        return number
    }

    private static func wrong(_ what: String) -> RedisAdapterError {
        RedisAdapterError(.misconfigured, "Redis: \(what)")
    }

    /// `host:port`, for messages.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Whatever prints an endpoint prints no password.
extension RedisEndpoint: CustomStringConvertible, CustomReflectable {
    public var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        return "redis://\(credentials)\(address)/\(database)"
    }

    /// The description alone.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

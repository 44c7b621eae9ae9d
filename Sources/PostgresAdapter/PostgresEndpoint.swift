import Foundation
import SQLCore

/// Where a PostgreSQL database is, and as whom to use it.
public struct PostgresEndpoint: Sendable, Equatable {
    /// How the way to the server is protected; the names are libpq's `sslmode`.
    public enum Encryption: String, Sendable, CaseIterable {
        /// Never encrypted.
        case disable
        /// Encrypted if the server can; protects from nobody who stands in between.
        case prefer
        /// Encrypted, whoever the server is.
        case require
        /// Encrypted, and the server's certificate is checked against a root.
        case verifyCA = "verify-ca"
        /// Encrypted, and the certificate is the named host's.
        case verifyFull = "verify-full"
    }

    /// A name or address, or the folder of a Unix socket.
    public var host: String
    /// The server's port.
    public var port: Int
    /// The database's name.
    public var database: String
    /// The role to log in as.
    public var user: String
    /// The role's password; `nil` if the server trusts it.
    public var password: String?
    /// How the way is protected.
    public var encryption: Encryption
    /// The file with the root certificates that ``Encryption/verifyCA`` and ``Encryption/verifyFull`` check against; `nil`:
    /// libpq's default.
    public var rootCertificate: String?

    /// Takes what its properties say.
    public init(
        host: String, port: Int = 5432, database: String, user: String, password: String? = nil,
        encryption: Encryption = .prefer, rootCertificate: String? = nil
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.encryption = encryption
        self.rootCertificate = rootCertificate
    }

    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`.
    ///
    /// - Throws: ``SQLError`` `.misuse` that says what is wrong, without the password.
    public init(url: String) throws {
        func wrong(_ what: String) -> SQLError {
            SQLError(.misuse, "the database URL \(what); its form is postgres://user:password@host:port/database")
        }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme else { throw wrong("cannot be read") }
        guard ["postgres", "postgresql"].contains(scheme) else { throw wrong("begins with '\(scheme)://'") }
        guard let host = parts.host, !host.isEmpty else { throw wrong("names no host") }
        guard let user = parts.user, !user.isEmpty else { throw wrong("names no user") }
        let database = String(parts.path.dropFirst())
        guard !database.isEmpty, !database.contains("/") else { throw wrong("names no database") }
        self.init(
            host: host, port: parts.port ?? 5432, database: database, user: user,
            password: parts.password.flatMap { $0.isEmpty ? nil : $0 })
        for item in parts.queryItems ?? [] {
            switch item.name {
            case "sslmode":
                guard let mode = Encryption(rawValue: item.value ?? "") else {
                    throw wrong("has a sslmode other than disable, prefer, require, verify-ca or verify-full")
                }
                encryption = mode
            case "sslrootcert": rootCertificate = item.value
            case "host":
                // As libpq has it: the folder of a Unix socket cannot be written where a host is.
                if let folder = item.value { self.host = folder }
            default: throw wrong("has an unknown setting '\(item.name)'")
            }
        }
    }

    /// What libpq is given; holds the password.
    var keywords: [(String, String)] {
        var keywords = [
            ("host", host), ("port", String(port)), ("dbname", database), ("user", user),
            ("sslmode", encryption.rawValue),
        ]
        if let password { keywords.append(("password", password)) }
        if let rootCertificate { keywords.append(("sslrootcert", rootCertificate)) }
        return keywords
    }
}

extension PostgresEndpoint: CustomStringConvertible {
    /// Names the place and the role, never the password.
    public var description: String { "\(user)@\(host):\(port)/\(database)" }
}

extension PostgresEndpoint: CustomDebugStringConvertible, CustomReflectable {
    /// As ``description``.
    public var debugDescription: String { description }
    /// Hides the password from dumps.
    public var customMirror: Mirror { Mirror(self, children: ["endpoint": description]) }
}

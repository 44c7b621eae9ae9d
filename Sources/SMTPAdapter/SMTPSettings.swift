import PurchaseContracts

/// How a mail server is reached, and from whom mail comes.
public struct SMTPSettings: Sendable {
    /// How the connection is protected.
    public enum Encryption: String, Sendable, CaseIterable {
        /// In the clear: for a server on this machine, or for development.
        case none
        /// STARTTLS, and no mail without it.
        case startTLS = "starttls"
        /// TLS from the first byte.
        case tls
    }

    /// Name and password for the server.
    public struct Credentials: Sendable {
        public let user: String
        public let password: String

        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// Name or address.
    public var host: String
    public var port: Int
    public var encryption: Encryption
    /// `nil`: the server asks for none.
    public var credentials: Credentials?
    /// File with the certificates that are believed, in PEM form; `nil`: those of the system.
    public var certificateAuthorities: String?
    public var sender: Mailbox
    /// Until the server has been reached.
    public var connectTimeout: Duration
    /// For one message, from the first attempt to connect to the server's last answer.
    public var timeout: Duration
    /// Connections side by side at most.
    public var connections: Int

    public init(
        host: String, port: Int, encryption: Encryption, credentials: Credentials? = nil,
        certificateAuthorities: String? = nil, sender: Mailbox, connectTimeout: Duration = .seconds(10),
        timeout: Duration = .seconds(30), connections: Int = 4
    ) {
        self.host = host
        self.port = port
        self.encryption = encryption
        self.credentials = credentials
        self.certificateAuthorities = certificateAuthorities
        self.sender = sender
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.connections = connections
    }

    /// With the name that this client calls itself at the end: the domain that the mail comes from, since a container's own
    /// name means nothing elsewhere.
    var url: String {
        let scheme = encryption == .tls ? "smtps" : "smtp"
        let place = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(place):\(port)/\(sender.address.domain)"
    }
}

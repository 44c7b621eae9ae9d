/// What is known of whoever asked for a command.
public struct RequestOrigin: Sendable, Hashable {
    /// The role in which he asks.
    public var role: String?
    /// At most 45 bytes.
    public var ipAddress: String?
    /// At most 1000 characters; more is cut off.
    public var userAgent: String?

    /// That of the request which the current task answers; `nil`: nobody outside asked.
    @TaskLocal public static var current: RequestOrigin?

    /// Takes what its properties say.
    public init(role: String? = nil, ipAddress: String? = nil, userAgent: String? = nil) {
        self.role = role
        self.ipAddress = ipAddress
        self.userAgent = userAgent.map { String($0.prefix(1000)) }
    }
}

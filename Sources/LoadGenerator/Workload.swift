/// What to ask for: called on one event loop, one call at a time.
public protocol Workload: AnyObject {
    /// The next request.
    func next() -> LoadRequest
    /// The answer of one; what is returned is sent before any other request.
    func answered(_ request: LoadRequest, status: Int, body: [UInt8]) -> LoadRequest?
}

/// One HTTP request of a load.
public struct LoadRequest: Sendable {
    /// What the latency is reported under, such as `POST /orders`.
    public var label: String
    /// `GET` or `POST`.
    public var method: String
    /// Path with query.
    public var path: String
    /// Header fields beyond host and length.
    public var headers: [(name: String, value: String)]
    /// The body's bytes, if any.
    public var body: [UInt8]?

    /// Takes what its properties say.
    public init(
        label: String, method: String, path: String, headers: [(name: String, value: String)], body: [UInt8]? = nil
    ) {
        self.label = label
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

import FoundationEssentials

/// One request to a gateway, without what every request carries.
public struct GatewayRequest: Sendable, Hashable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    public let method: Method
    /// Below the gateway's URL, percent-encoded.
    public let path: String
    /// `nil` for a request that changes nothing.
    public let idempotencyKey: String?
    /// JSON.
    public let body: Data?
    /// The trace that the request is a piece of; `nil`: none is named.
    public var traceparent: String?

    public init(_ method: Method, _ path: String, idempotencyKey: String? = nil, body: Data? = nil) {
        self.method = method
        self.path = path
        self.idempotencyKey = idempotencyKey
        self.body = body
    }
}

/// What came back, whole.
public struct GatewayReply: Sendable, Hashable {
    public let status: Int
    public let body: Data

    public init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

/// Why nothing came back that could be read.
public enum ExchangeFailure: Error, Sendable, Hashable {
    /// No connection: the request was never sent.
    case notConnected(String)
    case timedOut
    /// The connection broke, or what came was no HTTP.
    case broken(String)
    /// This process gave up: it ends.
    case abandoned
    /// The answer was longer than any that means something.
    case tooLong

    /// Whether the gateway may have got the request all the same.
    var mayHaveArrived: Bool {
        if case .notConnected = self { false } else { true }
    }

    var why: String {
        switch self {
        case .notConnected(let why): "no connection: \(why)"
        case .timedOut: "no answer in time"
        case .broken(let why): "the connection broke: \(why)"
        case .abandoned: "given up"
        case .tooLong: "the answer is too long"
        }
    }
}

/// Carries requests to the gateway; it gives up in its own time.
public protocol GatewayTransport: Sendable {
    func exchange(_ request: GatewayRequest) async throws(ExchangeFailure) -> GatewayReply
}

/// What is known after one call to the gateway.
public enum GatewayVerdict: Sendable, Hashable {
    case captured(reference: String)
    case declined(reason: String)
    case refunded
    case refundRefused(reason: String)
    /// Money may or may not have moved: ask again with the same key. Never a failure.
    case unknown(why: String)

    init(_ answer: ChargeAnswer) {
        switch answer {
        case .captured(let reference): self = .captured(reference: reference)
        case .declined(let reason): self = .declined(reason: reason)
        case .unknown(let why): self = .unknown(why: why)
        }
    }

    init(_ answer: RefundAnswer) {
        switch answer {
        case .refunded: self = .refunded
        case .refused(let reason): self = .refundRefused(reason: reason)
        case .unknown(let why): self = .unknown(why: why)
        }
    }

    /// What is noted on the payment's row, for people.
    var note: String {
        switch self {
        case .captured: "captured"
        case .declined(let reason): "declined: \(reason)"
        case .refunded: "refunded"
        case .refundRefused(let reason): "refund refused: \(reason)"
        case .unknown(let why): "unknown: \(why)"
        }
    }
}

/// The verdict on one call, to be recorded.
public struct GatewayAnswer: Sendable, Hashable {
    public let call: ClaimedPayment
    public let verdict: GatewayVerdict
    /// How long after the recording to ask again if the verdict is unknown.
    public let retryAfter: Duration

    public init(_ call: ClaimedPayment, _ verdict: GatewayVerdict, retryAfter: Duration) {
        self.call = call
        self.verdict = verdict
        self.retryAfter = retryAfter
    }
}

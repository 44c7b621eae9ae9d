/// How a reference gateway behaves. What becomes of a key follows from the seed, the key and how often it was asked.
public struct Settings: Sendable {
    /// What callers have to send as their bearer token.
    public var apiKey: String
    /// Share of charges that are declined, 0…1.
    public var declineRate = 0.0
    /// Share of calls that are carried out and never answered, 0…1.
    public var timeoutRate = 0.0
    /// Share of calls that are answered with 500, 0…1; half of them are carried out before.
    public var errorRate = 0.0
    /// Share of refunds that are refused, 0…1.
    public var refundRefusalRate = 0.0
    public var seed: UInt64 = 1
    /// How long a call that is never answered is held.
    public var silence = Duration.seconds(30)
    /// How it tells what happened; `nil`: it does not.
    public var webhook: Webhook?

    /// Where events go and what signs them.
    public struct Webhook: Sendable {
        /// `nil`: where `PUT /webhooks/endpoint` will say.
        public var url: String?
        public var secret: String
        /// How often each is sent, even if the first was taken.
        public var copies: Int

        public init(url: String?, secret: String, copies: Int = 1) {
            self.url = url
            self.secret = secret
            self.copies = copies
        }
    }

    public init(apiKey: String) { self.apiKey = apiKey }

    /// What a call meets on its way.
    enum Fate: Sendable, Equatable {
        case answered
        case unanswered
        case failsBefore
        case failsAfter
    }

    func declines(_ key: String) -> Bool { chance("decline", key) < declineRate }
    func refusesRefund(_ key: String) -> Bool { chance("refuse", key) < refundRefusalRate }

    /// - Parameter call: the number of this call under its key.
    func fate(_ key: String, call: Int) -> Fate {
        let draw = chance("fate", "\(key)#\(call)")
        if draw < timeoutRate { return .unanswered }
        guard draw < timeoutRate + errorRate else { return .answered }
        return chance("when", "\(key)#\(call)") < 0.5 ? .failsBefore : .failsAfter
    }

    /// An evenly distributed number in 0..<1: the FNV-1a hash of what is drawn for, mixed so that neighbours differ.
    private func chance(_ purpose: String, _ subject: String) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(seed)/\(purpose)/\(subject)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        return Double(hash >> 11) / Double(UInt64(1) << 53)
    }
}

extension SimulatedGateway {
    /// How the simulated gateway behaves. Everything it decides follows from the seed and the key alone, so that a test can
    /// say beforehand what becomes of an order.
    public struct Settings: Sendable, Hashable {
        /// Share of charges that are captured, 0…1; the others are declined.
        public let successRate: Double
        /// How long a call takes. What is longer than the time-out gets no answer.
        public let latency: ClosedRange<Duration>
        /// Share of calls that get no answer, 0…1: half of them never arrived, half were carried out.
        public let unknownRate: Double
        /// Share of refunds that are refused, 0…1.
        public let refundRefusalRate: Double
        public let seed: UInt64
        /// When a caller gives up.
        public let timeout: Duration

        /// - Precondition: rates are 0…1, times not negative.
        public init(
            successRate: Double = 0.9, latency: ClosedRange<Duration> = .milliseconds(20) ... .milliseconds(80),
            unknownRate: Double = 0, refundRefusalRate: Double = 0, seed: UInt64 = 0, timeout: Duration = .seconds(2)
        ) {
            precondition(
                [successRate, unknownRate, refundRefusalRate].allSatisfy { (0...1).contains($0) },
                "rates are between 0 and 1")
            precondition(latency.lowerBound >= .zero && timeout >= .zero, "times are not negative")
            self.successRate = successRate
            self.latency = latency
            self.unknownRate = unknownRate
            self.refundRefusalRate = refundRefusalRate
            self.seed = seed
            self.timeout = timeout
        }

        /// Whether the charge under this key is captured.
        public func captures(_ key: String) -> Bool { unit("charge", key) < successRate }

        /// Whether the refund under this key is refused.
        public func refusesRefund(_ key: String) -> Bool { unit("refund", key) < refundRefusalRate }

        /// The name that a captured charge gets.
        public func reference(of key: String) -> String { "sim-\(key)" }

        /// What happens on the way there and back.
        struct Fate {
            let latency: Duration
            let arrives: Bool
            let returns: Bool
        }

        func fate(of key: String, attempt: UInt64) -> Fate {
            let span = latency.upperBound - latency.lowerBound
            let taken = latency.lowerBound + span * unit("latency", key, attempt)
            let draw = unit("unknown", key, attempt)
            return Fate(latency: taken, arrives: draw >= unknownRate / 2, returns: draw >= unknownRate)
        }

        /// An evenly distributed number in 0..<1 that follows from the seed, the purpose, the key and the attempt.
        private func unit(_ purpose: String, _ key: String, _ attempt: UInt64 = 0) -> Double {
            var hash = seed ^ attempt
            for byte in purpose.utf8 { hash = Self.mix(hash, UInt64(byte)) }
            for byte in key.utf8 { hash = Self.mix(hash, UInt64(byte)) }
            return Double(Self.mix(hash, attempt) >> 11) / Double(UInt64(1) << 53)
        }

        /// The output function of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators",
        /// 2014).
        private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
            var z = (state ^ word) &+ 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

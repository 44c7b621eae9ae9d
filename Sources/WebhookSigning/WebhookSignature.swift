import Crypto
import FoundationEssentials
import SagaChoreography

/// What makes a webhook believable: `t=<seconds since 1970>,v1=<hex>`, where `v1` is the HMAC-SHA256 of `<t>.<raw body>` under
/// a secret that only the sender and this server know. Several `v1` are allowed, so that the sender can change its secret.
public struct WebhookSignature: Sendable {
    /// How old a signature may be, or how far ahead of this server's clock.
    public static let tolerance = Duration.seconds(300)
    /// The header that carries it.
    public static let headerName = "Webhook-Signature"

    /// Why a webhook is not believed; for the audit trail, never for the caller.
    public enum Refusal: String, Error {
        case missing, malformed, expired, forged
    }

    private let key: SymmetricKey

    /// - Parameter secret: its UTF-8 bytes are the key.
    public init(secret: String) { key = SymmetricKey(data: Data(secret.utf8)) }

    /// Believes a body, or not.
    ///
    /// - Parameters:
    ///   - header: the signature as it came; `nil` if none did, or more than one.
    ///   - body: exactly the bytes that came.
    /// - Throws: ``Refusal``.
    public func check(_ header: String?, over body: [UInt8], at now: Timestamp) throws(Refusal) {
        guard let header else { throw .missing }
        guard let stated = Stated(header) else { throw .malformed }
        let age = (now - Timestamp(milliseconds: stated.seconds * 1000)).wholeMilliseconds
        guard abs(age) <= Self.tolerance.wholeMilliseconds else { throw .expired }
        let signed = Data("\(stated.time).".utf8) + body
        // Compared in constant time, whatever the first byte is that differs.
        let isTrue = stated.codes.reduce(false) { found, code in
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key) || found
        }
        guard isTrue else { throw .forged }
    }

    /// The header in its parts.
    private struct Stated {
        /// As it was written: that is what was signed.
        let time: Substring
        let seconds: Int64
        let codes: [Data]

        init?(_ header: String) {
            guard header.utf8.count <= 1024 else { return nil }
            var time: Substring?
            var codes: [Data] = []
            for part in header.split(separator: ",", omittingEmptySubsequences: false) {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { return nil }
                switch Self.trimmed(pair[0]) {
                case "t":
                    guard time == nil else { return nil }
                    time = pair[1]
                case "v1":
                    guard let code = Self.bytes(hex: pair[1]) else { return nil }
                    codes.append(code)
                default: continue  // A scheme of later.
                }
            }
            guard let time, time.utf8.count <= 12, time.utf8.allSatisfy({ (48...57).contains($0) }),
                let seconds = Int64(time), (1...4).contains(codes.count)
            else { return nil }
            self.time = time
            self.seconds = seconds
            self.codes = codes
        }

        private static func trimmed(_ text: Substring) -> String {
            func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
            return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        }

        private static func bytes(hex: Substring) -> Data? {
            let digits = hex.utf8.compactMap { byte in Character(Unicode.Scalar(byte)).hexDigitValue }
            guard digits.count == hex.utf8.count, digits.count == 64 else { return nil }
            return Data(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
        }
    }
}

extension WebhookSignature {
    /// The header for a body, as the sender makes it.
    public func header(over body: [UInt8], at now: Timestamp) -> String {
        let seconds = now.milliseconds / 1000
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(seconds).".utf8) + body, using: key)
        let hex = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        return "t=\(seconds),v1=\(hex)"
    }
}

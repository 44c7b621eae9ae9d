import FoundationEssentials

/// SHA-256 (FIPS 180-4). A port, because a service brings no cryptography of its own.
public protocol ContentHash: Sendable {
    /// The 32 bytes of the digest.
    func sha256(_ content: [UInt8]) -> Data
}

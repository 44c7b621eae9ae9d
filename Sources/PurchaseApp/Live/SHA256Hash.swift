import Audit
import Crypto
import Foundation

/// SHA-256 by swift-crypto.
public struct SHA256Hash: ContentHash {
    public init() {}

    public func sha256(_ content: [UInt8]) -> Data { Data(SHA256.hash(data: content)) }
}

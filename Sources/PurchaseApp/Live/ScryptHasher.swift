import Crypto
import CryptoExtras
import Dispatch
import Foundation
import PurchaseAPI
import Synchronization

/// Passwords by scrypt (RFC 7914) on a thread of its own, one at a time: hashing is slow on purpose and must hold up nothing
/// else.
public final class ScryptHasher: PasswordHasher {
    /// N = 2^15, r = 8, p = 1: 32 MiB and some 0.1 s each, as OWASP's cheat sheet on password storage has it at the least.
    public struct Cost: Sendable, Equatable {
        /// The binary logarithm of N.
        public var logarithm: Int
        public var blockSize: Int
        public var parallelism: Int

        public init(logarithm: Int = 15, blockSize: Int = 8, parallelism: Int = 1) {
            self.logarithm = logarithm
            self.blockSize = blockSize
            self.parallelism = parallelism
        }
    }

    /// Whoever comes when so many wait is turned away: he would not be answered in time.
    private static let limit = 32
    private static let digestLength = 32

    private let cost: Cost
    private let queue = DispatchQueue(label: "passwords")
    private let waiting = Atomic(0)

    /// - Parameter cost: of new hashes; an old one is checked with its own.
    public init(cost: Cost = Cost()) { self.cost = cost }

    public func hash(_ password: String) async throws -> String {
        try await onOwnThread { [cost] in
            let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
            let digest = try Self.digest(password, salt: salt, cost: cost)
            return """
                scrypt$\(cost.logarithm)$\(cost.blockSize)$\(cost.parallelism)$\(salt.base64EncodedString())$\
                \(digest.base64EncodedString())
                """
        }
    }

    public func matches(_ password: String, _ hash: String?) async throws -> Bool {
        try await onOwnThread { [cost] in
            guard let hash, let kept = Kept(hash) else {
                _ = try Self.digest(password, salt: Data(count: 16), cost: cost)
                return false
            }
            let digest = try Self.digest(password, salt: kept.salt, cost: kept.cost)
            // In constant time: where the first difference is says nothing.
            guard digest.count == kept.digest.count else { return false }
            return zip(digest, kept.digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    private struct Kept {
        let cost: Cost
        let salt: Data
        let digest: Data

        init?(_ hash: String) {
            let parts = hash.split(separator: "$")
            guard parts.count == 6, parts[0] == "scrypt", let logarithm = Int(parts[1]), (1...22).contains(logarithm),
                let blockSize = Int(parts[2]), (1...32).contains(blockSize), let parallelism = Int(parts[3]),
                (1...16).contains(parallelism), let salt = Data(base64Encoded: String(parts[4])),
                let digest = Data(base64Encoded: String(parts[5]))
            else { return nil }
            cost = Cost(logarithm: logarithm, blockSize: blockSize, parallelism: parallelism)
            self.salt = salt
            self.digest = digest
        }
    }

    private static func digest(_ password: String, salt: Data, cost: Cost) throws -> Data {
        // One text has one form: a keyboard may write the same letter as one scalar or as two.
        let key = try KDF.Scrypt.deriveKey(
            from: Data(password.precomposedStringWithCanonicalMapping.utf8), salt: salt, outputByteCount: digestLength,
            rounds: 1 << cost.logarithm, blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Data($0) }
    }

    private func onOwnThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.limit else {
            waiting.subtract(1, ordering: .relaxed)
            throw PasswordHasherBusy()
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: .init(catching: work)) }
        }
    }
}

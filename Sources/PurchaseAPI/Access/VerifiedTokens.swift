import FoundationEssentials
import SagaChoreography
import Synchronization

/// A token whose signature, audience and times were found right.
struct VerifiedToken: Sendable {
    let identity: Identity
    /// `nil` for one that was signed outside; it cannot be revoked alone.
    let id: UUID?
    let epoch: Int64
    let end: Timestamp
}

/// The tokens that were verified lately: checking a signature again for every request costs more than the request.
///
/// Two generations of bounded size: when the younger is full the older is forgotten, which costs whoever is in it one check.
final class VerifiedTokens: Sendable {
    /// Each token is at most 4 KiB, so this is at most some megabytes.
    static let generationSize = 1024

    private struct Generations {
        var young: [String: VerifiedToken] = [:]
        var old: [String: VerifiedToken] = [:]
    }

    private let generations = Mutex(Generations())

    subscript(token: String) -> VerifiedToken? {
        get { generations.withLock { $0.young[token] ?? $0.old[token] } }
        set {
            generations.withLock {
                if $0.young.count >= Self.generationSize {
                    $0.old = $0.young
                    $0.young = [:]
                }
                $0.young[token] = newValue
            }
        }
    }
}

import SagaChoreography
import Synchronization

/// What becomes of what was sent when the transport may have lost it.
extension RelayBook {
    /// The transport's generation, when it was last asked.
    var generation: String? { state.withLock { $0.generation } }

    /// Notes the transport's generation. If it is another than before, the transport may have forgotten anything: what was sent
    /// and is not known to be acknowledged is in doubt.
    func note(generation: String) {
        state.withLock { state in
            let known = state.generation
            state.generation = generation
            guard let known, known != generation else { return }
            state.doubtful += state.sent
            state.sent = []
        }
    }

    /// What was sent in a generation that is gone, oldest first.
    var doubtful: [Sent] { state.withLock { $0.doubtful } }

    /// Of what was in doubt, waits on for what the transport still has, and sends the rest again.
    ///
    /// - Parameters:
    ///   - survivors: the receipts of today by those of then.
    ///   - generation: the transport's, noted before it was asked. If it is another one by now, everything stays in doubt.
    func note(doubtful: [Sent], survivors: [Receipt: Receipt], during generation: String?) {
        let now = clock.now()
        state.withLock { state in
            guard state.generation == generation else { return }
            let asked = Set(doubtful.map(\.position))
            var lost: [Sent] = []
            state.doubtful.removeAll { entry in
                guard asked.contains(entry.position) else { return false }
                if let receipt = survivors[entry.receipt] {
                    var kept = entry
                    (kept.receipt, kept.at) = (receipt, now)
                    state.sent.append(kept)
                } else {
                    lost.append(entry)
                }
                return true
            }
            state.sendAgain(lost, at: now)
        }
    }
}

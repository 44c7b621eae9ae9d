import FoundationEssentials

/// Runs a service's commands: the change and the events it emits commit together, then observers are told.
public struct CommandExecutor<Store: SagaStore>: Sendable {
    /// The service whose commands these are; the `source` of what they emit.
    public let service: ServiceID
    let store: Store
    let clock: any SagaClock
    let ids: any IDGenerator
    let observer: any SagaObserver
    let probe: any Probe

    /// An executor for one service.
    public init(
        service: ServiceID, store: Store, clock: any SagaClock, ids: any IDGenerator, observer: any SagaObserver,
        probe: any Probe = NoProbe()
    ) {
        self.service = service
        self.store = store
        self.clock = clock
        self.ids = ids
        self.observer = observer
        self.probe = probe
    }

    /// Runs one command in one transaction and returns once that is durable.
    ///
    /// - Throws: what the command throws (nothing was changed then); ``SagaFault`` `.unavailable` if the store is away or
    ///   the commit's outcome is unknown.
    public func run<C: Command>(_ command: C) async throws -> C.Outcome where C.Transaction == Store.Transaction {
        let (outcome, emitted) = try await store.transaction { transaction in
            let now = clock.now()
            let decision = try command.execute(in: Step(transaction: transaction, now: now, ids: ids))
            let emitted = try sealed(decision, at: now)
            try store.append(emitted, in: transaction)
            try probe.reach(.commandBeforeCommit)
            return (decision.outcome, emitted)
        }
        try probe.reach(.commandAfterCommit)
        if !emitted.isEmpty { observer.committed(emitted) }
        return outcome
    }

    func sealed<Outcome, Emitted>(_ decision: Decision<Outcome, Emitted>, at now: Timestamp) throws -> [Envelope] {
        try (decision.emitted?.events ?? []).map { event in
            try Envelope.seal(
                event, id: ids.next(), source: service, time: now,
                causationID: event.subject.flatMap { decision.causes[$0] })
        }
    }
}

import FoundationEssentials

/// Runs a service's commands: the change and the events it emits commit together, then observers are told.
public final class CommandExecutor<Store: SagaStore>: Sendable {
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

    /// Runs one command in one transaction and returns once that is durable. What it emits goes on with ``TraceContext/current``.
    ///
    /// - Throws: what the command throws (nothing was changed then); ``SagaFault`` `.unavailable` if the store is away or
    ///   the commit's outcome is unknown.
    public func run<C: Command>(_ command: C) async throws -> C.Outcome where C.Transaction == Store.Transaction {
        let (outcome, emitted): (C.Outcome, [Envelope])
        do {
            (outcome, emitted) = try await execute(command, maySuppose: true)
        } catch is WrongSupposition {
            (outcome, emitted) = try await execute(command, maySuppose: false)
        }
        try probe.reach(.commandAfterCommit)
        if !emitted.isEmpty { observer.committed(emitted) }
        return outcome
    }

    private func execute<C: Command>(
        _ command: C, maySuppose: Bool
    ) async throws -> (C.Outcome, [Envelope]) where C.Transaction == Store.Transaction {
        // Taken here: the transaction may run in another task.
        let (traceparent, origin) = (TraceContext.current?.traceparent, RequestOrigin.current)
        return try await store.transaction { [self] transaction in
            let now = clock.now()
            let step = Step(transaction: transaction, now: now, ids: ids, origin: origin, maySuppose: maySuppose)
            let decision = try command.execute(in: step)
            let emitted = try sealed(decision, at: now, in: traceparent)
            try store.append(emitted, in: transaction)
            try probe.reach(.commandBeforeCommit)
            return (decision.outcome, emitted)
        }
    }

    /// - Parameter traceparent: of the request or job that runs the command; `nil`: what is emitted about a subject begins a trace.
    func sealed<Outcome, Emitted>(
        _ decision: Decision<Outcome, Emitted>, at now: Timestamp, in traceparent: String?
    ) throws -> [Envelope] {
        var last: (subject: UUID?, traceparent: String)?
        return try (decision.emitted?.events ?? []).map { event in
            let (id, subject) = (ids.next(), event.subject)
            let origin = subject.flatMap { decision.origins[$0] }
            let trace =
                origin?.traceparent ?? traceparent
                ?? last.flatMap { $0.subject == subject ? $0.traceparent : nil }
                ?? TraceContext.beginning(with: id).traceparent
            last = (subject, trace)
            return try Envelope.seal(
                event, id: id, source: service, time: now, causationID: origin?.event, traceparent: trace)
        }
    }
}

import FoundationEssentials

/// Delivers events to one participant: a batch a transaction, a faulty batch one by one, a faulty message later or never.
public struct Consumer<Store: SagaStore, Transport: EventTransport>: Activity
where Transport.Transaction == Store.Transaction {
    /// The participant that receives; its service is the consumer group.
    public let participant: Participant<Store.Transaction>
    /// Its name, with the service.
    public var name: String { "\(participant.service).consumer" }
    /// Every type the participant reacts to.
    public var wakesOn: Set<EventType> { participant.subscriptions }
    /// As its reactions have it.
    public func patience(with type: EventType) -> Duration { patience[type] ?? .zero }
    /// Those whose reactions take their events together.
    public var companies: [Set<EventType>] {
        let families = Dictionary(grouping: participant.reactions.filter { $0.family != nil }, by: \.family)
        return families.values.map { Set($0.map { $0.input.type }) }
    }
    /// The participant's service.
    public var consumes: ServiceID? { participant.service }

    let store: Store
    let transport: Transport
    let policy: RetryPolicy
    let clock: any SagaClock
    let random: any RandomSource
    let observer: any SagaObserver
    let probe: any Probe
    let batchSize: Int
    private let step: BatchStep<Store>
    private let retries: RetryAlarm
    private let suppositions = Suppositions()
    private let patience: [EventType: Duration]
    /// `nil`: the transport hands out what there is.
    private let leisure: Leisure?

    /// - Parameter batchSize: how many events one transaction handles at most.
    public init(
        _ participant: Participant<Store.Transaction>, store: Store, transport: Transport, policy: RetryPolicy,
        clock: any SagaClock, ids: any IDGenerator, random: any RandomSource, observer: any SagaObserver,
        probe: any Probe = NoProbe(), batchSize: Int = 200
    ) {
        self.participant = participant
        self.store = store
        self.transport = transport
        self.policy = policy
        self.clock = clock
        self.random = random
        self.observer = observer
        self.probe = probe
        self.batchSize = batchSize
        step = BatchStep(participant, store: store, ids: ids)
        retries = RetryAlarm()
        let patience = Dictionary(uniqueKeysWithValues: participant.reactions.map { ($0.input.type, $0.patience) })
        self.patience = patience
        leisure = transport.handsOutByType ? Leisure(participant.subscriptions, patience: patience) : nil
    }

    /// Handles due retries and the next batch.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if store or transport are away: nothing was counted, call again later.
    public func poll() async throws -> Progress {
        let hadRetries = try await deliverRetries()
        let now = clock.now()
        let types = leisure?.types(at: now) ?? participant.subscriptions
        let deliveries = try await transport.receive(for: participant.service, types: types, limit: batchSize)
        leisure?.received(types, isEverything: deliveries.count < batchSize, at: now)
        if deliveries.isEmpty {
            let next = [retries.nextDueAt, leisure?.dueAt(after: types)].compactMap { $0 }.min()
            return hadRetries ? .worked : .idle(wakeAt: next)
        }
        try await deliver(deliveries)
        return .worked
    }

    /// Delivers messages as one batch, falling back to one by one.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` as ``poll()``.
    public func deliver(_ deliveries: [Delivery]) async throws {
        let reports: [DeliveryReport]
        do {
            let opened = try step.open(deliveries.map { $0.envelope })
            reports = try await handle(opened, of: deliveries)
        } catch let error as CancellationError {
            throw error
        } catch {
            let fault = SagaFault(error)
            switch Verdict(fault, messages: deliveries.count, earlierAttempts: 0, policy: policy) {
            case .pause: throw fault
            case .deliverOneByOne: for delivery in deliveries { try await deliver([delivery]) }
            case .retry(let attempts): try await setAside(deliveries[0], attempts, fault, isHopeless: false)
            case .park(let attempts): try await setAside(deliveries[0], attempts, fault, isHopeless: true)
            }
            return
        }
        // Committed: whatever fails from here on must not be taken for a fault of the step.
        tell(reports)
        try probe.reach(.batchAfterCommit)
        try await transport.acknowledge(deliveries, for: participant.service)
    }

    private func handle(_ opened: [OpenedDelivery], of deliveries: [Delivery]) async throws -> [DeliveryReport] {
        if suppositions.areAllowed(at: clock.now()) {
            do {
                return try await handle(opened, of: deliveries, maySuppose: true)
            } catch is WrongSupposition {
                suppositions.wereWrong(at: clock.now())
            }
        }
        return try await handle(opened, of: deliveries, maySuppose: false)
    }

    private func handle(
        _ opened: [OpenedDelivery], of deliveries: [Delivery], maySuppose: Bool
    ) async throws -> [DeliveryReport] {
        try await store.transaction { transaction in
            let reports = try step.handle(opened, at: clock.now(), in: transaction, maySuppose: maySuppose)
            try transport.acknowledge(deliveries, for: participant.service, in: transaction)
            try probe.reach(.batchBeforeCommit)
            return reports
        }
    }

    /// Delivers again what is due.
    ///
    /// - Returns: whether there was anything.
    private func deliverRetries() async throws -> Bool {
        guard retries.isTime(clock.now()) else { return false }
        let now = clock.now()
        let found = try await store.dueRetries(for: participant.service, at: now, limit: batchSize)
        retries.looked(at: now, next: found.nextDueAt)
        // Looked again after these: each may have been kept for later.
        if !found.due.isEmpty { retries.ring() }
        for retry in found.due { try await deliver(again: retry) }
        return !found.due.isEmpty
    }

    /// A message faulted on its first delivery: it leaves the transport and becomes a row of its own.
    private func setAside(_ delivery: Delivery, _ attempts: Int, _ fault: SagaFault, isHopeless: Bool) async throws {
        let now = clock.now()
        let retry = Retry(
            envelope: delivery.envelope, attempts: attempts,
            dueAt: now + policy.delay(afterAttempt: attempts, random: random), reason: fault.summary)
        try await store.transaction { transaction in
            if isHopeless {
                try store.park(retry, because: fault, for: participant.service, at: now, in: transaction)
            } else {
                try store.keep(retry, for: participant.service, in: transaction)
            }
            try transport.acknowledge([delivery], for: participant.service, in: transaction)
        }
        retries.ring()
        try await transport.acknowledge([delivery], for: participant.service)
        report(delivery.envelope, isHopeless ? .parked : .retrying, attempts, fault)
    }

    private func deliver(again retry: Retry) async throws {
        let reports: [DeliveryReport]
        do {
            let opened = try step.open([retry.envelope])
            reports = try await store.transaction { transaction in
                let now = clock.now()
                let reports = try step.handle(opened, at: now, in: transaction)
                for report in reports {
                    try store.handled(retry, as: report, for: participant.service, at: now, in: transaction)
                }
                return reports
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            let fault = SagaFault(error)
            switch Verdict(fault, messages: 1, earlierAttempts: retry.attempts, policy: policy) {
            case .pause, .deliverOneByOne: throw fault
            case .retry(let attempts): try await postpone(retry, attempts, fault, isHopeless: false)
            case .park(let attempts): try await postpone(retry, attempts, fault, isHopeless: true)
            }
            return
        }
        tell(reports)
    }

    private func postpone(_ retry: Retry, _ attempts: Int, _ fault: SagaFault, isHopeless: Bool) async throws {
        let now = clock.now()
        let next = Retry(
            envelope: retry.envelope, attempts: attempts,
            dueAt: now + policy.delay(afterAttempt: attempts, random: random), reason: fault.summary)
        try await store.transaction { transaction in
            if isHopeless {
                try store.forget(retry, for: participant.service, in: transaction)
                try store.park(next, because: fault, for: participant.service, at: now, in: transaction)
            } else {
                try store.keep(next, for: participant.service, in: transaction)
            }
        }
        report(retry.envelope, isHopeless ? .parked : .retrying, attempts, fault)
    }

    private func tell(_ reports: [DeliveryReport]) {
        let emitted = reports.flatMap { $0.emitted }
        if !emitted.isEmpty { observer.committed(emitted) }
        observer.delivered(reports)
    }

    private func report(_ envelope: Envelope, _ disposition: Disposition, _ attempts: Int, _ fault: SagaFault) {
        observer.delivered(
            DeliveryReport(
                group: participant.service, reaction: nil, envelope: envelope, disposition: disposition,
                attempts: attempts, fault: fault))
    }
}

import FoundationEssentials

/// Runs a participant's reactions for a batch of deliveries inside one open transaction.
struct BatchStep<Store: SagaStore> {
    let participant: Participant<Store.Transaction>
    /// Where among the participant's reactions the one to each event type is.
    let places: [EventType: Int]
    /// For each reaction the place of the first of its family: its own, if it has none.
    let families: [Int]
    let store: Store
    let ids: any IDGenerator

    init(_ participant: Participant<Store.Transaction>, store: Store, ids: any IDGenerator) {
        self.participant = participant
        self.store = store
        self.ids = ids
        places = Dictionary(
            uniqueKeysWithValues: participant.reactions.enumerated().map { ($1.input.type, $0) })
        families = participant.reactions.enumerated().map { place, reaction in
            guard let family = reaction.family else { return place }
            return participant.reactions.firstIndex { $0.family == family } ?? place
        }
    }

    /// Reads the data of deliveries: before the transaction, which others wait for.
    ///
    /// - Throws: ``SagaFault`` if the data of one cannot be read.
    func open(_ envelopes: [Envelope]) throws -> [OpenedDelivery] {
        try envelopes.map { envelope in
            guard let place = places[envelope.type] else {
                return OpenedDelivery(envelope: envelope, place: nil, event: nil)
            }
            return OpenedDelivery(
                envelope: envelope, place: place, event: try participant.reactions[place].decode(envelope))
        }
    }

    /// Handles every delivery and appends what they emit to the outbox.
    ///
    /// Events of one type are handled together, whatever stood between them: participants tolerate any order.
    ///
    /// - Parameter isDecisive: see ``Step/isDecisive``.
    func handle(
        _ deliveries: [OpenedDelivery], at now: Timestamp, in transaction: Store.Transaction, isDecisive: Bool = false
    ) throws -> [DeliveryReport] {
        let step = Step(transaction: transaction, now: now, ids: ids, isDecisive: isDecisive)
        var reports: [DeliveryReport] = []
        reports.reserveCapacity(deliveries.count)
        for run in try runs(deliveries, at: now, in: transaction, duplicates: { reports.append($0) }) {
            guard let first = run.places.first else { continue }
            let answers = try participant.reactions[first].run(run.received, step)
            for (index, answer) in answers.enumerated() {
                let reaction = participant.reactions[run.places[index]]
                try reports.append(report(run.received[index].envelope, of: reaction, answer, at: now))
            }
        }
        try store.append(reports.flatMap { $0.emitted }, in: transaction)
        return reports
    }

    private func runs(
        _ deliveries: [OpenedDelivery], at now: Timestamp, in transaction: Store.Transaction,
        duplicates: (DeliveryReport) -> Void
    ) throws -> [ReactionCall] {
        var closed: [ReactionCall] = []
        // By the place of the reaction's family among the participant's.
        var open: [ReactionCall?] = Array(repeating: nil, count: participant.reactions.count)
        for delivery in deliveries {
            let envelope = delivery.envelope
            guard let place = delivery.place, let event = delivery.event else {
                duplicates(report(envelope, .ignored))
                continue
            }
            let reaction = participant.reactions[place]
            if reaction.usesInbox {
                let seen = try store.noteInbox([envelope], for: participant.service, at: now, in: transaction)
                guard seen.isEmpty else {
                    duplicates(report(envelope, .duplicate, reaction.id))
                    continue
                }
            }
            let family = families[place]
            if open[family]?.take(envelope, event, at: place) == true { continue }
            // Two events of one type and subject never share a call: a set-based reaction reads each state once.
            if let full = open[family] { closed.append(full) }
            let run = ReactionCall()
            _ = run.take(envelope, event, at: place)
            open[family] = run
        }
        return closed + open.compactMap { $0 }
    }

    private func report(
        _ envelope: Envelope, of reaction: AnyReaction<Store.Transaction>,
        _ answer: ReactionAnswer, at now: Timestamp
    ) throws -> DeliveryReport {
        let emitted = try answer.events.map { event in
            guard reaction.emits.contains(where: { $0 == Swift.type(of: event) }) else {
                throw SagaFault.permanent(.contract, "\(reaction.id) emitted \(Swift.type(of: event).type) undeclared")
            }
            return try Envelope.seal(
                event, id: ids.next(), source: participant.service, time: now, correlationID: envelope.correlationID,
                causationID: envelope.id, traceparent: envelope.traceparent)
        }
        return DeliveryReport(
            group: participant.service, reaction: reaction.id, envelope: envelope, disposition: answer.disposition,
            emitted: emitted)
    }

    private func report(_ envelope: Envelope, _ disposition: Disposition, _ reaction: ReactionID? = nil)
        -> DeliveryReport
    {
        DeliveryReport(group: participant.service, reaction: reaction, envelope: envelope, disposition: disposition)
    }
}

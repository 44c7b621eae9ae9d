import FoundationEssentials

/// Runs a participant's reactions for a batch of deliveries inside one open transaction.
struct BatchStep<Store: SagaStore> {
    let participant: Participant<Store.Transaction>
    /// Where among the participant's reactions the one to each event type is.
    let places: [EventType: Int]
    /// What is asked of each reaction for each event.
    let traits: [ReactionTraits]
    let store: Store
    let ids: any IDGenerator

    init(_ participant: Participant<Store.Transaction>, store: Store, ids: any IDGenerator) {
        self.participant = participant
        self.store = store
        self.ids = ids
        places = Dictionary(
            uniqueKeysWithValues: participant.reactions.enumerated().map { ($1.input.type, $0) })
        traits = participant.reactions.enumerated().map { place, reaction in
            let first = reaction.family.flatMap { family in
                participant.reactions.firstIndex { $0.family == family }
            }
            return ReactionTraits(
                reaction.id, emits: reaction.emits, usesInbox: reaction.usesInbox, family: first ?? place)
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
    /// - Parameters:
    ///   - isDecisive: see ``Step/isDecisive``.
    ///   - maySuppose: see ``Step/maySuppose``.
    func handle(
        _ deliveries: [OpenedDelivery], at now: Timestamp, in transaction: Store.Transaction, isDecisive: Bool = false,
        maySuppose: Bool = false
    ) throws -> [DeliveryReport] {
        let step = Step(
            transaction: transaction, now: now, ids: ids, isDecisive: isDecisive, maySuppose: maySuppose)
        var reports: [DeliveryReport] = []
        reports.reserveCapacity(deliveries.count)
        for run in try runs(deliveries, at: now, in: transaction, duplicates: { reports.append($0) }) {
            guard let first = run.places.first else { continue }
            let answers = try participant.reactions[first].run(run.received, step)
            var ids = self.ids.next(answers.reduce(0) { $0 + $1.events.count })[...]
            for (index, answer) in answers.enumerated() {
                let (envelope, reaction) = (run.received[index].envelope, traits[run.places[index]])
                let emitted = try answer.events.map { try seal($0, by: reaction, ids.removeFirst(), envelope, at: now) }
                reports.append(report(envelope, answer.disposition, reaction.id, emitted))
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
            let reaction = traits[place]
            if reaction.usesInbox {
                let seen = try store.noteInbox([envelope], for: participant.service, at: now, in: transaction)
                guard seen.isEmpty else {
                    duplicates(report(envelope, .duplicate, reaction.id))
                    continue
                }
            }
            let family = reaction.family
            if open[family]?.take(envelope, event, at: place) == true { continue }
            // Two events of one type and subject never share a call: a set-based reaction reads each state once.
            if let full = open[family] { closed.append(full) }
            let run = ReactionCall()
            _ = run.take(envelope, event, at: place)
            open[family] = run
        }
        return closed + open.compactMap { $0 }
    }

    private func seal(
        _ event: any Event, by reaction: ReactionTraits, _ id: UUID, _ cause: Envelope, at now: Timestamp
    ) throws -> Envelope {
        guard reaction.declares(event) else {
            throw SagaFault.permanent(.contract, "\(reaction.id) emitted \(type(of: event).type) undeclared")
        }
        return try Envelope.seal(
            event, id: id, source: participant.service, time: now, correlationID: cause.correlationID,
            causationID: cause.id, traceparent: cause.traceparent)
    }

    private func report(
        _ envelope: Envelope, _ disposition: Disposition, _ reaction: ReactionID? = nil, _ emitted: [Envelope] = []
    ) -> DeliveryReport {
        DeliveryReport(
            group: participant.service, reaction: reaction, envelope: envelope, disposition: disposition,
            emitted: emitted)
    }
}

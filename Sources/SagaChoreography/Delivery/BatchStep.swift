import FoundationEssentials

/// Runs a participant's reactions for a batch of deliveries inside one open transaction.
struct BatchStep<Store: SagaStore> {
    let participant: Participant<Store.Transaction>
    let reactions: [EventType: AnyReaction<Store.Transaction>]
    let store: Store
    let ids: any IDGenerator

    init(_ participant: Participant<Store.Transaction>, store: Store, ids: any IDGenerator) {
        self.participant = participant
        self.store = store
        self.ids = ids
        reactions = Dictionary(uniqueKeysWithValues: participant.reactions.map { ($0.input.type, $0) })
    }

    /// One reaction and the events it gets in one call.
    private struct Run {
        let reaction: AnyReaction<Store.Transaction>
        var envelopes: [Envelope]
        var subjects: Set<UUID>
    }

    /// Handles every delivery and appends what they emit to the outbox.
    ///
    /// Events of one type are handled together, whatever stood between them: participants tolerate any order.
    func handle(_ envelopes: [Envelope], at now: Timestamp, in transaction: Store.Transaction) throws
        -> [DeliveryReport]
    {
        let step = Step(transaction: transaction, now: now, ids: ids)
        var reports: [DeliveryReport] = []
        reports.reserveCapacity(envelopes.count)
        for run in try runs(envelopes, at: now, in: transaction, duplicates: { reports.append($0) }) {
            let answers = try run.reaction.run(run.envelopes, step)
            for (envelope, answer) in zip(run.envelopes, answers) {
                try reports.append(report(envelope, of: run.reaction, answer, at: now))
            }
        }
        try store.append(reports.flatMap(\.emitted), in: transaction)
        return reports
    }

    private func runs(
        _ envelopes: [Envelope], at now: Timestamp, in transaction: Store.Transaction,
        duplicates: (DeliveryReport) -> Void
    ) throws -> [Run] {
        var closed: [Run] = []
        var open: [ReactionID: Run] = [:]
        var order: [ReactionID] = []
        for envelope in envelopes {
            guard let reaction = reactions[envelope.type] else {
                duplicates(report(envelope, .ignored))
                continue
            }
            if reaction.usesInbox {
                let seen = try store.noteInbox([envelope], for: participant.service, at: now, in: transaction)
                guard seen.isEmpty else {
                    duplicates(report(envelope, .duplicate, reaction.id))
                    continue
                }
            }
            if let subject = envelope.subject, open[reaction.id]?.subjects.contains(subject) == true,
                let run = open.removeValue(forKey: reaction.id)
            {
                // Two events of one subject never share a call: a set-based reaction reads each state once.
                closed.append(run)
                order.removeAll { $0 == reaction.id }
            }
            if open[reaction.id] == nil {
                open[reaction.id] = Run(reaction: reaction, envelopes: [], subjects: [])
                order.append(reaction.id)
            }
            open[reaction.id]?.envelopes.append(envelope)
            if let subject = envelope.subject { open[reaction.id]?.subjects.insert(subject) }
        }
        return closed + order.compactMap { open[$0] }
    }

    private func report(
        _ envelope: Envelope, of reaction: AnyReaction<Store.Transaction>,
        _ answer: AnyReaction<Store.Transaction>.Answer, at now: Timestamp
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

import SQLCore
import SagaChoreography

/// Asks the transport which of the sent events every consumer group has acknowledged, and deletes their rows once their sagas are
/// settled. Notices when the transport lost what it held.
public final class OutboxAcknowledgements: Activity {
    /// How long an entry may stay unacknowledged before it is sent again, by the number of times it was sent; the last one
    /// for all further times. Other people's pauses must not become floods.
    static let patience: [Duration] = [.seconds(60), .seconds(120), .seconds(240), .seconds(300)]
    /// What was sent more recently may simply not have been come to.
    private static let freshness = Duration.seconds(20)
    /// When deletion is tried again, at the soonest, because the saga goes on. After the last time the row is left to
    /// ``OutboxPruner``: that saga takes long.
    private static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8)]

    /// `saga.outbox-acknowledgements`.
    public let name = "saga.outbox-acknowledgements"
    /// Nothing: it looks at intervals, it is never urgent.
    public var wakesOn: Set<EventType> { [] }

    private let store: SQLSagaStore
    private let book: RelayBook
    private let publisher: any EventPublisher
    private let clock: any SagaClock
    private let probe: any Probe
    private let closed: ClosedSagas
    private let interval: Duration
    private let batch: Int

    /// - Parameters:
    ///   - book: the relay's.
    ///   - stateTables: the state table of each service that emits events of a saga.
    ///   - interval: the pause between two looks.
    ///   - batch: how many entries are asked about at once; five times as many events are deleted at once.
    public init(
        of book: RelayBook, from publisher: any EventPublisher, store: SQLSagaStore,
        stateTables: [ServiceID: String], clock: any SagaClock, interval: Duration = .seconds(1), batch: Int = 2000,
        probe: any Probe = NoProbe()
    ) {
        self.book = book
        self.publisher = publisher
        self.store = store
        self.clock = clock
        self.interval = interval
        self.batch = batch
        self.probe = probe
        closed = ClosedSagas(stateTables)
    }

    /// Asks about everything that was sent, and deletes what is due.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` from the publisher, ``SQLError`` from the database; call again later.
    public func poll() async throws -> Progress {
        book.note(generation: try await publisher.generation())
        try await resolveDoubts()
        try await ask()
        while try await deleteDue() {}
        return .idle(wakeAt: clock.now() + interval)
    }

    /// After a restart of the transport: most of what it held may still be there, and to send it again would double all of it.
    private func resolveDoubts() async throws {
        let doubtful = book.doubtful
        for start in stride(from: 0, to: doubtful.count, by: batch) {
            let page = Array(doubtful[start..<min(start + batch, doubtful.count)])
            let generation = book.generation
            let survivors = try await publisher.survivors(of: page.map { ($0.receipt, $0.event) })
            book.note(doubtful: page, survivors: survivors, during: generation)
        }
    }

    private func ask() async throws {
        let sent = book.unacknowledged
        for start in stride(from: 0, to: sent.count, by: batch) {
            let page = Array(sent[start..<min(start + batch, sent.count)])
            let acknowledged = try await publisher.acknowledged(page.map(\.receipt))
            book.note(acknowledged: acknowledged, dueAfter: interval)
            // Groups receive in about the order in which this was sent: behind a page of which nothing is acknowledged little is, and it
            // can wait. Unless that is because one of the groups is away: others may have come far then.
            if acknowledged.isEmpty, let first = page.first, clock.now() - first.since < Self.freshness { break }
        }
        try await sendLostAgain()
    }

    /// What lies in the transport and waits for a group that is down is not lost: sent again it would only lie there twice.
    private func sendLostAgain() async throws {
        let expired = book.expired(after: Self.patience)
        for start in stride(from: 0, to: expired.count, by: batch) {
            let page = Array(expired[start..<min(start + batch, expired.count)])
            book.note(expired: page, held: try await publisher.held(page.map(\.receipt)))
        }
    }

    /// - Returns: whether there may be more.
    private func deleteDue() async throws -> Bool {
        let due = book.takeDue(batch * 5)
        guard !due.isEmpty else { return false }
        let isLast: @Sendable (RelayBook.Acknowledged) -> Bool = { $0.tries >= Self.pauses.count }
        do {
            let gone = try await store.database.write { [closed, probe] transaction in
                let table = transaction.dialect.outbox
                var gone = try table.delete(due.filter(\.isClosed).map(\.row), nil, in: transaction)
                gone.formUnion(try table.delete(due.filter { !$0.isClosed }.map(\.row), closed, in: transaction))
                let left = due.filter { isLast($0) && !gone.contains($0.row.position) }.map(\.row)
                if !left.isEmpty { try table.keep(left, closed, in: transaction) }
                try probe.reach(.pruneBeforeCommit)
                return gone
            }
            let now = clock.now()
            let isDone: (RelayBook.Acknowledged) -> Bool = { gone.contains($0.row.position) || isLast($0) }
            book.forget(due.filter(isDone))
            book.giveBack(
                due.filter { !isDone($0) }.map { row in
                    var later = row
                    later.dueAt = now + Self.pauses[row.tries]
                    later.tries += 1
                    return later
                })
            return true
        } catch {
            book.giveBack(due)
            throw error
        }
    }
}

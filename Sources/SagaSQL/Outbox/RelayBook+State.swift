import SagaChoreography

extension RelayBook {
    struct Waiting {
        let delivery: Delivery
        let since: Timestamp
    }

    /// A row that the transport refused while it took others.
    struct Refused {
        let delivery: Delivery
        let since: Timestamp
        let dueAt: Timestamp
        /// The next pause, if it is refused again.
        let pause: Duration
    }

    struct State {
        var waiting: ArraySlice<Waiting> = []
        /// Rows that wait for longer; in `places` they are waiting.
        var refused: [Refused] = []
        /// The pauses of those of them that are being tried again.
        var pauses: [Int64: Refused] = [:]
        /// Since when the oldest of those waits that are being sent.
        var sendingSince: Timestamp?
        var sent: [Sent] = []
        /// Sent in a generation of the transport that is gone: who knows whether it still has them.
        var doubtful: [Sent] = []
        /// Rows of which every known event is acknowledged.
        var acknowledged: [Acknowledged] = []
        /// Every event that is known.
        private(set) var places: RelayPlaces
        /// Of the rows that this process wrote.
        var sagas = OpenSagas()
        /// How often a row was sent again, for those that were.
        var repetitions: [Int64: Int] = [:]
        /// The table may have rows of this process from here on that are not in this book.
        var missingFrom: Int64? = 0
        var missingSince: Timestamp?
        /// Of the transport, when it was last asked.
        var generation: String?
        let table: any OutboxTable
    }
}

// MARK: Where each event is

extension RelayBook.State {
    init(_ table: any OutboxTable) {
        self.table = table
        places = RelayPlaces(table)
    }

    /// - Parameter place: `nil`: nowhere, it is not known any more.
    mutating func move(_ position: Int64, to place: RelayPlaces.Place?) {
        if places.move(position, to: place) { sagas.forget(places.row(of: position)) }
    }

    /// Events that were written just now, whole rows of them.
    mutating func hear(_ deliveries: [Delivery], bound: Int, at now: Timestamp) {
        // Of a row that is only half known, what is over is not known either.
        if hasRoom(bound - deliveries.count) {
            var rest = deliveries[...]
            while let first = rest.first {
                let position = table.row(of: first.position)
                let row = rest.prefix { table.row(of: $0.position) == position }
                sagas.add(
                    position, of: first.envelope.source,
                    subjects: Set(row.compactMap { $0.envelope.subject.map(IDKey.init) }))
                rest = rest.dropFirst(row.count)
            }
        }
        add(deliveries, bound: bound, at: now)
    }

    /// The row, if every event of it that is known is acknowledged.
    func acknowledgedRow(_ position: Int64) -> OutboxRow? {
        guard let row = places[row: position], row.events == row.acknowledged else { return nil }
        return OutboxRow(position: position, size: Int64(row.events))
    }

    mutating func forgetRow(_ position: Int64) {
        guard places[row: position] != nil else { return }
        places.forget(row: position)
        sagas.forget(position)
    }
}

// MARK: Changes of it

extension RelayBook.State {
    func hasRoom(_ bound: Int) -> Bool { waiting.count < bound && places.count < bound * 10 }

    mutating func miss(from position: Int64, at now: Timestamp) {
        missingFrom = min(missingFrom ?? position, position)
        missingSince = missingSince ?? now
    }

    mutating func add(_ deliveries: [Delivery], bound: Int, at now: Timestamp) {
        for delivery in deliveries where places[delivery.position] == nil {
            guard hasRoom(bound) else {
                miss(from: delivery.position, at: now)
                continue
            }
            move(delivery.position, to: .waiting)
            waiting.append(RelayBook.Waiting(delivery: delivery, since: now))
        }
    }

    mutating func giveBack(_ deliveries: [Delivery], at now: Timestamp) {
        let since = sendingSince ?? now
        sendingSince = nil
        let still = deliveries.filter { places[$0.position] == .waiting }
        waiting = still.map { RelayBook.Waiting(delivery: $0, since: since) } + waiting
    }

    /// They wait a second, and each further time twice as long, up to a minute.
    mutating func refuse(_ deliveries: [Delivery], at now: Timestamp) {
        for delivery in deliveries where places[delivery.position] == .waiting {
            let before = pauses.removeValue(forKey: delivery.position)
            let pause = before?.pause ?? .seconds(1)
            refused.append(
                RelayBook.Refused(
                    delivery: delivery, since: before?.since ?? sendingSince ?? now, dueAt: now + pause,
                    pause: min(pause * 2, .seconds(60))))
        }
    }

    /// Those that are due wait in their old place again.
    mutating func admitRefused(at now: Timestamp) {
        guard refused.contains(where: { $0.dueAt <= now }) else { return }
        // What was tried and not refused again left its pause here.
        pauses = pauses.filter { places[$0.key] == .waiting }
        let due = refused.filter { $0.dueAt <= now }
        refused.removeAll { $0.dueAt <= now }
        for row in due { pauses[row.delivery.position] = row }
        waiting = ArraySlice(due.map { RelayBook.Waiting(delivery: $0.delivery, since: $0.since) }) + waiting
    }

    /// They are found in the table again.
    mutating func sendAgain(_ entries: [RelayBook.Sent], at now: Timestamp) {
        guard !entries.isEmpty else { return }
        for entry in entries {
            move(entry.position, to: nil)
            miss(from: entry.position, at: now)
            // Unless it is found again, nothing else would look after the rest of its row.
            if let row = acknowledgedRow(table.row(of: entry.position)) {
                acknowledged.append(RelayBook.Acknowledged(row: row, dueAt: now))
            }
        }
        let gone = Set(entries.map(\.position))
        sent.removeAll { gone.contains($0.position) }
    }

    /// Rows with these positions do not exist any more.
    mutating func forget(_ positions: Set<Int64>) {
        guard positions.contains(where: { places[$0] != nil }) else { return }
        for position in positions {
            move(position, to: nil)
            repetitions[position] = nil
        }
        waiting.removeAll { positions.contains($0.delivery.position) }
        refused.removeAll { positions.contains($0.delivery.position) }
        sent.removeAll { positions.contains($0.position) }
        doubtful.removeAll { positions.contains($0.position) }
        acknowledged.removeAll { places[row: $0.row.position] == nil }
    }
}
